// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cygnet/internal/link"
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

// TestNeighboursOwned: whom the kernel reaches has his address with every look; who
// may only have said so, once for as long as the kernel lists him.
func TestNeighboursOwned(t *testing.T) {
	addrs := func(words string) (all []netip.Addr) {
		for _, w := range strings.Fields(words) {
			all = append(all, netip.MustParseAddr(w))
		}
		return all
	}
	var n neighbours
	for _, look := range []struct {
		what            string
		index           int
		answered, stale string
		captured, want  string
	}{
		{"the first look", 1, "10.77.0.65 10.77.0.1", "10.77.0.66 10.77.0.2", "10.77.0.64/26", "10.77.0.65 10.77.0.66"},
		{"again", 1, "10.77.0.65", "10.77.0.66", "10.77.0.64/26", "10.77.0.65"},
		{"a new one", 1, "", "10.77.0.66 10.77.0.67", "10.77.0.64/26", "10.77.0.67"},
		{"reached now", 1, "10.77.0.67", "10.77.0.66", "10.77.0.64/26", "10.77.0.67"},
		{"gone", 1, "", "10.77.0.67", "10.77.0.64/26", "10.77.0.67"},
		{"listed again", 1, "", "10.77.0.66 10.77.0.67", "10.77.0.64/26", "10.77.0.66"},
		{"more is captured", 1, "", "10.77.0.2 10.77.0.66 10.77.0.67", "10.77.0.0/24", "10.77.0.2"},
		{"another interface", 2, "", "10.77.0.66", "10.77.0.0/24", "10.77.0.66"},
	} {
		found := link.Neighbours{Answered: addrs(look.answered), Stale: addrs(look.stale)}
		got := n.owned(look.index, found, []netip.Prefix{netip.MustParsePrefix(look.captured)})
		if want := addrs(look.want); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", look.what, got, want)
		}
	}
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
