// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"time"

	"cygnet/engine"
	"cygnet/internal/events"
	"cygnet/internal/link"
)

const (
	// retryEvery is how soon we try again what did not work on a changed
	// interface: it came back and went before we had it, the kernel was busy.
	retryEvery = time.Second

	// lookEvery is how often we look whom the host's kernel knows or asks for on
	// the segment: who tries to use this host's VIPs from it. It remembers that nobody answered it for a minute at least
	// (arp(7), gc_stale_time).
	lookEvery = 5 * time.Second

	// hintEvery is how often the same hint is given.
	hintEvery = 10 * time.Minute
)

// follow keeps up with the interface until ctx ends.
func (d *daemon) follow(ctx context.Context) error {
	seen := make(chan *link.Interface)
	done := make(chan error, 1)
	name := d.name
	go func() {
		done <- link.Watch(ctx, name, func(ifi *link.Interface) {
			select {
			case seen <- ifi:
			case <-ctx.Done():
			}
		})
	}()
	retry, look := time.NewTicker(retryEvery), time.NewTicker(lookEvery)
	defer retry.Stop()
	defer look.Stop()
	for {
		select {
		case err := <-done:
			return err
		case ifi := <-seen:
			d.changed(ifi)
		case <-retry.C:
			d.catchUp()
		case now := <-look.C:
			d.look(now)
		}
	}
}

// changed does what a change of the interface asks for, and tells it.
func (d *daemon) changed(now *link.Interface) {
	d.mu.Lock()
	defer d.mu.Unlock()
	was := d.last
	d.last = now
	if now != nil {
		d.seen = now
	}
	switch {
	case now == nil && was == nil:
		return
	case now == nil:
		d.index, d.behind = 0, false
		d.setLink(nil)
		d.dropGuard()
		d.event(events.LinkVanished, "forwarding goes on when an interface of this name returns")
		return
	case was == nil || was.Index != now.Index:
		d.event(events.LinkReturned, "")
	case carries(now) && !carries(was):
		d.event(events.LinkUp, "")
	case !carries(now) && carries(was) && !now.Up:
		d.event(events.LinkDown, "administratively down: ip link set "+now.Name+" up")
	case !carries(now) && carries(was):
		d.event(events.LinkDown, "no carrier")
	}
	d.bring(now)
}

// catchUp tries again what did not work.
func (d *daemon) catchUp() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.behind && d.last != nil {
		d.bring(d.last)
	}
	if err := d.letGo(); err != nil {
		d.log.Warn("what was removed is still let in", "error", err)
	}
}

// bring makes everything that runs fit the interface as it is now. What fails
// is said once and tried again by follow. The caller holds mu.
func (d *daemon) bring(now *link.Interface) {
	err := d.fit(now)
	d.behind = err != nil
	if err != nil && err.Error() != d.said {
		d.log.Error("not everything fits the interface yet", "interface", now.Name, "error", err)
	}
	d.said = ""
	if err != nil {
		d.said = err.Error()
	}
}

// fit does what bring says. An interface that came back is, for the kernel,
// another one: our addresses are decided on and kept from the host's kernel
// before a queue opens on it, and nothing is asked or announced before that.
func (d *daemon) fit(now *link.Interface) error {
	m := d.machine(now)
	if problems := d.cfg.ValidateOn(m); len(problems) > 0 {
		return writtenError(problems)
	}
	run, _ := d.engineOf(d.cfg, m, d.key)
	cfg := d.engine.WithLeaving(run)
	another := now.Index != d.index
	if another {
		d.dropGuard()
	}
	same := !another && !d.unplaced && sameMachine(d.running, cfg)
	d.running = cfg
	guardErr := d.guardHost(now)
	if !same {
		d.holdKnown(now.Index)
		d.engine.Apply(run)
		err := d.place(now.Index, another)
		if d.unplaced = err != nil; d.unplaced {
			return err
		}
	}
	d.index = now.Index
	d.setLink(now)
	return guardErr
}

// place puts the queues onto the interface of that number, if it is another
// than before, with the filters and groups of what runs.
func (d *daemon) place(index int, another bool) error {
	err := errors.Join(d.workers.SetFilter(workerFilter(d.running)), d.control.SetFilter(controlFilter(d.running)))
	if another {
		err = errors.Join(err, d.workers.Reopen(index), d.control.Reopen(index))
	}
	if err == nil {
		_ = d.join() // it was said at the start if that does not work here
	}
	return err
}

// sameMachine says whether two configurations of one run are alike: all that
// can differ is what the machine contributes.
func sameMachine(a, b engine.Config) bool {
	return a.MAC == b.MAC && slices.Equal(a.Addrs, b.Addrs) && slices.Equal(a.Tarpit.Captured, b.Tarpit.Captured) &&
		slices.EqualFunc(a.Services, b.Services, func(a, b engine.Service) bool { return a.HostHeld == b.HostHeld })
}

// look asks the host's kernel for its neighbours.
func (d *daemon) look(now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.tellNotes()
	neighbours, err := link.ReadNeighbours(d.index)
	if d.index == 0 || err != nil {
		return // the kernel would not say; the next look will
	}
	d.own(d.index, neighbours)
	d.holdResolvers()
	d.hintTries(neighbours.Unanswered, now)
}

// hintTries hints at what cannot work: this host as a client of its own services.
// It asks the segment for the VIP, and the one who could answer is itself. The
// caller holds mu.
func (d *daemon) hintTries(asked []netip.Addr, now time.Time) {
	for _, s := range d.running.Services {
		if s.VLAN != 0 || !slices.Contains(asked, s.VIP) || now.Sub(d.tried[s.VIP]) < hintEvery {
			continue
		}
		if d.tried == nil {
			d.tried = map[netip.Addr]time.Time{}
		}
		d.tried[s.VIP] = now
		d.ring.Add(events.Event{
			Kind: events.HostTried, Time: now, Addr: s.VIP,
			Text: "the balancer cannot be a client of its own service: a server's answer would go past it; ask from another host",
		})
	}
}
