// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package config

import (
	"fmt"
	"net/netip"
)

// namedHost is a server outside a service's own, and the setting that names it.
type namedHost struct {
	setting string // emergency or abuse
	Host
}

// hosts are those of s that are given.
func (s *Service) hosts() (all []namedHost) {
	for _, h := range []namedHost{{"emergency", s.Emergency}, {"abuse", s.Abuse}} {
		if h.Addr.IsValid() {
			all = append(all, h)
		}
	}
	return all
}

// validateHost judges one as the service's own servers are: frames reach it in
// the same way.
func (c *Config) validateHost(ps *problems, s *Service, h namedHost, vips map[netip.Addr][]*Service) {
	subject := SubjectHost(s.Name, h.setting)
	what := fmt.Sprintf("%s%s %s", s.prefix(), h.setting, h.Addr)
	c.validateServerAddr(ps, s, h.Addr, subject, what, vips)
	if s.VIP.IsValid() && h.Port != 0 && h.Port != s.Port {
		ps.add(subject, portHint(s, h.Port), "%s: port %d differs from %s", what, h.Port, servicePort(s))
	}
	for i := range s.Servers {
		if v := &s.Servers[i]; v.Addr == h.Addr {
			ps.add(subject, hostHint(h.setting), "%s: that is server %s of the service itself", what, v.Label())
		}
	}
}

// hostHint says why a server cannot be the other one, too.
func hostHint(setting string) string {
	if setting == "emergency" {
		return "it serves when all servers are out, and so would be out itself: name another host"
	}
	return "it is there to keep refused clients away from the servers: name another host"
}
