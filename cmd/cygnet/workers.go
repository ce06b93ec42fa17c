// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"os"
	"runtime"
	"slices"

	"cygnet/engine"
	"cygnet/internal/config"
	"cygnet/internal/link"
	"cygnet/internal/link/afpacket"
)

// enoughWorkers is how many are made unless told: they are for one interface of a
// small machine, and one worker takes more frames than 1 Gbit/s of most brings.
const enoughWorkers = 4

// workersOf is how many workers share the work on a machine with so many CPUs that
// we may use: as told, or one for each CPU but one, which the kernel's part and
// everything else have.
func workersOf(cfg *config.Config, cores int) int {
	if cfg.Workers > 0 {
		return cfg.Workers
	}
	return max(min(enoughWorkers, cores-1), 1)
}

// makeRoom lets so many workers and something else run at a time. A worker's system
// calls are raw, so that its turn is nobody else's while it waits in one: with fewer turns
// than that, everything else waits, too.
func makeRoom(workers int) {
	if runtime.GOMAXPROCS(0) < workers+1 {
		runtime.GOMAXPROCS(workers + 1)
	}
}

// openWorkers opens the workers' queues.
func (d *daemon) openWorkers(ifi *link.Interface, cfg engine.Config) (err error) {
	n := workersOf(d.cfg, runtime.NumCPU())
	makeRoom(n)
	limitGarbage(d.cfg, n)
	d.workers, err = afpacket.OpenGroup(ifi.Name, ifi.Index, n,
		afpacket.Options{Filter: workerFilter(cfg), Wait: workerWait, Dedicated: true, Ring: usesRing(d.cfg), Pin: d.cfg.Pin})
	return err
}

// usesRing says whether busy workers are to receive by rings: as told, or where that
// gains.
func usesRing(cfg *config.Config) bool {
	switch cfg.Datapath {
	case "ring":
		return true
	case "mmsg":
		return false
	}
	return afpacket.RingGains()
}

// tellNotes logs what works less well than it could, each note once: some come while
// workers run.
func (d *daemon) tellNotes() {
	for _, note := range d.workers.Notes() {
		if !slices.Contains(d.notes, note) {
			d.notes = append(d.notes, note)
			d.log.Warn(note)
		}
	}
}

// queues are the workers' as the engine takes them.
func (d *daemon) queues() (all []engine.Queue) {
	for _, q := range d.workers.Queues() {
		all = append(all, q)
	}
	return all
}

// hintSteering tells whoever wants details how the kernel could share its part of the
// work better.
func (d *daemon) hintSteering(ifi *link.Interface) {
	if d.cfg.Debug == 0 {
		return
	}
	for _, hint := range link.Steering(os.DirFS("/sys"), os.DirFS("/proc"), ifi, len(d.workers.Queues())) {
		d.log.Info("hint: " + hint)
	}
}
