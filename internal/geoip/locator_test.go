// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package geoip

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"
)

func locator(t *testing.T, path string) *Locator {
	t.Helper()
	l, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l
}

func TestLocator(t *testing.T) {
	path := file(t, database(t, mmdbwriter.Options{IncludeReservedNetworks: true},
		entry{"1.0.0.0/24", country("NL")}, entry{"1.0.1.0/24", mmdbtype.Map{"country": mmdbtype.String("BE")}},
		entry{"1.0.2.0/24", mmdbtype.Map{"asn": mmdbtype.String("AS1")}}, entry{"2a00::/12", country("SE")}))
	l := locator(t, path)
	for a, want := range map[string]string{
		"1.0.0.1": "NL", "1.0.1.1": "BE", "::ffff:1.0.0.1": "NL", "2a01::1": "SE", "2a01::1%eth0": "SE",
		"1.0.2.1": "", "10.77.0.1": "", "fd77::1": "",
	} {
		if got := l.Country(netip.MustParseAddr(a)); got != want {
			t.Errorf("%s is in %q, want %q", a, got, want)
		}
	}
	if l.Stale() {
		t.Error("stale, though nothing changed")
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	a := netip.MustParseAddr("1.0.0.1")
	if got := l.Country(a); got != "NL" || l.Stale() {
		t.Errorf("with the file out of reach: %q, stale %t", got, l.Stale())
	}
	l.Close()
	l.Close()
	if got := l.Country(a); got != "" {
		t.Errorf("closed, it says %q", got)
	}
	(*Locator)(nil).Close()
}

// TestLocatorStale: another file of the name, and the same one, rewritten.
func TestLocatorStale(t *testing.T) {
	content := database(t, mmdbwriter.Options{}, entry{"1.0.0.0/24", country("NL")})
	path := file(t, content)
	l := locator(t, path)
	other := file(t, content) // as large and as old
	if info, err := os.Stat(path); err != nil || os.Chtimes(other, info.ModTime(), info.ModTime()) != nil {
		t.Fatal(err)
	}
	if err := os.Rename(other, path); err != nil {
		t.Fatal(err)
	}
	if !l.Stale() {
		t.Error("not stale, though it is another file")
	}
	l = locator(t, path)
	if err := os.WriteFile(path, append(content, 0), 0o600); err != nil {
		t.Fatal(err)
	}
	if !l.Stale() {
		t.Error("not stale, though it was rewritten")
	}
}

// TestLocatorOfAFileCutShort: somebody cuts the mapped file, and nothing but the
// answer suffers.
func TestLocatorOfAFileCutShort(t *testing.T) {
	entries := []entry{}
	for i := range 250 {
		entries = append(entries, entry{netip.PrefixFrom(netip.AddrFrom4([4]byte{11, byte(i), 0, 0}), 24).String(), country("NL")})
	}
	path := file(t, database(t, mmdbwriter.Options{}, entries...))
	if info, err := os.Stat(path); err != nil || info.Size() < 3*4096 {
		t.Fatal("the file is too short to be cut", err)
	}
	l := locator(t, path)
	a := netip.MustParseAddr("11.200.0.1")
	if got := l.Country(a); got != "NL" {
		t.Fatalf("at first it says %q", got)
	}
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	if got := l.Country(a); got != "" {
		t.Errorf("of nothing it says %q", got)
	}
	if got := l.Country(a); got != "" { // and does not hang on what it held
		t.Errorf("again, of nothing it says %q", got)
	}
}

func TestLocatorIsShared(t *testing.T) {
	l := locator(t, file(t, database(t, mmdbwriter.Options{}, entry{"1.0.0.0/24", country("NL")})))
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 100 {
				if got := l.Country(netip.MustParseAddr("1.0.0.1")); got != "NL" && got != "" {
					t.Errorf("%q", got)
				}
			}
		})
	}
	all.Go(l.Close)
	all.Wait()
}

func TestOpenRefuses(t *testing.T) {
	for path, want := range map[string]string{
		filepath.Join(t.TempDir(), "none"): "no such file or directory",
		t.TempDir():                        "not a regular file, expected a MaxMind database (.mmdb)",
		file(t, []byte("text")):            "not a MaxMind database (.mmdb), or not a whole one: ",
	} {
		if l, err := Open(path); err == nil || !strings.HasPrefix(err.Error(), "geoip "+path+": ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, error %v", l, err)
		}
	}
}
