// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package link

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

const (
	// settle is how long changes are collected before the interface is looked
	// at: setting an interface up makes a dozen messages. It also bounds the
	// looks to 20 a second on a host whose routes change all the time.
	settle = 50 * time.Millisecond

	// pollEvery is the safety net: messages may be lost (ENOBUFS) and a
	// subscription may break, and then this is how late we are.
	pollEvery = 5 * time.Second
)

// watcher is one run of Watch. It lives in one goroutine.
type watcher struct {
	name   string
	report func(*Interface)

	told bool
	last *Interface // what was reported last; nil: it was gone

	changedC chan struct{} // holds one: something may have changed
	brokenC  chan struct{} // holds one: the subscription ended
}

// Watch reports the named interface as it finds it, then each time its
// description changes, and nil when it is gone (or is no Ethernet interface any
// more). It does not refuse an interface that is down. An interface that
// vanished and came back between two looks shows as another Index.
//
// Reports come one after another from the calling goroutine, whose thread must
// be in the network namespace meant and stay there. Watch returns nil when ctx
// ends; a broken subscription is renewed, and meanwhile a slow poll goes on.
func Watch(ctx context.Context, name string, report func(*Interface)) error {
	w := &watcher{
		name: name, report: report,
		changedC: make(chan struct{}, 1),
		brokenC:  make(chan struct{}, 1),
	}
	stop := w.subscribe()
	defer func() { stop() }()
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()

	// Subscribed first, looked at second: no change falls between the two.
	w.look()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-poll.C:
		case <-w.changedC:
			if !pause(ctx, settle) {
				return nil
			}
		case <-w.brokenC:
			stop()
			if !pause(ctx, settle) {
				return nil
			}
			stop = w.subscribe()
		}
		w.look()
	}
}

// subscribe starts a goroutine that turns rtnetlink messages into changedC, and
// returns the function that ends it and waits for its end.
func (w *watcher) subscribe() (stop func()) {
	s, err := nl.Subscribe(unix.NETLINK_ROUTE,
		unix.RTNLGRP_LINK,
		unix.RTNLGRP_IPV4_IFADDR, unix.RTNLGRP_IPV6_IFADDR,
		unix.RTNLGRP_IPV4_ROUTE, unix.RTNLGRP_IPV6_ROUTE)
	if err != nil {
		t := time.AfterFunc(pollEvery, func() { offer(w.brokenC) })
		return func() { t.Stop() } // the poll goes on alone until then
	}
	doneC := make(chan struct{})
	go func() {
		defer close(doneC)
		w.listen(s)
	}()
	return func() {
		s.Close()
		<-doneC
	}
}

// listen marks every message of s as a possible change until s breaks or is
// closed. What the messages say is not used: a look asks for everything anew.
func (w *watcher) listen(s *nl.NetlinkSocket) {
	for {
		_, _, err := s.Receive()
		// ENOBUFS: messages were lost, which is a change like any other.
		if err != nil && !errors.Is(err, unix.ENOBUFS) {
			offer(w.brokenC)
			return
		}
		offer(w.changedC)
	}
}

// look reads the interface and reports it if it changed.
func (w *watcher) look() {
	ifi, err := read(w.name)
	if err != nil && !gone(err) {
		return // the kernel would not say; the next look will
	}
	if w.told && same(w.last, ifi) {
		return
	}
	w.told, w.last = true, ifi
	w.report(ifi)
}

// gone tells whether the error means that no such Ethernet interface is there.
func gone(err error) bool {
	_, absent := errors.AsType[*NotFoundError](err)
	_, other := errors.AsType[*NotEthernetError](err)
	return absent || other
}

// same compares two descriptions, either of which may be nil.
func same(a, b *Interface) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Name == b.Name && a.Index == b.Index && a.MAC == b.MAC && a.MTU == b.MTU &&
		a.Up == b.Up && a.Carrier == b.Carrier &&
		slices.Equal(a.Addrs, b.Addrs) && slices.Equal(a.Gateways, b.Gateways) &&
		slices.Equal(a.Routers, b.Routers) && slices.Equal(a.Host, b.Host)
}

// offer puts a mark into a channel that holds one, if it has none.
func offer(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// pause waits for d; false when ctx ended.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
