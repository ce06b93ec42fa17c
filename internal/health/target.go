// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package health

import (
	"net/netip"
	"time"

	"cygnet/internal/config"
)

// Target is a server of a service that is checked, and how: desired state.
type Target struct {
	Service string
	VIP     netip.Addr
	VLAN    uint16        // that the server is on; 0 is the untagged network
	Port    uint16        // what the check connects to; 0 where it connects to none
	Addr    netip.Addr    // the server's
	Timeout time.Duration // how long a check may take
	Check   config.Check  // Kind is one of arp, tcp, http, https and dns
}

// key is what a Target is known by: its number may change, and then is another's.
type key struct {
	service string
	vlan    uint16
	server  netip.Addr
}

func (t *Target) key() key { return key{t.Service, t.VLAN, t.Addr} }

// Targets returns the servers that are checked under cfg, which is valid.
// Emergency and abuse servers are not: where they are wanted there is no better
// one.
func Targets(cfg *config.Config) (all []Target) {
	for i := range cfg.Services {
		s := &cfg.Services[i]
		check := s.Check
		if check.Kind = cfg.CheckKind(s); check.Kind == "none" || !s.VIP.IsValid() {
			continue
		}
		for _, v := range s.Servers {
			all = append(all, Target{
				Service: s.Name, VIP: s.VIP, VLAN: uint16(s.VLAN), Port: s.CheckPort(check.Kind), Addr: v.Addr,
				Timeout: s.Timeout, Check: check,
			})
		}
	}
	return all
}
