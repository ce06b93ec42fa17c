// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"

	"cygnet/acl"
	"cygnet/internal/capture"
	"cygnet/internal/events"
	"cygnet/internal/sched"
	"cygnet/internal/wire"
)

// idle is a queue without frames, for workers whose steps a test takes itself.
type idle struct{}

func (idle) Recv(*wire.Batch) error { return nil }
func (idle) Send(*wire.Batch) error { return nil }

var (
	ourMAC    = wire.MAC{2, 0, 0, 0, 0, 0xff}
	serverMAC = wire.MAC{2, 0, 0, 0, 0, 1}
	vipAddr   = netip.MustParseAddr("10.77.0.10")
)

// newList returns a list of rules as `permit PREFIX` and `deny PREFIX`.
func newList(name string, rules ...string) *List {
	var l acl.List
	for _, r := range rules {
		word, prefix, _ := strings.Cut(r, " ")
		rule := acl.Rule{Prefix: netip.MustParsePrefix(prefix)}
		if err := rule.Action.UnmarshalText([]byte(word)); err != nil {
			panic(err)
		}
		l.Append(rule)
	}
	return &List{Name: name, Rules: l.Rules(), Table: l.Compile(nil)}
}

func testConfig() Config {
	tarpit := newList("tarpit", "permit 10.77.0.64/26")
	users := newList("users", "permit 10.77.0.0/16", "permit 10.79.0.0/16")
	near := newList("near", "permit 10.77.0.0/16")
	return Config{
		MAC: ourMAC, Key: sched.Key{1, 2, 3}, Lists: []*List{tarpit, users, near},
		Addrs: []netip.Prefix{netip.MustParsePrefix("10.77.0.4/24")},
		Services: []Service{
			{Name: "web", Tracking: Untracked, VIP: vipAddr, Port: 80, Proto: wire.ProtoTCP, Servers: []Server{{Addr: netip.MustParseAddr("10.77.0.1")}}},
			{Name: "dns", Tracking: Untracked, VIP: vipAddr, Port: 53, Proto: wire.ProtoUDP, Mode: sched.RoundRobin, Servers: []Server{{Addr: netip.MustParseAddr("10.77.0.1")}}},
			{Name: "tls", Tracking: Untracked, VIP: vipAddr, Port: 443, Proto: wire.ProtoTCP, Clients: users, Servers: []Server{{Addr: netip.MustParseAddr("10.77.0.1"), Clients: near}}},
			{Name: "off", Tracking: Untracked, VIP: netip.MustParseAddr("10.77.0.11"), Port: 25, Proto: wire.ProtoTCP, Disabled: true},
			{Name: "six", Tracking: Untracked, VIP: netip.MustParseAddr("fd77::10"), Port: 80, Proto: wire.ProtoTCP, Servers: []Server{{Addr: netip.MustParseAddr("fd77::1")}}},
			{Name: "ten", Tracking: Untracked, VIP: vipAddr, VLAN: 10, Proto: wire.ProtoTCP, Servers: []Server{{Addr: netip.MustParseAddr("10.77.0.1")}}},
		},
		Tarpit: Tarpit{List: tarpit, Captured: []netip.Prefix{netip.MustParsePrefix("10.77.0.64/26"), netip.MustParsePrefix("fd77::66:0/120")}, Policy: capture.Immediate},
	}
}

// newTestEngine returns an engine that does not run, whose servers are known
// and whose addresses are held.
func newTestEngine(t testing.TB, cfg Config) *Engine { return newTestEngineOf(t, cfg, 1) }

// newTestEngineOf is the same with so many workers.
func newTestEngineOf(t testing.TB, cfg Config, workers int) *Engine {
	t.Helper()
	queues := make([]Queue, workers)
	for i := range queues {
		queues[i] = idle{}
	}
	e := New(cfg, Links{Workers: queues, Control: idle{}}, events.NewRing[events.Event](16), events.NewRing[events.Event](16))
	now := firstTick
	for range 100 { // 2 s
		e.clock.Store(now)
		e.neighbours.tick(now, func(uint16, []byte) {})
		now += int64(tick)
	}
	for _, s := range []string{"arp 10.77.0.1 is-at 02:00:00:00:00:01 to 10.77.0.4", "icmp6 fd77::1 > fe80::1 na fd77::1 flags=SO tlla=02:00:00:00:00:01"} {
		for _, tag := range []string{"", " vlan=10"} {
			learn(t, e.neighbours, serverMAC.String()+" > "+ourMAC.String()+" "+s+tag, now)
		}
	}
	return e
}

