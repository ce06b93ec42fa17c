// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// TestLargeConfigurationsAreQuick guards against what takes the square of what
// is written. The bound is some ten times what is needed: with the square,
// 30 000 rules alone took 30 s.
func TestLargeConfigurationsAreQuick(t *testing.T) {
	const most = 10 * time.Second
	o := open(t, whole+"\nsegment 10.0.0.0/8", "")
	steps := []struct {
		what  string
		lines []string
	}{
		{"30 000 rules", many(30_000, func(n int) string { return fmt.Sprintf("acl 1 permit 10.%d.%d.1", n>>8, n&255) })},
		{"10 000 rules with notes", many(10_000, func(n int) string { return fmt.Sprintf("acl 2 permit 10.%d.%d.1/24", n>>8, n&255) })},
		{"tarpit", []string{"tarpit_acl 1"}},
		{"1000 servers", many(1000, func(n int) string {
			return fmt.Sprintf("server s%d address 10.78.%d.%d", n, n>>8, n&255)
		})},
		{"1000 services", slices.Concat(
			many(1000, func(n int) string { return fmt.Sprintf("service v%d listen 10.79.%d.%d:80", n, n>>8, n&255) }),
			many(1000, func(n int) string { return fmt.Sprintf("service v%d server 0 address 10.77.0.1", n) }),
			many(1000, func(n int) string { return fmt.Sprintf("service v%d client_acl 1", n) }))},
		{"a question", []string{"debug"}},
		{"a setting", []string{"debug 3"}},
		{"an action", []string{"pid"}},
		{"a file", []string{"write " + filepath.Join(t.TempDir(), "x")}},
		{"a difference", []string{"diff " + filepath.Join(t.TempDir(), "x")}},
		{"a preview", []string{"preview no acl 1"}},
		{"a preview for one service", []string{"preview service v5 disable"}},
		{"1000 servers fewer", many(1000, func(n int) string { return fmt.Sprintf("no server s%d", n) })},
		{"taking back", []string{"undo"}},
	}
	for _, s := range steps {
		start := time.Now()
		reply := o.Do(root, s.lines)
		took := time.Since(start)
		t.Logf("%-26s %v", s.what, took)
		if Refused(reply) {
			t.Fatalf("%s: %.200s", s.what, reply)
		}
		if took > most {
			t.Errorf("%s took %v", s.what, took)
		}
	}
}

func many(n int, line func(n int) string) (lines []string) {
	for i := range n {
		lines = append(lines, line(i))
	}
	return lines
}
