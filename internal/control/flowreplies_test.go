// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"cygnet/engine"
	"cygnet/internal/wire"
)

// crowded is a service of three servers, of which one is leaving, and another
// service that is.
func crowded() *engine.Snapshot {
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	at := func(ago time.Duration) time.Time { return now.Add(-ago) }
	mac := wire.MAC{2, 0, 0, 0, 0, 1}
	server := func(number int, name, addr string, state engine.ServerState, flows uint64) engine.ServerSnapshot {
		return engine.ServerSnapshot{
			Server: engine.Server{Number: number, Name: name, Addr: netip.MustParseAddr(addr), State: state, Max: 5},
			MAC:    mac, Flows: flows, Opened: 10 * flows, Retried: 3, Health: engine.Health{Check: "tcp"},
		}
	}
	s := &engine.Snapshot{
		Time: now, Started: at(time.Hour),
		Flows: engine.FlowTable{Room: 65536, Open: 120, Opening: 4, Closing: 5, Added: 600, Unstored: 7, Adopted: 8, Clients: 70},
		Services: []engine.ServiceSnapshot{
			{
				Service: engine.Service{Name: "default"}, Address: engine.AddressSnapshot{State: engine.Held}, Serving: engine.ServingFailOpen, Flows: 44,
				Servers: []engine.ServerSnapshot{
					server(0, "", "10.77.0.1", engine.Enabled, 12), server(1, "", "10.77.0.2", engine.Enabled, 1),
					server(7, "old", "10.77.0.7", engine.Leaving, 30),
				},
				Emergency: &engine.ServerSnapshot{Server: engine.Server{Addr: netip.MustParseAddr("10.77.0.3")}, Flows: 1},
			},
			{
				Service: engine.Service{Name: "gone", VIP: netip.MustParseAddr("10.77.0.20"), Port: 25, Proto: 6, Leaving: true}, Flows: 9,
				Servers: []engine.ServerSnapshot{server(0, "mx", "10.77.0.8", engine.Leaving, 9)},
			},
		},
	}
	for n := range engine.CensusRows {
		client := netip.AddrFrom4([4]byte{192, 0, 2, byte(n)})
		s.TopFlows = append(s.TopFlows, engine.FlowSnapshot{
			Service: "default", Server: "0", Client: netip.AddrPortFrom(client, 40000), VIP: netip.MustParseAddrPort("10.77.0.10:80"), Proto: 6,
			State: "established", Started: at(90 * time.Second), Seen: at(time.Second), Traffic: engine.Traffic{Frames: 5, Bytes: 500}, Rate: 1000,
		})
		v := engine.ClientSnapshot{Addr: client, Service: "default", Server: "0", Open: 2, Opened: 9, Started: at(time.Hour),
			Seen: at(time.Duration(n) * 10 * time.Second), Bytes: 700, Rate: 10}
		s.TopClients, s.LatestClients = append(s.TopClients, v), append(s.LatestClients, v)
	}
	return s
}

