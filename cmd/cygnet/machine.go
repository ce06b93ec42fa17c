// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"cmp"
	"errors"
	"reflect"
	"slices"
	"strings"
	"time"

	"cygnet/engine"
	"cygnet/internal/config"
	"cygnet/internal/events"
	"cygnet/internal/geoip"
	"cygnet/internal/headless"
	"cygnet/internal/health"
	"cygnet/internal/wire"
)

// machine is the daemon as the control desk sees it: what a configuration is
// brought into force on.
type machine struct {
	*daemon
	exit func() error // what the command `exit` does
}

// Apply brings cfg into force, as a whole or not at all: everything that can
// fail is tried before anything that cannot be taken back. While it waits for
// a disk or a name server, the interface is followed all the same.
func (m machine) Apply(cfg *config.Config) ([]config.Notice, []*config.Problem) {
	d := m.daemon
	key, err := d.keyFor(cfg)
	if err != nil {
		return nil, []*config.Problem{problemOf(err)}
	}
	if _, _, problems := m.engineFor(cfg, key); len(problems) > 0 {
		return nil, problems
	}
	geo, err := d.locatorFor(cfg)
	if err != nil {
		return nil, []*config.Problem{problemOf(err)}
	}
	commit, undo, err := d.out.prepare(cfg)
	if err != nil {
		d.drop(geo)
		return nil, []*config.Problem{problemOf(err)}
	}
	notices, problems := d.replace(cfg, key, geo)
	if len(problems) > 0 {
		d.drop(geo)
		undo()
		return nil, problems
	}
	commit()
	d.permits.Store(cfg.ControlTable())
	return fresh(notices, d.noticed), nil
}

// replace brings cfg into force on the wire, and geo with it.
func (d *daemon) replace(cfg *config.Config, key [keyBytes]byte, geo *geoip.Locator) ([]config.Notice, []*config.Problem) {
	d.mu.Lock()
	defer d.mu.Unlock()
	run, notices, problems := d.derive(cfg, key)
	if len(problems) > 0 {
		return nil, problems
	}
	run.Tarpit.Geo = locating(geo)
	if err := d.install(run); err != nil {
		return nil, []*config.Problem{problemOf(err)}
	}
	was := d.geo
	d.cfg, d.key, d.geo = cfg, key, geo
	d.drop(was)
	d.health.Configure(health.Targets(cfg))
	return notices, nil
}

// Engine gives what cfg would be for the engine, and all that is to be told of
// it, and changes nothing.
func (m machine) Engine(cfg *config.Config) (engine.Config, []config.Notice, []*config.Problem) {
	key, err := m.keyFor(cfg)
	if err != nil {
		return engine.Config{}, nil, []*config.Problem{problemOf(err)}
	}
	return m.engineFor(cfg, key)
}

func (m machine) engineFor(cfg *config.Config, key [keyBytes]byte) (engine.Config, []config.Notice, []*config.Problem) {
	d := m.daemon
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.derive(cfg, key)
}

// derive makes what the engine runs on of cfg, on the interface as it was last
// seen, and changes nothing. The caller holds mu.
func (d *daemon) derive(cfg *config.Config, key [keyBytes]byte) (engine.Config, []config.Notice, []*config.Problem) {
	on := d.machine(d.seen)
	if problems := cfg.ValidateOn(on); len(problems) > 0 {
		return engine.Config{}, nil, problems
	}
	run, notices := d.engineOf(cfg, on, key)
	return run, notices, nil
}

// keyFor is the key that cfg names. While Cygnet runs, a file that is not there
// or cannot be read is an error, and none is made: with another key, every
// client would meet another server. Only Apply, which is called by one
// goroutine at a time, changes what it reads of d.
func (d *daemon) keyFor(cfg *config.Config) ([keyBytes]byte, error) {
	if cfg.Secret == d.cfg.Secret {
		return d.key, nil
	}
	return readKey(cmp.Or(cfg.Secret, config.DefaultSecret))
}

