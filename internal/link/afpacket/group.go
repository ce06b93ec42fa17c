// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package afpacket

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"cygnet/internal/wire"
)

// Group is the queues of all workers of one interface. Every frame meets one of
// them, always the same for a client (see fanoutProgram), also after a Reopen. A group of
// one is a queue by itself. Its methods may be called from any goroutine; each
// queue belongs to its worker, and is opened, reopened and closed here alone.
type Group struct {
	ifname string
	seed   uint32
	flag   int // see newFanout
	queues []*Queue
	ways   ways

	mu    sync.Mutex
	opt   Options // with the filter as it is now
	notes []string
}

// OpenGroup opens n queues, at least one, on the interface of that number, as Open
// opens one. With opt.Pin each worker's thread stays on a CPU, as the queue is
// Dedicated. Some old kernels make a group of several only while the interface
// is up.
func OpenGroup(ifname string, ifindex, n int, opt Options) (*Group, error) {
	return openGroup(ifname, ifindex, n, opt, unix.PACKET_FANOUT_FLAG_IGNORE_OUTGOING)
}

func openGroup(ifname string, ifindex, n int, opt Options, flag int) (*Group, error) {
	g := &Group{ifname: ifname, seed: rand.Uint32(), flag: flag, opt: opt.prepared()}
	g.queues = make([]*Queue, n)
	sockets, fan, notes, err := g.openAll(ifindex)
	if err != nil {
		return nil, openError(ifname, err)
	}
	for i, s := range sockets {
		g.queues[i] = newQueue(ifname, g.opt, s, notes)
	}
	g.ways.start(g, fan)
	if opt.Pin && opt.Dedicated {
		g.notes = g.pin()
	}
	return g, nil
}

// openAll opens a socket for each queue, in the order that lets no frame in before
// every one is where it belongs: all shut, then the group, then the filters.
func (g *Group) openAll(ifindex int) (all []*socket, fan *fanout, notes []string, err error) {
	defer func() {
		if err != nil {
			_ = closeAll(all)
		}
	}()
	for range g.queues {
		var s *socket
		if s, notes, err = openShut(g.ifname, ifindex, g.opt); err != nil {
			return all, nil, nil, err
		}
		all = append(all, s)
	}
	if len(all) > 1 || g.opt.Ring {
		if fan, err = newFanout(all, g.flag, fanoutProgram(inOrder(len(all)), g.seed)); err != nil {
			return all, nil, nil, err
		}
	}
	for _, s := range all {
		if err = s.setFilter(g.opt.Filter); err != nil {
			return all, nil, nil, err
		}
	}
	return all, fan, notes, nil
}

// inOrder are the members of a group in which each worker has one socket.
func inOrder(n int) []int {
	members := make([]int, n)
	for i := range members {
		members[i] = i
	}
	return members
}

// Queues returns the queues, in the order of the workers; no more and no less until the end.
func (g *Group) Queues() []*Queue { return slices.Clone(g.queues) }

// SetFilter replaces the filter of every queue, as Queue.SetFilter does. After an
// error some may have the new one.
func (g *Group) SetFilter(f Filter) (err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, q := range g.queues {
		err = errors.Join(err, q.SetFilter(f))
	}
	if err == nil {
		g.opt.Filter = f
	}
	return err
}

// Reopen moves all queues to the interface of that number, as Queue.Reopen does
// one: into a new group, for the old one ended with its interface. After an error
// they are as before.
func (g *Group) Reopen(ifindex int) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	sockets, fan, notes, err := g.openAll(ifindex)
	if err != nil {
		return fmt.Errorf("reopen packet sockets on %s: %w", g.ifname, err)
	}
	// All move before the first is closed: see closeAll. The rings go first.
	rings := g.ways.renew(fan)
	old := make([]*socket, len(g.queues))
	for i, q := range g.queues {
		var closed error
		old[i], closed = q.take(sockets[i], notes)
		err = errors.Join(err, closed)
	}
	_ = closeAll(append(old, rings...))
	return err
}

// Join makes groups the set of IPv6 multicast groups the interface is in for all
// queues, as Queue.Join does.
func (g *Group) Join(groups []netip.Addr, all bool) error { return g.queues[0].Join(groups, all) }

// Notes are those of the queues, each once.
func (g *Group) Notes() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	all := slices.Clone(g.notes)
	for _, q := range g.queues {
		for _, n := range q.Notes() {
			if !slices.Contains(all, n) {
				all = append(all, n)
			}
		}
	}
	return all
}

// Stats returns what was lost since the group was opened, over all queues.
func (g *Group) Stats() (sum wire.LinkStats) {
	for _, q := range g.queues {
		sum = sum.Add(q.Stats())
	}
	return sum
}

// CPU returns what Queue.CPU does of each queue.
func (g *Group) CPU() []time.Duration {
	used := make([]time.Duration, len(g.queues))
	for i, q := range g.queues {
		used[i] = q.CPU()
	}
	return used
}

// Close closes all queues.
func (g *Group) Close() error {
	err := g.shut()
	<-g.ways.done // it may have waited for mu
	return err
}

func (g *Group) shut() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	rings := g.ways.stop()
	var all []*socket
	for _, q := range g.queues {
		if s := q.shut(); s != nil {
			all = append(all, s)
		}
	}
	return closeAll(append(all, rings...))
}

// closeAll closes sockets that queues have no more. Closing one waits for the Recv
// that waits in it; as none begins to wait anew, they wait at the same time.
func closeAll(all []*socket) (err error) {
	for _, s := range all {
		err = errors.Join(err, s.close())
	}
	return err
}