func TestAnswersAboutFlows(t *testing.T) {
	o := open(t, whole, "")
	o.snapshot = crowded()
	o.want(alice, "flows 1", `client          vip           proto service server state       age   idle frames bytes bit/s
192.0.2.0:40000 10.77.0.10:80 tcp   default 0      established 1m30s 1s   5      500   8000
1 of 120 flows
`)
	o.want(alice, "clients 1", `client    service server flows opened age    idle bytes bit/s
192.0.2.0 default 0      2     9      1h0m0s 0s   700   80
1 of 70 clients
`)
	for q, want := range map[string]string{
		"flows": "\n20 of 120 flows\n", "flows 50": "\n50 of 120 flows\n", "clients": "\n20 of 70 clients\n",
		"flows 51":   "\n50 of 120 flows\nnote: only the 50 busiest flows are looked for\n",
		"clients 99": "\n50 of 70 clients\nnote: only the 50 busiest clients are looked for\n",
		"recent 500": "service default\nnote: only the 50 latest clients are looked for\n",
	} {
		if got := o.ask(alice, q); !strings.HasSuffix(got, want) {
			t.Errorf("%s: %s", q, got)
		}
	}
	o.want(alice, "recent 10", "192.0.2.0 connects 9 sx 0 rx 700 flows 2 idle 0 server 0 service default\n"+
		"192.0.2.1 connects 9 sx 0 rx 700 flows 2 idle 10 server 0 service default\n")
	if got := strings.Count(o.ask(alice, "recent"), "\n"); got != 31 { // of 300 s, as Pen's
		t.Errorf("recent: %d lines", got)
	}
	o.refused(alice, "not a number from 1", "flows 0")
	o.refused(alice, "not a number from 1", "clients x")
	o.refused(alice, "not a time from 0", "recent -1")
	for _, row := range []string{"flows_room 65536", "flows_open 120", "flows_opening 4", "flows_closing 5", "flows_added 600", "flows_adopted 8", "flows_unstored 7", "clients 70"} {
		if got := o.ask(alice, "stats"); !strings.Contains(got, "\n"+row+"\n") {
			t.Errorf("no %q in %s", row, got)
		}
	}
	o.snapshot = &engine.Snapshot{}
	o.want(alice, "flows", "client vip proto service server state age idle frames bytes bit/s\n0 of 0 flows\n")
	o.want(alice, "recent", "")
}

func TestAnswersAboutWhoLeaves(t *testing.T) {
	o := open(t, whole+"\nemergency 10.77.0.3", "")
	o.snapshot = crowded()
	const old = "7 addr 10.77.0.7 port 0 conn 30 max 5 hard 0 weight 0 prio 0 sx 0 rx 0 state leaving check tcp mac 02:00:00:00:00:01 name old\n"
	const mx = "0 addr 10.77.0.8 port 0 conn 9 max 5 hard 0 weight 0 prio 0 sx 0 rx 0 state leaving check tcp mac 02:00:00:00:00:01 name mx service gone\n"
	if got := o.ask(alice, "servers"); !strings.HasSuffix(got, old+mx) || strings.Count(got, "\n") != 4 {
		t.Errorf("got %s", got)
	}
	if got := o.ask(alice, "service default servers"); !strings.HasSuffix(got, old) {
		t.Errorf("got %s", got)
	}
	o.want(alice, "services", "default listen 10.77.0.10:80 tcp mode hash servers 2 state announced frames 0 bytes 0 flows 44 serving fail_open check arp emergency 10.77.0.3 emergency_flows 1\n"+
		"gone listen 10.77.0.20:25 tcp mode hash servers 1 state leaving frames 0 bytes 0 flows 9 serving normal\n")
	for _, q := range []string{"server old", "server 7"} {
		if got := o.ask(alice, q); !strings.Contains(got, "state      leaving\n") || !strings.Contains(got, "flows      30 left, and no new ones\n") {
			t.Errorf("%s: %s", q, got)
		}
	}
	o.must(alice, "server 0 drain")
	if got := o.ask(alice, "server 0"); !strings.Contains(got, "state      drain\n") || !strings.Contains(got, "flows      12 left, and no new ones\n") {
		t.Errorf("got %s", got)
	}
	o.snapshot.Services[0].Servers[0].Flows = 0
	if got := o.ask(alice, "server 0"); !strings.Contains(got, "flows      0 left: it has drained\n") {
		t.Errorf("got %s", got)
	}
}

