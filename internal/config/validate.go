// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package config

import (
	"fmt"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strings"

	"cygnet/internal/wire"
)

// Validate returns everything that is wrong with c whatever machine it runs
// on, or nil. References and conflicts are judged here, not while lines are
// read, so that their order does not matter.
func (c *Config) Validate() []*Problem {
	var ps problems
	if c.Interface == "" {
		ps.missing(SubjectInterface, `name the interface of the servers' segment: -O "dsr_if eth1"`,
			"no interface: dsr_if is missing")
	}
	if !slices.ContainsFunc(c.Services, func(s Service) bool { return !s.idle() }) {
		ps.missing("", "name one and its servers: 10.77.0.10:80 10.77.0.1 10.77.0.2",
			"no VIP: there is nothing to answer for")
	}
	vips := c.byVIP()
	for i := range c.Services {
		if s := &c.Services[i]; !s.idle() {
			c.validateService(&ps, s, vips)
		}
	}
	c.validateClashes(&ps)
	c.validateSources(&ps, c.Segments)
	c.validateControl(&ps)
	c.validateTarpit(&ps)
	return ps
}

// idle reports whether s is only the bare settings of a command line (a `-r`,
// say) whose services are all made by name. Engine says so in a notice.
func (s *Service) idle() bool {
	return s.Name == DefaultService && !s.VIP.IsValid() && len(s.Servers) == 0
}

// byVIP returns the services by their VIPs: each server is looked for among them.
func (c *Config) byVIP() map[netip.Addr][]*Service {
	all := make(map[netip.Addr][]*Service, len(c.Services))
	for i := range c.Services {
		if s := &c.Services[i]; s.VIP.IsValid() {
			all[s.VIP] = append(all[s.VIP], s)
		}
	}
	return all
}

func (c *Config) validateService(ps *problems, s *Service, vips map[netip.Addr][]*Service) {
	if len(s.Servers) == 0 {
		ps.missing(SubjectService(s.Name), "name at least one: "+s.command("server 0 address 10.77.0.1"),
			"%sno server", s.prefix())
	}
	c.validateVIP(ps, s)
	if !c.knows(s.ClientList) {
		ps.add(SubjectClients(s.Name), c.listHint(), "%sclient_acl %s: no such list", s.prefix(), s.ClientList)
	}
	for i := range s.Servers {
		c.validateServer(ps, s, &s.Servers[i], vips)
	}
	validateTwins(ps, s)
	for _, h := range s.hosts() {
		c.validateHost(ps, s, h, vips)
	}
	c.validateCheck(ps, s)
}

func (c *Config) validateVIP(ps *problems, s *Service) {
	const hint = "a VIP is a unicast address of the segment that no host has but, on loopback, the servers"
	subject := SubjectService(s.Name)
	if !s.VIP.IsValid() {
		ps.missing(subject, "give it one: "+s.command("listen 10.77.0.10:80"), "%sno VIP: listen is missing", s.prefix())
		return
	}
	why := unusable(s.VIP)
	if why == "" && s.VIP.Is6() && s.VIP.IsLinkLocalUnicast() {
		// On a server's lo it would be in that interface's zone: the kernel
		// could not send its answers out of another.
		why = "a link-local address, which a server cannot hold on its loopback interface"
	}
	if why != "" {
		ps.add(subject, hint, "%sVIP %s: %s", s.prefix(), s.VIP, why)
		return
	}
	for _, seg := range c.Segments {
		if why := edge(seg, s.VIP); why != "" && s.VLAN == 0 {
			ps.add(subject, hint, "%sVIP %s: the %s of segment %s", s.prefix(), s.VIP, why, seg)
		}
	}
}

func (c *Config) validateClashes(ps *problems) {
	type key struct {
		vlan  int
		vip   netip.Addr
		port  uint16
		proto uint8
	}
	first := map[key]string{}
	for _, s := range c.Services {
		if !s.VIP.IsValid() {
			continue
		}
		k := key{s.VLAN, s.VIP, s.Port, s.Proto}
		if other, taken := first[k]; taken {
			ps.add(SubjectService(s.Name), "give one of them another address, port, protocol or VLAN",
				"services %s and %s: both are %s", other, s.Name, s.listensOn())
			continue
		}
		first[k] = s.Name
	}
}

