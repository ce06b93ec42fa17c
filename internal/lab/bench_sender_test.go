// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"errors"
	"fmt"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"cygnet/internal/link/afpacket"
	"cygnet/internal/wire"
)

// The frames that are sent, but for their MACs; each is 60 bytes long, the
// shortest on Ethernet (IEEE 802.3, 4A.4.2: 64 with the check sequence).
const (
	udpFrame = "udp %v > %v len=18"
	tcpFrame = "tcp %v > %v A seq=1 ack=1 pad=6"
)

const (
	// senders is how many different clients the frames seem to come from.
	senders = 256

	// burst is how many frames a paced sender sends at once: few, as single
	// frames cannot be timed.
	burst = 8
)

// sender sends prepared frames from the client, on a thread and a core of its
// own. It is used once.
type sender struct {
	queue    *afpacket.Queue
	batches  []*wire.Batch
	interval time.Duration // between two batches; 0: none
	stopped  chan struct{}
}

// newSender prepares frames to one of a path's ends, at so many a second.
func (b *bench) newSender(to benchEnd, notation string, rate int) (*sender, error) {
	s := &sender{stopped: make(chan struct{})}
	size := wire.BatchSize
	if rate != fullSpeed {
		size = burst
		s.interval = time.Second * burst / time.Duration(rate)
	}
	link, err := b.client.link(NIC)
	if err != nil {
		return nil, err
	}
	mac, err := to.host.MAC()
	if err != nil {
		return nil, err
	}
	macs := fmt.Sprintf("%v > %v ", link.Attrs().HardwareAddr, mac)
	frames, err := floodFrames(macs+notation, to.addr)
	if err != nil {
		return nil, err
	}
	for len(frames) > 0 {
		batch := wire.NewBatch(size, 128)
		for i := range size {
			batch.Slots[i].Set(frames[i])
			batch.Slots[i].Send = true
		}
		batch.N, frames = size, frames[size:]
		s.batches = append(s.batches, batch)
	}
	return s, b.client.Do(func() error {
		s.queue, err = afpacket.Open(NIC, link.Attrs().Index, afpacket.Options{Wait: time.Second})
		return err
	})
}

// floodFrames are one frame of each client, from addresses that nobody has.
func floodFrames(notation string, to netip.Addr) (frames [][]byte, err error) {
	port := uint16(discardPort)
	if strings.HasSuffix(notation, tcpFrame) {
		port = pagePort
	}
	for i := range senders {
		from := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 78, 0, byte(i)}), uint16(20000+i))
		frame, err := wire.ParseText(fmt.Sprintf(notation, from, netip.AddrPortFrom(to, port)))
		if err != nil {
			return nil, err
		}
		frames = append(frames, frame)
	}
	return frames, nil
}

// start sends until stop, or for at most limit. What it returns gives the
// sender's error, if there was one, at its end.
func (s *sender) start(core int, limit time.Duration) <-chan error {
	ended := make(chan error, 1)
	go func() {
		// The thread stays locked, and so ends with the goroutine: no other
		// goroutine inherits the core.
		runtime.LockOSThread()
		var set unix.CPUSet
		set.Set(core)
		err := unix.SchedSetaffinity(0, &set)
		if err == nil {
			err = s.send(time.Now().Add(limit))
		}
		ended <- errors.Join(err, s.queue.Close())
	}()
	return ended
}

// stop makes the sender end. It must be called once.
func (s *sender) stop() { close(s.stopped) }

// send sends all batches in turn.
func (s *sender) send(deadline time.Time) error {
	next := time.Now()
	for i := 0; ; i++ {
		now := time.Now()
		for now.Before(next) { // sleeping is a hundred times too coarse
			now = time.Now()
		}
		// One that was kept waiting does not make up for it by a burst.
		if next = next.Add(s.interval); now.Sub(next) > time.Millisecond {
			next = now
		}
		select {
		case <-s.stopped:
			return nil
		default:
		}
		if now.After(deadline) {
			return errors.New("nobody stopped the sender")
		}
		if err := s.queue.Send(s.batches[i%len(s.batches)]); err != nil {
			return err
		}
	}
}

func TestFloodFramesAreSmallAndFromManyClients(t *testing.T) {
	for _, notation := range []string{udpFrame, tcpFrame} {
		frames, err := floodFrames("02:00:00:00:00:01 > 02:00:00:00:00:02 "+notation, netip.MustParseAddr(vip))
		if err != nil {
			t.Fatal(err)
		}
		clients := map[netip.Addr]bool{}
		for _, b := range frames {
			var f wire.Frame
			if d := f.Parse(b); d != wire.DefectNone || len(b) != 60 || !f.TransportChecksumOK() {
				t.Errorf("%v: %d bytes, defect %v", &f, len(b), d)
			}
			clients[f.Src] = true
		}
		if len(clients) != senders || senders%wire.BatchSize != 0 || senders%burst != 0 {
			t.Errorf("%s: %d clients, want %d in whole batches", notation, len(clients), senders)
		}
	}
}
