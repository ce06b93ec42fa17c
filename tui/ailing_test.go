// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"
	"github.com/muesli/termenv"

	"cygnet/engine"
	"cygnet/internal/events"
)

// ailing is a snapshot with a server in each state that checks bring about, and
// servers that drain, leave, and wait beside.
func ailing(at time.Time, n uint64) *engine.Snapshot {
	s := sample(at, n)
	web := &s.Services[0]
	results := func(texts ...string) (all []engine.Result) {
		for i, text := range texts {
			ago := time.Duration(len(texts)-i) * 2 * time.Second
			all = append(all, engine.Result{Time: at.Add(-ago), Took: time.Duration(i*i+3) * 700 * time.Microsecond, Pass: text == "http 200", Text: text})
		}
		return all
	}
	const bad = "http 503 from VIP"
	fell, again := at.Add(-8*time.Minute), at.Add(-90*time.Second)
	web.Servers[0].Health = engine.Health{Check: "http", Since: began, Last: results("http 200", "http 200", "http 200")}
	web.Servers[1].Health = engine.Health{Check: "http", Since: began, Turn: 1, Turns: 3, Why: bad, Last: results("http 200", bad)}
	web.Servers[2].Health = engine.Health{Check: "http", Since: began, Last: results("http 200")}
	web.Servers[3].Health = engine.Health{State: engine.HealthDown, Check: "http", Since: fell, Why: "no answer from VIP", Last: results("no answer from VIP", "no answer from VIP", "no answer from VIP")}
	web.Servers[3].MAC = mac(4)
	web.Servers[5].Health = engine.Health{
		State: engine.HealthDown, Check: "http", Soft: true, Since: again, Turn: 1, Turns: 2, Why: bad, Held: at.Add(50 * time.Second), Last: results(bad, bad, bad, "http 200"),
	}
	web.Servers[5].Max, web.Servers[5].Hard = 4000, 5000
	web.Servers = append(web.Servers,
		engine.ServerSnapshot{Server: engine.Server{Number: 7, Name: "web-08", Addr: netip.MustParseAddr("10.0.0.28"), Checked: true}, MAC: mac(8), Health: engine.Health{State: engine.HealthUnchecked, Check: "http"}},
		engine.ServerSnapshot{Server: engine.Server{Number: 8, Name: "web-09", Addr: netip.MustParseAddr("10.0.0.29"), State: engine.Draining}, MAC: mac(9), Health: engine.Health{Check: "http", Since: began}},
		engine.ServerSnapshot{Server: engine.Server{Number: 3, Name: "web-10", Addr: netip.MustParseAddr("10.0.0.30"), State: engine.Leaving}, MAC: mac(10), Flows: 12, Health: engine.Health{Check: "http", Since: began}})
	web.Emergency = &engine.ServerSnapshot{Server: engine.Server{Addr: netip.MustParseAddr("10.0.0.98")}, MAC: mac(98), Flows: 1, Opened: 3}
	web.Abuse = &engine.ServerSnapshot{Server: engine.Server{Addr: netip.MustParseAddr("10.0.0.99")}, Opened: 7}
	s.Lists[1].Uses = append(s.Lists[1].Uses, "server web-06 of default")
	return s
}

// ail has a model look at an ailing balancer, for some seconds.
func ail(m *model, f *fake) {
	for i := range 3 {
		at := m.now.Add(time.Second)
		f.set(func(s *Sight) { s.Snapshot, s.Heard = ailing(at, uint64(9000+i)), at })
		m.Update(tickMsg(at))
	}
}

