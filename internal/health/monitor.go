// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package health

import (
	"context"
	"hash/maphash"
	"maps"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// The first checks of all servers are made at once, but so many that the segment
// would feel it are spread a little, and from then on over their whole interval.
const (
	manyTargets = 64
	spreadOver  = 200 * time.Millisecond

	// inStep is how far apart the moments are at which so many are then seen to: to wake
	// a thread costs several times what most checks do. Longer steps would keep a worker
	// that has one core with them from its frames for longer than its buffer lasts.
	inStep = 40 * time.Millisecond
)

// Monitor checks the servers that it is told of, and tells a Segment what it finds
// out. New makes one, Run runs it; all other methods may be called from any
// goroutine at any time.
type Monitor struct {
	seg   Segment
	ports *ports // of the checks that go on
	net   *netstack
	check func(*Target) Checker
	work  sync.WaitGroup
	began time.Time
	seed  maphash.Seed
	many  atomic.Bool // targets: they are seen to in step

	// mu guards the rest.
	mu      sync.Mutex
	watches map[key]*watch
	running context.Context // of Run; nil before and after it
	carrier context.Context // ends when the link goes down; over while it is
	cut     context.CancelFunc
	back    chan struct{} // closed when the link comes back
}

// New returns a Monitor of no servers. The link is up until SetLink says
// otherwise.
func New(seg Segment) *Monitor {
	ports := &ports{}
	m := &Monitor{
		seg: seg, ports: ports, net: newNetstack(seg, ports), watches: map[key]*watch{}, back: make(chan struct{}),
		began: time.Now(), seed: maphash.MakeSeed(),
	}
	m.check = m.checker
	m.carrier, m.cut = context.WithCancel(context.Background())
	return m
}

// Dropped is how many frames for a check found too many others waiting.
func (m *Monitor) Dropped() uint64 { return m.net.dropped.Load() }

// Run checks until ctx ends, and returns when everything it started has ended.
// The servers that it was told of before are checked at once. It runs once.
func (m *Monitor) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	m.mu.Lock()
	m.running = ctx
	m.start(slices.Collect(maps.Values(m.watches)))
	m.mu.Unlock()
	<-ctx.Done()
	m.mu.Lock()
	m.running = nil
	m.mu.Unlock()
	m.work.Wait()
	m.net.close()
	return nil
}

// start begins to check servers. The caller holds mu.
func (m *Monitor) start(watches []*watch) {
	step := time.Duration(0)
	if len(watches) > manyTargets {
		step = spreadOver / time.Duration(len(watches))
	}
	for n, w := range watches {
		var ctx context.Context
		ctx, w.end = context.WithCancel(m.running)
		w.next = m.moment(time.Now().Add(time.Duration(n) * step))
		if step > 0 {
			w.late = m.turn(w.target.VLAN, w.target.Addr, w.target.Check.Interval)
		}
		m.work.Go(func() { w.run(ctx) })
	}
}

// Configure says which servers are checked from now on, and how. Those that stay
// keep their state and their schedule. Where a check is made in another way, its
// results in a row start anew. A server that is added while the Monitor runs is
// checked at once; one with another address is another.
func (m *Monitor) Configure(targets []Target) {
	m.mu.Lock()
	defer m.mu.Unlock()
	wanted := map[key]bool{}
	var added []*watch
	for _, t := range targets {
		wanted[t.key()] = true
		if w := m.watches[t.key()]; w != nil {
			w.retarget(t)
			continue
		}
		w := newWatch(m, t)
		m.watches[t.key()] = w
		added = append(added, w)
	}
	for k, w := range m.watches {
		if !wanted[k] {
			w.stop()
			delete(m.watches, k)
		}
	}
	m.many.Store(len(m.watches) > manyTargets)
	if m.running != nil {
		m.start(added)
	}
}

// turn is how far into their interval the checks of a server come that there are many
// of: those for its services soon after one another, so that one answer does for all.
func (m *Monitor) turn(vlan uint16, a netip.Addr, interval time.Duration) time.Duration {
	h := maphash.Comparable(m.seed, neighbour{vlan, a})
	return time.Duration(h%uint64(max(interval, 1))) + jitter(interval/8)
}

type neighbour struct {
	vlan uint16
	addr netip.Addr
}

// moment is when to do what may be done from t on: the next moment at which others are
// seen to as well, where there are many.
func (m *Monitor) moment(t time.Time) time.Time {
	if !m.many.Load() {
		return t
	}
	late := t.Sub(m.began) % inStep
	if late == 0 {
		return t
	}
	return t.Add(inStep - late)
}

// SetLink says whether the interface carries frames. While it does not, no check
// is made, and those that were under way say nothing.
func (m *Monitor) SetLink(up bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch was := m.carrier.Err() == nil; {
	case was && !up:
		m.cut()
	case !was && up:
		m.carrier, m.cut = context.WithCancel(context.Background())
		close(m.back)
		m.back = make(chan struct{})
	}
}

// link returns a context that ends when the link goes down, as soon as it is up. It
// returns false if ctx ends before.
func (m *Monitor) link(ctx context.Context) (context.Context, bool) {
	for {
		m.mu.Lock()
		carrier, back := m.carrier, m.back
		m.mu.Unlock()
		if carrier.Err() == nil {
			return carrier, true
		}
		select {
		case <-ctx.Done():
			return nil, false
		case <-back:
		}
	}
}