// install puts run into force. What the host's kernel must not answer is kept
// from it, and the queues hear of it, before the engine announces anything.
// The caller holds mu.
func (d *daemon) install(run engine.Config) error {
	if err := d.rewire(run); err != nil {
		return err
	}
	d.holdKnown(d.index)
	d.engine.Apply(run)
	return nil
}

// rewire makes the wire fit for run and what is leaving, or leaves it as it is. The
// caller holds mu.
func (d *daemon) rewire(run engine.Config) error {
	was, now := d.running, d.engine.WithLeaving(run)
	d.running = now
	if err := d.prepareWire(was, now); err != nil {
		d.running = was
		return errors.Join(err, d.prepareWire(now, was))
	}
	return nil
}

// letGo makes the wire fit again once a service that was leaving is gone. The
// caller holds mu.
func (d *daemon) letGo() error {
	if !slices.ContainsFunc(d.running.Services, func(s engine.Service) bool { return s.Leaving }) {
		return nil
	}
	run, _ := d.engineOf(d.cfg, d.machine(d.seen), d.key)
	return d.rewire(run)
}

// prepareWire makes the ingress drop, and the queues' filters and groups, those
// of the configuration to, where they differ from those of the other. Without
// an interface there is nothing to prepare: fit does it all when it is back.
func (d *daemon) prepareWire(from, to engine.Config) error {
	if d.index == 0 {
		return nil
	}
	if !reflect.DeepEqual(hostDrop(from), hostDrop(to)) {
		if err := d.guardHost(d.seen); err != nil {
			return err
		}
	}
	if sameFilters(from, to) {
		return nil
	}
	return d.place(d.index, false)
}

func sameFilters(a, b engine.Config) bool {
	some, all := controlGroups(a)
	someOfB, allOfB := controlGroups(b)
	return reflect.DeepEqual(workerFilter(a), workerFilter(b)) && reflect.DeepEqual(controlFilter(a), controlFilter(b)) &&
		slices.Equal(groups(a), groups(b)) && slices.Equal(some, someOfB) && all == allOfB
}

// fresh returns the notices that were not among those before: a change is told
// what it changes, not what was so already.
func fresh(now []config.Notice, before map[config.Notice]bool) (told []config.Notice) {
	for _, n := range now {
		if !before[n] {
			told = append(told, n)
		}
	}
	clear(before)
	for _, n := range now {
		before[n] = true
	}
	return told
}

// problemOf makes a problem of an error that says which setting it is about.
func problemOf(err error) *config.Problem {
	if p, ok := errors.AsType[*config.Problem](err); ok {
		return p
	}
	p := &config.Problem{What: strings.ReplaceAll(err.Error(), "\n", "; ")}
	if h, ok := errors.AsType[hinter](err); ok {
		p.Hint = h.Hint()
	}
	return p
}

func (m machine) Snapshot() *engine.Snapshot { return m.engine.Snapshot() }
func (m machine) Link() wire.LinkStats       { return m.stats() }
func (m machine) Version() string            { return versionText() }
func (m machine) Reopen() error              { return m.out.reopen() }
func (m machine) Exit() error                { return m.exit() }

// Recent returns the newest changes, oldest first: hits of the tarpit would
// leave no room for them.
func (m machine) Recent(n int) []events.Event {
	all, _, _ := m.ring.Since(0)
	return all[max(0, len(all)-n):]
}

// Page returns the status page.
func (m machine) Page() (string, error) {
	var b strings.Builder
	err := m.page.Write(&b, m.engine.Snapshot(), m.pageInfo(0))
	return b.String(), err
}

func (d *daemon) pageInfo(every time.Duration) headless.PageInfo {
	link, up := d.linkState()
	return headless.PageInfo{Version: version(), Interface: d.name, LinkUp: up, Link: link, Every: every}
}

// linkState is what the links lost, and whether the interface carries frames.
func (d *daemon) linkState() (wire.LinkStats, bool) { return d.stats(), d.up.Load() }
