// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"net/netip"
	"slices"
	"sync/atomic"

	"cygnet/internal/capture"
	"cygnet/internal/flow"
	"cygnet/internal/neigh"
	"cygnet/internal/sched"
	"cygnet/internal/wire"
)

// table is everything a worker needs to decide. State: derived. It is built
// from a Config, never changes, and is swapped whole; what it points to of
// learned state (MACs, claims, states) is read atomically.
type table struct {
	generation  uint64
	cfg         Config
	mac         wire.MAC
	key         sched.Key
	untagged    network
	vlans       []*network        // by VID; nil where nothing of ours is
	serverAddrs addrMap[struct{}] // servers on the untagged network, where the tarpit is; see isServer
	captured    *addressSet       // nil captures nothing
	remembered  *addressSet       // the same, on standby too: who has these addresses is remembered
	tarpit      *tarpit           // nil while nothing is to be captured
	addresses   uint64            // that are captured, as configured
	states      *capture.States   // of addresses that may be captured
	services    []*service        // in the order of the Config
	wide        bool              // there are so many that no near cache holds what frames need of them
	lists       []*list           // likewise
	byName      map[string]*service
	byAddr      map[segmentAddr][]*server // in the order of their services

	// By the numbers that flow tables use; nil where there is none. A member stays
	// until no flow has its number.
	byID    []*service
	idles   []flow.Idle // of services
	servers []*server
	keep    []bool          // whether servers keep their flows
	counts  []workersCounts // by worker

	// By worker, which owns it. Keyed, so that another key comes with new ones.
	firsts []*flow.Fragments[*server]
}

// workersCounts are those of one worker, by the same numbers.
type workersCounts struct{ members, services []*counts }

// tarpit is how captured addresses behave. State: derived.
type tarpit struct {
	list  *list // that permits what is captured
	cfg   Tarpit
	key   tarpitKey
	ports openPorts
	rates rates
}

// isServer says whether a is a server's: none of them has business with the tarpit.
func (t *table) isServer(a netip.Addr) bool {
	_, ok := t.serverAddrs.get(a)
	return ok
}

// segmentAddr is an address on a VLAN.
type segmentAddr struct {
	vlan uint16
	addr netip.Addr
}

// vip is an address that services share.
type vip struct {
	claim    *neigh.Claim // nil while no active service is on it: it is off
	hostHeld bool         // by this host's kernel, too
	whole    bool         // some service takes every port
	exact    portMap
	every    portMap // with port 0: for every port that has no service of its own
}

// shared says whether what is not for a service of ours is for this host's
// kernel. The ingress drop must say the same.
func (v *vip) shared() bool { return v.hostHeld && !v.whole }

// service finds whose a frame to this port and protocol is: an exact port
// beats every port. Protocols are exact here, see addService.
func (v *vip) service(proto uint8, port uint16) *service {
	if s := v.exact.get(portOf(port, proto)); s != nil {
		return s
	}
	return v.every.get(portOf(0, proto))
}

// service is one service as a worker sees it.
type service struct {
	// What each frame needs, in one cache line.
	id       uint32    // its number in flow tables
	off      bool      // disabled, or on standby
	ports    bool      // the choice depends on the client's port, too
	fewest   bool      // it is the server with the fewest flows
	limited  bool      // some server has a limit
	picky    bool      // some server has a list: usable is not enough
	clients  *list     // nil permits everyone
	idle     flow.Idle // when its flows are over
	tracking int64     // milliseconds; 0 is for ever, negative is not
	*standing

	claim      *neigh.Claim // its VIP's
	neighbours *neigh.Table // of its network; for IsNeighbour only

	plan    *sched.Plan // over servers, less those that are leaving
	servers []*server
	usable  func(i int) bool // made once, so that asking allocates nothing

	emergency, abuse *server // nil is none

	counts  []*counts     // by worker, which owns them
	looping atomic.Uint64 // the MAC that last sent us a frame of our own back
	cfg     Service
}

// standing is what is learned of a service, and stays from one table to the next:
// the writer holds the engine's mu.
type standing struct {
	panicking   atomic.Bool // so few servers are up that health is ignored; workers read it
	failingOpen atomic.Bool // servers serve that fail their checks; likewise
	serving     Serving     // as was last reported
	here        uint64      // the generation of the last table that has the service; not for workers
}

// server is one server as a worker sees it.
type server struct {
	// What each frame needs, in one cache line.
	id        uint32 // its member's
	state     ServerState
	service   *service
	clients   *list // nil is all that the service permits
	neighbour *neigh.Neighbour
	member    *member

	cfg Server
}

// usable says whether the server may be chosen now, for a client that its list
// permits.
func (s *server) usable() bool { return s.state == Enabled && s.serves() }

// serves says whether the server can serve now, as far as is known.
func (s *server) serves() bool {
	return s.member.ready(s.neighbour) || s.service.panicking.Load() && s.neighbour.Known()
}

// keepsFlows says whether the operator lets the server keep the flows it has; s may
// be nil.
func (s *server) keepsFlows() bool {
	return s != nil && s.state != Blacklisted && s.state != Disabled
}

// atLeast says whether the server may be chosen when none is usable.
func (s *server) atLeast() bool {
	return s.state == Enabled && s.neighbour.Known() && s.member.level.Load() == levelSoft
}

// everyone lists the servers with those that stand aside.
func (s *service) everyone() []*server {
	all := slices.Clip(s.servers) // so that appending makes a copy
	for _, aside := range []*server{s.emergency, s.abuse} {
		if aside != nil {
			all = append(all, aside)
		}
	}
	return all
}

// serverOf returns the service's server with this MAC, nil if there is none.
// It looks at each and is for the rare frame whose source is some server.
func (s *service) serverOf(mac wire.MAC) *server {
	for _, srv := range s.servers {
		if srv.neighbour.MAC() == mac {
			return srv
		}
	}
	for _, aside := range [...]*server{s.emergency, s.abuse} {
		if aside != nil && aside.neighbour.MAC() == mac {
			return aside
		}
	}
	return nil
}
