// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import (
	"context"
	"fmt"
	"math"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"cygnet/engine"
	"cygnet/internal/command"
	"cygnet/internal/config"
	"cygnet/internal/events"
	"cygnet/internal/link/linktest"
	"cygnet/internal/wire"
)

// answering is a snapshot in which every server of o's has a MAC.
func answering(o *office) *engine.Snapshot {
	snap := &engine.Snapshot{}
	for _, s := range o.Config().Services {
		var servers []engine.ServerSnapshot
		for _, v := range s.Servers {
			servers = append(servers, engine.ServerSnapshot{Server: engine.Server{Addr: v.Addr}, MAC: wire.MAC{2, 0, 0, 0, 0, 1}})
		}
		snap.Services = append(snap.Services, engine.ServiceSnapshot{Service: engine.Service{Name: s.Name}, Servers: servers})
	}
	return snap
}

func TestPreview(t *testing.T) {
	const flows = "flows: none move\n"
	const web = "\nservice web listen 10.77.0.11:80\nservice web server a address 10.77.0.1\nservice web server b address 10.77.0.2"
	const pit = "\nacl 1 permit 10.77.0.64 255.255.255.192\ntarpit_acl 1"
	tests := []struct{ name, line, want string }{
		{"nothing", "debug 0", "changes: none\n"},
		{"a question", "check", "changes: none\n"},
		{"no client", "debug 1", "changes: debug 1\n" + flows + "captured: 64 addresses, 0 more and 0 fewer than now\n"},
		{"half of the clients", "server 1 disable",
			"changes: server 1 disable\nclients of service default: 50 % would meet another server, or none\n" + flows + "captured: 64 addresses, 0 more and 0 fewer than now\n"},
		{"of a named service", "service web server b drain",
			"changes: service web server b drain\nclients of service web: 50 % would meet another server, or none\n" + flows + "captured: 64 addresses, 0 more and 0 fewer than now\n"},
		{"all of them", "client_acl 3",
			"changes: client_acl 3\nclients of service default: 100 % would meet another server, or none\n" + flows + "captured: 64 addresses, 0 more and 0 fewer than now\n"},
		{"a quarter, by a list", "acl 0 deny 64.0.0.0/2",
			"changes: no acl 0; acl 0 deny 64.0.0.0 192.0.0.0\nclients of service default: 25 % would meet another server, or none\nclients of service web: 25 % would meet another server, or none\n" +
				flows + "captured: 64 addresses, 0 more and 0 fewer than now\n"},
		{"fewer captured", "acl 1 at 1 deny 10.77.0.64/28 force",
			"changes: acl 1 at 1 deny 10.77.0.64 255.255.255.240\nacl 1: what matches no entry turns from deny to permit\n" +
				flows + "captured: 233 addresses, 185 more and 16 fewer than now\n"},
		{"none captured", "no tarpit_acl", "changes: no tarpit_acl\n" + flows + "captured: 0 addresses, 0 more and 64 fewer than now\n"},
		{"a service less", "no service web", "changes: no service web\n" + flows + "captured: 64 addresses, 0 more and 0 fewer than now\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := open(t, whole+web+pit+"\nacl 3 deny 0.0.0.0/0", "")
			o.snapshot = answering(o)
			before := o.Config()
			got := o.ask(alice, "preview "+tt.line)
			if o.Config() != before || o.applied != 0 || o.number != 0 {
				t.Error("it did something")
			}
			if !strings.Contains(rounded(got), tt.want) {
				t.Errorf("got\n%s\nwant\n%s", rounded(got), tt.want)
			}
		})
	}
	o := open(t, whole, "")
	o.snapshot = &engine.Snapshot{}
	o.refused(alice, "unknown command", "preview bogus")
	o.refused(alice, "COMMAND is missing", "preview")
	o.refused(alice, "an action, not a setting", "preview reload")
	o.refused(alice, "an address of this host", "preview server 2 address 10.77.0.5")
	if got := o.ask(alice, `	"preview"	debug 1 # so`); !strings.HasPrefix(got, "changes: debug 1\n") {
		t.Errorf("quoted: %q", got)
	}
}

// rounded has shares of clients in steps of five per cent: by hashing, no half
// is a half.
func rounded(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		var share float64
		if what, rest, ok := strings.Cut(line, ": "); ok && strings.HasPrefix(line, "clients of ") {
			if _, err := fmt.Sscanf(rest, "%f", &share); err == nil {
				_, words, _ := strings.Cut(rest, " ")
				line = fmt.Sprintf("%s: %.0f %s", what, 5*math.Round(share/5), words)
			}
		}
		b.WriteString(line)
	}
	return b.String()
}

// TestPreviewCountsSilentServers: who meets a server that nobody hears of
// meets the next one.
func TestPreviewCountsSilentServers(t *testing.T) {
	o := open(t, whole, "")
	o.snapshot = answering(o)
	o.snapshot.Services[0].Servers[1].MAC = wire.MAC{}
	if got := o.ask(alice, "preview server 1 disable"); strings.Contains(got, "clients") {
		t.Errorf("nobody was there: %s", got)
	}
	if got := rounded(o.ask(alice, "preview server 0 disable")); !strings.Contains(got, "default: 100 %") {
		t.Errorf("nobody else is there: %s", got)
	}
}