func learn(t testing.TB, n *neighbours, text string, now int64) {
	t.Helper()
	var f wire.Frame
	if d := f.Parse(frame(t, text)); d != wire.DefectNone {
		t.Fatalf("%s: defect %v", text, d)
	}
	n.learn(&f, now)
}

func frame(t testing.TB, text string) []byte {
	t.Helper()
	b, err := wire.ParseText(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return b
}

const fromClient = "02:00:00:00:00:09 > 02:00:00:00:00:ff "

// The frames a worker meets most, and how each ends.
var common = []struct {
	name, text string
	want       Reason
}{
	{"forward TCP", fromClient + "tcp 10.77.0.9:1234 > 10.77.0.10:80 A len=100", Forwarded},
	{"forward UDP", fromClient + "udp 10.77.0.9:1234 > 10.77.0.10:53 len=100", Forwarded},
	{"forward IPv6", fromClient + "tcp [fd77::9]:1234 > [fd77::10]:80 A len=100", Forwarded},
	{"forward first fragment", fromClient + "udp 10.77.0.9:1234 > 10.77.0.10:53 id=7 frag=0+ len=1472", Forwarded},
	{"forward later fragment", fromClient + "ip 10.77.0.9 > 10.77.0.10 proto=17 frag=1480 id=7 len=100", Forwarded},
	{"forward ICMP error", fromClient + "icmp 10.77.0.1 > 10.77.0.10 unreachable code=4 inner=(tcp 10.77.0.10:80 > 10.77.0.9:1234)", Forwarded},
	{"ARP", "02:00:00:00:00:09 > ff:ff:ff:ff:ff:ff arp who-has 10.77.0.10 tell 10.77.0.9", AnsweredARP},
	{"ND", "02:00:00:00:00:09 > 02:00:00:00:00:ff icmp6 fd77::9 > fd77::10 ns fd77::10", AnsweredND},
	{"echo", fromClient + "icmp 10.77.0.9 > 10.77.0.10 echo-request id=5 seq=6 len=48", AnsweredEcho},
	{"tarpit ARP", "02:00:00:00:00:09 > ff:ff:ff:ff:ff:ff arp who-has 10.77.0.66 tell 10.77.0.9", CapturedAsked},
	{"tarpit SYN", fromClient + "tcp 10.77.0.9:1234 > 10.77.0.66:22 S opts=020405b4", CapturedSYN},
	{"tarpit SYN over IPv6", fromClient + "tcp [fd77::9]:1234 > [fd77::66:1]:22 S opts=020405a0", CapturedSYN},
	{"drop: tarpit, not SYN", fromClient + "tcp 10.77.0.9:1234 > 10.77.0.66:22 A", CapturedForged},
	{"drop: no service", fromClient + "tcp 10.77.0.9:1234 > 10.77.0.10:81 S", NoService},
	{"drop: checksum", fromClient + "tcp 10.77.0.9:1234 > 10.77.0.10:80 S ipcsum=bad", Checksum},
	{"drop: loop", "02:00:00:00:00:01 > 02:00:00:00:00:ff tcp 10.77.0.9:1234 > 10.77.0.10:80 S", Loop},
	{"drop: service off", fromClient + "tcp 10.77.0.9:1234 > 10.77.0.11:25 S", ServiceOff},
	{"drop: echo of a VIP that is off", fromClient + "icmp 10.77.0.9 > 10.77.0.11 echo-request id=5 seq=6 len=48", ServiceOff},
	{"drop: client refused", fromClient + "tcp 10.78.0.9:1234 > 10.77.0.10:443 S", Refused},
	{"drop: no server for this client", fromClient + "tcp 10.79.0.9:1234 > 10.77.0.10:443 S", NoServer},
	{"forward by lists", fromClient + "tcp 10.77.0.9:1234 > 10.77.0.10:443 A len=100", Forwarded},
	{"forward on a VLAN", fromClient + "tcp 10.77.0.9:1234 > 10.77.0.10:80 A len=100 vlan=10", Forwarded},
	{"forward with a priority tag", fromClient + "tcp 10.77.0.9:1234 > 10.77.0.10:80 A len=100 vlan=0", Forwarded},
	{"ARP on a VLAN", "02:00:00:00:00:09 > ff:ff:ff:ff:ff:ff arp who-has 10.77.0.10 tell 10.77.0.9 vlan=10", AnsweredARP},
	{"drop: another VLAN", fromClient + "tcp 10.77.0.9:1234 > 10.77.0.10:80 A len=100 vlan=11", Tagged},
	{"ignore", fromClient + "tcp 10.77.0.9:1234 > 10.77.0.20:80 S", NotOurs},
}

// set fills the worker's first slot as a link would.
func (w *worker) set(b []byte) *wire.Slot {
	s := &w.batch.Slots[0]
	s.Set(b)
	if wire.Ethernet(b).Dst() == wire.BroadcastMAC() {
		s.Type = wire.PacketBroadcast
	}
	w.batch.N = 1
	return s
}

// Whatever we send, fed back to us as if it came from the wire, gets no
// answer: two of us on one segment never talk to each other for ever.
func TestOurOwnOutputIsNeverAnswered(t *testing.T) {
	w := newTestEngine(t, testConfig()).workers[0]
	for _, c := range common {
		s := w.set(frame(t, c.text))
		_ = w.step()
		if !s.Send {
			continue
		}
		out := slices.Clone(s.Frame())
		// Our twin has another MAC, and hears what we sent to it or to all.
		for _, dst := range []wire.MAC{ourMAC, wire.BroadcastMAC()} {
			for _, src := range []wire.MAC{ourMAC, {2, 0, 0, 0, 0, 0xfe}} {
				wire.Ethernet(out).SetDst(dst)
				wire.Ethernet(out).SetSrc(src)
				s := w.set(out)
				_ = w.step()
				if s.Send && c.want.Verdict() == Answered {
					t.Errorf("%s: our own answer was answered", c.name)
				}
			}
		}
	}
}

func TestEveryReasonHasItsOwnWordAndVerdict(t *testing.T) {
	words := map[string]Reason{}
	for r := range reasons {
		word := r.String()
		if other, twice := words[word]; twice || word == "" || word == "unknown" {
			t.Errorf("reason %d is called %q, as is %d", r, word, other)
		}
		words[word] = r
		if sends := r.Verdict() == Sent || r.Verdict() == Answered; sends != r.sends() {
			t.Errorf("%s: sends() is %v", word, r.sends())
		}
	}
}

// What a worker counts, Apply and Snapshot meet from other goroutines; the race
// detector looks on.
func TestApplyAndSnapshotWhileWorking(t *testing.T) {
	e := newTestEngine(t, testConfig())
	w := e.workers[0]
	b := frame(t, fromClient+"tcp 10.77.0.9:1234 > 10.77.0.10:80 A len=100")
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := range 50 {
			cfg := testConfig()
			if i%2 == 0 {
				cfg.Services = cfg.Services[:1]
			}
			e.Apply(cfg)
			e.publish()
		}
	})
	for range 5000 {
		w.set(b)
		_ = w.step()
	}
	wg.Wait()
	e.publish()
	snap := e.Snapshot()
	if got := snap.Services[0].Traffic.Frames; got != 5000 {
		t.Errorf("the service counts %d frames over all tables, want 5000", got)
	}
	if got := snap.Services[0].Servers[0].Traffic.Frames; got != 5000 {
		t.Errorf("the server counts %d frames over all tables, want 5000", got)
	}
	if snap.In.Frames != 5000 || snap.Out.Frames != 5000 {
		t.Errorf("in %d, out %d, want 5000 each", snap.In.Frames, snap.Out.Frames)
	}
}

