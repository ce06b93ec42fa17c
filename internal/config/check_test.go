// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package config

import "testing"

func TestCheckKind(t *testing.T) {
	v4, v6 := sources(addr("10.77.0.9")), sources(addr("fd77::9"))
	tests := []struct {
		name    string
		sources []Source
		say     func(s *Service)
		want    string
	}{
		{"no source", nil, func(*Service) {}, "arp"},
		{"a source", v4, func(*Service) {}, "tcp"},
		{"a source of the other family", v6, func(*Service) {}, "arp"},
		{"a source on another VLAN", v4, func(s *Service) { s.VLAN = 10 }, "arp"},
		{"a source on its VLAN", []Source{{addr("10.77.0.9"), 10}}, func(s *Service) { s.VLAN = 10 }, "tcp"},
		{"UDP", v4, func(s *Service) { s.Proto = 17 }, "arp"},
		{"both protocols", v4, func(s *Service) { s.Proto = 0 }, "arp"},
		{"every port", v4, func(s *Service) { s.Port = 0 }, "arp"},
		{"none", v4, func(s *Service) { s.Check.Kind = "none" }, "none"},
		{"what was said", nil, func(s *Service) { s.Check.Kind = "http" }, "http"},
	}
	for _, tt := range tests {
		c := web()
		c.Sources = tt.sources
		tt.say(&c.Services[0])
		if got := c.CheckKind(&c.Services[0]); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}
