// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"log/slog"
	"maps"
	"net/netip"
	"slices"
	"time"

	"cygnet/engine"
	"cygnet/internal/bpf"
	"cygnet/internal/config"
	"cygnet/internal/events"
	"cygnet/internal/link"
	"cygnet/internal/link/afpacket"
	"cygnet/internal/wire"
)

// Recv of a worker's queue returns this often, so that idle workers see time
// pass; of the control queue at every tick of the engine's clock.
const (
	workerWait  = 250 * time.Millisecond
	controlWait = 20 * time.Millisecond
)

// retryEvery is how soon we try again to take up an interface that came back
// and went before we had it.
const retryEvery = time.Second

// lookEvery is how often we look whether this host tries to use its own VIPs.
// The kernel remembers that nobody answered it for a minute at least (arp(7),
// gc_stale_time).
const lookEvery = 5 * time.Second

// daemon holds what runs on the interface, and follows its changes. Everything
// but stats belongs to the goroutine that calls follow.
type daemon struct {
	cfg     *config.Config
	key     [keyBytes]byte
	log     *slog.Logger
	ring    *events.Ring
	worker  *afpacket.Queue
	control *afpacket.Queue
	guard   *bpf.Guard // nil where the kernel or our privileges do not allow it
	engine  *engine.Engine

	running engine.Config
	last    *link.Interface // as last seen; nil: it is gone
	index   int             // of the interface that the queues are on
	bounded bool            // what is captured was bounded by a segment once
	tried   []netip.Addr    // VIPs of ours that this host asks the segment for
}

// machineOf turns what the link layer knows into what a configuration asks.
func machineOf(ifi *link.Interface) (config.Machine, error) {
	held, err := link.HostAddrs()
	if err != nil {
		return config.Machine{}, err
	}
	return config.Machine{
		Name: ifi.Name, MAC: ifi.MAC, Addrs: ifi.Addrs, Gateways: ifi.Gateways,
		HostAddrs: slices.Collect(maps.Keys(held)),
	}, nil
}

// open opens the queues, installs the ingress drop and makes the engine: in
// this order nothing is announced that the host's kernel would answer, too.
func (d *daemon) open(ifi *link.Interface, cfg engine.Config) error {
	var err error
	if d.worker, err = afpacket.Open(ifi.Name, ifi.Index, afpacket.Options{Filter: workerFilter(cfg), Wait: workerWait}); err != nil {
		return err
	}
	if d.control, err = afpacket.Open(ifi.Name, ifi.Index, afpacket.Options{Filter: controlFilter(cfg), Wait: controlWait}); err != nil {
		d.close()
		return err
	}
	d.last, d.index, d.running = ifi, ifi.Index, cfg
	d.bound(cfg)
	if err := d.installGuard(); err != nil {
		d.close()
		return err
	}
	d.join()
	for _, note := range slices.Concat(d.worker.Notes(), link.Offloads(ifi.Name)) {
		d.log.Warn(note)
	}
	d.engine = engine.New(cfg, engine.Links{Workers: []engine.Queue{d.worker}, Control: d.control}, d.ring)
	return nil
}

// close takes back what open did, as far as it came.
func (d *daemon) close() {
	if d.guard != nil {
		if err := d.guard.Close(); err != nil {
			d.log.Warn("ingress drop not removed", "error", err)
		}
	}
	for _, q := range []*afpacket.Queue{d.worker, d.control} {
		if q != nil {
			_ = q.Close()
		}
	}
}

// stats sums what both queues lost.
func (d *daemon) stats() wire.LinkStats {
	return d.worker.Stats().Add(d.control.Stats())
}

// follow keeps up with the interface until ctx ends.
func (d *daemon) follow(ctx context.Context) error {
	seen := make(chan *link.Interface)
	done := make(chan error, 1)
	name := d.last.Name
	go func() {
		done <- link.Watch(ctx, name, func(ifi *link.Interface) {
			select {
			case seen <- ifi:
			case <-ctx.Done():
			}
		})
	}()
	retry := time.NewTicker(retryEvery)
	defer retry.Stop()
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		select {
		case err := <-done:
			return err
		case ifi := <-seen:
			d.changed(ifi)
		case <-retry.C:
			if d.last != nil && d.index != d.last.Index {
				d.takeUp(d.last)
			}
		case <-look.C:
			d.lookForTries()
		}
	}
}

// changed does what a change of the interface asks for.
func (d *daemon) changed(now *link.Interface) {
	was := d.last
	d.last = now
	switch {
	case now == nil && was == nil:
	case now == nil:
		d.event(events.LinkVanished, "forwarding goes on when an interface of this name returns")
	case was == nil || now.Index != d.index:
		d.takeUp(now)
	default:
		d.compare(was, now)
	}
}

