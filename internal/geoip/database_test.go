// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package geoip

import (
	"bytes"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"
	"go4.org/netipx"
)

// entry is a network of a database that is made for a test.
type entry struct {
	prefix string
	record mmdbtype.DataType
}

// country is a record as MaxMind and DB-IP write it, with names around it.
func country(code string) mmdbtype.Map {
	return mmdbtype.Map{
		"continent": mmdbtype.Map{"code": mmdbtype.String("EU")},
		"country":   where(code),
	}
}

func where(code string) mmdbtype.Map {
	return mmdbtype.Map{
		"geoname_id": mmdbtype.Uint32(2750405),
		"iso_code":   mmdbtype.String(code),
		"names":      mmdbtype.Map{"en": mmdbtype.String("a country"), "de": mmdbtype.String("ein Land")},
	}
}

// database writes one. Options of the zero value are GeoLite2's: IPv6, with
// IPv4 in it and aliases of it.
func database(t testing.TB, o mmdbwriter.Options, entries ...entry) []byte {
	t.Helper()
	if o.DatabaseType == "" {
		o.DatabaseType = "Test-Country"
	}
	o.Description = map[string]string{"en": "a test"}
	o.BuildEpoch = 1
	tree, err := mmdbwriter.New(o)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if err := tree.Insert(netipx.PrefixIPNet(netip.MustParsePrefix(e.prefix)), e.record); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if _, err := tree.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func file(t testing.TB, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "test.mmdb")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// crafted is a database by hand: an IPv6 tree of these nodes, each with the
// left and the right one that follow it, and one empty record behind it. A
// node of len(nodes) is empty, and len(nodes)+16 is the record.
func crafted(nodes [][2]uint32) []byte {
	var b []byte
	for _, n := range nodes {
		for _, next := range n {
			b = append(b, byte(next>>16), byte(next>>8), byte(next)) // records of 24 bits
		}
	}
	b = append(b, make([]byte, 16)...) // separator
	b = append(b, 0xe0)                // an empty map
	b = append(b, "\xab\xcd\xefMaxMind.com"...)
	b = append(b, 0xe0|5)
	text := func(s string) []byte { return slices.Concat([]byte{byte(0x40 | len(s))}, []byte(s)) }
	number := func(n int) []byte { return []byte{0xc0 | 2, byte(n >> 8), byte(n)} }
	return slices.Concat(b,
		text("binary_format_major_version"), number(2),
		text("database_type"), text("crafted"),
		text("ip_version"), number(6),
		text("node_count"), number(len(nodes)),
		text("record_size"), number(24),
	)
}
