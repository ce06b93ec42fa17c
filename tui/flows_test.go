// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/muesli/termenv"

	"cygnet/engine"
)

// inOrderOf fails unless the panel shows these texts one below another.
func (d *driven) inOrderOf(texts ...string) {
	d.Helper()
	body, from := d.body(), 0
	for _, text := range texts {
		i := strings.Index(body[from:], text)
		if i < 0 {
			d.Errorf("%q is not behind what precedes it in %q:\n%s", text, texts, body)
			return
		}
		from += i + len(text)
	}
}

// rowWith is the first row of the panel with a text.
func (d *driven) rowWith(text string) string {
	for l := range strings.SplitSeq(d.body(), "\n") {
		if strings.Contains(l, text) {
			return l
		}
	}
	return ""
}

func TestFlowsViews(t *testing.T) {
	d := drive(t, newFake(), 80, 24).pass(time.Second).press("5")
	d.shows("clients 341", "opening 12", "closing 204", "adopted 3", "unstored 0", "open 8.1k of 65.5k, 12%  [####", "[flows]")
	d.inOrderOf("198.51.100.7:40000", "198.51.100.7:40777", "198.51.100.8:41554")
	for _, word := range []string{"default", "web-01", "established", "1.4M", "17.6M"} {
		if !strings.Contains(d.rowWith(":40000"), word) {
			t.Errorf("the busiest flow lacks %q: %q", word, d.rowWith(":40000"))
		}
	}
	if l := d.rowWith(":43108"); !strings.Contains(l, "10.0.0.27") || !strings.Contains(l, "opening") || !strings.Contains(l, "25m") {
		t.Errorf("a server without a name is its address: %q", l)
	}
	d.press("v").shows("[clients]")
	d.inOrderOf("198.51.100.7", "198.51.100.8", "198.51.100.9")
	d.press("v").shows("[latest]")
	d.inOrderOf("198.51.100.12", "198.51.100.11", "198.51.100.7")
	d.press("v").shows("[servers]", "default  10.0.0.10:80/tcp", "3/7 up  8.1k flows", "dns  fd77::10:53/udp")
	d.inOrderOf("web-01", "web-02", "web-06", "web-03")
	if l := d.rowWith("web-01"); !strings.Contains(l, "2.7k flows") || !strings.Contains(l, "34%") || !strings.Contains(l, "####") {
		t.Errorf("web-01 is shown as %q", l)
	}
	d.press("v").shows("[flows]")
	d.press("h", "h").shows("[latest]")
}

func TestFlowsSortAndFilter(t *testing.T) {
	d := drive(t, newFake(), 100, 30).pass(time.Second).press("5")
	for _, c := range []struct {
		sort  string
		order []string
	}{
		{"BYTES", []string{":40000", ":40777", ":41554"}},
		{"AGE", []string{":48547", ":47770", "[2001:db8:"}},
		{"IDLE", []string{":48547", ":47770"}},
		{"STATE", []string{"closing", "established", "opening"}},
		{"CLIENT", []string{"198.51.100.7:40000", "198.51.100.7:40777", "198.51.100.8:", "[2001:db8:"}},
		{"SERVER", []string{"10.0.0.27", "web-01", "web-02", "web-03", "web-06", "fd77::1"}},
	} {
		d.press("s")
		if !strings.Contains(d.body(), "sort:"+c.sort) {
			t.Fatalf("it is not sorted by %s:\n%s", c.sort, d.body())
		}
		d.inOrderOf(c.order...)
	}
	d.press("S").inOrderOf("fd77::1", "web-06", "web-03", "web-02", "web-01", "10.0.0.27")
	d.press("/", "closing web-06", "enter")
	if rows := len(d.m.panel().(*flowsPanel).shownFlows); rows != 2 {
		t.Errorf("%d flows pass the filter:\n%s", rows, d.body())
	}
	d.press("/", "nobody", "enter").shows("nothing among the 50 shown by the balancer matches /nobody")
	d.press("esc").shows("198.51.100.7:40000")
}