// TestHealthScreens are the tables of servers with each state, and what is told
// of each server.
func TestHealthScreens(t *testing.T) {
	for _, c := range []struct {
		name   string
		keys   []string
		w, h   int
		glyphs Glyphs
		colour termenv.Profile
	}{
		{"overview", nil, 80, 24, ASCII, termenv.Ascii},
		{"overview wide", nil, 120, 40, UTF8, termenv.ANSI},
		{"servers", []string{"2"}, 80, 24, Console, termenv.ANSI},
		{"servers wide", []string{"2"}, 120, 40, ASCII, termenv.Ascii},
		{"servers widest", []string{"2"}, 240, 67, UTF8, termenv.Ascii},
		{"servers least", []string{"2"}, 60, 16, ASCII, termenv.Ascii},
		{"detail up", []string{"enter"}, 80, 24, ASCII, termenv.Ascii},
		{"detail falling", []string{"j", "enter"}, 80, 24, ASCII, termenv.Ascii},
		{"detail draining", []string{"j", "j", "enter"}, 80, 24, ASCII, termenv.Ascii},
		{"detail rising", []string{"2", "j", "j", "j", "j", "j", "enter"}, 120, 40, UTF8, termenv.ANSI},
		{"detail leaving", []string{"j", "j", "j", "j", "j", "j", "j", "j", "j", "enter"}, 80, 24, ASCII, termenv.Ascii},
		{"detail emergency", []string{"G", "k", "k", "k", "enter"}, 80, 24, ASCII, termenv.Ascii},
		{"flows clients", []string{"5", "v"}, 80, 24, ASCII, termenv.Ascii},
		{"flows latest", []string{"5", "v", "v"}, 120, 40, UTF8, termenv.ANSI},
		{"flows servers", []string{"5", "h"}, 80, 24, Console, termenv.ANSI},
		{"detail flow", []string{"5", "enter"}, 80, 24, ASCII, termenv.Ascii},
		{"detail client", []string{"5", "v", "enter"}, 80, 24, ASCII, termenv.Ascii},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := newFake()
			m := looked(f, NewTheme(c.glyphs, c.colour, c.glyphs == Console), c.w, c.h)
			ail(m, f)
			for _, k := range c.keys {
				m.Update(keyOf(k))
			}
			view := m.View()
			exact(t, view, c.w, c.h)
			golden.RequireEqual(t, []byte(view))
		})
	}
}

// TestHealthStates: each state from what is known of a server.
func TestHealthStates(t *testing.T) {
	known, svc := mac(1), &engine.ServiceSnapshot{}
	off := &engine.ServiceSnapshot{Service: engine.Service{Disabled: true}}
	for _, c := range []struct {
		svc  *engine.ServiceSnapshot
		srv  engine.ServerSnapshot
		want state
	}{
		{svc, engine.ServerSnapshot{MAC: known}, up},
		{svc, engine.ServerSnapshot{}, down},
		{off, engine.ServerSnapshot{}, unknown},
		{off, engine.ServerSnapshot{MAC: known}, up},
		{svc, engine.ServerSnapshot{MAC: known, Health: engine.Health{Turn: 1, Turns: 3}}, falling},
		{svc, engine.ServerSnapshot{MAC: known, Health: engine.Health{State: engine.HealthDown}}, down},
		{svc, engine.ServerSnapshot{MAC: known, Health: engine.Health{State: engine.HealthDown, Turn: 1, Turns: 2}}, rising},
		{svc, engine.ServerSnapshot{MAC: known, Health: engine.Health{State: engine.HealthUnchecked}}, fresh},
		{svc, engine.ServerSnapshot{Health: engine.Health{State: engine.HealthUnchecked}}, fresh},
		{svc, engine.ServerSnapshot{Health: engine.Health{Turn: 1, Turns: 3}}, down},
		{svc, engine.ServerSnapshot{MAC: known, Server: engine.Server{State: engine.Draining}, Health: engine.Health{State: engine.HealthDown}}, drain},
		{svc, engine.ServerSnapshot{MAC: known, Server: engine.Server{State: engine.Leaving}}, leaving},
		{svc, engine.ServerSnapshot{MAC: known, Server: engine.Server{State: engine.Blacklisted}}, out},
		{svc, engine.ServerSnapshot{MAC: known, Server: engine.Server{State: engine.Disabled}}, maint},
	} {
		if got := stateOf(c.svc, &c.srv); got != c.want {
			t.Errorf("%+v is %v, want %v", c.srv, got, c.want)
		}
		if got := stateOf(c.svc, &c.srv); c.srv.CanServe() && !got.serves() {
			t.Errorf("%+v can serve, and is %v", c.srv, got)
		}
	}
}