func (c *Config) validateSources(ps *problems, subnets []netip.Prefix) {
	for i, s := range c.Sources {
		subject := SubjectSource(s.String())
		if why := unusable(s.Addr); why != "" {
			ps.add(subject, sourceHint, "source %s: %s", s, why)
			continue
		}
		if why := c.holder(s); why != "" {
			ps.add(subject, sourceHint, "source %s: %s", s, why)
		}
		sameSubnet(ps, c.Sources[:i], s, subnets)
	}
}

// validateControl refuses commands from everywhere: over TCP nobody says who
// they are.
func (c *Config) validateControl(ps *problems) {
	if !c.knows(c.ControlList) {
		ps.add(SubjectControl, c.listHint(), "control_acl %s: no such list", c.ControlList)
		return
	}
	if l := c.Lists[c.ControlList]; l != nil && l.Len() > 0 {
		return
	}
	for _, a := range c.Control {
		if !onThisMachine(a) {
			ps.add(SubjectControl, "bind it to 127.0.0.1, or name a list of those who may: acl 9 permit 10.77.0.5, and control_acl 9",
				"control %s: open to everyone, as control_acl %s has no entries", a, c.ControlList)
		}
	}
}

// onThisMachine says whether only this machine can connect to a control
// address: a path, a bare port, loopback.
func onThisMachine(address string) bool {
	if strings.Contains(address, "/") || strings.Trim(address, "0123456789") == "" {
		return true
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil || host == "localhost" {
		return err == nil
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}

const sourceHint = "a source is an unused address of the servers' subnet, for Cygnet alone"

// sameSubnet refuses a second source in one subnet: which of the two to ask
// from would be a guess. Of VLANs no subnets are known, so that there every second one
// of a family is a guess.
func sameSubnet(ps *problems, earlier []Source, s Source, subnets []netip.Prefix) {
	for _, o := range earlier {
		if s.VLAN != 0 && o.VLAN == s.VLAN && o.Addr.Is4() == s.Addr.Is4() {
			ps.add(SubjectSource(s.String()), "one source of a family is enough on a VLAN: leave one out",
				"source %s: source %s is on the same VLAN", s, o)
			return
		}
	}
	for _, p := range subnets {
		if s.VLAN != 0 || !p.Contains(s.Addr) {
			continue
		}
		for _, o := range earlier {
			if o.VLAN == 0 && p.Contains(o.Addr) {
				ps.add(SubjectSource(s.String()), "one source a subnet is enough: leave one out",
					"source %s: source %s is in the same subnet %s", s, o, p.Masked())
				return
			}
		}
	}
}

// holder says which part of the configuration has the address of a source on its
// VLAN, or "".
func (c *Config) holder(src Source) string {
	a := src.Addr
	for i := range c.Services {
		s := &c.Services[i]
		if s.VLAN != src.VLAN {
			continue
		}
		if s.VIP == a {
			return "that is the VIP of service " + s.Name
		}
		for j := range s.Servers {
			if s.Servers[j].Addr == a {
				return fmt.Sprintf("that is server %s of service %s", s.Servers[j].Label(), s.Name)
			}
		}
		for _, h := range s.hosts() {
			if h.Addr == a {
				return fmt.Sprintf("that is %s of service %s", h.setting, s.Name)
			}
		}
	}
	return ""
}

// knows reports whether a list can be named: Pen's ten always can, others
// once something was said of them. A misspelt name would permit everyone.
func (c *Config) knows(list string) bool {
	numbered := len(list) == 1 && list[0] >= '0' && list[0] <= '9'
	return numbered || c.Lists[list] != nil
}

func (c *Config) listHint() string {
	names := slices.Sorted(maps.Keys(c.Lists))
	if len(names) == 0 {
		return "no list has entries; add one: acl 1 permit 10.77.0.0/24"
	}
	return "lists here are: " + strings.Join(names, ", ")
}

// command is the line that says words of s.
func (s *Service) command(words string) string {
	if s.Name == DefaultService {
		return words
	}
	return "service " + s.Name + " " + words
}

// listensOn is what s takes, as `tcp 10.77.0.10 port 80 vlan 10`.
func (s *Service) listensOn() string {
	proto := "tcp and udp"
	switch s.Proto {
	case wire.ProtoTCP:
		proto = "tcp"
	case wire.ProtoUDP:
		proto = "udp"
	}
	if s.Port == 0 {
		return fmt.Sprintf("%s %s, every port%s", proto, s.VIP, vlanWords(s.VLAN))
	}
	return fmt.Sprintf("%s %s port %d%s", proto, s.VIP, s.Port, vlanWords(s.VLAN))
}
