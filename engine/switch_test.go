// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"cygnet/acl"
	"cygnet/engine"
	"cygnet/internal/capture"
	"cygnet/internal/events"
	"cygnet/internal/wire"
)

// twoVIPs has two services on one VIP, one on another, a source and a tarpit.
func twoVIPs() engine.Config {
	var l acl.List
	l.Append(acl.Rule{Action: acl.Permit, Prefix: netip.MustParsePrefix("10.77.0.64/26")})
	tarpit := &engine.List{Name: "tarpit", Rules: l.Rules(), Table: l.Compile(nil)}
	service := func(name, vip string, port uint16) engine.Service {
		return engine.Service{
			Name: name, VIP: netip.MustParseAddr(vip), Port: port, Proto: wire.ProtoTCP,
			Servers: []engine.Server{{Number: 1, Addr: netip.MustParseAddr("10.77.0.1")}},
		}
	}
	return engine.Config{
		MAC:      wire.MAC{2, 0, 0, 0, 0, 0xff},
		Addrs:    []netip.Prefix{netip.MustParsePrefix("10.77.0.4/24")},
		Sources:  []engine.Source{{Addr: netip.MustParseAddr("10.77.0.5")}},
		Lists:    []*engine.List{tarpit},
		Services: []engine.Service{service("web", "10.77.0.10", 80), service("tls", "10.77.0.10", 443), service("mail", "10.77.0.11", 25)},
		Tarpit:   engine.Tarpit{List: tarpit, Captured: []netip.Prefix{netip.MustParsePrefix("10.77.0.64/26")}, Policy: capture.Immediate},
	}
}

// onSegment plays against an engine with cfg on a segment with one server.
func onSegment(t *testing.T, cfg engine.Config, play func(p *player)) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlayer(t)
		p.machine.MAC = cfg.MAC
		p.neighbours[newPlace("10.77.0.1", nil)] = wire.MAC{2, 0, 0, 0, 0, 1}
		defer p.start(cfg)()
		play(p)
	})
}

const (
	client    = "02:00:00:00:00:09 > 02:00:00:00:00:ff "
	broadcast = "02:00:00:00:00:09 > ff:ff:ff:ff:ff:ff "
	us        = "02:00:00:00:00:ff > "
	ask       = us + "ff:ff:ff:ff:ff:ff arp who-has "
)

// about lets time pass and returns the questions and announcements about an
// address that were sent in it.
func (p *player) about(addr string, d time.Duration) (sent []string) {
	p.loud = true
	p.pass(d)
	p.loud = false
	for _, s := range p.sent {
		if strings.Contains(s, "who-has "+addr+" ") {
			sent = append(sent, s)
		}
	}
	p.sent = nil
	return sent
}

func (p *player) states() (states []engine.AddressState) {
	for _, s := range p.engine.Snapshot().Services {
		states = append(states, s.Address.State)
	}
	return states
}

