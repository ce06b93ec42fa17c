// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"cygnet/internal/link/afpacket"
	"cygnet/internal/wire"
)

// The flood: SYNs for a captured address, from as many sources as a batch has
// frames, one batch every 10 ms.
const (
	floodEvery = 10 * time.Millisecond
	floodBatch = 50 // 5000 a second
)

// Scanners make thousands of events a second. However the file takes them, no
// request is lost, and each hit is in the file or counted as lost.
func TestNetnsCitizenEventsFlood(t *testing.T) {
	requireNetns(t, "nginx", "curl", "ab")
	w := newWorld(t, HostSpec{})
	for _, s := range w.servers {
		startNginx(t, s, 80)
	}
	dir := t.TempDir()
	file, pipe := filepath.Join(dir, "events"), filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	// All of the flood is of one network, and nobody asks by ARP.
	commands := options("acl 1 permit 10.77.0.66", "tarpit_acl 1", "tarpit_policy immediate", "tarpit_limit network off")
	p := startCygnet(t, w.balancer, append(append(commands, "--events", file, "--metrics", metricsAt), penWeb()...)...)
	w.waitServed(t, 10*time.Second)
	f := w.newFlood(t)

	t.Run("a file", func(t *testing.T) {
		lost := w.floodAndCount(t, f, 300, func() string {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			return string(text)
		})
		t.Logf("%d events lost", lost)
	})
	t.Run("a pipe that nobody reads", func(t *testing.T) {
		ctl(t, w.balancer, w.balancer.socket(), "events", pipe)
		// More than are kept (8192) and go into a pipe (64 KiB).
		lost := w.floodAndCount(t, f, 250, newPipeReader(t, pipe))
		if lost == 0 {
			t.Error("no event was lost: the pipe was not what the test is about")
		}
		t.Logf("%d events lost", lost)
		if n := w.scrape(t).sum(t, "cygnet_events_lost_total"); n < lost {
			t.Errorf("the metric has %d lost events, the pipe %d", n, lost)
		}
	})
	ends(t, p)
}

// flood is what is needed to send it.
type flood struct {
	queue *afpacket.Queue
	batch *wire.Batch
}

// newFlood prepares the flood, at the switch's end of the balancer's wire.
func (w *world) newFlood(t *testing.T) *flood {
	t.Helper()
	from, err := w.client.MAC()
	if err != nil {
		t.Fatal(err)
	}
	to, err := w.balancer.MAC()
	if err != nil {
		t.Fatal(err)
	}
	f := &flood{batch: wire.NewBatch(floodBatch, wire.VnetLen+64)}
	for i := range floodBatch {
		source := netip.AddrFrom4([4]byte{10, 78, 0, byte(i)})
		frame, err := wire.ParseText(fmt.Sprintf("%v > %v tcp %v:%d > 10.77.0.66:%d S seq=1 pad=6", from, to, source, 20000+i, 1+i))
		if err != nil {
			t.Fatal(err)
		}
		slot := &f.batch.Slots[i]
		slot.Set(frame)
		slot.Send = true
		f.batch.N++
	}
	theSwitch := &Host{Name: "switch", lab: w.lab, ns: w.lab.segment.ns}
	err = theSwitch.Do(func() error {
		dev, err := net.InterfaceByName(w.balancer.port())
		if err == nil {
			f.queue, err = afpacket.Open(dev.Name, dev.Index, afpacket.Options{Wait: time.Second})
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.queue.Close() })
	return f
}

// send sends so many batches, each when its time has come.
func (f *flood) send(batches int) error {
	tick := time.NewTicker(floodEvery)
	defer tick.Stop()
	for began, sent := time.Now(), 0; sent < batches; <-tick.C {
		for due := int(time.Since(began)/floodEvery) + 1; sent < min(due, batches); sent++ {
			if err := f.queue.Send(f.batch); err != nil {
				return err
			}
		}
	}
	return nil
}

// floodAndCount floods while pages are fetched, none of which may be lost, and
// compares the events, all of them as read gives them, with what was sent. It
// returns how many the events themselves say are lost.
func (w *world) floodAndCount(t *testing.T, f *flood, batches int, read func() string) (lost int) {
	t.Helper()
	before := w.scrape(t)
	done := make(chan error, 1)
	go func() { done <- f.send(batches) }()
	for pending := true; pending; {
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			pending = false
		default:
			ab(t, w.client, 500, "http://"+vip+"/small")
		}
	}
	growth := func(name string) int { return w.scrape(t).sum(t, name) - before.sum(t, name) }
	sent := batches * floodBatch
	eventually(t, 10*time.Second, "each SYN is a hit, or was dropped by the kernel", func() bool {
		return growth("cygnet_tarpit_hits_total")+growth("cygnet_link_kernel_drops_total") >= sent
	})
	if hits := growth("cygnet_tarpit_hits_total"); hits > sent || hits < sent/2 {
		t.Errorf("%d hits of %d SYNs", hits, sent)
	}
	eventually(t, 20*time.Second, "each hit is an event, or was counted as lost", func() bool {
		var lines int
		lines, lost = hitsIn(t, read())
		return lines+lost+growth("cygnet_tarpit_hits_lost_total") == growth("cygnet_tarpit_hits_total")
	})
	return lost
}

// hitsIn counts the hits in an events file, and the events that it says were lost.
func hitsIn(t *testing.T, text string) (hits, lost int) {
	t.Helper()
	for _, e := range parseEvents(t, text) {
		switch e.Event {
		case "tarpit_hit":
			hits++
		case "events_lost":
			lost += e.Count
		}
	}
	return hits, lost
}

// newPipeReader returns what reads everything that came through a pipe so far.
func newPipeReader(t *testing.T, path string) func() string {
	t.Helper()
	pipe, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pipe.Close() })
	var all strings.Builder
	return func() string {
		if err := pipe.SetReadDeadline(time.Now().Add(300 * time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		buf := make([]byte, 64<<10)
		for {
			n, err := pipe.Read(buf)
			all.Write(buf[:n])
			if err != nil {
				return all.String() // nothing more for now
			}
		}
	}
}
