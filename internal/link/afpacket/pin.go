// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package afpacket

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// pin chooses a CPU for each queue's thread, out of those that this process may
// use, before any thread is taken. What does not work is a note.
func (g *Group) pin() (notes []string) {
	var allowed unix.CPUSet
	err := unix.SchedGetaffinity(0, &allowed)
	if err == nil {
		err = unix.SchedSetaffinity(0, &allowed) // whether we may at all; it changes nothing
	}
	if err != nil {
		return []string{fmt.Sprintf("workers on %s are not pinned: sched_setaffinity: %v", g.ifname, err)}
	}
	cpus := cpusOf(&allowed)
	if len(g.queues) > len(cpus) {
		notes = append(notes, fmt.Sprintf("%d workers on %s are pinned to %d CPUs, so that some share one: workers %d",
			len(g.queues), g.ifname, len(cpus), max(len(cpus)-1, 1)))
	}
	for i, cpu := range placesFor(len(g.queues), cpus) {
		var set unix.CPUSet
		set.Set(cpu)
		g.queues[i].worker.thread.pin = &set
	}
	return notes
}

// placesFor chooses a CPU for each of n workers, out of cpus in their order.
// Where there are more, the first one, which most NICs interrupt, is left to
// everything else.
func placesFor(n int, cpus []int) []int {
	if len(cpus) > n {
		cpus = cpus[1:]
	}
	places := make([]int, n)
	for i := range places {
		places[i] = cpus[i%len(cpus)]
	}
	return places
}

// cpusOf lists a set, ascending.
func cpusOf(set *unix.CPUSet) (cpus []int) {
	for cpu := 0; len(cpus) < set.Count(); cpu++ {
		if set.IsSet(cpu) {
			cpus = append(cpus, cpu)
		}
	}
	return cpus
}
