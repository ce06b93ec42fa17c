// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestResolvers reads what changed, keeps what was, and takes nothing for a server
// that is none.
func TestResolvers(t *testing.T) {
	dir := t.TempDir()
	one, two := filepath.Join(dir, "one"), filepath.Join(dir, "two")
	var r resolvers
	now := time.Now()
	want := func(what, addrs string) {
		t.Helper()
		if got := strings.Trim(fmt.Sprint(r.look([]string{one, two})), "[]"); got != addrs {
			t.Errorf("%s: %q, want %q", what, got, addrs)
		}
	}
	save := func(path, text string) {
		t.Helper()
		now = now.Add(time.Second)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, now, now); err != nil {
			t.Fatal(err)
		}
	}
	want("without files", "")
	save(one, "# nameserver 10.0.0.1\nsearch example.org\nnameserver 10.77.0.53\n  nameserver\t::ffff:10.77.0.54  # second\n"+
		"nameserver fe80::53%eth1\nnameserver\nnameserver dns.example\nnameservers 10.0.0.2\n;nameserver 10.0.0.3")
	want("at first", "10.77.0.53 10.77.0.54 fe80::53")
	save(two, "nameserver fd77::53\nnameserver 10.77.0.53\n")
	want("two files", "10.77.0.53 10.77.0.54 fe80::53 fd77::53")
	save(one, "nameserver 10.77.0.55")
	want("changed", "10.77.0.53 10.77.0.54 fe80::53 fd77::53 10.77.0.55")
	if err := os.Remove(one); err != nil {
		t.Fatal(err)
	}
	want("removed", "10.77.0.53 10.77.0.54 fe80::53 fd77::53 10.77.0.55")
	save(two, strings.Repeat("x", longestResolv)+"\nnameserver 10.77.0.56")
	want("endless", "10.77.0.53 10.77.0.54 fe80::53 fd77::53 10.77.0.55")
}

func TestWithin(t *testing.T) {
	var all []netip.Addr
	for _, a := range []string{"10.77.0.63", "10.77.0.64", "fd77::40", "fd77::44"} {
		all = append(all, netip.MustParseAddr(a))
	}
	if got := fmt.Sprint(within(all, capturing("10.77.0.64/26", "fd77::40/126").Tarpit.Captured)); got != "[10.77.0.64 fd77::40]" {
		t.Errorf("within: %s", got)
	}
}
