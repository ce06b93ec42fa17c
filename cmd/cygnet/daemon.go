// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"log/slog"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"cygnet/acl"
	"cygnet/engine"
	"cygnet/internal/bpf"
	"cygnet/internal/config"
	"cygnet/internal/events"
	"cygnet/internal/geoip"
	"cygnet/internal/headless"
	"cygnet/internal/health"
	"cygnet/internal/link"
	"cygnet/internal/link/afpacket"
	"cygnet/internal/wire"
)

// Recv of a worker's queue returns this often, so that idle workers see time
// pass; of the control queue at the start, until the engine says how long it may wait.
const (
	workerWait  = 500 * time.Millisecond
	controlWait = 20 * time.Millisecond
)

// daemon holds what runs on the interface, follows its changes and those of
// the configuration.
type daemon struct {
	// Set once, before anything runs.
	name    string // of the interface
	log     *slog.Logger
	ring    *events.Ring[events.Event] // changes
	hits    *events.Ring[events.Event] // of the tarpit
	workers *afpacket.Group
	control *afpacket.Queue
	engine  *engine.Engine
	health  *health.Monitor
	out     *outputs
	page    *headless.Page // for the command `status`

	// Learned: read by anybody.
	up      atomic.Bool               // the interface carries frames
	permits atomic.Pointer[acl.Table] // who may give commands over TCP; nil is everybody

	// mu guards the rest: the interface and the configuration change one after
	// another.
	mu      sync.Mutex
	cfg     *config.Config // in force; never changed, only replaced
	key     [keyBytes]byte
	noticed map[config.Notice]bool // what was told of cfg
	guard   *bpf.Guard             // nil where the kernel or our privileges do not allow it
	running engine.Config          // what runs, and what is leaving
	last    *link.Interface        // as last seen; nil: it is gone
	seen    *link.Interface        // as last seen while it was there
	index   int                    // of the interface that the queues are on; 0: it is gone
	behind  bool                   // bring has not done all that it should
	said    string                 // what bring last complained of

	protected []netip.Addr   // routers and addresses of this host, all that were seen
	had       []netip.Prefix // the interface's subnets of each family, as last seen
	unplaced  bool           // the queues do not have the filters of what runs
	unguarded bool           // it was said that there is no ingress drop
	notes     []string       // of the workers' queues, those that were told
	tried     map[netip.Addr]time.Time
	geo       *geoip.Locator // where sources of the tarpit are; nil is not known
	resolvers resolvers

	neighbours neighbours // of the host's kernel
}

// newDaemon returns a daemon for a configuration on the interface of that name.
func newDaemon(name string, cfg *config.Config) *daemon {
	d := &daemon{
		name: name, cfg: cfg, page: headless.NewPage(), noticed: map[config.Notice]bool{},
		ring: events.NewRing[events.Event](eventsKept), hits: events.NewRing[events.Event](hitsKept),
	}
	d.permits.Store(cfg.ControlTable())
	return d
}

// machine turns what the link layer knows into what a configuration asks. A
// router or an address of this host that is gone may come back any moment, as
// while DHCP renews: it is not captured in this run any more. So may the
// interface's own address: without a segment, nothing is captured outside the
// subnets that it had.
func (d *daemon) machine(ifi *link.Interface) config.Machine {
	for _, a := range slices.Concat(ifi.Gateways, ifi.Routers, ifi.Host) {
		if !slices.Contains(d.protected, a) {
			d.protected = append(d.protected, a)
		}
	}
	for _, v4 := range []bool{true, false} {
		of := func(p netip.Prefix) bool { return p.Addr().Is4() == v4 && !p.Addr().IsLinkLocalUnicast() }
		if slices.ContainsFunc(ifi.Addrs, of) {
			d.had = slices.DeleteFunc(d.had, of)
			d.had = append(d.had, slices.DeleteFunc(slices.Clone(ifi.Addrs), func(p netip.Prefix) bool { return !of(p) })...)
		}
	}
	return config.Machine{
		Name: ifi.Name, MAC: ifi.MAC, Addrs: ifi.Addrs, Gateways: ifi.Gateways,
		HostAddrs: ifi.Host, Protected: d.protected, Had: slices.Clone(d.had),
	}
}

// open opens the queues, installs the ingress drop and makes the engine: in
// this order nothing is announced that the host's kernel would answer, too.
func (d *daemon) open(ifi *link.Interface, cfg engine.Config) error {
	d.last, d.seen, d.index, d.running = ifi, ifi, ifi.Index, cfg
	if err := d.openWorkers(ifi, cfg); err != nil {
		return err
	}
	var err error
	if d.control, err = afpacket.Open(ifi.Name, ifi.Index, afpacket.Options{Filter: controlFilter(cfg), Wait: controlWait}); err != nil {
		d.close()
		return err
	}
	if err := d.guardHost(ifi); err != nil {
		d.close()
		return err
	}
	if err := d.join(); err != nil {
		d.log.Warn("some IPv6 neighbours may not find us", "error", err)
	}
	for _, note := range link.Offloads(ifi.Name, onVLANs(cfg)) {
		d.log.Warn(note)
	}
	d.tellNotes()
	d.hintSteering(ifi)
	d.engine = engine.New(cfg, engine.Links{
		Workers: d.queues(), Control: d.control,
		Heard:  func(frame []byte) { d.health.Heard(frame) },
		Memory: wantHuge,
	}, d.ring, d.hits)
	d.holdKnown(ifi.Index)
	d.health = health.New(d.engine)
	d.health.Configure(health.Targets(d.cfg))
	d.setLink(ifi)
	return nil
}

// setLink tells everyone whether the interface carries frames.
func (d *daemon) setLink(ifi *link.Interface) {
	d.up.Store(carries(ifi))
	d.engine.SetLink(carries(ifi))
	d.health.SetLink(carries(ifi))
}

// close takes back what open did, as far as it came.
func (d *daemon) close() {
	if d.guard != nil {
		if err := d.guard.Close(); err != nil {
			d.log.Warn("ingress drop not removed", "error", err)
		}
	}
	if d.workers != nil {
		_ = d.workers.Close()
	}
	if d.control != nil {
		_ = d.control.Close()
	}
	d.geo.Close()
}

// stats sums what all queues lost.
func (d *daemon) stats() wire.LinkStats {
	return d.workers.Stats().Add(d.control.Stats())
}

// cpu is the processor time that each worker has used.
func (d *daemon) cpu() []time.Duration { return d.workers.CPU() }

// join joins the multicast groups that neighbour discovery needs.
func (d *daemon) join() error {
	if err := d.workers.Join(groups(d.running), false); err != nil {
		return err
	}
	return d.control.Join(controlGroups(d.running))
}

func (d *daemon) event(kind events.Kind, text string) {
	d.ring.Add(events.Event{Kind: kind, Time: time.Now(), Text: text})
}

// carries says whether an interface carries frames.
func carries(ifi *link.Interface) bool { return ifi != nil && ifi.Up && ifi.Carrier }
