// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package config

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"time"

	"cygnet/acl"
	"cygnet/engine"
	"cygnet/internal/sched"
)

// Mode is how a flow of s finds its server: the first of prio, leastconn,
// weight, roundrobin and hash that is set decides, and none means hash.
func (s *Service) Mode() sched.Mode {
	switch {
	case s.Prio:
		return sched.Prio
	case s.LeastConn:
		return sched.LeastConn
	case s.Weight:
		return sched.Weight
	case s.RoundRobin:
		return sched.RoundRobin
	}
	return sched.Hash
}

// Engine turns c into what the engine runs on machine m, and tells what the
// operator should know of it. c has passed Validate and ValidateOn; the
// result shares nothing with c that changes.
func (c *Config) Engine(m Machine, key [16]byte) (engine.Config, []Notice) {
	lists := map[string]*engine.List{}
	e := engine.Config{
		MAC:     m.MAC,
		Key:     sched.Key(key),
		Addrs:   slices.Clone(m.Addrs),
		Standby: c.Standby,
		Gone:    slices.Clone(c.Gone),
		Flows:   c.ConnMax,
		Clients: c.ClientsMax,
	}
	for _, s := range c.Sources {
		e.Sources = append(e.Sources, engine.Source{Addr: s.Addr, VLAN: uint16(s.VLAN)})
	}
	uses := c.uses()
	for _, name := range slices.Sorted(maps.Keys(c.Lists)) {
		l := c.Lists[name]
		_, explicit := l.ExplicitDefault()
		lists[name] = &engine.List{
			Name: name, Rules: l.Shared(c.Countries), Table: l.Compile(c.Countries),
			Explicit: explicit, Dead: l.Dead(c.Countries), Uses: uses[name],
		}
		e.Lists = append(e.Lists, lists[name])
	}
	for i := range c.Services {
		if s := &c.Services[i]; !s.idle() {
			e.Services = append(e.Services, c.engineService(s, lists, m))
		}
	}
	captured, tarpit := c.captured(m)
	e.Tarpit = c.Tarpit.engine()
	e.Tarpit.List, e.Tarpit.Captured, e.Tarpit.Segments = lists[c.TarpitList], captured, slices.Clone(c.Segments)
	return e, slices.Concat(c.serviceNotices(m), c.listNotices(e.Lists), tarpit)
}

func (c *Config) engineService(s *Service, lists map[string]*engine.List, m Machine) engine.Service {
	checked := c.CheckKind(s) != "none"
	e := engine.Service{
		Name:     s.Name,
		VIP:      s.VIP,
		VLAN:     uint16(s.VLAN),
		Port:     s.Port,
		Proto:    s.Proto,
		Mode:     s.Mode(),
		HostHeld: s.VLAN == 0 && slices.Contains(m.HostAddrs, s.VIP), // the kernel takes no tagged frames from this interface
		Disabled: s.Disabled,
		Servers:  make([]engine.Server, 0, len(s.Servers)),

		Stubborn:  s.Stubborn,
		Tracking:  s.tracked(),
		Idle:      engine.Idle(s.Idle),
		Panic:     s.Panic,
		Emergency: s.Emergency.server(EmergencyNumber, "emergency"),
		Abuse:     s.Abuse.server(AbuseNumber, "abuse"),
		Gone:      slices.Clone(s.Gone),
	}
	e.Clients = deciding(lists[s.ClientList])
	now := time.Now()
	for _, v := range s.Servers {
		e.Servers = append(e.Servers, engine.Server{
			Number: v.Number, Name: v.Name, Addr: v.Addr, Weight: v.Weight, Prio: v.Prio, Max: v.Max, Hard: v.Hard,
			State: v.state(now), Until: v.until(now), Checked: checked, Clients: deciding(lists[v.List]),
		})
	}
	return e
}

// The numbers by which the engine knows the servers outside a service's own.
const (
	EmergencyNumber = -1
	AbuseNumber     = -2
)

// server is h as the engine has it; nil where there is none. No check judges
// it: where it is wanted, there is no better one.
func (h Host) server(number int, name string) *engine.Server {
	if !h.Addr.IsValid() {
		return nil
	}
	return &engine.Server{Number: number, Name: name, Addr: h.Addr}
}

// tracked is how long a client keeps its server. Under roundrobin, as Pen's, none
// does.
func (s *Service) tracked() time.Duration {
	if s.Mode() == sched.RoundRobin {
		return Untracked
	}
	return s.Tracking
}

// deciding returns l, or nil if it permits everyone: then the worker skips the
// lookup.
func deciding(l *engine.List) *engine.List {
	if l == nil || l.Table.Empty() && l.Table.Default() == acl.Permit {
		return nil
	}
	return l
}