// TestFlowsKeepTheSelection: what is selected stays so when flows change places,
// and what follows from it is about that.
func TestFlowsKeepTheSelection(t *testing.T) {
	d := drive(t, newFake(), 100, 30).pass(time.Second).press("5", "down", "down")
	snap := sample(d.m.now.Add(time.Second), 9)
	snap.TopFlows[0], snap.TopFlows[2] = snap.TopFlows[2], snap.TopFlows[0]
	d.f.set(func(s *Sight) { s.Snapshot, s.Heard = snap, snap.Time })
	d.give(tickMsg(snap.Time))
	if l := d.rowWith(">"); !strings.Contains(l, "198.51.100.8:41554") {
		t.Errorf("selected is %q", l)
	}
	d.press("enter").shows("flow of 198.51.100.8:41554", "web-06", "closing")
}

func TestFlowsOfAClient(t *testing.T) {
	f := newFake()
	f.set(func(s *Sight) {
		s.Snapshot = sample(noon, 2)
		s.Snapshot.TopFlows[1].Client = netip.MustParseAddrPort("198.51.100.70:40777") // begins as another one does
	})
	d := drive(t, f, 100, 30).press("5", "v", "f").shows("[flows]")
	if p := d.m.panel().(*flowsPanel); len(p.shownFlows) != 1 || p.shownFlows[0].Client.Port() != 40000 {
		t.Errorf("flows of 198.51.100.7: %v", p.shownFlows)
	}
	d.press("esc", "v", "G", "enter").shows("client 198.51.100.12", "its flows, of the busiest", "port 47770")
}

// TestFlowsDeny: the rule goes into the list of the client's own service, and
// only after y.
func TestFlowsDeny(t *testing.T) {
	for _, c := range []struct {
		keys []string
		uses map[string]string // by list
		want string
	}{
		{[]string{"x"}, nil, "acl office at 1 deny 198.51.100.7"},
		{[]string{"v", "down", "x"}, nil, "acl office at 1 deny 198.51.100.8"},
		{[]string{"v", "v", "x"}, nil, "acl office at 1 deny 198.51.100.12"},
		{[]string{"/", "udp", "enter", "x"}, nil, "acl 0 deny 2001:db8:77:1234:5678:9abc:def0:1"},
		{[]string{"/", "udp", "enter", "x"}, map[string]string{"1": "client_acl of dns"}, "acl 1 at 1 deny 2001:db8:77:1234:5678:9abc:def0:1"},
	} {
		for _, answer := range []string{"y", "n"} {
			f := newFake()
			f.set(func(s *Sight) {
				for i := range s.Snapshot.Lists {
					if use := c.uses[s.Snapshot.Lists[i].Name]; use != "" {
						s.Snapshot.Lists[i].Uses = []string{use}
					}
				}
			})
			f.answer = func(string) (string, error) { return "changes: something\n", nil }
			d := drive(t, f, 160, 40).press("5")
			d.press(c.keys...).press("enter").shows("apply? [y/N]").press(answer)
			want := []string{"begin\n" + c.want + "\npreview"}
			if answer == "y" {
				want = append(want, "begin\n"+c.want+"\ncommit")
			}
			d.asked(want...)
		}
	}
	d := drive(t, newFake(), 160, 40).press("5", "R", "x", "enter", "y")
	d.asked([]string{}...)
	d = drive(t, newFake(), 160, 40).press("5", "h", "x", "f", "y")
	d.asked([]string{}...)
}