func TestAnswersAboutHealth(t *testing.T) {
	o := open(t, whole+"\nsource 10.77.0.9", "")
	o.snapshot = crowded()
	at := func(s int) time.Time { return time.Date(2026, 11, 26, 11, 59, s, 0, time.UTC) }
	local := func(s int) string { return at(s).Local().Format(time.DateTime) }
	h := &o.snapshot.Services[0].Servers[0].Health
	*h = engine.Health{
		State: engine.HealthDown, Check: "tcp", Soft: true, Why: "no answer from VIP", Since: at(3), Turn: 1, Turns: 2, Held: at(50),
		Last: []engine.Result{{Time: at(1), Took: time.Second, Text: "no answer from VIP"}, {Time: at(5), Took: 1234567, Pass: true}},
	}
	if got := o.ask(alice, "server 0"); !strings.HasSuffix(got, fmt.Sprintf(`check      tcp
health     down since %s, rising 1 of 2, but answers ARP
why        no answer from VIP
held       does not rise before %s, as it fell often
checks     %s pass in 1.2 ms
           %s fail in 1000.0 ms no answer from VIP
`, local(3), local(50), local(5), local(1))) {
		t.Errorf("got\n%s", got)
	}
	*h = engine.Health{Check: "tcp", Turn: 2, Turns: 3}
	if got := o.ask(alice, "server 0"); !strings.HasSuffix(got, "health     up, falling 2 of 3\n") {
		t.Errorf("got\n%s", got)
	}
	for _, tt := range []struct {
		health engine.HealthState
		mac    wire.MAC
		say    string
		want   string
	}{
		{engine.HealthUp, wire.MAC{2}, "enable", "up"},
		{engine.HealthUp, wire.MAC{}, "enable", "unknown"},
		{engine.HealthDown, wire.MAC{2}, "enable", "down"},
		{engine.HealthDown, wire.MAC{}, "enable", "down"},
		{engine.HealthUnchecked, wire.MAC{2}, "enable", "unchecked"},
		{engine.HealthUnchecked, wire.MAC{}, "enable", "unknown"},
		{engine.HealthDown, wire.MAC{2}, "drain", "drain"},
		{engine.HealthDown, wire.MAC{2}, "disable", "disabled"},
		{engine.HealthDown, wire.MAC{2}, "blacklist 60", "blacklisted"},
	} {
		s := &o.snapshot.Services[0].Servers[0]
		s.Health.State, s.MAC = tt.health, tt.mac
		o.must(alice, "server 0 enable", "server 0 "+tt.say)
		if got := o.ask(alice, "servers"); !strings.Contains(strings.SplitN(got, "\n", 2)[0]+" ", " state "+tt.want+" check tcp ") {
			t.Errorf("%s %v %v: %s", tt.say, tt.health, tt.mac, got)
		}
	}
}

// TestRemovingTellsWhatIsLeft removes and drains servers with open flows.
func TestRemovingTellsWhatIsLeft(t *testing.T) {
	const dns = "\nservice dns listen 10.77.0.11:53 udp\nservice dns server a address 10.77.0.1\nservice dns server b address 10.77.0.2"
	gone := func(o *office) string { return fmt.Sprint(o.Config().Gone, o.Config().Services[0].Gone) }
	o := open(t, whole+dns, "")
	o.snapshot = crowded()
	o.snapshot.Services = append(o.snapshot.Services, engine.ServiceSnapshot{Service: engine.Service{Name: "dns"}, Flows: 6, Servers: []engine.ServerSnapshot{
		{Server: engine.Server{Number: 0, Name: "a"}, Flows: 1}, {Server: engine.Server{Number: 1, Name: "b"}}}})
	for _, tt := range []struct{ line, reply, gone string }{
		{"server 0 drain", "note: server 0 draining: 12 flows left\n", "[] []"},
		{"server 0 disable", "", "[] []"},
		{"no server 0", "note: server 0 leaves when its 12 flows are over; `no server 0 now` ends them\n", "[] []"},
		{"no server 0 now", "", "[] []"}, // the snapshot does not say that it is leaving
		{"no server old", "", "[] []"},
		{"no server old now", "", "[] [7]"},
		{"no server old now", "", "[] [7]"},
		{"server 7 address 10.77.0.7", "", "[] []"},
		{"no server 7 now", "", "[] [7]"},
		{"no server nobody now", "", "[] [7]"},
		{"service dns no server a", "note: server a leaves when its 1 flow is over; `service dns no server a now` ends it\n", "[] [7]"},
		{"no service gone", "note: service gone leaves when its 9 flows are over; `no service gone now` ends them\n", "[] [7]"},
		{"no service gone now", "", "[gone] [7]"},
		{"no service never now", "", "[gone] [7]"},
		{"no service dns", "note: service dns leaves when its 6 flows are over; `no service dns now` ends them\n", "[gone] [7]"},
	} {
		o.want(alice, tt.line, tt.reply)
		if got := gone(o); got != tt.gone {
			t.Errorf("%s: gone are %s, want %s", tt.line, got, tt.gone)
		}
	}
	o.Do(alice, []string{"service gone listen 10.77.0.20:25", "service gone server 0 address 10.77.0.8"})
	if got := gone(o); got != "[] [7]" {
		t.Errorf("made anew, and yet gone are %s", got)
	}
	if text := o.ask(root, "diff /nowhere/x"); strings.Contains(text, " now\n") {
		t.Errorf("who is gone is written: %s", text)
	}
}

