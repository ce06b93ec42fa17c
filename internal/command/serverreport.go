// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cygnet/engine"
	"cygnet/internal/config"
)

// reported is a server to report on: as it was said, and as it runs. One that was
// removed and is still leaving is only known from the snapshot.
type reported struct {
	service string
	check   string // the kind
	said    config.Server
	running engine.ServerSnapshot // zero where it is too new for the snapshot
}

// reportedServers are those of a service, and of all if it is empty, in the
// order of the configuration; those that are leaving follow their service's own,
// and services that are leaving come last.
func reportedServers(a Actor, service string) (all []reported) {
	snap, cfg := a.Snapshot(), a.Config()
	for i := range cfg.Services {
		v := &cfg.Services[i]
		if service != "" && service != v.Name {
			continue
		}
		running := runningService(snap, v.Name)
		for _, srv := range v.Servers {
			all = append(all, reported{v.Name, cfg.CheckKind(v), srv, runningServer(running, &srv)})
		}
		all = append(all, leavingServers(running)...)
	}
	for i := range snap.Services {
		if v := &snap.Services[i]; v.Leaving && (service == "" || service == v.Name) {
			all = append(all, leavingServers(v)...)
		}
	}
	return all
}

func runningService(snap *engine.Snapshot, name string) *engine.ServiceSnapshot {
	i := slices.IndexFunc(snap.Services, func(s engine.ServiceSnapshot) bool { return s.Name == name && !s.Leaving })
	if i < 0 {
		return nil
	}
	return &snap.Services[i]
}

func runningServer(v *engine.ServiceSnapshot, srv *config.Server) (s engine.ServerSnapshot) {
	if v == nil {
		return s
	}
	for i := range v.Servers {
		if o := &v.Servers[i]; o.Number == srv.Number && o.Addr == srv.Addr && o.State != engine.Leaving {
			return *o
		}
	}
	return s
}

func leavingServers(v *engine.ServiceSnapshot) (all []reported) {
	if v == nil {
		return nil
	}
	for _, s := range v.Servers {
		if s.State == engine.Leaving {
			said := config.Server{Number: s.Number, Name: s.Name, Addr: s.Addr, Max: s.Max, Hard: s.Hard, Weight: s.Weight, Prio: s.Prio}
			all = append(all, reported{v.Name, s.Health.Check, said, s})
		}
	}
	return all
}

// showServers answers `servers`: Pen's line for each, its number first; our
// words follow rx. The answers of servers go past us, so rx is 0.
func showServers(a Actor, c Call) (string, error) {
	if err := done("servers", c.Args); err != nil {
		return "", err
	}
	var b strings.Builder
	for _, r := range reportedServers(a, c.Service) {
		b.WriteString(r.line() + "\n")
	}
	return b.String(), nil
}

func (r *reported) line() string {
	srv, s := &r.said, &r.running
	line := fmt.Sprintf("%d addr %s port %d conn %d max %d hard %d weight %d prio %d sx %d rx 0 state %s",
		srv.Number, srv.Addr, srv.Port, s.Flows, srv.Max, srv.Hard, srv.Weight, srv.Prio, s.Traffic.Bytes, r.state())
	if r.check != "" {
		line += " check " + r.check
	}
	if !s.MAC.IsZero() {
		line += " mac " + s.MAC.String()
	}
	if srv.Name != "" {
		line += " name " + srv.Name
	}
	if r.service != config.DefaultService {
		line += " service " + r.service
	}
	return line
}

// state is how a server is, in one word: what the operator wants of it, and else
// what checks say, and whether it can be reached at all.
func (r *reported) state() string {
	switch s := &r.running; {
	case s.State == engine.Leaving:
		return s.State.String()
	case r.said.State == config.Disable:
		return "disabled"
	case time.Now().Before(r.said.Out):
		return "blacklisted"
	case r.said.State == config.Drain:
		return "drain"
	case s.Health.State == engine.HealthDown:
		return s.Health.State.String()
	case s.MAC.IsZero():
		return "unknown"
	default:
		return s.Health.State.String()
	}
}

// showServices answers `services`.
func showServices(a Actor, _ Call) (string, error) {
	var b strings.Builder
	snap, cfg := a.Snapshot(), a.Config()
	for i := range cfg.Services {
		v := &cfg.Services[i]
		if !v.VIP.IsValid() {
			continue
		}
		running := runningService(snap, v.Name)
		if running == nil {
			running = new(engine.ServiceSnapshot)
		}
		state := running.Address.State.String()
		switch {
		case v.Disabled:
			state = "disabled"
		case cfg.Standby:
			state = "standby"
		}
		line := fmt.Sprintf("%s listen %s mode %s servers %d state %s", v.Name, listenWords(v, true), v.Mode(), len(v.Servers), state)
		b.WriteString(line + servingWords(running) + " check " + cfg.CheckKind(v) + hostWords("emergency", v.Emergency, running.Emergency) +
			hostWords("abuse", v.Abuse, running.Abuse) + "\n")
	}
	for i := range snap.Services {
		if v := &snap.Services[i]; v.Leaving {
			said := config.Service{VIP: v.VIP, Port: v.Port, Proto: v.Proto, VLAN: int(v.VLAN)}
			fmt.Fprintf(&b, "%s listen %s mode %s servers %d state leaving%s\n", v.Name, listenWords(&said, true), v.Mode, len(v.Servers), servingWords(v))
		}
	}
	return b.String(), nil
}

func servingWords(v *engine.ServiceSnapshot) string {
	return fmt.Sprintf(" frames %d bytes %d flows %d serving %s",
		v.Traffic.Frames, v.Traffic.Bytes, v.Flows, strings.ReplaceAll(v.Serving.String(), " ", "_"))
}

// hostWords tell of a server outside a service's own.
func hostWords(setting string, h config.Host, s *engine.ServerSnapshot) string {
	if !h.Addr.IsValid() {
		return ""
	}
	flows := uint64(0)
	if s != nil {
		flows = s.Flows
	}
	return fmt.Sprintf(" %s %s %s_flows %d", setting, h.Addr, setting, flows)
}