// A service that is off answers nothing and its VIP is not claimed; on again,
// the VIP is asked for anew. Its counters and its servers are kept.
func TestServiceOffAndOnAgain(t *testing.T) {
	on := twoVIPs()
	off := twoVIPs()
	off.Services[2].Disabled = true
	onSegment(t, on, func(p *player) {
		p.play(
			"> "+client+"tcp 10.77.0.9:1234 > 10.77.0.11:25 S",
			"< "+us+"02:00:00:00:00:01 tcp 10.77.0.9:1234 > 10.77.0.11:25 S",
			"wait 3s")
		p.engine.Apply(off)
		p.play(
			"> "+broadcast+"arp who-has 10.77.0.11 tell 10.77.0.9",
			"> "+client+"icmp 10.77.0.9 > 10.77.0.11 echo-request id=5 seq=6 len=48",
			"> "+client+"tcp 10.77.0.9:1234 > 10.77.0.11:25 S",
			"> "+client+"ip 10.77.0.9 > 10.77.0.11 proto=6 frag=1480 id=7 len=100",
			"> "+client+"icmp 10.77.0.1 > 10.77.0.11 unreachable code=4 inner=(tcp 10.77.0.11:25 > 10.77.0.9:1234)",
			"> "+client+"tcp 10.77.0.9:1234 > 10.77.0.11:26 S",
			"count disabled=4 no_service=1 not_ours=1",
			// Another host may hold the VIP now, and is a client like any other.
			"> "+client+"tcp 10.77.0.11:1234 > 10.77.0.10:80 S",
			"< "+us+"02:00:00:00:00:01 tcp 10.77.0.11:1234 > 10.77.0.10:80 S")
		if diff := cmp.Diff([]engine.AddressState{engine.Held, engine.Held, engine.Off}, p.states()); diff != "" {
			t.Errorf("addresses (-want +got):\n%s", diff)
		}
		if sent := p.about("10.77.0.11", 61*time.Second); sent != nil {
			t.Errorf("off, and yet we send %q", sent)
		}
		p.engine.Apply(on)
		want := slices.Concat(slices.Repeat([]string{ask + "10.77.0.11 tell 10.77.0.4 pad=18"}, 3), slices.Repeat([]string{ask + "10.77.0.11 tell 10.77.0.11 pad=18"}, 2))
		if diff := cmp.Diff(want[:2], p.about("10.77.0.11", 400*time.Millisecond)); diff != "" {
			t.Errorf("on again, sent (-want +got):\n%s", diff)
		}
		p.play("> " + broadcast + "arp who-has 10.77.0.11 tell 10.77.0.9") // not yet
		if diff := cmp.Diff(want[2:], p.about("10.77.0.11", 5*time.Second)); diff != "" {
			t.Errorf("on again, sent (-want +got):\n%s", diff)
		}
		p.play(
			"> "+broadcast+"arp who-has 10.77.0.11 tell 10.77.0.9",
			"< "+us+"02:00:00:00:00:09 arp 10.77.0.11 is-at 02:00:00:00:00:ff to 10.77.0.9 pad=18",
			"> "+client+"tcp 10.77.0.9:1234 > 10.77.0.11:25 S",
			"< "+us+"02:00:00:00:00:01 tcp 10.77.0.9:1234 > 10.77.0.11:25 S",
			"count disabled=4 forwarded=3")
		mail := p.engine.Snapshot().Services[2]
		if mail.Traffic.Frames != 2 || mail.Servers[0].Traffic.Frames != 2 {
			t.Errorf("the service counts %d frames and its server %d, want 2", mail.Traffic.Frames, mail.Servers[0].Traffic.Frames)
		}
	})
}

// Of two services on one VIP, one is off: the VIP stays as it is.
func TestServiceOffOnASharedVIP(t *testing.T) {
	on, off := twoVIPs(), twoVIPs()
	off.Services[0].Disabled = true
	onSegment(t, on, func(p *player) {
		p.pass(3 * time.Second)
		p.engine.Apply(off)
		if sent := p.about("10.77.0.10", 2*time.Second); sent != nil {
			t.Errorf("sent %q", sent)
		}
		p.play(
			"> "+broadcast+"arp who-has 10.77.0.10 tell 10.77.0.9",
			"< "+us+"02:00:00:00:00:09 arp 10.77.0.10 is-at 02:00:00:00:00:ff to 10.77.0.9 pad=18",
			"> "+client+"tcp 10.77.0.9:1234 > 10.77.0.10:80 S",
			"> "+client+"tcp 10.77.0.9:1234 > 10.77.0.10:443 S",
			"< "+us+"02:00:00:00:00:01 tcp 10.77.0.9:1234 > 10.77.0.10:443 S",
			"count disabled=1 forwarded=1")
		if diff := cmp.Diff([]engine.AddressState{engine.Held, engine.Held, engine.Held}, p.states()); diff != "" {
			t.Errorf("addresses (-want +got):\n%s", diff)
		}
	})
}

