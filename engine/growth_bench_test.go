// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"cygnet/acl"
	"cygnet/internal/events"
	"cygnet/internal/flow"
	"cygnet/internal/sched"
	"cygnet/internal/wire"
)

// size is how much there is of everything.
type size struct {
	services, servers, entries, lists, flows int
	sharing                                  bool // services have server sets in common
}

func small() size { return size{services: 2, servers: 4, entries: 4, lists: 1, flows: 1000} }

// big is what issue 7 asks for.
func big() size {
	return size{services: 1000, servers: 1000, entries: 100_000, lists: 1, flows: 1_000_000}
}

// perService is how many servers a service has.
const perService = 4

func numbered(net byte, n int) netip.Addr {
	return netip.AddrFrom4([4]byte{10, net, byte(n >> 8), byte(n)})
}

// clientOf is a client of the network that an entry permits.
func clientOf(entry int, host byte) netip.Addr {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], 20<<24+uint32(entry)<<8+uint32(host))
	return netip.AddrFrom4(b)
}

// listOf is a list that permits the networks of all clients, one by one, from one
// on.
func listOf(name string, first, entries int) *List {
	var l acl.List
	for n := range entries {
		l.Append(acl.Rule{Action: acl.Permit, Prefix: netip.PrefixFrom(clientOf(first+n, 0), 24)})
	}
	return &List{Name: name, Rules: l.Rules(), Table: l.Compile(nil)}
}

// config is a configuration of that size.
func (s size) config() Config {
	cfg := Config{
		MAC: ourMAC, Key: sched.Key{1, 2, 3}, Addrs: []netip.Prefix{netip.MustParsePrefix("10.77.0.4/16")},
		Flows: s.flows + s.flows/2, Clients: 65536,
	}
	for n := range s.lists {
		cfg.Lists = append(cfg.Lists, listOf(fmt.Sprint("list", n), n*s.entries/s.lists, s.entries/s.lists))
	}
	for n := range s.services {
		svc := Service{
			Name: fmt.Sprint("service", n), VIP: numbered(80, n), Port: 80, Proto: wire.ProtoTCP, Tracking: Untracked,
			Idle: Idle{Opening: time.Hour, Established: time.Hour, Closing: time.Hour, UDP: time.Hour},
		}
		svc.Clients = cfg.Lists[n%s.lists]
		first := n
		if s.sharing {
			first = n / perService * perService
		}
		for i := range perService {
			svc.Servers = append(svc.Servers, Server{Number: i, Addr: numbered(77, 256+(first+i)%s.servers), Checked: true})
		}
		cfg.Services = append(cfg.Services, svc)
	}
	return cfg
}

// engine returns an engine of that size whose servers are known.
func (s size) engine(b testing.TB) *Engine {
	b.Helper()
	cfg := s.config()
	e := New(cfg, Links{Workers: []Queue{idle{}}, Control: idle{}}, events.NewRing[events.Event](16), events.NewRing[events.Event](16))
	now := firstTick
	for range 100 { // 2 s
		e.clock.Store(now)
		e.neighbours.tick(now, func(uint16, []byte) {})
		now += int64(tick)
	}
	for n := range s.servers {
		a := numbered(77, 256+n)
		learn(b, e.neighbours, fmt.Sprintf("02:00:00:01:%02x:%02x > %s arp %s is-at 02:00:00:01:%02x:%02x to 10.77.0.4", n>>8, n&255, ourMAC, a, n>>8, n&255), now)
	}
	for _, svc := range cfg.Services {
		for _, srv := range svc.Servers {
			e.SetHealth(svc.Name, srv.Addr, Health{Check: "tcp"})
		}
	}
	return e
}

// growthTraffic takes frames of all flows through a worker.
type growthTraffic struct {
	*flowTraffic
	size size
}

func (s size) traffic(b testing.TB) *growthTraffic {
	b.Helper()
	e := s.engine(b)
	tr := &growthTraffic{&flowTraffic{e: e, w: e.workers[0], began: time.Now(), random: 1}, s}
	data := frame(b, fromClient+"tcp 10.78.0.0:1024 > 10.77.0.10:80 A seq=1 pad=6")
	for i := range tr.w.batch.Slots {
		tr.w.batch.Slots[i].Set(data)
	}
	return tr
}

