// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"context"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gaissmai/bart"
	"golang.org/x/sync/errgroup"

	"cygnet/internal/events"
	"cygnet/internal/neigh"
	"cygnet/internal/sched"
)

// Engine forwards. New makes one, Run runs it; all other methods may be called
// from any goroutine at any time.
type Engine struct {
	// Derived: swapped whole.
	table atomic.Pointer[table]

	// Published.
	snapshot atomic.Pointer[Snapshot]
	clock    atomic.Int64 // monotonic nanoseconds since the first tick, plus firstTick; the control goroutine's
	events   *events.Ring[events.Event]
	hits     *events.Ring[events.Event]

	workers []*worker
	control *control

	// mu guards what the control goroutine and Apply both change. No worker
	// ever takes it.
	mu         sync.Mutex
	neighbours *neigh.Table
	builder    *builder
	started    time.Time // zero until the first tick
	now        time.Time // of the last tick
	applied    chan struct{}
}

// Links are the queues that an engine works on.
type Links struct {
	Workers []Queue // one worker each; at least one
	Control Queue   // sees ARP, ND and what is for a source; sends what answers no frame; its Recv returns within 20 ms
}

// New returns an engine for cfg, which must be valid. What happens goes to log,
// but for what the tarpit answers: that goes to hits.
func New(cfg Config, links Links, log, hits *events.Ring[events.Event]) *Engine {
	e := &Engine{events: log, hits: hits, applied: make(chan struct{}, 1)}
	e.neighbours = neigh.New(e.neighbourChanged)
	e.builder = &builder{
		workers:    len(links.Workers),
		compiler:   sched.NewCompiler(cfg.Key),
		neighbours: e.neighbours,
	}
	e.use(cfg)
	for i, q := range links.Workers {
		e.workers = append(e.workers, newWorker(i, q, &e.table, &e.clock))
	}
	e.control = newControl(e, links.Control)
	e.snapshot.Store(e.take())
	return e
}

// Apply swaps in a new configuration, which must be valid; its Key must be the
// one given to New. Frames in flight end by the old table, later ones by the
// new.
func (e *Engine) Apply(cfg Config) {
	e.mu.Lock()
	e.use(cfg)
	e.report(events.Event{Kind: events.ConfigApplied})
	e.mu.Unlock()
	select {
	case e.applied <- struct{}{}: // a fresh snapshot now
	default:
	}
}

// use derives and swaps in the table of cfg.
func (e *Engine) use(cfg Config) {
	cfg = cfg.clone()
	captured := cfg.captured()
	e.neighbours.Configure(cfg.host(captured), cfg.servers(), cfg.vips(false), cfg.vips(true))
	e.table.Store(e.builder.build(cfg, captured))
}

// Run works until ctx ends, or a queue is closed, which is an error. It
// returns when every goroutine of the engine has ended.
func (e *Engine) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, w := range e.workers {
		g.Go(func() error { return w.Run(ctx) })
	}
	g.Go(func() error { return e.control.Run(ctx) })
	g.Go(func() error { e.keepHouse(ctx); return nil })
	err := g.Wait()
	e.publish() // the totals
	return err
}

// SetLink says whether the interface carries frames; a new engine takes it that
// it does. While it does not, nothing is asked for and nothing is concluded from
// silence; when it does again, every address is claimed anew.
func (e *Engine) SetLink(up bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.neighbours.SetLink(up, e.clock.Load())
}

// Snapshot returns the newest snapshot: at most 100 ms old while the engine
// runs, the totals after it ended. Never nil; shared, so only for reading.
func (e *Engine) Snapshot() *Snapshot { return e.snapshot.Load() }

// clone returns a copy that shares no slice with c.
func (c Config) clone() Config {
	c.Addrs, c.Sources = slices.Clone(c.Addrs), slices.Clone(c.Sources)
	c.Tarpit.Captured = slices.Clone(c.Tarpit.Captured)
	c.Services = slices.Clone(c.Services)
	for i := range c.Services {
		c.Services[i].Servers = slices.Clone(c.Services[i].Servers)
	}
	return c
}

// captured compiles what to capture; nil captures nothing.
func (c Config) captured() *bart.Lite {
	if len(c.Tarpit.Captured) == 0 {
		return nil
	}
	set := new(bart.Lite)
	for _, p := range c.Tarpit.Captured {
		set.Insert(p)
	}
	return set
}

// host says who we are on the segment, and that its ARP senders are worth
// remembering: they are those that could be captured, now or some day.
func (c Config) host(captured *bart.Lite) neigh.Host {
	return neigh.Host{MAC: c.MAC, Addrs: c.Addrs, Sources: c.Sources, Remembers: func(a netip.Addr) bool {
		return captured != nil && captured.Contains(a) ||
			slices.ContainsFunc(c.Addrs, func(p netip.Prefix) bool { return p.Contains(a) })
	}}
}

// servers lists every server's address.
func (c Config) servers() (as []netip.Addr) {
	for _, s := range c.Services {
		for _, srv := range s.Servers {
			as = append(as, srv.Addr)
		}
	}
	return as
}

// vips lists every VIP, or just those that are the interface's own addresses.
func (c Config) vips(own bool) (as []netip.Addr) {
	for _, s := range c.Services {
		if !own || slices.ContainsFunc(c.Addrs, func(p netip.Prefix) bool { return p.Addr() == s.VIP }) {
			as = append(as, s.VIP)
		}
	}
	return as
}