// state is what counts of what the operator said of s: the strongest.
func (s *Server) state(now time.Time) engine.ServerState {
	switch {
	case s.State == Disable:
		return engine.Disabled
	case now.Before(s.Out):
		return engine.Blacklisted
	case s.State == Drain:
		return engine.Draining
	}
	return engine.Enabled
}

// until is when the blacklisting of s ends, if it is on, also where a stronger
// word counts now.
func (s *Server) until(now time.Time) time.Time {
	if !now.Before(s.Out) {
		return time.Time{}
	}
	return s.Out.Round(0) // a snapshot is for other processes, too: by the calendar alone
}

// serviceNotices tells of settings that are accepted and do nothing yet, and
// of servers that look out of reach.
func (c *Config) serviceNotices(m Machine) (ns []Notice) {
	add := func(format string, args ...any) { ns = append(ns, Notice(fmt.Sprintf(format, args...))) }
	for i := range c.Services {
		s := &c.Services[i]
		if s.idle() {
			add("service %s has settings but neither a VIP nor servers: they do nothing", s.Name)
			continue
		}
		ns = append(ns, c.limitNotices(s)...)
		if s.VLAN != 0 {
			continue // what subnets it has, nobody said
		}
		for j := range s.Servers {
			if v := &s.Servers[j]; offSegment(v.Addr, m.Addrs) {
				add("%sserver %s %s: in no subnet of %s, where it must be for its MAC address to be found",
					s.prefix(), v.Label(), v.Addr, m.Name)
			}
		}
		for _, h := range s.hosts() {
			if offSegment(h.Addr, m.Addrs) {
				add("%s%s %s: in no subnet of %s, where it must be for its MAC address to be found",
					s.prefix(), h.setting, h.Addr, m.Name)
			}
		}
	}
	for _, s := range c.Sources {
		if s.VLAN != 0 && !slices.ContainsFunc(c.Services, func(v Service) bool { return v.VLAN == s.VLAN }) {
			add("source %s: no service is on that VLAN", s)
		}
	}
	return ns
}

// limitNotices tells of limits and times of s of which one makes the other
// pointless.
func (c *Config) limitNotices(s *Service) (ns []Notice) {
	add := func(format string, args ...any) { ns = append(ns, Notice(s.prefix()+fmt.Sprintf(format, args...))) }
	if s.Mode() == sched.RoundRobin && s.Tracking > 0 { // Pen's own files say `tracking 0`
		add("tracking is off under roundrobin")
	}
	if c.CheckKind(s) != "none" && s.Timeout > s.Check.Interval {
		add("check: the timeout, %v s, is longer than the interval, %v s: the next check waits for it",
			s.Timeout.Seconds(), s.Check.Interval.Seconds())
	}
	for i := range s.Servers {
		if v := &s.Servers[i]; v.Hard != 0 && v.Max > v.Hard {
			add("server %s: max %d, for clients new to it, is above hard %d, for those that it knows", v.Label(), v.Max, v.Hard)
		}
	}
	if s.Abuse.Addr.IsValid() && c.permitsEveryone(s.ClientList) {
		add("abuse: client_acl %s permits everyone, so nobody is sent there", s.ClientList)
	}
	return ns
}

// offSegment reports whether a is outside all subnets of its family. An
// interface without any says nothing, nor does link-local, which is always
// on the segment.
func offSegment(a netip.Addr, subnets []netip.Prefix) bool {
	off := false
	for _, p := range subnets {
		if p.Addr().Is4() != a.Is4() || p.Addr().IsLinkLocalUnicast() {
			continue
		}
		if p.Contains(a) {
			return false
		}
		off = true
	}
	return off && !a.IsLinkLocalUnicast()
}

// listNotices tells of entries and references that are without effect, or
// have one that a Pen user does not expect.
func (c *Config) listNotices(lists []*engine.List) (ns []Notice) {
	for _, l := range lists {
		for _, line := range l.Dead {
			ns = append(ns, Notice(fmt.Sprintf("acl %s line %d can never match", l.Name, line)))
		}
	}
	for i := range c.Services {
		s := &c.Services[i]
		l := c.Lists[s.ClientList]
		switch {
		case s.idle():
		case s.ClientList != DefaultList && (l == nil || l.Len() == 0 && l.Default() == acl.Permit):
			ns = append(ns, Notice(fmt.Sprintf("%sclient_acl %s: the list has no entries and permits everyone",
				s.prefix(), s.ClientList)))
		case s.ClientList == c.TarpitList && l != nil && l.Len() > 0:
			// Pen's DSR mode ignored client_acl, so a list 0 for its tarpit
			// shut nobody out of the service.
			ns = append(ns, Notice(fmt.Sprintf(
				"%slist %s is tarpit_acl and also client_acl: the service answers only clients that it permits",
				s.prefix(), s.ClientList)))
		}
	}
	return ns
}
