// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"cygnet/acl"
	"cygnet/engine"
	"cygnet/internal/config"
)

// showServers answers `servers`: Pen's line for each, its number first; our
// words follow rx. The answers of servers go past us, so rx is 0.
func showServers(a Actor, c Call) (string, error) {
	if err := done("servers", c.Args); err != nil {
		return "", err
	}
	snap := a.Snapshot()
	var b strings.Builder
	for i := range a.Config().Services {
		v := &a.Config().Services[i]
		if c.Service != "" && c.Service != v.Name {
			continue
		}
		for j := range v.Servers {
			srv := &v.Servers[j]
			fmt.Fprintln(&b, serverLine(v, srv, found(snap, v.Name, srv.Addr)))
		}
	}
	return b.String(), nil
}

// found is a server in a snapshot; the zero value, if it is too new for it.
func found(snap *engine.Snapshot, service string, addr netip.Addr) (s engine.ServerSnapshot) {
	for _, v := range snap.Services {
		if v.Name != service {
			continue
		}
		if i := slices.IndexFunc(v.Servers, func(o engine.ServerSnapshot) bool { return o.Addr == addr }); i >= 0 {
			return v.Servers[i]
		}
	}
	return s
}

func serverLine(v *config.Service, srv *config.Server, s engine.ServerSnapshot) string {
	line := fmt.Sprintf("%d addr %s port %d conn %d max %d hard %d weight %d prio %d sx %d rx 0 state %s",
		srv.Number, srv.Addr, srv.Port, s.Flows, srv.Max, srv.Hard, srv.Weight, srv.Prio, s.Traffic.Bytes, stateWord(srv, s))
	if !s.MAC.IsZero() {
		line += " mac " + s.MAC.String()
	}
	if srv.Name != "" {
		line += " name " + srv.Name
	}
	if v.Name != config.DefaultService {
		line += " service " + v.Name
	}
	return line
}

// stateWord is how a server is, in one word: what the operator wants of it, and
// else whether it can be reached.
func stateWord(srv *config.Server, s engine.ServerSnapshot) string {
	switch {
	case srv.State == config.Disable:
		return "disabled"
	case time.Now().Before(srv.Out):
		return "blacklisted"
	case srv.State == config.Drain:
		return "drain"
	case s.MAC.IsZero():
		return "unknown"
	}
	return "up"
}

// showServer answers `server ID`.
func showServer(a Actor, c Call) (string, error) {
	v := a.Config().Service(cmp.Or(c.Service, config.DefaultService))
	if v == nil { // nobody was named, and all services have names
		return "", refuse("say whose: service NAME server ID; see: services", "server %s: no such server", quoted(c.Args[0]))
	}
	i := indexServer(v, c.Args[0])
	if i < 0 {
		return "", refuse("see: servers", "server %s: no such server", quoted(c.Args[0]))
	}
	srv := &v.Servers[i]
	s := found(a.Snapshot(), v.Name, srv.Addr)
	var b strings.Builder
	row := func(key, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%-10s %s\n", key, value)
		}
	}
	row("number", strconv.Itoa(srv.Number))
	row("name", srv.Name)
	row("service", v.Name)
	row("address", srv.Addr.String())
	row("state", stateWord(srv, s))
	if left := time.Until(srv.Out); left > 0 {
		row("blacklist", inSeconds(left.Round(time.Second)))
	}
	if s.MAC.IsZero() {
		row("mac", "unknown: it has not answered")
	} else {
		row("mac", s.MAC.String())
	}
	row("weight", strconv.Itoa(srv.Weight))
	row("prio", strconv.Itoa(srv.Prio))
	row("acl", srv.List)
	row("frames", strconv.FormatUint(s.Traffic.Frames, 10))
	row("bytes", strconv.FormatUint(s.Traffic.Bytes, 10))
	return b.String(), nil
}

// showServices answers `services`.
func showServices(a Actor, _ Call) (string, error) {
	var b strings.Builder
	snap := a.Snapshot()
	for i := range a.Config().Services {
		v := &a.Config().Services[i]
		if !v.VIP.IsValid() {
			continue
		}
		state, frames, bytes := "asking", uint64(0), uint64(0)
		for _, s := range snap.Services {
			if s.Name == v.Name {
				state, frames, bytes = s.Address.State.String(), s.Traffic.Frames, s.Traffic.Bytes
			}
		}
		switch {
		case v.Disabled:
			state = "disabled"
		case a.Config().Standby:
			state = "standby"
		}
		fmt.Fprintf(&b, "%s listen %s mode %s servers %d state %s frames %d bytes %d\n",
			v.Name, listenWords(v, true), v.Mode(), len(v.Servers), state, frames, bytes)
	}
	return b.String(), nil
}

// showList answers `acl LIST`: its entries with how often each decided.
func showList(a Actor, c Call) (string, error) {
	s := newSession(new(Parser), Request{Base: config.New()})
	name, err := s.listName("acl", c.Args[0])
	if err != nil {
		return "", err
	}
	l := a.Config().Lists[name]
	if l == nil {
		l = new(acl.List)
	}
	hits := make([]uint64, l.Len())
	var misses uint64
	for _, s := range a.Snapshot().Lists {
		if s.Name == name && slices.Equal(s.Rules, l.Rules()) {
			hits, misses = s.Hits, s.Misses
		}
	}
	var b strings.Builder
	for i, r := range l.Rules() {
		fmt.Fprintf(&b, "%d %s hits %d\n", i+1, ruleWords(r), hits[i])
	}
	implied := " (implied)"
	if _, explicit := l.ExplicitDefault(); explicit {
		implied = ""
	}
	fmt.Fprintf(&b, "default %s%s hits %d\n", l.Default(), implied, misses)
	return b.String(), nil
}
