// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package geoip

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"
	"github.com/oschwald/maxminddb-golang/v2"

	"cygnet/acl"
)

// text is c as strings.
func text(c acl.Countries) map[string]string {
	m := map[string]string{}
	for code, prefixes := range c {
		var words []string
		for _, p := range prefixes {
			words = append(words, p.String())
		}
		m[code] = strings.Join(words, " ")
	}
	return m
}

func TestLoad(t *testing.T) {
	networks := []entry{
		{"1.0.0.0/25", country("NL")}, // two halves
		{"1.0.0.128/25", country("NL")},
		{"1.0.1.0/24", country("NL")}, // beside them, another size
		{"1.0.2.0/24", country("BE")},
		{"1.0.3.0/24", country("NL")}, // no whole with anything
		{"255.255.255.255/32", country("FR")},
	}
	v6 := []entry{
		{"2001:db8::/33", country("NL")}, // never an alias, 2001::/32 is
		{"2003::/17", country("NL")},
		{"2003:8000::/17", country("NL")},
		{"2a00::/12", country("BE")},
	}
	tests := []struct {
		name    string
		options mmdbwriter.Options
		entries []entry
		want    map[string]string
	}{
		{
			name:    "IPv4 alone",
			options: mmdbwriter.Options{IPVersion: 4, IncludeReservedNetworks: true},
			entries: networks,
			want:    map[string]string{"NL": "1.0.0.0/23 1.0.3.0/24", "BE": "1.0.2.0/24", "FR": "255.255.255.255/32"},
		},
		{
			name:    "IPv4 in IPv6, with aliases",
			options: mmdbwriter.Options{IncludeReservedNetworks: true},
			entries: append(networks, v6...),
			want: map[string]string{
				"NL": "1.0.0.0/23 1.0.3.0/24 2001:db8::/33 2003::/16",
				"BE": "1.0.2.0/24 2a00::/12",
				"FR": "255.255.255.255/32",
			},
		},
		{
			name:    "copies where aliases would be",
			options: mmdbwriter.Options{IncludeReservedNetworks: true, DisableIPv4Aliasing: true},
			entries: []entry{
				{"1.0.0.0/24", country("NL")},
				{"2002:100::/40", country("NL")},
				{"2001:0:100::/40", country("NL")},
				{"64:ff9b::100:0/120", country("NL")},
				{"2001:1::/32", country("NL")},
			},
			want: map[string]string{"NL": "1.0.0.0/24 2001:1::/32"},
		},
		{
			name:    "around an alias is no alias",
			options: mmdbwriter.Options{IncludeReservedNetworks: true, DisableIPv4Aliasing: true},
			entries: []entry{{"2002::/15", country("DE")}},
			want:    map[string]string{"DE": "2002::/15"},
		},
		{
			name:    "IPv6 alone",
			entries: []entry{{"2a00::/12", country("BE")}},
			want:    map[string]string{"BE": "2a00::/12"},
		},
		{
			name:    "records of 24 bits",
			options: mmdbwriter.Options{RecordSize: 24},
			entries: []entry{{"1.0.0.0/24", country("NL")}},
			want:    map[string]string{"NL": "1.0.0.0/24"},
		},
		{
			name:    "records of 32 bits",
			options: mmdbwriter.Options{RecordSize: 32},
			entries: []entry{{"1.0.0.0/24", country("NL")}},
			want:    map[string]string{"NL": "1.0.0.0/24"},
		},
		{
			name: "the country counts, else where it is registered",
			entries: []entry{
				{"1.0.0.0/24", mmdbtype.Map{"country": where("NL"), "registered_country": where("BE")}},
				{"1.0.1.0/24", mmdbtype.Map{"registered_country": where("NL"), "represented_country": where("US")}},
				{"1.0.2.0/24", mmdbtype.Map{"country": mmdbtype.Map{}, "registered_country": where("BE")}},
				{"1.0.3.0/24", mmdbtype.Map{"represented_country": where("NL")}},
			},
			want: map[string]string{"NL": "1.0.0.0/23", "BE": "1.0.2.0/24"},
		},
		{
			name: "IPinfo: the code is the country",
			entries: []entry{
				{"1.0.0.0/24", mmdbtype.Map{"country": mmdbtype.String("NL"), "asn": mmdbtype.String("AS1")}},
				{"1.0.2.0/24", mmdbtype.Map{"country": mmdbtype.String(""), "asn": mmdbtype.String("AS1")}},
			},
			want: map[string]string{"NL": "1.0.0.0/24"},
		},
		{
			name: "IPinfo Lite: the country is a name",
			entries: []entry{
				{"1.0.0.0/24", mmdbtype.Map{"country": mmdbtype.String("Belgium"), "country_code": mmdbtype.String("BE")}},
			},
			want: map[string]string{"BE": "1.0.0.0/24"},
		},
		{
			name: "not every record is a country",
			entries: []entry{
				{"1.0.0.0/24", mmdbtype.Map{}},
				{"1.0.1.0/24", mmdbtype.Map{"country": mmdbtype.Slice{mmdbtype.String("NL")}}},
				{"1.0.2.0/24", country("NL")},
			},
			want: map[string]string{"NL": "1.0.2.0/24"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var codes []string
			for code := range tt.want {
				codes = append(codes, code)
			}
			got, err := Load(file(t, database(t, tt.options, tt.entries...)), codes)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, text(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestOnlyWhatWasAskedFor(t *testing.T) {
	path := file(t, database(t, mmdbwriter.Options{},
		entry{"1.0.0.0/24", country("NL")}, entry{"1.0.1.0/24", country("BE")}))
	for _, tt := range []struct {
		codes []string
		want  map[string]string
	}{
		{nil, map[string]string{}},
		{[]string{"BE"}, map[string]string{"BE": "1.0.1.0/24"}},
		{[]string{"BE", "BE"}, map[string]string{"BE": "1.0.1.0/24"}},
	} {
		got, err := Load(path, tt.codes)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.want, text(got)); diff != "" {
			t.Errorf("Load(%v) (-want +got):\n%s", tt.codes, diff)
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	dir := t.TempDir()
	fifo := filepath.Join(dir, "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	good := database(t, mmdbwriter.Options{}, entry{"1.0.0.0/24", country("NL")})
	asn := database(t, mmdbwriter.Options{DatabaseType: "GeoLite2-ASN"}, entry{"1.0.0.0/24",
		mmdbtype.Map{"autonomous_system_number": mmdbtype.Uint32(1)}})
	later := []byte(strings.Replace(string(good), "binary_format_major_version\xa1\x02", "binary_format_major_version\xa1\x03", 1))
	tests := []struct {
		name string
		path string
		want string // begins so
	}{
		{"no file", filepath.Join(dir, "none"), "no such file or directory, expected a MaxMind database (.mmdb)"},
		{"a folder", dir, "not a regular file, expected a MaxMind database (.mmdb)"},
		{"what would block", fifo, "not a regular file, expected a MaxMind database (.mmdb)"},
		{"an empty file", file(t, nil), "not a MaxMind database (.mmdb), or not a whole one: file is empty"},
		{"a text", file(t, []byte("NL 1.0.0.0/24\n")), "not a MaxMind database (.mmdb), or not a whole one: "},
		{"half of it", file(t, good[:len(good)/2]), "not a MaxMind database (.mmdb), or not a whole one: "},
		{"a later format", file(t, later), "database format 3, expected 2"},
		{"no countries in it", file(t, asn), `a "GeoLite2-ASN" database tells no countries, expected GeoLite2-Country or one like it`},
		{"countries without networks", file(t, good), "no network of country ZZ, BE in this database"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := Load(tt.path, []string{"ZZ", "NL", "BE", "ZZ"})
			if err == nil || c != nil {
				t.Fatalf("Load = %v, %v, want an error alone", c, err)
			}
			if want := "geoip " + tt.path + ": " + tt.want; !strings.HasPrefix(err.Error(), want) {
				t.Errorf("got  %v\nwant %s...", err, want)
			}
		})
	}
}

// Whoever cuts the file short while it is read gets an error, not our death.
func TestFileCutShortWhileItIsRead(t *testing.T) {
	path := file(t, database(t, mmdbwriter.Options{}, entry{"1.0.0.0/24", country("NL")}))
	err := guarded(func() error {
		db, err := open(path)
		if err != nil {
			return err
		}
		defer db.Close()
		if err := os.Truncate(path, 0); err != nil {
			return err
		}
		_, err = read(db, []string{"NL"})
		return err
	})
	if err == nil || !strings.HasPrefix(err.Error(), "damaged, or changed while it was read: ") {
		t.Errorf("error %v, want damaged", err)
	}
}

// A tree of 100 nodes, each of which leads to the next twice, has 2^100 paths.
func TestCraftedTreeEnds(t *testing.T) {
	const depth, chain = 100, 96
	for _, tt := range []struct {
		name string
		last uint32 // where the last nodes lead
	}{
		{"to nothing", chain + depth},
		{"to a record", chain + depth + 16},
		{"to IPv4", chain},
	} {
		t.Run(tt.name, func(t *testing.T) {
			// Down to ::/96, with the rest of the first step going astray.
			nodes := make([][2]uint32, chain+depth)
			for i := range nodes {
				nodes[i] = [2]uint32{uint32(i + 1), chain + depth}
			}
			nodes[0][1] = chain + 1
			nodes[chain] = [2]uint32{chain + depth, chain + depth}
			for i := chain + 1; i < len(nodes); i++ {
				nodes[i] = [2]uint32{uint32(i + 1), uint32(i + 1)}
			}
			nodes[len(nodes)-1] = [2]uint32{tt.last, tt.last}
			_, err := Load(file(t, crafted(nodes)), nil)
			if err == nil || !strings.HasSuffix(err.Error(), ": damaged: its search tree is no tree") {
				t.Errorf("error %v, want that it is no tree", err)
			}
		})
	}
}

// check reads content, and sees that what comes out may go into a list.
func check(t *testing.T, content []byte) error {
	t.Helper()
	db, err := maxminddb.OpenBytes(content)
	if err != nil {
		return err
	}
	c, err := read(db, []string{"NL", "BE"})
	for code, prefixes := range c {
		var before netip.Prefix
		for _, p := range prefixes {
			if !p.IsValid() || p != p.Masked() || p.Addr().Is4In6() || p.Addr().Less(before.Addr()) || p.Overlaps(before) {
				t.Errorf("%s: prefix %v after %v", code, p, before)
			}
			before = p
		}
	}
	return err
}

func small(t testing.TB) []byte {
	return database(t, mmdbwriter.Options{RecordSize: 24, IncludeReservedNetworks: true},
		entry{"1.0.0.0/24", country("NL")}, entry{"1.0.1.0/25", country("BE")}, entry{"2a00::/12", country("NL")})
}

func TestTruncated(t *testing.T) {
	whole := small(t)
	if err := check(t, whole); err != nil {
		t.Fatal(err)
	}
	for n := range whole {
		if check(t, whole[:n]) == nil {
			t.Errorf("no error from %d of %d bytes", n, len(whole))
		}
	}
}

func TestFlipped(t *testing.T) {
	whole := small(t)
	for i := range whole {
		for _, flip := range []byte{0x01, 0x08, 0x20, 0x80, 0xff} {
			whole[i] ^= flip
			_ = check(t, whole) // a changed name is no error; a panic is
			whole[i] ^= flip
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(small(f))
	f.Add(crafted([][2]uint32{{0, 0}}))
	f.Add(crafted([][2]uint32{{1, 18}, {2, 18}}))
	f.Fuzz(func(t *testing.T, content []byte) { _ = check(t, content) })
}