// put makes the i-th slot of the batch a frame of that flow. Its service is one
// that its client may use.
func (tr *growthTraffic) put(i, number int, flags uint8) {
	tr.flowTraffic.put(i, number, flags)
	eth := wire.Ethernet(tr.w.batch.Slots[i].Frame())
	ip := wire.IPv4(eth[ethernetLen:])
	service := int(uint64(uint32(number)*2654435761) * uint64(tr.size.services) >> 32)
	perList := tr.size.entries / tr.size.lists
	of := number / perList
	ip.SetSrc(clientOf(service%tr.size.lists*perList+number%perList, byte(of)))
	ip.SetDst(numbered(80, service))
	ip.UpdateChecksum()
	wire.TCP(ip[ip.IHL():]).SetSrcPort(uint16(1024 + of>>8))
}

func (tr *growthTraffic) open(b testing.TB) {
	b.Helper()
	for _, flags := range []uint8{flow.SYN, flow.ACK} {
		for first := 0; first < tr.size.flows; first += wire.BatchSize {
			batch := min(wire.BatchSize, tr.size.flows-first)
			for i := range batch {
				tr.put(i, first+i, flags)
			}
			tr.step(batch)
		}
	}
	s := tr.w.flows.Stats()
	if established := s.Open - s.Opening; established < min(uint64(tr.size.flows), s.Room)*99/100 {
		b.Fatalf("of %d flows, %d are established", tr.size.flows, established)
	}
	tr.spent, tr.frames = 0, 0
}

// some takes a batch of frames of flows at random through the worker.
func (tr *growthTraffic) some() {
	for i := range wire.BatchSize {
		tr.put(i, tr.someOf(tr.size.flows), flow.ACK)
	}
	tr.step(wire.BatchSize)
}

// turn takes some batches through the worker and returns nanoseconds a frame.
func (tr *growthTraffic) turn() float64 {
	const batches = 8
	tr.spent = 0
	for range batches {
		tr.some()
	}
	return float64(tr.spent.Nanoseconds()) / (batches * wire.BatchSize)
}

// quiet is the quarter of turns in which the machine did least besides.
func quiet(turns []float64) float64 {
	slices.Sort(turns)
	return turns[len(turns)/4]
}

// BenchmarkGrowth measures a frame of a flow that is known, in full batches, small
// and big in turn, so that what else the machine does meets both: the ratio is what
// counts.
func BenchmarkGrowth(b *testing.B) {
	with := func(change func(s *size)) size {
		s := small()
		change(&s)
		return s
	}
	for _, c := range []struct {
		name string
		size size
	}{
		{"services", with(func(s *size) { s.services, s.servers = 1000, 1000 })},
		{"entries", with(func(s *size) { s.entries, s.flows = 100_000, 100_000 })},
		{"lists", with(func(s *size) { s.entries, s.lists, s.flows, s.services = 100_000, 10, 100_000, 10 })},
		{"flows", with(func(s *size) { s.flows = 1_000_000 })},
		{"all", big()},
	} {
		b.Run(c.name, func(b *testing.B) {
			few, many := small().traffic(b), c.size.traffic(b)
			few.open(b)
			many.open(b)
			var small, big []float64
			for b.Loop() {
				small, big = append(small, few.turn()), append(big, many.turn())
			}
			if n := many.w.count.reasons[Forwarded].now.Frames; n < uint64(many.frames) {
				b.Fatalf("%d of %d frames were forwarded", n, many.frames)
			}
			s, m := quiet(small), quiet(big)
			b.ReportMetric(s, "small-ns/frame")
			b.ReportMetric(m, "big-ns/frame")
			b.ReportMetric(m/s, "ratio")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkGrowthApply measures what bringing another configuration into force takes
// in which one weight differs.
func BenchmarkGrowthApply(b *testing.B) {
	for _, c := range []struct {
		name string
		size size
	}{{"small", small()}, {"big", big()}} {
		b.Run(c.name, func(b *testing.B) {
			e := c.size.engine(b)
			cfg := e.desired.clone()
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				cfg.Services[0].Servers[0].Weight = 1 + n%9
				e.Apply(cfg)
			}
		})
	}
}

// BenchmarkGrowthSnapshot measures a snapshot, and what the housekeeper does besides.
func BenchmarkGrowthSnapshot(b *testing.B) {
	for _, c := range []struct {
		name string
		size size
	}{{"small", small()}, {"big", big()}} {
		e := c.size.engine(b)
		e.census = newCensus(e)
		h := hints{e: e}
		b.Run(c.name+"/snapshot", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				e.publish()
			}
		})
		b.Run(c.name+"/tidy", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				e.tidy()
				h.give()
			}
		})
	}
}
