// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package config

import (
	"fmt"
	"net/netip"
)

func (c *Config) validateServer(ps *problems, s *Service, v *Server, vips map[netip.Addr][]*Service) {
	subject := SubjectServer(s.Name, v.Label())
	what := s.prefix() + "server " + v.Label()
	if !v.Addr.IsValid() {
		ps.add(subject, "an address makes a server: "+s.command("server "+v.Label()+" address 10.77.0.1"),
			"%s: no address", what)
		return
	}
	what += " " + v.Addr.String()
	c.validateServerAddr(ps, s, v.Addr, subject, what, vips)
	if s.VIP.IsValid() && v.Port != 0 && v.Port != s.Port { // else the service's port is not known yet
		ps.add(subject, portHint(s, v.Port), "%s: port %d differs from %s", what, v.Port, servicePort(s))
	}
	if !c.knows(v.List) {
		ps.add(subject, c.listHint(), "%s: acl %s: no such list", what, v.List)
	}
}

// validateServerAddr judges the address a of a server of s.
func (c *Config) validateServerAddr(ps *problems, s *Service, a netip.Addr, subject, what string, vips map[netip.Addr][]*Service) {
	const hint = "give the server's own unicast address on the segment"
	if why := unusable(a); why != "" {
		ps.add(subject, hint, "%s: %s", what, why)
		return
	}
	if s.VIP.IsValid() && s.VIP.Is4() != a.Is4() {
		ps.add(subject, "a service and its servers are of one family; make a second service for the other",
			"%s: the VIP %s is %s", what, s.VIP, family(s.VIP))
	}
	for _, o := range vips[a] {
		if o.VLAN != s.VLAN {
			continue
		}
		whose := "that is the VIP"
		if o.Name != s.Name {
			whose += " of service " + o.Name
		}
		ps.add(subject, "give the server's own address; the VIP belongs on its loopback interface", "%s: %s", what, whose)
	}
	for _, seg := range c.Segments {
		if why := edge(seg, a); why != "" && s.VLAN == 0 {
			ps.add(subject, hint, "%s: the %s of segment %s", what, why, seg)
		}
	}
}

// validateTwins finds one address under two numbers: its weight would count
// twice, and health and neighbours are kept by address.
func validateTwins(ps *problems, s *Service) {
	first := map[netip.Addr]string{}
	for i := range s.Servers {
		v := &s.Servers[i]
		if !v.Addr.IsValid() {
			continue
		}
		if other, taken := first[v.Addr]; taken {
			ps.add(SubjectServer(s.Name, v.Label()), "name each server once; a weight gives it a larger share",
				"%sservers %s and %s: both are %s", s.prefix(), other, v.Label(), v.Addr)
			continue
		}
		first[v.Addr] = v.Label()
	}
}

func servicePort(s *Service) string {
	if s.Port == 0 {
		return "the service's, which is every port"
	}
	return fmt.Sprintf("the service's port %d", s.Port)
}

// portHint tells the way out: in direct server return a frame keeps its port.
func portHint(s *Service, port uint16) string {
	if s.Port == 0 {
		return fmt.Sprintf("frames are forwarded unchanged: leave the server's port out, or listen on port %d", port)
	}
	return fmt.Sprintf("frames are forwarded unchanged: leave the port out and let the server listen on %d", s.Port)
}
