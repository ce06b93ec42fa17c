// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// logLine is a line of cygnet's log under --log-format json.
type logLine struct {
	Time time.Time `json:"time"`
	Msg  string    `json:"msg"`
}

type logLines []logLine

// parseLog reads a log of which the last line may not be whole yet.
func parseLog(t *testing.T, out string) (all logLines) {
	t.Helper()
	out = out[:strings.LastIndexByte(out, '\n')+1]
	for text := range strings.Lines(out) {
		var l logLine
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			t.Fatalf("not JSON: %q: %v", text, err)
		}
		all = append(all, l)
	}
	return all
}

// first tells when the message came first.
func (ls logLines) first(t *testing.T, msg string) time.Time {
	t.Helper()
	for _, l := range ls {
		if l.Msg == msg {
			return l.Time
		}
	}
	t.Fatalf("no %q in the log", msg)
	return time.Time{}
}
