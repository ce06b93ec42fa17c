// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package bpf

import (
	"errors"
	"net/netip"
	"os"
	"strings"
	"testing"
)

func TestDropRefusesRulesThatAreNone(t *testing.T) {
	a := netip.MustParseAddr("10.77.0.10")
	for name, d := range map[string]Drop{
		"no port":      {Ports: []Port{{Addr: a, Proto: 6}}},
		"no address":   {Ports: []Port{{Proto: 6, Port: 80}}},
		"no VLAN":      {Tagged: []Tagged{{Addr: a}}},
		"VID 4095":     {Tagged: []Tagged{{VLAN: 4095, Addr: a}}},
		"nowhere":      {Tagged: []Tagged{{VLAN: 10}}},
		"empty prefix": {Prefixes: []netip.Prefix{{}}},
	} {
		if _, err := d.rules(); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestUnavailableHint(t *testing.T) {
	tests := []struct {
		name string
		nft  error
		want string
	}{
		{"no permission", os.ErrPermission, "CAP_NET_ADMIN"},
		{"no such family", errors.New("operation not supported"), "nf_tables"},
	}
	for _, tt := range tests {
		e := &UnavailableError{Name: "eth1", TCX: errors.New("not supported"), NFT: tt.nft}
		if !strings.Contains(e.Hint(), tt.want) {
			t.Errorf("%s: hint %q lacks %q", tt.name, e.Hint(), tt.want)
		}
		if !errors.Is(e, tt.nft) {
			t.Errorf("%s: the cause is lost", tt.name)
		}
	}
}