// A super-frame counts as the frames that it was merged from.
func TestSuperFramesCountAsFrames(t *testing.T) {
	e := newTestEngine(t, testConfig())
	w := e.workers[0]
	s := w.set(frame(t, fromClient+"tcp 10.77.0.9:1234 > 10.77.0.10:80 A len=14480"))
	copy(s.Vnet(), []byte{wire.VnetNeedsCsum, wire.GSOTCPv4, 54, 0, 0xa8, 0x05, 34, 0, 16, 0}) // segments of 1448
	want := slices.Clone(s.Vnet())
	_ = w.step()
	if got := w.count.out.now.Frames; got != 10 {
		t.Errorf("counted as %d frames, want 10", got)
	}
	if !slices.Equal(want, s.Vnet()) {
		t.Errorf("virtio header %x became %x", want, s.Vnet())
	}
}

func BenchmarkHandle(b *testing.B) {
	w := newTestEngine(b, testConfig()).workers[0]
	for _, c := range common {
		b.Run(c.name, func(b *testing.B) {
			data := frame(b, c.text)
			w.set(data)
			_ = w.step() // the clock and the table
			b.ReportAllocs()
			for b.Loop() {
				s := w.set(data)
				w.lookAhead()
				w.end(s, len(data), w.handle(s))
			}
			w.count.publish()
		})
	}
}