// TestServingAlerts: who serves instead of servers that are up, and what to do.
func TestServingAlerts(t *testing.T) {
	for _, c := range []struct {
		serving engine.Serving
		want    []string
	}{
		{engine.ServingNormally, nil},
		{engine.ServingEmergency, []string{"service default: no server can serve: new flows go to the emergency server 10.0.0.98", "enter on a server"}},
		{engine.ServingFailOpen, []string{"service default: fail open", "answer ARP", "or at the check"}},
		{engine.ServingPanic, []string{"service default: panic: 2/9 up, under 50 %", "health is ignored"}},
		{engine.ServingNobody, []string{"service default: no server can serve: new flows are dropped", "set emergency"}},
	} {
		o := operate(t, nil)
		snap := ailing(noon.Add(time.Second), 2)
		snap.Services[0].Serving, snap.Services[0].Panic = c.serving, 50
		o.f.set(func(s *Sight) { s.Snapshot = snap })
		o.send(tickMsg(noon.Add(time.Second)))
		got := fmt.Sprint(o.m.alerts())
		for _, want := range c.want {
			if !strings.Contains(got, want) {
				t.Errorf("%v: %q lacks %q", c.serving, got, want)
			}
		}
		if strings.Contains(got, "service default") != (c.want != nil) {
			t.Errorf("%v: alerts %q", c.serving, got)
		}
		if want := "3 servers are down: web-04 of default: no answer from VIP, and 2 others"; !strings.Contains(got, want) {
			t.Errorf("%q lacks %q", got, want)
		}
	}
	// Nothing is forwarded at all: the engine's own words say so, once.
	o := operate(t, nil)
	o.at(time.Second, func(s *engine.Snapshot) {
		for i := range s.Services {
			s.Services[i].Serving = engine.ServingNobody
		}
	})
	o.shows("NOT FORWARDING")
	if got := fmt.Sprint(o.m.alerts()); strings.Count(got, "no server can serve") != 2 {
		t.Errorf("alerts %q", got)
	}
}

// TestRetriedAlert: SYNs that are sent again are told from 20 of them on, and
// from more than a fifth.
func TestRetriedAlert(t *testing.T) {
	for _, c := range []struct {
		again, opened uint64
		want          bool
	}{{20, 79, true}, {20, 80, false}, {19, 0, false}, {20, 0, true}, {500, 10_000, false}} {
		o := operate(t, nil)
		counted := func(again, opened uint64) func(s *engine.Snapshot) {
			return func(s *engine.Snapshot) {
				s.Services[1].Servers[0].Retried, s.Services[1].Servers[0].Opened = again, opened
			}
		}
		o.at(time.Second, counted(100, 1000))
		o.m.past = o.m.past[len(o.m.past)-1:] // the fake began otherwise
		o.at(time.Second, counted(100+c.again, 1000+c.opened))
		want := fmt.Sprintf("server fd77::1 of dns: %d of %d SYNs were sent again in 10 s", c.again, c.again+c.opened)
		if got := fmt.Sprint(o.m.alerts()); strings.Contains(got, want) != c.want {
			t.Errorf("%d of %d: %q", c.again, c.opened, got)
		}
	}
}

