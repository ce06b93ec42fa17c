// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"strings"
	"testing"
	"time"

	"cygnet/engine"
	"cygnet/internal/events"
)

// TestFlowDrainToEmpty drains a server from the keyboard, and watches until it
// has no flow left; then it is removed.
func TestFlowDrainToEmpty(t *testing.T) {
	f := startFlow(t, nil)
	left := func(state engine.ServerState, flows uint64) func(s *engine.Snapshot) {
		return func(s *engine.Snapshot) {
			srv := &s.Services[0].Servers[1]
			srv.State, srv.Flows = state, flows
		}
	}
	f.tick(time.Second)
	f.keys("down", "d")
	f.see("drain web-02? its 2690 flows stay, no new ones [y/N]")
	f.keys("y")
	f.until("server 1 drain")
	f.see("web-02 drains: 2690 flows left")
	f.tick(time.Second, left(engine.Draining, 2690))
	f.see("DRAIN~ 2.7k")
	f.keys("enter")
	f.see("DRAIN, draining: 2690 flows left")
	f.tick(time.Second, left(engine.Draining, 12))
	f.see("draining: 12 flows left")
	f.keys("esc")
	f.see("DRAIN~ 12")
	f.f.changes.Add(events.Event{Kind: events.ServerDrained, Time: f.now, Service: nameless, Server: "web-02", Text: "web-02 drained: its last flow is over: it may be taken away"})
	f.tick(time.Second, left(engine.Draining, 0))
	f.see("empty")
	f.see("web-02 of default drained: its last flow is over")
	f.keys("enter")
	f.see("DRAIN, empty: can be removed")
	f.keys("esc", "x")
	f.see("remove web-02? it has no open flows, and goes at once [y/N]")
	f.keys("y")
	f.until("no server 1")
	f.tick(time.Second, func(s *engine.Snapshot) {
		s.Services[0].Servers = append(s.Services[0].Servers[:1], s.Services[0].Servers[2:]...)
	})
	f.see("web-02 is removed")
	f.end()
	if said := f.f.said(); said != "server 1 drain\n---\nno server 1" {
		t.Errorf("the balancer was asked %q", said)
	}
}

// TestFlowServerFallsAndRises: what checks find out step by step, and that it is
// told to an operator who does nothing.
func TestFlowServerFallsAndRises(t *testing.T) {
	f := startFlow(t, nil)
	const why = "http 503 from VIP"
	health := func(h engine.Health) func(s *engine.Snapshot) {
		return func(s *engine.Snapshot) {
			h.Check = "http"
			s.Services[0].Servers[0].Health = h
		}
	}
	f.tick(time.Second, health(engine.Health{Since: began}))
	f.see("http")
	f.tick(time.Second, health(engine.Health{Since: began, Turn: 1, Turns: 3, Why: why}))
	f.see("UP?")
	f.see("1 of 3")
	f.tick(time.Second, health(engine.Health{Since: began, Turn: 2, Turns: 3, Why: why}))
	f.see("2 of 3")
	f.f.changes.Add(events.Event{Kind: events.ServerDown, Time: f.now, Service: nameless, Server: "web-01", Text: "web-01 down: " + why + ", 3 of 3"})
	f.tick(time.Second, health(engine.Health{State: engine.HealthDown, Since: f.now, Why: why}))
	f.see("2 servers are down: web-01 of default: " + why + ", and 1 other")
	f.see("DOWN!")
	f.see("WARN web-01 of default down: " + why + ", 3 of 3")
	f.tick(time.Second, health(engine.Health{State: engine.HealthDown, Since: f.now, Why: why, Held: f.now.Add(30 * time.Second)}))
	f.see("held 29s")
	f.tick(40*time.Second, health(engine.Health{State: engine.HealthDown, Since: f.now, Turn: 1, Turns: 2, Why: why}))
	f.see("DN?!")
	f.see("1 of 2")
	f.f.changes.Add(events.Event{Kind: events.ServerUp, Time: f.now, Service: nameless, Server: "web-01", Text: "web-01 up: http 200, 2 of 2"})
	f.tick(time.Second, health(engine.Health{Since: f.now}))
	f.see("server web-04 of default is down")
	f.see("UP ")
	f.see("web-01 of default up: http 200, 2 of 2")
	f.end()
}

// TestFlowFlowsAndClients goes from a busy client to its flows and to a rule
// against it.
func TestFlowFlowsAndClients(t *testing.T) {
	f := startFlow(t, nil)
	f.f.answer = func(text string) (string, error) {
		if strings.HasSuffix(text, "\npreview") {
			return "changes: acl office at 1 deny 198.51.100.8\nflows: 2 of 8117 end\n", nil
		}
		return "", nil
	}
	f.tick(time.Second)
	f.keys("5")
	f.see("198.51.100.7:40000")
	f.keys("v")
	f.see("[clients]")
	f.keys("v")
	f.see("[latest]")
	f.keys("h")
	f.see("[clients]")
	f.keys("down", "f")
	f.see("/client=198.51.100.8:")
	f.see("198.51.100.8:41554")
	f.keys("x")
	f.see("acl office at 1 deny 198.51.100.8")
	f.keys("enter")
	f.see("flows: 2 of 8117 end")
	f.see("apply? [y/N]")
	f.keys("y")
	f.until("begin\nacl office at 1 deny 198.51.100.8\ncommit")
	f.see("applied")
	f.end()
}
