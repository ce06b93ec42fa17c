// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"testing"
	"time"

	"cygnet/internal/bpf"
)

const (
	// How long frames flow before the measurement, and for how long they are
	// measured.
	warmUp  = 500 * time.Millisecond
	measure = 2 * time.Second

	fullSpeed = 0 // as a rate: as fast as the sender can
)

// frames measures what a balancer on one core does with small frames, first
// with more than it can carry, then with half of what Pen carried.
func (b *bench) frames(t *testing.T) {
	t.Helper()
	lift := b.dropAtServers(t)
	defer lift()
	flood := func(proto benchProto, rate int) func(*benchPath) ([]float64, error) {
		return func(p *benchPath) ([]float64, error) { return b.flood(proto.end(p), proto, rate) }
	}
	var carried float64 // by Pen
	for _, proto := range []benchProto{benchTCP(), benchUDP()} {
		of := proto.name + ", 60-byte frames, saturated: "
		rows := b.compare(t, b.all(), flood(proto, fullSpeed),
			benchRow{what: of + "1000 frames/s forwarded", goals: []benchGoal{atLeast(1.35, "pen")}},
			benchRow{what: of + "CPU a frame, µs", goals: []benchGoal{atMost(0.7, "pen")}},
			benchRow{what: of + "lost, %"},
			benchRow{what: of + "1000 frames/s offered"})
		carried = rows[0].cell(b.pen).median()
	}
	if math.IsNaN(carried) {
		t.Fatal("pen forwarded no frame: there is no rate to compare at")
	}
	highest, half := max(int(carried), 10), max(int(carried/2/10)*10, 10)
	of := fmt.Sprintf("UDP, 60-byte frames, %d 000/s, Pen's own highest rate: ", highest)
	b.compare(t, b.balancers(), costAndLoss(flood(benchUDP(), highest*1000)),
		benchRow{what: of + "CPU a frame, µs"}, benchRow{what: of + "lost, %", goals: []benchGoal{atMost(0, "")}})
	of = fmt.Sprintf("UDP, 60-byte frames, %d 000/s: ", half)
	b.compare(t, b.balancers(), costAndLoss(flood(benchUDP(), half*1000)),
		benchRow{what: of + "CPU a frame, µs"}, benchRow{what: of + "lost, %"})
}

// costAndLoss picks the two of what flood returns.
func costAndLoss(flood func(*benchPath) ([]float64, error)) func(*benchPath) ([]float64, error) {
	return func(p *benchPath) ([]float64, error) {
		values, err := flood(p)
		if err != nil {
			return nil, err
		}
		return values[1:3], nil
	}
}

// benchProto is a kind of frame that a sender sends.
type benchProto struct {
	name     string
	port     uint16
	notation string // without the MACs; the frame has 60 bytes, the shortest on Ethernet
	flows    int    // how many, of TCP; 0 is one a sender's client
	opens    bool   // the flows are opened, one after the other
	end      func(*benchPath) benchEnd
}

func benchUDP() benchProto {
	return benchProto{name: "UDP", port: discardPort, notation: "udp %v > %v len=18", end: func(p *benchPath) benchEnd { return p.udp }}
}

func benchTCP() benchProto {
	return benchProto{name: "TCP", port: pagePort, notation: "tcp %v > %v A seq=1 ack=1 pad=6", end: func(p *benchPath) benchEnd { return p.tcp }}
}

// dropAtServers makes the servers drop what comes for the VIPs as soon as it
// has arrived and was counted: a server on another machine would not take the
// balancer's CPU to answer. lift ends that.
func (b *bench) dropAtServers(t *testing.T) (lift func()) {
	t.Helper()
	var drop bpf.Drop
	for _, a := range append(benchVIPs(), b.direct.udp.addr) {
		drop.Prefixes = append(drop.Prefixes, netip.PrefixFrom(a, a.BitLen()))
	}
	var guards []*bpf.Guard
	for _, s := range b.servers {
		link, err := s.link(NIC)
		if err != nil {
			t.Fatal(err)
		}
		err = s.Do(func() error {
			g, err := bpf.Install(link.Attrs().Index, NIC, drop)
			guards = append(guards, g)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return func() {
		for i, s := range b.servers {
			if err := s.Do(guards[i].Close); err != nil {
				t.Error(err)
			}
		}
	}
}

// flood sends frames to one of a path's ends and gives: thousands forwarded a
// second, the balancer's CPU time for each in microseconds, the share lost in
// percent, and thousands offered a second.
func (b *bench) flood(to benchEnd, proto benchProto, rate int) (values []float64, err error) {
	before, err := b.look(to)
	if err != nil {
		return nil, err
	}
	sender, err := b.startSender(to, proto, rate, warmUp+measure+5*time.Second)
	if err != nil {
		return nil, err
	}
	defer sender.Kill()
	var marks [2]reading
	for i, wait := range []time.Duration{warmUp, measure} {
		select {
		case <-sender.Done():
			return nil, fmt.Errorf("the sender ended: %w\n%s", endError(sender.Wait()), sender.Output())
		case <-time.After(wait): // the measurement itself
		}
		if marks[i], err = b.look(to); err != nil {
			return nil, err
		}
	}
	sender.Kill()
	after, err := b.settle(to)
	if err != nil {
		return nil, err
	}
	d, all := marks[1].since(marks[0]), after.since(before)
	if d.got == 0 {
		return nil, errors.New("no frame arrived")
	}
	perFrame, lost := notMeasured(), notMeasured()
	if to.proc != nil {
		perFrame, lost = d.cpu.Seconds()*1e6/d.got, max(0, 100*(1-all.got/all.sent))
	}
	return []float64{d.got / d.seconds / 1000, perFrame, lost, d.sent / d.seconds / 1000}, nil
}

// reading is what was counted until a moment, or between two.
type reading struct {
	at        time.Time
	seconds   float64       // between two
	sent, got float64       // frames that came to the path's end; to the servers, or back to the client
	cpu       time.Duration // of the balancer
}

// since is what was counted between two readings.
func (r reading) since(o reading) reading {
	return reading{seconds: r.at.Sub(o.at).Seconds(), sent: r.sent - o.sent, got: r.got - o.got, cpu: r.cpu - o.cpu}
}

// look takes a reading.
func (b *bench) look(to benchEnd) (r reading, err error) {
	if to.proc != nil {
		if r.cpu, err = cpuTime(to.proc); err != nil {
			return r, err
		}
	}
	for _, h := range append(slices.Clip(b.servers), b.client) {
		c, err := h.Counters()
		if err != nil {
			return r, err
		}
		r.got += float64(c.RxFrames)
	}
	c, err := to.host.Counters()
	r.sent, r.at = float64(c.RxFrames), time.Now()
	return r, err
}

// settle waits until what is still on its way has arrived, and takes the last
// reading. Now and then a frame of ARP comes besides, so it asks for few, not
// for none.
func (b *bench) settle(to benchEnd) (reading, error) {
	last, err := b.look(to)
	for deadline := time.Now().Add(2 * time.Second); err == nil && time.Now().Before(deadline); {
		time.Sleep(50 * time.Millisecond) // the pace of polling
		var now reading
		if now, err = b.look(to); now.since(last).got < 10 {
			return now, err
		}
		last = now
	}
	return last, err
}
