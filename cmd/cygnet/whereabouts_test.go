// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"
	"go4.org/netipx"

	"cygnet/internal/config"
)

// countryFile writes a database in which 192.0.2.0/24 is in that country.
func countryFile(t *testing.T, code string) string {
	t.Helper()
	tree, err := mmdbwriter.New(mmdbwriter.Options{DatabaseType: "Test-Country", IncludeReservedNetworks: true})
	if err != nil {
		t.Fatal(err)
	}
	in := netipx.PrefixIPNet(netip.MustParsePrefix("192.0.2.0/24"))
	if err := tree.Insert(in, mmdbtype.Map{"country": mmdbtype.Map{"iso_code": mmdbtype.String(code)}}); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(filepath.Join(t.TempDir(), "test.mmdb"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := tree.WriteTo(f); err != nil {
		t.Fatal(err)
	}
	return f.Name()
}

// TestLocatorFor: one database for as long as it is the one named, a fresh one when
// its file is replaced, and the old one when the fresh one is broken.
func TestLocatorFor(t *testing.T) {
	from := netip.MustParseAddr("192.0.2.1")
	cfg := config.New()
	d := &daemon{cfg: cfg}
	if l, err := d.locatorFor(cfg); l != nil || err != nil {
		t.Fatalf("without geoip: %v, %v", l, err)
	}
	if locating(nil) != nil {
		t.Error("a nil one counts as one")
	}
	next := cfg.Clone()
	next.GeoIP = countryFile(t, "SE")
	first, err := d.locatorFor(next)
	if err != nil {
		t.Fatal(err)
	}
	d.cfg, d.geo = next, first
	if run, _ := d.engineOf(next, config.Machine{}, d.key); run.Tarpit.Geo == nil || run.Tarpit.Geo.Country(from) != "SE" {
		t.Error("the engine is not told where sources are")
	}
	if l, err := d.locatorFor(next.Clone()); l != first || err != nil {
		t.Errorf("unchanged: another one, %v", err)
	}
	d.drop(first)
	if first.Country(from) != "SE" {
		t.Error("the one in use was closed")
	}
	if err := os.Rename(countryFile(t, "BE"), next.GeoIP); err != nil {
		t.Fatal(err)
	}
	second, err := d.locatorFor(next)
	if err != nil || second == first || second.Country(from) != "BE" {
		t.Fatalf("a new file: the old one, %v", err)
	}
	d.drop(second)
	if second.Country(from) != "" {
		t.Error("one that is not in use stays open")
	}
	if err := os.WriteFile(next.GeoIP, []byte("broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	if l, err := d.locatorFor(next); l != first || err != nil || l.Country(from) != "SE" {
		t.Errorf("a broken file: %v", err)
	}
	other := next.Clone()
	other.GeoIP = filepath.Join(t.TempDir(), "none")
	if l, err := d.locatorFor(other); l != nil || err == nil {
		t.Errorf("another that is not there: %v, %v", l, err)
	}
}
