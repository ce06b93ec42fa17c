// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"net/netip"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cygnet/acl"
	"cygnet/internal/flow"
	"cygnet/internal/wire"
)

// middling is large enough that tables are wide, and small enough to be made often.
func middling() size {
	return size{services: 100, servers: 100, entries: 2000, lists: 2, flows: 4096}
}

// withEntry is l with one entry more.
func withEntry(l *List, host int) *List {
	rules := &acl.List{}
	for _, r := range l.Rules {
		rules.Append(r)
	}
	rules.Append(acl.Rule{Action: acl.Permit, Prefix: netip.PrefixFrom(numbered(99, host), 32)})
	return &List{Name: l.Name, Rules: rules.Rules(), Table: rules.Compile(nil)}
}

// While a configuration is changed over and over, each frame of what stays is
// forwarded, once.
func TestApplyLosesNoFrame(t *testing.T) {
	tr := middling().traffic(t)
	tr.open(t)
	cfg := tr.e.desired.clone()
	stop := make(chan struct{})
	var made atomic.Int64
	var operator sync.WaitGroup
	operator.Go(func() {
		for changes := 0; ; changes++ {
			select {
			case <-stop:
				return
			default:
			}
			svc := &cfg.Services[changes%len(cfg.Services)]
			switch changes % 5 {
			case 0:
				svc.Servers[0].Weight = 1 + changes%7
			case 1:
				svc.Servers[1].State = Draining - svc.Servers[1].State // and back
			case 2:
				changed := withEntry(cfg.Lists[0], changes)
				for i := range cfg.Services {
					if cfg.Services[i].Clients == cfg.Lists[0] {
						cfg.Services[i].Clients = changed
					}
				}
				cfg.Lists[0] = changed
			case 3:
				cfg.Services = append(cfg.Services, Service{Name: "more", VIP: numbered(81, 1), Servers: []Server{{Addr: numbered(77, 300)}}})
			case 4:
				cfg.Services = cfg.Services[:len(cfg.Services)-1]
			}
			tr.e.Apply(cfg)
			tr.e.publish()
			made.Add(1)
		}
	})
	sent := uint64(0)
	before := tr.w.count.reasons[Forwarded].now.Frames
	for made.Load() < 50 {
		tr.some()
		sent += wire.BatchSize
	}
	close(stop)
	operator.Wait()
	if got := tr.w.count.reasons[Forwarded].now.Frames - before; got != sent {
		t.Errorf("of %d frames, %d were forwarded while %d changes were made", sent, got, made.Load())
	}
	if in, out := tr.w.count.in.now, tr.w.count.out.now; in.Frames != out.Frames {
		t.Errorf("%d frames came and %d went", in.Frames, out.Frames)
	}
}

// A change is of one thing: what is derived of the others stays.
func TestApplyDerivesWhatChanged(t *testing.T) {
	e := middling().engine(t)
	cfg := e.desired.clone()
	filled := e.builder.compiler.Filled()
	if want := 100; filled != want {
		t.Fatalf("%d slot tables for %d sets of servers", filled, want)
	}
	before := e.table.Load()
	cfg.Services[7].Servers[0].Weight = 5
	e.Apply(cfg)
	after := e.table.Load()
	if n := e.builder.compiler.Filled() - filled; n != 1 {
		t.Errorf("%d slot tables were filled for one weight, want 1", n)
	}
	for i, l := range before.lists {
		if &l.counts[0][0] != &after.lists[i].counts[0][0] {
			t.Errorf("list %d, which stays, has other counters", i)
		}
	}
	filled = e.builder.compiler.Filled()
	cfg.Lists[1] = withEntry(cfg.Lists[1], 1)
	e.Apply(cfg)
	last := e.table.Load()
	if n := e.builder.compiler.Filled() - filled; n != 0 {
		t.Errorf("%d slot tables were filled for an entry of a list, want 0", n)
	}
	if &after.lists[0].counts[0][0] != &last.lists[0].counts[0][0] {
		t.Error("the other list has other counters")
	}
	was, is := after.lists[1].counts[0], last.lists[1].counts[0]
	if len(is) != len(was)+1 {
		t.Fatalf("%d counters for %d rules more than %d", len(is), 1, len(was))
	}
	for i := range was {
		if was[i] != is[i] {
			t.Fatalf("rule %d, which stays, has another counter", i)
		}
	}
}

// What a change costs grows with what there is, and not with its square.
func TestApplyGrowsNoFasterThanItsSize(t *testing.T) {
	cost := func(services int) (allocs float64, bytes uint64) {
		s := middling()
		s.services, s.servers = services, services
		e := s.engine(t)
		cfg := e.desired.clone()
		n := 0
		apply := func() {
			n++
			cfg.Services[0].Servers[0].State = []ServerState{Enabled, Draining}[n%2]
			e.Apply(cfg)
		}
		allocs = testing.AllocsPerRun(10, apply)
		var a, b runtime.MemStats
		runtime.ReadMemStats(&a)
		apply()
		runtime.ReadMemStats(&b)
		return allocs, b.TotalAlloc - a.TotalAlloc
	}
	fewAllocs, fewBytes := cost(100)
	manyAllocs, manyBytes := cost(400)
	if manyAllocs > 5*fewAllocs || manyBytes > 5*fewBytes {
		t.Errorf("a change of 4 times as many services: %v allocations of %d bytes, of %v and %d", manyAllocs, manyBytes, fewAllocs, fewBytes)
	}
}

// Batches of many flows, services and entries allocate nothing, as do those of few.
func TestWideTablesAllocateNothing(t *testing.T) {
	tr := middling().traffic(t)
	tr.open(t)
	if !tr.w.t.wide {
		t.Fatal("the table is not wide: that is not tried here")
	}
	for i := range wire.BatchSize {
		tr.put(i, tr.someOf(tr.size.flows), flow.ACK)
	}
	if n := testing.AllocsPerRun(100, func() { tr.step(wire.BatchSize) }); n != 0 {
		t.Errorf("%v allocations a batch, want 0", n)
	}
}

// Hits of a long list are as new as it is said, and the last ones are told.
func TestHitsOfLongLists(t *testing.T) {
	s := small()
	s.entries, s.flows = 2*longList, 64
	tr := s.traffic(t)
	total := func() (n uint64) {
		for _, hits := range tr.e.Snapshot().Lists[0].Hits {
			n += hits
		}
		return n
	}
	at := time.Now()
	for _, step := range []struct {
		after time.Duration
		new   bool
	}{{0, true}, {longListEvery / 2, false}, {longListEvery, true}} {
		tr.e.mu.Lock()
		tr.e.now = at.Add(step.after)
		tr.e.mu.Unlock()
		before := total()
		tr.open(t)
		tr.e.publish()
		if got := total() > before; got != step.new {
			t.Errorf("after %v, there are new hits: %v", step.after, got)
		}
	}
	tr.e.snapshot.Store(tr.e.take(true))
	if got, want := total(), tr.w.count.in.now.Frames; got != want {
		t.Errorf("%d hits at the end, of %d frames", got, want)
	}
}
