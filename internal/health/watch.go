// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package health

import (
	"context"
	"math/rand/v2"
	"net/netip"
	"sync"
	"time"

	"cygnet/engine"
)

const (
	// sourceEvery is how often it is looked whether there is a source address to
	// check from, while there is none: to claim one takes 900 ms (RFC 5227 section
	// 2.1.1, shortened).
	sourceEvery = 100 * time.Millisecond

	// sourceless is after how long without one a server that could not be checked
	// at all is judged by ARP.
	sourceless = 3 * time.Second

	// firstAnswer is how much longer than Timeout the very first check may take:
	// servers are not asked for before our source addresses are claimed.
	firstAnswer = time.Second

	noSource = "no source address to check from"
)

// watch sees that a server is checked in time, and owns what is known of it.
type watch struct {
	m    *Monitor
	wake chan struct{}      // the schedule has changed
	end  context.CancelFunc // set by start, nil before

	mu      sync.Mutex
	target  Target
	checker Checker
	course  course
	next    time.Time          // of the next check
	late    time.Duration      // how much later the second comes, so that not all go on being made at once
	abort   context.CancelFunc // of the check that is under way; nil before the first
	over    bool               // it was stopped
	waiting time.Time          // since when there is no source; zero while there is one
	direct  bool               // it was checked as it should be, and not only by ARP for want of a source
}

func newWatch(m *Monitor, t Target) *watch {
	return &watch{
		m: m, wake: make(chan struct{}, 1), target: t, checker: m.check(&t),
		course: newCourse(t.Check.Rise, t.Check.Fall, time.Now()),
	}
}

// run checks until ctx ends.
func (w *watch) run(ctx context.Context) {
	w.mu.Lock()
	w.tell(w.target.Check.Kind)
	w.mu.Unlock()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for w.sleep(ctx, timer) {
		carrier, ok := w.m.link(ctx)
		if !ok {
			return
		}
		w.check(ctx, carrier)
	}
}

// sleep waits until the next check is due, and returns false if ctx ends before.
// Should a hold end meanwhile, the server rises.
func (w *watch) sleep(ctx context.Context, timer *time.Timer) bool {
	for {
		w.mu.Lock()
		until := w.next
		if held := w.course.waits(); !held.IsZero() && held.Before(until) {
			until = held
		}
		w.mu.Unlock()
		timer.Reset(time.Until(until))
		select {
		case <-ctx.Done():
			return false
		case <-w.wake:
		case <-timer.C:
			if w.due(time.Now()) {
				return true
			}
		}
	}
}

// due says whether it is time for a check, and lets the server rise if it is time
// for that.
func (w *watch) due(now time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if held := w.course.waits(); !held.IsZero() && !now.Before(held) {
		w.course.settle(now)
		w.tell(w.target.Check.Kind)
	}
	return !now.Before(w.next)
}

// check makes one check, unless there is no way to, and takes its outcome if
// nothing happened meanwhile that makes it void.
func (w *watch) check(ctx, carrier context.Context) {
	start := time.Now()
	w.mu.Lock()
	t, checker, kind := w.target, w.checker, w.target.Check.Kind
	w.next = w.m.moment(start.Add(t.Check.Interval + jitter(t.Check.Jitter) + w.late))
	source, ready := w.source(start)
	if !ready {
		w.mu.Unlock()
		return
	}
	w.late = 0
	if !source.IsValid() {
		neighbour := w.m.neighbour(&t)
		if kind, checker = "arp", neighbour; neighbour.answered() {
			w.passAtOnce(neighbour, carrier, start)
			w.mu.Unlock()
			return
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w.abort = cancel
	patience := t.Timeout
	if w.course.state == engine.HealthUnchecked {
		patience += firstAnswer
	}
	w.mu.Unlock()
	out := w.m.try(ctx, &t, checker, source, patience)

	w.mu.Lock()
	defer w.mu.Unlock()
	if ctx.Err() == nil && carrier.Err() == nil && out.verdict != nothing {
		w.take(out, kind, start)
	}
}

// passAtOnce takes it that a server that has answered lately passes: of thousands, most
// checks end so, as several are of one server. The caller holds mu.
func (w *watch) passAtOnce(neighbour arpChecker, carrier context.Context, start time.Time) {
	if carrier.Err() == nil {
		w.take(neighbour.pass(), "arp", start)
	}
}

// source returns where to check from; the zero address where the check is made by
// ARP, which needs none. It returns false if there is to be no check now. The
// caller holds mu.
func (w *watch) source(now time.Time) (netip.Addr, bool) {
	if w.target.Check.Kind == "arp" {
		return netip.Addr{}, true
	}
	if a, ok := w.m.seg.Source(w.target.VLAN, w.target.VIP); ok {
		if w.waiting = (time.Time{}); w.course.why == noSource {
			w.course.why = ""
		}
		return a, true
	}
	if w.waiting.IsZero() {
		w.waiting = now
	}
	if now.Sub(w.waiting) < sourceless {
		w.next = now.Add(sourceEvery)
		return netip.Addr{}, false
	}
	if w.direct && w.course.why != noSource {
		w.course.why = noSource
		w.tell(w.target.Check.Kind)
	}
	return netip.Addr{}, !w.direct
}

// try makes one check. Other than by ARP, it finds the server's MAC first, for which
// patience is how long that may take.
func (m *Monitor) try(ctx context.Context, t *Target, c Checker, source netip.Addr, patience time.Duration) outcome {
	asking, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if !source.IsValid() {
		return c.Check(asking, way{})
	}
	neighbour := m.neighbour(t)
	mac, ok := neighbour.mac(asking)
	if !ok {
		return fail("no MAC address: it does not answer " + neighbour.protocol())
	}
	checking, cancel := context.WithTimeout(ctx, t.Timeout)
	defer cancel()
	return c.Check(checking, way{source, mac, t.VLAN})
}

// take adds an outcome to the course. The caller holds mu.
func (w *watch) take(out outcome, kind string, start time.Time) {
	if kind == w.target.Check.Kind && !w.direct {
		w.direct = true
		w.course.doubt() // what ARP said of it is little
	}
	mac, _ := w.m.seg.Neighbour(w.target.VLAN, w.target.Addr)
	now := time.Now()
	r := engine.Result{Time: now, Took: now.Sub(start), Pass: out.verdict == passed, Text: out.text}
	w.course.add(r, kind != "arp" && !mac.IsZero())
	if kind != w.target.Check.Kind && r.Pass {
		w.course.why = noSource
	}
	w.tell(kind)
}

// tell tells what is known. The caller holds mu.
func (w *watch) tell(kind string) {
	if w.over {
		return
	}
	w.m.seg.SetHealth(w.target.Service, w.target.Addr, w.course.health(kind, time.Now()))
}

// retarget makes the check another one, if it is.
func (w *watch) retarget(t Target) {
	w.mu.Lock()
	defer w.mu.Unlock()
	was := w.target
	if was == t {
		return
	}
	w.target, w.checker = t, w.m.check(&t)
	w.course.restart(t.Check.Rise, t.Check.Fall)
	if w.abort != nil {
		w.abort()
	}
	w.next = time.Now()
	select {
	case w.wake <- struct{}{}:
	default:
	}
	w.tell(t.Check.Kind)
}

// stop ends the watch: it tells nothing more.
func (w *watch) stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.over = true
	if w.end != nil {
		w.end()
	}
}

// jitter is a random part of most.
func jitter(most time.Duration) time.Duration {
	return rand.N(most + 1)
}
