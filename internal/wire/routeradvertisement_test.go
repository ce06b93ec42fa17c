// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package wire

import (
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// advertisement is a frame with a router advertisement: what follows its first 4
// octets is rest, in hex.
func advertisement(t *testing.T, words, rest string) []byte {
	t.Helper()
	body, err := hex.DecodeString(strings.ReplaceAll(rest, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	b := mustText(t, macs+"icmp6 "+words+" len="+strconv.Itoa(len(body)-4))
	var f Frame
	if d := f.Parse(b); d != DefectNone {
		t.Fatal(d)
	}
	copy(f.ICMPv6()[4:], body)
	f.ICMPv6().UpdateChecksum(f.Src, f.Dst)
	return b
}

func TestRouterAdvertisement(t *testing.T) {
	const (
		router = "fe80::1 > ff02::1 type=134 ttl=255"
		head   = "40000708 00000000 00000000 "
		prefix = "03044000 00278d00 00093a80 00000000 fd770000000000000000000000000000 "
		one    = "19030000 00000e10 fd770000000000000000000000000053 "
		two    = "19050000 00000e10 fd770000000000000000000000000053 20010db8000000000000000000000053 "
	)
	for _, tt := range []struct {
		name, words, rest string
		is                bool
		want              []string
	}{
		{"nothing but itself", router, head, true, nil},
		{"a DNS server", router, head + prefix + one, true, []string{"fd77::53"}},
		{"two, and what follows", router, head + two + prefix + one, true, []string{"fd77::53", "2001:db8::53", "fd77::53"}},
		{"a DNS option without an address", router, head + "1901000000000e10" + one, true, []string{"fd77::53"}},
		{"half an address", router, head + "19020000 00000e10 fd77000000000000" + one, true, []string{"fd77::53"}},
		{"not of the link", "fd77::1 > ff02::1 type=134 ttl=255", head + one, false, nil},
		{"forwarded", "fe80::1 > ff02::1 type=134 ttl=254", head + one, false, nil},
		{"a solicitation", "fe80::1 > ff02::2 type=133 ttl=255", head + one, false, nil},
		{"a code", router + " code=1", head + one, false, nil},
		{"an option of length 0", router, head + "1900000000000e10", false, nil},
		{"an option beyond the end", router, head + "1903000000000e10", false, nil},
		{"cut short", router, "40000708 00000000", false, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := mustParse(t, advertisement(t, tt.words, tt.rest))
			if got := f.IsRouterAdvertisement(); got != tt.is {
				t.Fatalf("IsRouterAdvertisement = %t", got)
			}
			if !tt.is {
				return
			}
			if got := toldBy(f.RouterAdvertisement().DNSServers); !slices.Equal(got, tt.want) {
				t.Errorf("%q, want %q", got, tt.want)
			}
			f.Data[f.End-1] ^= 1
			if f.IsRouterAdvertisement() {
				t.Error("with a wrong checksum it is one, too")
			}
		})
	}
}
