// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"testing"

	"github.com/mdlayher/packet"
	"golang.org/x/sys/unix"

	"cygnet/internal/wire"
)

// tap sends frames of our own making from a host's eth1, and keeps all that
// arrive there, whomever they are for.
type tap struct {
	mac  net.HardwareAddr // the host's
	conn *packet.Conn

	mu    sync.Mutex
	heard [][]byte
}

// newTap opens a tap that is closed with the test.
func newTap(t *testing.T, h *Host) *tap {
	t.Helper()
	p := &tap{}
	var err error
	if p.mac, err = h.MAC(); err != nil {
		t.Fatal(err)
	}
	err = h.Do(func() error {
		dev, err := net.InterfaceByName(NIC)
		if err == nil {
			p.conn, err = packet.Listen(dev, packet.Raw, unix.ETH_P_ALL, nil)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { // until the tap is closed
		defer close(done)
		p.listen()
	}()
	t.Cleanup(func() { p.conn.Close(); <-done })
	return p
}

func (p *tap) listen() {
	b := make([]byte, 64<<10)
	for {
		n, _, err := p.conn.ReadFrom(b)
		if err != nil {
			return
		}
		if n < 14 || slices.Equal(b[6:12], p.mac) {
			continue // what this host sent
		}
		p.mu.Lock()
		p.heard = append(p.heard, slices.Clone(b[:n]))
		p.mu.Unlock()
	}
}

// send sends a frame in the notation of wire.ParseText to that MAC, and returns its
// length.
func (p *tap) send(t *testing.T, to net.HardwareAddr, text string) int {
	t.Helper()
	frame, err := wire.ParseText(fmt.Sprintf("%v > %v %s", p.mac, to, text))
	if err != nil {
		t.Fatal(err)
	}
	p.sendBytes(t, frame)
	return len(frame)
}

func (p *tap) sendBytes(t *testing.T, frame []byte) {
	t.Helper()
	if _, err := p.conn.WriteTo(frame, &packet.Addr{HardwareAddr: frame[:6]}); err != nil {
		t.Fatalf("send % x: %v", frame, err)
	}
}

// forget drops what was heard so far.
func (p *tap) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.heard = nil
}

// frames are those heard that are as wanted, in their order.
func (p *tap) frames(is func(*wire.Frame) bool) (all []*wire.Frame) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, b := range p.heard {
		f := &wire.Frame{}
		if d := f.Parse(slices.Clone(b)); (d == wire.DefectNone || d == wire.DefectChecksum) && is(f) {
			all = append(all, f)
		}
	}
	return all
}

// fromAddr are the frames in which an address speaks: of IP, ARP, and
// neighbour advertisements.
func (p *tap) fromAddr(of func(netip.Addr) bool) []*wire.Frame {
	return p.frames(func(f *wire.Frame) bool { return of(f.Src) || isAdvertisement(f) && of(f.ND().Target()) })
}

func isAdvertisement(f *wire.Frame) bool {
	return f.Kind == wire.KindIPv6 && f.Proto == wire.ProtoICMPv6 && f.IsNeighbourAdvertisement()
}

// isAt are the answers to ARP questions for an address.
func (p *tap) isAt(a netip.Addr) []*wire.Frame {
	return p.frames(func(f *wire.Frame) bool { return f.Kind == wire.KindARP && f.ARP().Op() == wire.ARPReply && f.Src == a })
}