// TestGoneIsBroughtIntoForce: ending what is leaving changes no setting, and is
// done all the same, once.
func TestGoneIsBroughtIntoForce(t *testing.T) {
	o := open(t, whole, "")
	o.snapshot = crowded()
	o.want(alice, "preview no server old now", "flows: 30 move now\ncaptured: 0 addresses, 0 more and 0 fewer than now\n")
	o.must(alice, "no server old now")
	if o.applied != 1 || o.number != 1 {
		t.Errorf("applied %d times, %d changes", o.applied, o.number)
	}
	o.must(alice, "no server old now", "debug 0")
	if o.applied != 1 {
		t.Errorf("applied %d times", o.applied)
	}
	o.want(alice, "preview no server old now", "changes: none\n")
	o.want(alice, "undo", "note: nothing is left of change 1 to take back\n")
}

func TestPreviewOfFlows(t *testing.T) {
	for line, want := range map[string]string{
		"debug 1":                    "none move",
		"server 0 weight 5":          "none move",
		"server 0 drain":             "12 stay on their server until they are over",
		"server 0 disable":           "12 move now",
		"server 0 blacklist 60":      "12 move now",
		"no server 0":                "12 stay on their server until they are over",
		"no server 0 now":            "12 move now",
		"no server old now":          "30 move now",
		"no service gone now":        "9 end now",
		"disable":                    "44 end now",
		"listen 10.77.0.12:80":       "44 end now",
		"listen 10.77.0.10:81":       "44 end now",
		"listen 10.77.0.10:80 udp":   "44 end now",
		"listen 10.77.0.10 any":      "none move",
		"server 0 address 10.77.0.4": "none move", // a server whose address changes keeps its flows
	} {
		o := open(t, whole, "")
		o.snapshot = crowded()
		if got := o.ask(alice, "preview "+line); !strings.Contains(got, "\nflows: "+want+"\n") && !strings.HasPrefix(got, "flows: "+want+"\n") {
			t.Errorf("%s: %s", line, got)
		}
	}
	o := open(t, whole+"\nservice dns listen 10.77.0.11:53\nservice dns server a address 10.77.0.1", "")
	o.snapshot = crowded()
	o.must(alice, "server 1 drain")
	if got := o.Do(alice, []string{"begin", "server 0 drain", "server 1 disable", "preview"}); !strings.Contains(got, "flows: 1 move now, 12 stay on their server until they are over\n") {
		t.Errorf("got %s", got)
	}
	if got := o.ask(alice, "preview no service default"); !strings.Contains(got, "flows: 44 stay on their server until they are over\n") {
		t.Errorf("got %s", got)
	}
	if got := o.ask(alice, "preview no service default now"); !strings.Contains(got, "flows: 44 end now\n") {
		t.Errorf("got %s", got)
	}
}

// TestOnlyNowEnds: what a reload or an undo removes drains, too.
func TestOnlyNowEnds(t *testing.T) {
	o := open(t, whole, "server 5 address 10.77.0.5\n")
	o.snapshot = crowded()
	o.save(o.file, "debug 1\n")
	o.must(root, "reload")
	o.must(alice, "server 6 address 10.77.0.6")
	o.want(alice, "undo", "undone by: no server 6\n")
	o.Do(alice, []string{"service web listen 10.77.0.11:80", "service web server a address 10.77.0.1"})
	o.want(alice, "undo", "undone by: no service web\n")
	c := o.Config()
	if len(c.Services) != 1 || len(c.Services[0].Servers) != 2 || c.Gone != nil || c.Services[0].Gone != nil {
		t.Errorf("%d services, gone are %v and %v", len(c.Services), c.Gone, c.Services[0].Gone)
	}
}