// TestFlowTableFull: that there is no room is told, and only while it is so.
func TestFlowTableFull(t *testing.T) {
	d := drive(t, newFake(), 100, 30).press("5")
	full := func(by time.Duration, unstored uint64) {
		at := d.m.now.Add(by)
		d.f.set(func(s *Sight) {
			s.Snapshot, s.Heard = sample(at, 2), at
			s.Snapshot.Flows.Open, s.Snapshot.Flows.Unstored = 65_500, unstored
		})
		d.give(tickMsg(at))
	}
	full(time.Second, 240)
	d.shows("no room for 240 flows/s", "unstored 240", "100%")
	alerts := func() string { return fmt.Sprint(d.m.alerts()) }
	if got := alerts(); !strings.Contains(got, "flow table full (65.5k of 65.5k): 240 flows/s are not stored") || !strings.Contains(got, "raise conn_max") {
		t.Errorf("alerts are %s", got)
	}
	full(time.Second, 240)
	if strings.Contains(alerts(), "flow table full") || !strings.Contains(d.m.View(), "unstored 240") {
		t.Errorf("nothing more is unstored, and yet:\n%s", d.m.View())
	}
}

func TestFlowsScroll(t *testing.T) {
	f := newFake()
	f.set(func(s *Sight) { s.Snapshot = big(noon, 1, nil) })
	d := drive(t, f, 80, 24).press("5", "h", "G")
	if got := len(d.m.panel().(*flowsPanel).servers.rows); got != 1010 || !strings.Contains(d.body(), ">   server-9-99") {
		t.Errorf("%d rows, and the last is not shown:\n%s", got, d.body())
	}
}

func TestFlowsNone(t *testing.T) {
	f := newFake()
	f.set(func(s *Sight) {
		s.Snapshot.TopFlows, s.Snapshot.TopClients, s.Snapshot.LatestClients = nil, nil, nil
		s.Snapshot.Flows = engine.FlowTable{Room: 65_536}
	})
	d := drive(t, f, 80, 24).press("5").shows("no flows yet", "open 0 of 65.5k, 0%")
	d.press("enter", "x", "f", "v", "enter", "x", "f", "v", "x", "s", "S", "j", "G")
	d.asked([]string{}...)
}

func TestFlowsFit(t *testing.T) {
	fits(t, func(d *driven) { d.pass(time.Second).press("5") }, "", "G", "v", "v", "v", "k")
}

// TestFlowsHostile: names, words and addresses may come over a socket.
func TestFlowsHostile(t *testing.T) {
	evil := "\x1b]0;owned\x07\u202e\u0085\x0e"
	for _, g := range []Glyphs{UTF8, Console, ASCII} {
		f := newFake()
		f.set(func(s *Sight) {
			snap := s.Snapshot
			for i := range snap.TopFlows {
				one := &snap.TopFlows[i]
				one.Service, one.Server, one.State = one.Service+evil, evil+strings.Repeat("long", 99), evil
				one.Client = netip.AddrPortFrom(netip.MustParseAddr("fe80::1").WithZone(evil+fmt.Sprint(i)), 7)
			}
			for i := range snap.TopClients {
				snap.TopClients[i].Server, snap.TopClients[i].Service = evil, evil
			}
			svc := &snap.Services[0]
			svc.Name += evil
			svc.Servers[0].Name, svc.Servers[0].Health = evil, engine.Health{
				Check: evil, Turn: 1, Turns: 3, Why: evil, Last: []engine.Result{{Text: evil}},
			}
			svc.Servers[1].Health = engine.Health{State: engine.HealthDown, Check: evil, Why: evil}
			svc.Serving = engine.ServingFailOpen
		})
		d := drive(t, f, 120, 40)
		d.m.theme = NewTheme(g, termenv.Ascii, false).Blank()
		for _, keys := range []string{"5", "enter", "esc", "f", "x", "esc", "v", "enter", "esc", "x", "esc", "v", "v", "1", "enter", "esc", "d", "n", "x", "n", "X", "n", "2", "j", "enter", "esc"} {
			d.press(keys)
			harmless(t, d.m.View())
			if t.Failed() {
				t.Fatalf("after %q", keys)
			}
		}
	}
}