// compare follows changes of an interface that stayed.
func (d *daemon) compare(was, now *link.Interface) {
	if now.MAC != was.MAC || !slices.Equal(now.Addrs, was.Addrs) || !slices.Equal(now.Gateways, was.Gateways) {
		d.apply(now)
	}
	up, wasUp := now.Up && now.Carrier, was.Up && was.Carrier
	switch {
	case up && !wasUp:
		d.event(events.LinkUp, "")
		d.engine.LinkUp()
	case !up && wasUp && !now.Up:
		d.event(events.LinkDown, "administratively down: ip link set "+now.Name+" up")
	case !up && wasUp:
		d.event(events.LinkDown, "no carrier")
	}
}

// takeUp moves to an interface that came back: as far as the kernel is
// concerned, another one.
func (d *daemon) takeUp(now *link.Interface) {
	for _, q := range []*afpacket.Queue{d.worker, d.control} {
		if err := q.Reopen(now.Index); err != nil {
			d.log.Warn("interface returned, but cannot be used yet", "interface", now.Name, "error", err)
			return // follow tries again
		}
	}
	d.index = now.Index
	if d.guard != nil {
		_ = d.guard.Close() // what it hung on is gone already
		d.guard = nil
	}
	if err := d.installGuard(); err != nil {
		d.event(events.HostAnswers, err.Error())
	}
	d.event(events.LinkReturned, "")
	d.apply(now)
	d.engine.LinkUp()
}

// apply brings what is configured onto the interface as it is now.
func (d *daemon) apply(now *link.Interface) {
	m, err := machineOf(now)
	if err != nil {
		d.log.Error("configuration not applied to the changed interface", "error", err)
		return
	}
	if problems := d.cfg.ValidateOn(m); len(problems) > 0 {
		for _, p := range problems {
			d.log.Error("configuration not applied to the changed interface", "error", p.What, "hint", p.Hint)
		}
		return
	}
	cfg, _ := d.cfg.Engine(m, d.key)
	if !d.bound(cfg) {
		cfg.Tarpit = d.running.Tarpit
	}
	d.running = cfg
	d.refilter()
	d.engine.Apply(cfg)
}

// bound says whether what cfg captures is bounded as it was before. Without
// a segment the list captures wherever it permits: at the start that is what
// the operator asked for, and was warned about; an interface that lost its
// address for a moment asks for nothing.
func (d *daemon) bound(cfg engine.Config) bool {
	is4 := func(p netip.Prefix) bool { return p.Addr().Is4() }
	bounded := slices.ContainsFunc(cfg.Addrs, is4) || slices.ContainsFunc(d.cfg.Segments, is4)
	d.bounded = d.bounded || bounded
	return bounded || !d.bounded
}

// refilter brings filters, groups and the ingress drop to what runs.
func (d *daemon) refilter() {
	if err := d.worker.SetFilter(workerFilter(d.running)); err != nil {
		d.log.Error("filter not replaced", "error", err)
	}
	if err := d.control.SetFilter(controlFilter(d.running)); err != nil {
		d.log.Error("filter not replaced", "error", err)
	}
	d.join()
	if d.guard != nil {
		if err := d.guard.Update(hostDrop(d.running)); err != nil {
			d.event(events.HostAnswers, err.Error())
		}
	}
}

// lookForTries hints at what cannot work: this host as a client of its own
// services. It asks the segment for the VIP, and the one who could answer is
// itself.
func (d *daemon) lookForTries() {
	asked, err := link.Unanswered(d.index)
	if err != nil {
		return // the kernel would not say; the next look will
	}
	was := d.tried
	d.tried = nil
	for _, s := range d.running.Services {
		if !slices.Contains(asked, s.VIP) || slices.Contains(d.tried, s.VIP) {
			continue
		}
		d.tried = append(d.tried, s.VIP)
		if !slices.Contains(was, s.VIP) {
			d.ring.Add(events.Event{Kind: events.HostTried, Time: time.Now(), Addr: s.VIP,
				Text: "the balancer cannot be a client of its own service: a server's answer would go past it; ask from another host"})
		}
	}
}

// join joins the multicast groups that neighbour discovery needs.
func (d *daemon) join() {
	for _, q := range []*afpacket.Queue{d.worker, d.control} {
		if err := q.Join(groups(d.running)); err != nil {
			d.log.Warn("some IPv6 neighbours may not find us", "error", err)
			return
		}
	}
}

func (d *daemon) event(kind events.Kind, text string) {
	d.ring.Add(events.Event{Kind: kind, Time: time.Now(), Text: text})
}
