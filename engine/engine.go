// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"cygnet/internal/capture"
	"cygnet/internal/events"
)

// Engine forwards. New makes one, Run runs it; all other methods may be called
// from any goroutine at any time.
type Engine struct {
	// Derived: swapped whole.
	table atomic.Pointer[table]

	// Published.
	snapshot atomic.Pointer[Snapshot]
	clock    atomic.Int64 // monotonic nanoseconds since the first tick, plus firstTick; the control goroutine's
	epoch    atomic.Int64 // when the clock was zero, in milliseconds of Unix time
	events   *events.Ring[events.Event]
	hits     *events.Ring[events.Event]

	workers []*worker
	control *control
	census  *census // the housekeeper's; nil before Run
	book    *book   // the housekeeper's

	// mu guards what the control goroutine and Apply both change. No worker
	// ever takes it.
	mu         sync.Mutex
	neighbours *neighbours
	capturer   *capture.Capturer
	builder    *builder
	desired    Config    // as it was last applied
	waited     bool      // what was pending at the start is no more
	started    time.Time // zero until the first tick
	now        time.Time // of the last tick

	resting atomic.Bool   // workers get no frames; the control goroutine sets it
	stirred chan struct{} // there is something to publish
	dozing  atomic.Bool   // the housekeeper publishes less often than it is to be
	house   sync.Mutex    // guards what is the housekeeper's, before mu
}

// Links are the queues that an engine works on.
type Links struct {
	// Workers have one worker each; there is at least one. All frames of a client
	// come by the same, with all fragments, and the ICMP errors about its flows.
	Workers []Queue

	Control Queue // sees ARP, ND and what is for a source; sends what answers no frame; its Recv returns within 20 ms, or has a SetWait

	// Heard is given each IP frame for a source, by the control goroutine: it must
	// not wait, and the frame is its own only during the call. Nil is nobody.
	Heard func(frame []byte)

	// Memory is told where large tables lie, for huge pages; see flow.Hooks. Nil does
	// nothing.
	Memory func([]byte)
}

// New returns an engine for cfg, which must be valid. What happens goes to log,
// but for what the tarpit answers: that goes to hits.
func New(cfg Config, links Links, log, hits *events.Ring[events.Event]) *Engine {
	e := &Engine{events: log, hits: hits, stirred: make(chan struct{}, 1)}
	e.neighbours = newNeighbours(e.neighbourChanged)
	e.capturer = capture.New(e.captureChanged)
	e.builder = newBuilder(len(links.Workers), e.neighbours, e.capturer.States())
	e.book = newBook(e)
	e.desired = cfg.clone()
	e.enforce()
	for i, q := range links.Workers {
		e.workers = append(e.workers, newWorker(i, q, cfg, e, links.Memory))
	}
	e.control = newControl(e, links.Control, links.Heard)
	for _, w := range e.workers {
		w.resting, w.wake = &e.resting, e.control.wake
	}
	e.snapshot.Store(e.take(true))
	return e
}

// Apply swaps in a new configuration, which must be valid. Frames in flight end
// by the old table, later ones by the new. Flows and counters stay with what they
// are of: those of a service with its name, of a server with its address within
// the service, or else with its number there, of a rule with the rule, wherever in
// its list it is now. A server or service that cfg lacks is Leaving until its last
// flow is over, unless cfg says that it is Gone. Another Key moves most clients to
// other servers, and all slot tables are built anew.
func (e *Engine) Apply(cfg Config) {
	e.mu.Lock()
	e.desired = cfg.clone()
	e.enforce()
	e.report(events.Event{Kind: events.ConfigApplied})
	e.mu.Unlock()
	e.control.wake()
	e.stir()
}

// WithLeaving returns cfg, which is to be applied, with what would be leaving then:
// for this, too, frames must get through. Cfg stays as it is.
func (e *Engine) WithLeaving(cfg Config) Config {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.builder.withLeaving(cfg.clone())
}

// enforce derives and swaps in the table of what is desired, and of what is
// leaving. The caller holds mu, or is New.
func (e *Engine) enforce() {
	cfg := e.builder.withLeaving(e.desired.clone())
	captured := cfg.captured()
	e.neighbours.configure(&cfg, e.clock.Load())
	t := e.builder.build(cfg, captured)
	e.capturer.Configure(t.capture(e.neighbours.table(0)), e.clock.Load())
	e.table.Store(t)
	e.weigh()
}

// Run works until ctx ends, or a queue is closed, which is an error. It
// returns when every goroutine of the engine has ended.
func (e *Engine) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, w := range e.workers {
		g.Go(func() error { return w.Run(ctx) })
	}
	g.Go(func() error { return e.control.Run(ctx) })
	e.census = newCensus(e)
	g.Go(func() error { e.keepHouse(ctx); return nil })
	err := g.Wait()
	e.keep(e.book.finish)
	e.snapshot.Store(e.take(true)) // the totals
	return err
}

// SetLink says whether the interface carries frames; a new engine takes it that
// it does. While it does not, nothing is asked for and nothing is concluded from
// silence; when it does again, every address is claimed anew.
func (e *Engine) SetLink(up bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.neighbours.setLink(up, e.clock.Load())
	e.capturer.SetLink(up, e.clock.Load())
	e.control.wake()
}

// Snapshot returns the newest snapshot: at most 100 ms old while the engine runs, or
// where there are thousands of servers up to a second, and the totals after it ended.
// Never nil; shared, so only for reading. While nobody sends anything, each call makes
// one, and its Time is up to 250 ms ago.
func (e *Engine) Snapshot() *Snapshot {
	if e.dozing.Load() {
		e.house.Lock()
		defer e.house.Unlock()
		if e.dozing.Load() { // or else there is one, of now
			e.publish()
		}
	}
	return e.snapshot.Load()
}
