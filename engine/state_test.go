// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"cygnet/acl"
	"cygnet/internal/sched"
	"cygnet/internal/wire"
)

// farm is one service of servers 1 to n, at 10.77.0.1 and so on, and a tarpit.
func farm(n int) Config {
	cfg := testConfig()
	cfg.Lists, cfg.Services = cfg.Lists[:1], cfg.Services[:1]
	web := &cfg.Services[0]
	web.Servers = nil
	for i := 1; i <= n; i++ {
		web.Servers = append(web.Servers, Server{Number: i, Addr: netip.AddrFrom4([4]byte{10, 77, 0, byte(i)}), Prio: i / 3})
	}
	return cfg
}

// with returns cfg after a change to the servers of its first service.
func with(cfg Config, change func([]Server)) Config {
	cfg = cfg.clone()
	change(cfg.Services[0].Servers)
	return cfg
}

// newFarm returns an engine that does not run and knows the servers of cfg,
// which is a farm.
func newFarm(t testing.TB, cfg Config) *Engine {
	e := newTestEngine(t, cfg)
	for _, srv := range cfg.Services[0].Servers {
		n := srv.Addr.As4()[3]
		learn(t, e.neighbours, fmt.Sprintf("02:00:00:00:00:%02x > %s arp 10.77.0.%d is-at 02:00:00:00:00:%02x to 10.77.0.4", n, ourMAC, n, n), e.clock.Load())
	}
	return e
}

// clients is the number of clients that ask sends frames of: 10.77.1.0 and so on.
const clients = 200

// ask sends a SYN of each client to the farm, each a new flow after an Apply, and
// returns the number of the server that gets it, 0 for none.
func ask(t testing.TB, e *Engine) (to [clients]int) {
	t.Helper()
	w := e.workers[0]
	for i := range to {
		s := w.set(frame(t, fromClient+fmt.Sprintf("tcp 10.77.1.%d:%d > 10.77.0.10:80 S", i, 1000+e.table.Load().generation)))
		if err := w.step(); err != nil {
			t.Fatal(err)
		}
		if s.Send {
			to[i] = int(wire.Ethernet(s.Frame()).Dst()[5])
		}
	}
	return to
}

// A server that is taken out moves its own clients only, and gets exactly them
// back.
func TestOnlyEnabledServersAreChosen(t *testing.T) {
	for _, mode := range []sched.Mode{sched.Hash, sched.Prio} {
		for _, state := range []ServerState{Draining, Blacklisted, Disabled} {
			t.Run(fmt.Sprint(mode, " ", state), func(t *testing.T) {
				cfg := farm(5)
				cfg.Services[0].Mode = mode
				e := newFarm(t, cfg)
				before := ask(t, e)
				e.Apply(with(cfg, func(s []Server) { s[1].State = state }))
				during, moved := ask(t, e), 0
				for i := range before {
					switch {
					case during[i] == 2 || during[i] == 0:
						t.Errorf("client %d is given server %d", i, during[i])
					case before[i] == 2:
						moved++
					case before[i] != during[i]:
						t.Errorf("client %d of server %d moved to %d", i, before[i], during[i])
					}
				}
				if moved == 0 {
					t.Error("server 2 had no clients: this test tells nothing")
				}
				e.Apply(cfg)
				if diff := cmp.Diff(before, ask(t, e)); diff != "" {
					t.Errorf("enabled again, clients have other servers (-before +after):\n%s", diff)
				}
			})
		}
	}
}

func TestServerListsChooseTheirClients(t *testing.T) {
	low := newList("low", "permit 10.77.1.0/25")
	cfg := farm(4)
	e := newFarm(t, cfg)
	before := ask(t, e)
	e.Apply(with(cfg, func(s []Server) { s[0].Clients = low }))
	for i, srv := range ask(t, e) {
		switch {
		case srv == 0 || srv == 1 && i >= 128:
			t.Errorf("client %d is given server %d", i, srv)
		case srv != before[i] && (before[i] != 1 || i < 128):
			t.Errorf("client %d moved from server %d to %d", i, before[i], srv)
		}
	}
	none := newList("none", "deny 0.0.0.0/0")
	e.Apply(with(cfg, func(s []Server) {
		for i := range s {
			s[i].Clients = none
		}
	}))
	w := e.workers[0]
	count := w.count.reasons[NoServer].now.Frames
	ask(t, e)
	if got := w.count.reasons[NoServer].now.Frames - count; got != clients {
		t.Errorf("%d frames ended as %v, want %d", got, NoServer, clients)
	}
}

// However often a frame makes the scheduler ask, it counts once for a rule.
func TestRulesCountFrames(t *testing.T) {
	none := newList("none", "deny 10.77.1.0/24")
	users := newList("users", "deny 10.77.1.0/25", "permit 10.77.1.0/24", "permit 10.99.0.0/16")
	cfg := with(farm(2), func(s []Server) { s[0].Clients, s[1].Clients = none, none })
	cfg.Services[0].Clients = users
	cfg.Lists = append(cfg.Lists, users, none)
	e := newFarm(t, cfg)
	ask(t, e)
	e.Apply(with(cfg, func(s []Server) { s[0].Clients, s[1].Clients = users, users }))
	if e.table.Load().services[0].picky {
		t.Error("the service's list is asked again for each server")
	}
	ask(t, e)
	e.publish()
	want := []ListSnapshot{
		{Name: "tarpit", Rules: cfg.Lists[0].Rules, Hits: []uint64{0}},
		{Name: "users", Rules: users.Rules, Hits: []uint64{2 * 128, 2 * (clients - 128), 0}},
		{Name: "none", Rules: none.Rules, Hits: []uint64{clients - 128}, Default: acl.Permit},
	}
	if diff := cmp.Diff(want, e.Snapshot().Lists, cmpopts.EquateComparable(netip.Prefix{})); diff != "" {
		t.Errorf("lists (-want +got):\n%s", diff)
	}
	ends := e.Snapshot().Reasons
	if refused, lone, sent := ends[Refused].Frames, ends[NoServer].Frames, ends[Forwarded].Frames; refused != 2*128 || lone != clients-128 || sent != clients-128 {
		t.Errorf("%d refused, %d without a server, %d forwarded", refused, lone, sent)
	}
}
