// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"encoding/hex"
	"net/netip"
	"strings"
	"testing"

	"cygnet/internal/capture"
	"cygnet/internal/wire"
)

// hearing is a control goroutine on an engine that captures much.
func hearing(t *testing.T, say func(*Config)) *control {
	t.Helper()
	cfg := testConfig()
	cfg.Tarpit.Captured = []netip.Prefix{netip.MustParsePrefix("10.77.0.0/24"), netip.MustParsePrefix("fd77::/64")}
	say(&cfg)
	return newTestEngine(t, cfg).control
}

// dhcp is a frame with the message of a server that has these options, in hex.
func dhcp(t *testing.T, options string) []byte {
	t.Helper()
	return dhcpFrame(t, 2, "02:00:00:00:00:03 > ff:ff:ff:ff:ff:ff udp 10.77.0.3:67 > 255.255.255.255:68 len=1000", options)
}

// dhcpFrame is a frame of that line, whose message has this op and these options.
func dhcpFrame(t *testing.T, op byte, line, options string) []byte {
	t.Helper()
	o, err := hex.DecodeString(strings.ReplaceAll("63825363"+options+"ff", " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	frame, err := wire.ParseText(line)
	if err != nil {
		t.Fatal(err)
	}
	const payload = 14 + 20 + 8
	frame[payload] = op
	copy(frame[payload+236:], o)
	var f wire.Frame
	if d := f.Parse(frame); d != wire.DefectNone {
		t.Fatal(d)
	}
	f.UDP().UpdateChecksum(f.Src, f.Dst)
	return frame
}

// hear gives the frame to the control goroutine as if it had come.
func (c *control) hear(frame []byte, pending bool) {
	c.in.Reset()
	s := &c.in.Slots[0]
	s.Set(frame)
	s.Type, s.CsumPending = wire.PacketBroadcast, pending
	if wire.Ethernet(frame).Dst() == ourMAC {
		s.Type = wire.PacketHost
	}
	c.in.N = 1
	c.learn()
	c.in.Reset()
}

func (c *control) state(a string) capture.State {
	return c.e.capturer.States().Of(netip.MustParseAddr(a), c.e.clock.Load())
}

const offered = "350102 36040a4d0033 03040a4d0031 06080a4d003508080808" // by .51; router .49; DNS .53 and 8.8.8.8

// TestServersHeardAreHeld: what DHCP and routers name is never captured.
func TestServersHeardAreHeld(t *testing.T) {
	c := hearing(t, func(*Config) {})
	frame := dhcp(t, offered)
	frame[len(frame)-1] ^= 1
	c.hear(frame, false)
	if s := c.state("10.77.0.51"); s != capture.Unknown {
		t.Errorf("by a message with a wrong checksum, it is %v", s)
	}
	c.hear(withTag(dhcp(t, offered)), false)
	if s := c.state("10.77.0.51"); s != capture.Unknown {
		t.Errorf("by a message on a VLAN, it is %v", s)
	}
	c.hear(frame, true) // by offload, it is filled in later
	for _, a := range []string{"10.77.0.51", "10.77.0.49", "10.77.0.53"} {
		if s := c.state(a); s != capture.Owned {
			t.Errorf("%s is %v", a, s)
		}
	}
	if len(c.servers.held) != 3 {
		t.Errorf("noted %v: more than could be captured", c.servers.held)
	}

	const ra = "02:00:00:00:00:01 > 33:33:00:00:00:01 icmp6 fe80::1 > ff02::1 type=134 ttl=255 len=32"
	frame, err := wire.ParseText(ra)
	if err != nil {
		t.Fatal(err)
	}
	dns := netip.MustParseAddr("fd77::53").As16()
	body := frame[14+40:]
	copy(body[16:], []byte{25, 3, 0, 0, 0, 0, 14, 16})
	copy(body[24:], dns[:])
	var f wire.Frame
	if d := f.Parse(frame); d != wire.DefectNone {
		t.Fatal(d)
	}
	f.ICMPv6().UpdateChecksum(f.Src, f.Dst)
	c.hear(frame, false)
	if s := c.state("fd77::53"); s != capture.Owned {
		t.Errorf("a router's DNS server is %v", s)
	}
}

// TestServersBehindARouterAreNotHeld: what is not broadcast may come from anywhere.
func TestServersBehindARouterAreNotHeld(t *testing.T) {
	c := hearing(t, func(*Config) {})
	c.hear(dhcpFrame(t, 2, "02:00:00:00:00:01 > 02:00:00:00:00:ff udp 192.0.2.9:67 > 10.77.0.4:68 len=1000", offered), false)
	if len(c.servers.held) != 0 || c.state("10.77.0.51") != capture.Unknown {
		t.Errorf("noted %v", c.servers.held)
	}
}

// client is a frame with the broadcast of a DHCP client that has these options.
func client(t *testing.T, options string) []byte {
	t.Helper()
	return dhcpFrame(t, 1, "02:00:00:00:00:08 > ff:ff:ff:ff:ff:ff udp 0.0.0.0:68 > 255.255.255.255:67 len=1000", options)
}

const chosen = "350103 36040a4d0033 32040a4d0040" // it asks .51 for .64

// TestDHCPClientsTellOfServersAndThemselves: on a switch nothing else may be heard.
func TestDHCPClientsTellOfServersAndThemselves(t *testing.T) {
	c := hearing(t, func(cfg *Config) { cfg.Tarpit.Policy = capture.Immediate })
	frame := client(t, chosen)
	frame[len(frame)-1] ^= 1
	c.hear(frame, false)
	if s := c.state("10.77.0.64"); s != capture.Unknown {
		t.Errorf("by a message with a wrong checksum, it is %v", s)
	}
	c.hear(client(t, chosen), false)
	c.hear(client(t, "350103 3604c0000201 3204c0000202"), false) // elsewhere
	for _, a := range []string{"10.77.0.51", "10.77.0.64"} {
		if s := c.state(a); s != capture.Owned {
			t.Errorf("%s is %v", a, s)
		}
	}
	if s := c.state("192.0.2.2"); s != capture.Unknown {
		t.Errorf("an address that is not captured is %v", s)
	}
	if len(c.servers.held) != 1 || !c.servers.held[netip.MustParseAddr("10.77.0.51")] {
		t.Errorf("held are %v, want the server alone", c.servers.held)
	}
}

// TestServersHeardAreBounded: whoever forges messages keeps no more than so many
// addresses free, and one machine leaves places for others.
func TestServersHeardAreBounded(t *testing.T) {
	c := hearing(t, func(*Config) {})
	named := func(by, a byte) {
		frame := dhcp(t, "350102 36040a4d00"+hex.EncodeToString([]byte{a}))
		frame[11] = by
		c.hear(frame, false)
	}
	for a := range byte(100) {
		named(3, a+1)
	}
	if n := len(c.servers.held); n != serversHeardEach {
		t.Errorf("one machine keeps %d, want %d", n, serversHeardEach)
	}
	named(4, 150)
	if s := c.state("10.77.0.150"); s != capture.Owned {
		t.Errorf("what another names is %v", s)
	}
	for a := range byte(100) {
		named(5+a/4, a+101)
	}
	if n := len(c.servers.held); n != serversHeardRoom {
		t.Errorf("%d are kept, want %d", n, serversHeardRoom)
	}
	if s := c.state("10.77.0.200"); s == capture.Owned {
		t.Error("the last is held, too")
	}
}

// TestServersHeardWithoutTarpit: nothing is kept of them.
func TestServersHeardWithoutTarpit(t *testing.T) {
	c := hearing(t, func(cfg *Config) { cfg.Tarpit.Captured = nil })
	c.hear(dhcp(t, offered), false)
	c.hear(client(t, chosen), false)
	if len(c.servers.held) > 0 || c.state("10.77.0.64") != capture.Unknown {
		t.Errorf("noted %v", c.servers.held)
	}
}

// TestServersHeardOnStandby: when the other fails, it is too late to hear of them.
func TestServersHeardOnStandby(t *testing.T) {
	standby := testConfig()
	c := hearing(t, func(cfg *Config) {
		cfg.Standby = true
		standby = *cfg
	})
	c.hear(dhcp(t, offered), false)
	c.hear(client(t, chosen), false)
	standby.Standby = false
	c.e.Apply(standby)
	for _, a := range []string{"10.77.0.51", "10.77.0.49", "10.77.0.53", "10.77.0.64"} {
		if s := c.state(a); s != capture.Owned {
			t.Errorf("after the failover %s is %v", a, s)
		}
	}
}