// TestPreviewCountsServersThatAreDown, and that the emergency server takes over.
func TestPreviewCountsServersThatAreDown(t *testing.T) {
	o := open(t, whole, "")
	o.snapshot = answering(o)
	o.snapshot.Services[0].Servers[1].Health.State = engine.HealthDown
	if got := o.ask(alice, "preview server 1 disable"); strings.Contains(got, "clients") {
		t.Errorf("nobody met it: %s", got)
	}
	if got := rounded(o.ask(alice, "preview server 0 disable")); !strings.Contains(got, "default: 100 %") {
		t.Errorf("nobody else is up: %s", got)
	}
	o.must(alice, "server 0 disable")
	if got := rounded(o.ask(alice, "preview emergency 10.77.0.9")); !strings.Contains(got, "default: 100 %") {
		t.Errorf("nobody is met until then: %s", got)
	}
	if got := o.ask(alice, "preview leastconn"); !strings.Contains(got, "clients of service default: new flows would go to the server with the fewest for its weight\n") {
		t.Errorf("got %s", got)
	}
}

// TestPreviewChoosesAsTheEngine sends frames through an engine and looks whose
// they become.
func TestPreviewChoosesAsTheEngine(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		one := func(words ...string) string { return rapid.SampledFrom(words).Draw(rt, "word") }
		text := "dsr_if eth1\nlisten 10.77.0.10:80\ncheck none\n" + one("", "roundrobin", "weight", "prio", "hash")
		for n := range rapid.IntRange(1, 4).Draw(rt, "servers") {
			text += fmt.Sprintf("\nserver %d address 10.77.0.%d weight %d prio %s acl %s", n, n+1, rapid.IntRange(0, 5).Draw(rt, "weight"), one("0", "1"), one("0", "0", "1", "2"))
			text += fmt.Sprintf("\nserver %d %s", n, one("enable", "enable", "enable", "drain", "disable", "blacklist 3600"))
		}
		text += "\nacl 1 permit 192.0.2.0/25\nacl 2 deny 192.0.2.64/26\nclient_acl " + one("0", "2")
		silent := rapid.IntRange(1, 6).Draw(rt, "silent")
		type client struct {
			addr netip.Addr
			port uint16
		}
		clients := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) client {
			return client{netip.AddrFrom4([4]byte{192, 0, 2, rapid.Byte().Draw(rt, "client")}), rapid.Uint16Min(1).Draw(rt, "port")}
		}), 1, 20).Draw(rt, "clients")
		synctest.Test(t, func(t *testing.T) {
			var lines []command.Line
			for l := range strings.SplitSeq(text, "\n") {
				lines = append(lines, command.Line{Text: l, Origin: l})
			}
			cfg, _, problems := new(command.Parser).Apply(config.New(), lines)
			if problems != nil {
				t.Fatalf("%s: %v", problems[0].Origin, problems[0])
			}
			on := (&rig{}).on()
			on.MAC = wire.MAC{2, 0, 0, 0, 0, 0xff}
			run, _ := cfg.Engine(on, [16]byte{7})
			l := newLab(t, run, byte(silent))
			ch := newChooser(run.Key, run.Services[0], usableServers(l.engine.Snapshot()))
			for _, c := range clients {
				want, got := ch.choose(c.addr, c.port), l.server(c.addr, c.port)
				if want != got {
					t.Errorf("%s port %d: the preview says %v, the engine %v\n%s", c.addr, c.port, want, got, text)
				}
			}
			l.stop()
		})
	})
}

// lab is an engine whose servers 10.77.0.N have the MAC 02::N, and of whom one
// is silent.
type lab struct {
	t       *testing.T
	engine  *engine.Engine
	worker  *linktest.Queue
	control *linktest.Queue
	silent  byte
	stop    func()
}

func newLab(t *testing.T, run engine.Config, silent byte) *lab {
	l := &lab{t: t, silent: silent, worker: linktest.NewQueue(250 * time.Millisecond), control: linktest.NewQueue(20 * time.Millisecond)}
	ring := events.NewRing[events.Event](64)
	l.engine = engine.New(run, engine.Links{Workers: []engine.Queue{l.worker}, Control: l.control}, ring, ring)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- l.engine.Run(ctx) }()
	l.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	for range 150 { // until all servers are found, and the VIP is held
		time.Sleep(10 * time.Millisecond)
		synctest.Wait()
		for _, b := range l.control.Take() {
			l.answer(b)
		}
		synctest.Wait()
	}
	return l
}

func (l *lab) answer(question []byte) {
	var f wire.Frame
	if f.Parse(question) != wire.DefectNone || f.Kind != wire.KindARP || f.Src == f.Dst {
		return
	}
	n := f.Dst.As4()[3]
	if n >= 10 || n == l.silent {
		return
	}
	l.push(l.control, fmt.Sprintf("02:00:00:00:00:%02x > 02:00:00:00:00:ff arp %s is-at 02:00:00:00:00:%02x to %s", n, f.Dst, n, f.Src))
}

func (l *lab) push(q *linktest.Queue, text string) {
	data, err := wire.ParseText(text)
	if err != nil {
		l.t.Fatal(err)
	}
	q.Push(data, wire.PacketHost, nil)
	synctest.Wait()
}

// server is whose a client's frame becomes; invalid if it leaves no more.
func (l *lab) server(client netip.Addr, port uint16) netip.Addr {
	l.push(l.worker, fmt.Sprintf("02:00:00:00:00:99 > 02:00:00:00:00:ff tcp %s:%d > 10.77.0.10:80 S seq=1", client, port))
	sent := l.worker.Take()
	if len(sent) == 0 {
		return netip.Addr{}
	}
	return netip.AddrFrom4([4]byte{10, 77, 0, wire.Ethernet(sent[0]).Dst()[5]})
}