// TestNoKeysForSettings: emergency and abuse are no servers to be drained.
func TestNoKeysForSettings(t *testing.T) {
	for _, key := range []string{"space", "d", "m", "b", "e", "x", "X"} {
		o := operate(t, nil)
		ail(o.m, o.f)
		o.keys("G", "k", "k", "k", key)
		o.shows("the emergency server is a setting of its service:  :emergency ADDR")
		o.keys("y")
		o.asked("")
	}
	o := operate(t, nil)
	ail(o.m, o.f)
	o.keys("G", "k", "k", "k", "k") // one that leaves
	for _, key := range []string{"space", "d", "m", "b", "e", "x", "y"} {
		o.keys(key)
	}
	o.asked("")
	o.keys("X")
	o.shows("end web-10 now? its 12 flows move now, to 2 others")
	o.keys("y")
	o.asked("no server 3 now")
}

// TestHealthEvents: what changes of health say, in a line.
func TestHealthEvents(t *testing.T) {
	addr := netip.MustParseAddr("10.0.0.22")
	for _, c := range []struct {
		event events.Event
		want  string
	}{
		{events.Event{Kind: events.ServerDown, Service: "web", Server: "web-02", Addr: addr, MAC: mac(2), Text: "web-02 down: http 503 from VIP, 3 of 3"}, "web-02 of web down: http 503 from VIP, 3 of 3"},
		{events.Event{Kind: events.ServerUp, Service: "web", Server: "2", Addr: addr, Text: "2 up: http 200, 2 of 2"}, "2 of web up: http 200, 2 of 2"},
		{events.Event{Kind: events.ServerDrained, Service: "web", Server: "web-02", Addr: addr, Text: "web-02 drained: its last flow is over: it may be taken away"}, "web-02 of web drained: its last flow is over: it may be taken away"},
		{events.Event{Kind: events.ServerDrained, Service: "web", Addr: addr, Text: "its last flow is over: the service is removed"}, "service web: its last flow is over: the service is removed"},
		{events.Event{Kind: events.ServiceServing, Service: "web", Addr: addr, Text: "no server can serve: new flows are dropped"}, "service web: no server can serve: new flows are dropped"},
		{events.Event{Kind: events.SYNsRetried, Service: "web", Server: "web-02", Text: "31 SYNs to web-02 were sent again"}, "service web: 31 SYNs to web-02 were sent again"},
		{events.Event{Kind: events.ServerDown, Service: "web", Server: "web-02", Addr: addr}, "server down server web-02 of web 10.0.0.22"},
	} {
		if got := describe(c.event); got != c.want {
			t.Errorf("%v is told as %q, want %q", c.event.Kind, got, c.want)
		}
	}
}

// TestDetailIsLive: what is told of a server goes on with it, but not while the
// view is paused, and stays when the server is gone.
func TestDetailIsLive(t *testing.T) {
	flows := func(n uint64) func(s *engine.Snapshot) {
		return func(s *engine.Snapshot) { s.Services[0].Servers[2].Flows = n }
	}
	o := operate(t, nil)
	o.keys("j", "j", "enter")
	o.shows("DRAIN, draining: 204 flows left")
	o.at(time.Second, flows(3))
	o.shows("draining: 3 flows left")
	o.keys("p")
	o.at(time.Second, flows(0))
	o.shows("draining: 3 flows left")
	o.keys("p")
	o.shows("DRAIN, empty: can be removed")
	o.at(time.Second, func(s *engine.Snapshot) { s.Services[0].Servers = s.Services[0].Servers[:2] })
	o.shows("DRAIN, empty: can be removed")
}

// TestNumbersThatAreUsedAgain: a server that is leaving and a new one have the
// same number, and are two.
func TestNumbersThatAreUsedAgain(t *testing.T) {
	f := newFake()
	m := looked(f, NewTheme(ASCII, termenv.Ascii, false), 120, 40)
	ail(m, f)
	leaving, there := m.live.find(serverID{nameless, 3, true}), m.live.find(serverID{nameless, 3, false})
	if leaving == nil || there == nil || leaving.Name != "web-10" || there.Name != "web-04" {
		t.Fatalf("found %v and %v", leaving, there)
	}
	m.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	if view := ansi.Strip(m.View()); !strings.Contains(view, "web-04") {
		t.Errorf("web-04 is not shown:\n%s", view)
	}
}
