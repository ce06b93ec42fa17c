// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package link

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Steering gives a hint for each way in which the kernel could share among CPUs
// what it does for frames before a worker has them, which is most of the work: with the command
// that makes it so (Documentation/networking/scaling.rst). sys and proc are /sys and
// /proc. It is about several workers, and none where /sys shows the interfaces of
// another network namespace.
func Steering(sys, proc fs.FS, ifi *Interface, workers int) (hints []string) {
	s := steering{sys: sys, proc: proc, ifname: ifi.Name, dir: path.Join("class/net", ifi.Name)}
	if s.read(path.Join(s.dir, "ifindex")) != strconv.Itoa(ifi.Index) || s.read(path.Join(s.dir, "address")) != ifi.MAC.String() {
		return nil
	}
	cpus := cpuList(s.read("devices/system/cpu/online"))
	if workers < 2 || len(cpus) < 2 {
		return nil
	}
	for _, hint := range []string{s.packets(workers, cpus), s.interrupts(cpus)} {
		if hint != "" {
			hints = append(hints, hint)
		}
	}
	return hints
}

// steering reads what decides which CPU works for an interface.
type steering struct {
	sys, proc fs.FS
	ifname    string
	dir       string // of the interface, in sys
}

// packets hints at receive packet steering, where the card has fewer queues than
// there are workers and none is steered.
func (s *steering) packets(workers int, cpus []int) string {
	var queues []string
	for _, name := range s.names(path.Join(s.dir, "queues")) {
		if !strings.HasPrefix(name, "rx-") {
			continue
		}
		queues = append(queues, name)
		if strings.Trim(s.read(path.Join(s.dir, "queues", name, "rps_cpus")), "0,") != "" {
			return ""
		}
	}
	switch n := len(queues); {
	case n == 0 || n >= workers:
		return ""
	case n == 1:
		return fmt.Sprintf("%s has one receive queue, so that one CPU does the kernel's part for all %d workers: echo %s >/sys/%s/queues/%s/rps_cpus",
			s.ifname, workers, cpuMask(cpus), s.dir, queues[0])
	default:
		return fmt.Sprintf("%s has %d receive queues, so that so many CPUs do the kernel's part for %d workers: "+
			"for q in /sys/%s/queues/rx-*; do echo %s >$q/rps_cpus; done", s.ifname, n, workers, s.dir, cpuMask(cpus))
	}
}

// fewCommands is how many commands a hint names; the others follow from them.
const fewCommands = 4

// interrupts hints at a card whose queues all interrupt one CPU.
func (s *steering) interrupts(cpus []int) string {
	irqs := s.irqs()
	if len(irqs) < 2 {
		return ""
	}
	only := -1
	var commands []string
	for i, irq := range irqs {
		to := s.affinity(irq)
		if len(to) != 1 || i > 0 && to[0] != only {
			return ""
		}
		only = to[0]
		if cpu := cpus[i%len(cpus)]; cpu != only {
			commands = append(commands, fmt.Sprintf("echo %d >/proc/irq/%d/smp_affinity_list", cpu, irq))
		}
	}
	if len(commands) > fewCommands {
		commands = append(commands[:fewCommands], "and so on")
	}
	return fmt.Sprintf("all %d interrupts of %s go to CPU %d: %s", len(irqs), s.ifname, only, strings.Join(commands, "; "))
}

// irqs finds the interrupts of the interface, ascending: those that name it, or else all
// of its device.
func (s *steering) irqs() (irqs []int) {
	table, _ := fs.ReadFile(s.proc, "interrupts")
	for line := range strings.Lines(string(table)) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		irq, err := strconv.Atoi(strings.TrimSuffix(words[0], ":"))
		if err == nil && slices.ContainsFunc(words[1:], s.concerns) {
			irqs = append(irqs, irq)
		}
	}
	if len(irqs) == 0 {
		for _, name := range s.names(path.Join(s.dir, "device/msi_irqs")) {
			if irq, err := strconv.Atoi(name); err == nil {
				irqs = append(irqs, irq)
			}
		}
	}
	slices.Sort(irqs)
	return irqs
}

// concerns says whether a word of /proc/interrupts is about receiving on the interface:
// eth0, eth0-rx-0, eth0-TxRx-0.
func (s *steering) concerns(word string) bool {
	rest, ok := strings.CutPrefix(strings.TrimSuffix(word, ","), s.ifname)
	return ok && (rest == "" || rest[0] == '-' && !strings.HasPrefix(rest, "-tx-"))
}

// affinity is where an interrupt goes, or, where the kernel does not tell, may go.
func (s *steering) affinity(irq int) []int {
	dir := path.Join("irq", strconv.Itoa(irq))
	for _, name := range []string{"effective_affinity_list", "smp_affinity_list"} {
		if b, err := fs.ReadFile(s.proc, path.Join(dir, name)); err == nil {
			if cpus := cpuList(strings.TrimSpace(string(b))); len(cpus) > 0 {
				return cpus
			}
		}
	}
	return nil
}

// read returns a file of sys without its line's end; nothing if it cannot be read.
func (s *steering) read(name string) string {
	b, _ := fs.ReadFile(s.sys, name)
	return strings.TrimSpace(string(b))
}

// names lists a folder of sys.
func (s *steering) names(dir string) (names []string) {
	entries, _ := fs.ReadDir(s.sys, dir)
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// mostCPUs bounds what a list may name (CONFIG_NR_CPUS of Linux's largest machines).
const mostCPUs = 8192

// cpuList reads a list as the kernel writes it, 0-3,8, ascending; nil if it is none.
func cpuList(text string) (cpus []int) {
	for part := range strings.SplitSeq(text, ",") {
		from, to, isRange := strings.Cut(part, "-")
		first, err := strconv.Atoi(from)
		last := first
		if isRange && err == nil {
			last, err = strconv.Atoi(to)
		}
		if err != nil || first < 0 || last >= mostCPUs {
			return nil
		}
		for cpu := first; cpu <= last; cpu++ {
			cpus = append(cpus, cpu)
		}
	}
	return cpus
}

// cpuMask writes CPUs, at least one, ascending, as the kernel reads a mask: words of
// 32 bits in hexadecimal, the highest first.
func cpuMask(cpus []int) string {
	words := make([]uint32, cpus[len(cpus)-1]/32+1)
	for _, cpu := range cpus {
		words[cpu/32] |= 1 << (cpu % 32)
	}
	slices.Reverse(words)
	text := strconv.FormatUint(uint64(words[0]), 16)
	for _, w := range words[1:] {
		text += fmt.Sprintf(",%08x", w)
	}
	return text
}