// On standby only sources are answered for, and the servers stay warm.
func TestStandby(t *testing.T) {
	active, standby := twoVIPs(), twoVIPs()
	standby.Standby = true
	onSegment(t, standby, func(p *player) {
		p.pass(time.Second)
		p.play(
			"> "+broadcast+"arp who-has 10.77.0.10 tell 10.77.0.9",
			"> "+broadcast+"arp who-has 10.77.0.66 tell 10.77.0.9",
			"> "+client+"tcp 10.77.0.9:1234 > 10.77.0.66:22 S",
			"> "+client+"tcp 10.77.0.9:1234 > 10.77.0.10:80 S",
			"> "+broadcast+"arp who-has 10.77.0.5 tell 10.77.0.9",
			"< "+us+"02:00:00:00:00:09 arp 10.77.0.5 is-at 02:00:00:00:00:ff to 10.77.0.9 pad=18",
			"count not_ours=3 disabled=1 captured_syn=0")
		if diff := cmp.Diff([]engine.AddressState{engine.Off, engine.Off, engine.Off}, p.states()); diff != "" {
			t.Errorf("addresses (-want +got):\n%s", diff)
		}
		s := p.engine.Snapshot()
		if !s.Standby || s.Sources[0].State != engine.Held || s.Services[0].Servers[0].MAC.IsZero() || s.Tarpit.Addresses != 64 {
			t.Errorf("standby %v, source %v, server %v, tarpit %v", s.Standby, s.Sources[0].State, s.Services[0].Servers[0].MAC, s.Tarpit)
		}
		p.engine.Apply(active)
		p.play(
			"> "+client+"tcp 10.77.0.9:1234 > 10.77.0.66:22 S",
			"< "+us+"02:00:00:00:00:09 tcp 10.77.0.66:22 > 10.77.0.9:1234 SA seq=2910362935 ack=1 win=64240 opts=020405b4 df=1 pad=2",
			"wait 1s",
			"> "+broadcast+"arp who-has 10.77.0.10 tell 10.77.0.9",
			"< "+us+"02:00:00:00:00:09 arp 10.77.0.10 is-at 02:00:00:00:00:ff to 10.77.0.9 pad=18",
			"event announced addr=10.77.0.10")
		hits, _, _ := p.hits.Since(0)
		if len(hits) != 1 || hits[0].Kind != events.TarpitHit || hits[0].Time.IsZero() {
			t.Errorf("hits %v", hits)
		}
		p.engine.Apply(standby)
		if sent := p.about("10.77.0.10", 61*time.Second); sent != nil {
			t.Errorf("on standby again, and yet we send %q", sent)
		}
	})
}

// A VIP that is the interface's own address asks nobody, on standby as well: a
// server takes no question from itself.
func TestStandbyDoesNotAskFromAVIP(t *testing.T) {
	cfg := twoVIPs()
	cfg.Addrs = []netip.Prefix{netip.MustParsePrefix("10.77.0.10/24")}
	cfg.Standby = true
	onSegment(t, cfg, func(p *player) {
		sent := p.about("10.77.0.1", 21*time.Second)
		if len(sent) != 2 || !strings.Contains(sent[1], "who-has 10.77.0.1 tell 10.77.0.5") {
			t.Errorf("sent %q, want two questions from the source", sent)
		}
	})
}

// What came in the last moment is an event, too.
func TestTheLastHitsAreDrained(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlayer(t)
		cfg := twoVIPs()
		p.machine.MAC = cfg.MAC
		stop := p.start(cfg)
		p.push(client+"tcp 10.77.0.9:1234 > 10.77.0.66:22 S", "")
		before, _, _ := p.hits.Since(0)
		stop()
		after, _, _ := p.hits.Since(0)
		if len(before) != 0 || len(after) != 1 {
			t.Errorf("%d hits before the end and %d after, want 0 and 1", len(before), len(after))
		}
	})
}
