// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package health

import (
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
	"gvisor.dev/gvisor/pkg/tcpip/adapters/gonet"

	"cygnet/internal/wire"
)

// nameServer answers questions at an address as answer says: several times, or
// not at all.
func (r *realServer) nameServer(t *testing.T, a netip.AddrPort, answer func(q dnsmessage.Message) [][]byte) {
	t.Helper()
	at := full(a)
	conn, err := gonet.DialUDP(r.stack, &at, nil, protocol(a.Addr()))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		b := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(b)
			if err != nil {
				return
			}
			var q dnsmessage.Message
			if err := q.Unpack(b[:n]); err != nil {
				t.Errorf("a bad question: %v", err)
			}
			for _, reply := range answer(q) {
				_, _ = conn.WriteTo(reply, from)
			}
		}
	}()
	t.Cleanup(func() {
		conn.Close()
		<-done
	})
}

func packed(m dnsmessage.Message) []byte {
	b, err := m.Pack()
	if err != nil {
		panic(err)
	}
	return b
}

// zone answers by the name that is asked for.
func zone(q dnsmessage.Message) [][]byte {
	m := q
	m.Response = true
	name := q.Questions[0].Name
	add := func(owner dnsmessage.Name, body dnsmessage.ResourceBody) {
		m.Answers = append(m.Answers, dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: owner, Class: dnsmessage.ClassINET}, Body: body})
	}
	web := dnsmessage.MustNewName("web.example.net.")
	switch first, _, _ := strings.Cut(strings.ToLower(name.String()), "."); first {
	case "alias":
		add(name, &dnsmessage.CNAMEResource{CNAME: web})
		add(web, &dnsmessage.AResource{A: [4]byte{10, 0, 0, 2}})
	case "web":
		switch q.Questions[0].Type {
		case dnsmessage.TypeA:
			add(name, &dnsmessage.AResource{A: [4]byte{10, 0, 0, 2}})
		case dnsmessage.TypeAAAA:
			add(name, &dnsmessage.AAAAResource{AAAA: netip.MustParseAddr("2001:db8::2").As16()})
		case dnsmessage.TypeMX:
			add(name, &dnsmessage.MXResource{Pref: 1, MX: web})
		case dnsmessage.TypeTXT:
			add(name, &dnsmessage.TXTResource{TXT: []string{"all ", "is well"}})
		case dnsmessage.TypeSRV:
			add(name, &dnsmessage.SRVResource{Target: web})
		case dnsmessage.TypeNS:
			add(name, &dnsmessage.NSResource{NS: web})
		case dnsmessage.TypePTR:
			add(name, &dnsmessage.PTRResource{PTR: web})
		case dnsmessage.TypeSOA:
			add(name, &dnsmessage.SOAResource{NS: web, MBox: web})
		}
	case "broken":
		m.RCode, m.Questions = dnsmessage.RCodeServerFailure, nil
	case "absent":
		m.RCode = dnsmessage.RCodeNameError
	case "long":
		m.Truncated = true
	case "silent":
		return nil
	case "strange": // before the answer, some that are none
		other := m
		other.ID++
		echo := q
		elsewhere := m
		elsewhere.Questions = []dnsmessage.Question{{Name: web, Type: dnsmessage.TypeA, Class: dnsmessage.ClassINET}}
		m.RCode = dnsmessage.RCodeRefused
		return [][]byte{{}, {1}, []byte("not DNS at all"), packed(other), packed(echo), packed(elsewhere), packed(m)}
	}
	return [][]byte{packed(m)}
}

func TestDNS(t *testing.T) {
	s := newFake()
	r, m := newServer(t, s, vip4, vip6)
	r.nameServer(t, netip.AddrPortFrom(vip4, 53), zone)
	r.nameServer(t, netip.AddrPortFrom(vip6, 53), zone)
	questions := 0
	r.nameServer(t, netip.AddrPortFrom(vip4, 54), func(q dnsmessage.Message) [][]byte {
		if questions++; questions == 1 {
			return nil
		}
		return zone(q)
	})
	tests := []struct {
		name, kind, expect string
		want               string
	}{
		{"web.example.net", "A", "", "pass dns answer"},
		{"web.example.net.", "A", "10.0.0.2", "pass dns answer 10.0.0.2"},
		{"WEB.example.net", "A", "10.0.0.3", "fail dns answer 10.0.0.2, expected 10.0.0.3"},
		{"alias.example.net", "A", "10.0.0.2", "pass dns answer 10.0.0.2"},
		{"web.example.net", "AAAA", "2001:DB8:0::2", "pass dns answer 2001:db8::2"},
		{"web.example.net", "MX", "web.example.net", "pass dns answer web.example.net"},
		{"web.example.net", "MX", "Web.example.net.", "pass dns answer web.example.net"},
		{"web.example.net", "NS", "mail.example.net", "fail dns answer web.example.net, expected mail.example.net"},
		{"web.example.net", "NS", "web.example.net", "pass dns answer web.example.net"},
		{"web.example.net", "PTR", "web.example.net", "pass dns answer web.example.net"},
		{"web.example.net", "SRV", "web.example.net", "pass dns answer web.example.net"},
		{"web.example.net", "SOA", "web.example.net", "pass dns answer web.example.net"},
		{"alias.example.net", "CNAME", "web.example.net", "pass dns answer web.example.net"},
		{"web.example.net", "TXT", "is well", "pass dns answer all is well"},
		{"web.example.net", "TXT", "ill", "fail dns answer all is well, expected ill"},
		{"nothing.example.net", "A", "", "pass dns answer"},
		{"nothing.example.net", "A", "10.0.0.2", "fail dns answer of none, expected 10.0.0.2"},
		{"broken.example.net", "A", "", "fail dns SERVFAIL from VIP"},
		{"absent.example.net", "A", "", "fail dns NXDOMAIN from VIP"},
		{"strange.example.net", "A", "", "fail dns REFUSED from VIP"},
		{"long.example.net", "A", "10.0.0.2", "pass dns answer, truncated"},
		{"silent.example.net", "A", "", "fail no answer from VIP within 0.2 s (is it on the server's lo?)"},
		{strings.Repeat("a", 300), "A", "", "fail dns: \"" + strings.Repeat("a", 60) + "...\" is no name"},
	}
	for _, tt := range tests {
		t.Run(tt.name+" "+tt.kind+" "+tt.expect, func(t *testing.T) {
			target := web("dns")
			target.Port, target.Check.Name, target.Check.Type, target.Check.Expect = 53, tt.name, tt.kind, tt.expect
			if target.Timeout = 10 * time.Second; strings.Contains(tt.want, "0.2 s") {
				target.Timeout = 200 * time.Millisecond
			}
			expect(t, "outcome", s.verdict(t, m, target), tt.want)
			target.VIP = vip6
			expect(t, "outcome, IPv6", s.verdict(t, m, target), tt.want)
		})
	}
	target := web("dns")
	target.Port, target.Timeout, target.Check.Name = 54, time.Second, "web.example.net"
	expect(t, "the first question is lost", s.verdict(t, m, target), "pass dns answer")
	target.Port, target.Timeout = 55, 10*time.Second
	expect(t, "no server", s.verdict(t, m, target), "fail icmp port unreachable from VIP")
}

// For DNS all that an ICMP error quotes is easy to guess: it must come from the
// server.
func TestDNSRefusedByAnother(t *testing.T) {
	s := newFake()
	m := New(s)
	defer m.net.close()
	s.answers(t, m, func(f *wire.Frame) []string {
		return []string{strings.Replace(icmp(f, "icmp", "10.77.0.11", 3), itsMAC.String(), "02:00:00:00:00:12", 1)}
	})
	target := web("dns")
	target.Port, target.Timeout, target.Check.Name = 53, 50*time.Millisecond, "web.example.net"
	expect(t, "outcome", s.verdict(t, m, target), "fail no answer from VIP within 0.05 s (is it on the server's lo?)")
}

// A name server that answers from its own address: the classic one.
func TestDNSAnsweredFromElsewhere(t *testing.T) {
	s := newFake()
	r, m := newServer(t, s, vip4, server4)
	own := full(netip.AddrPortFrom(server4, 53))
	conn, err := gonet.DialUDP(r.stack, &own, nil, protocol(server4))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	r.nameServer(t, netip.AddrPortFrom(vip4, 53), func(q dnsmessage.Message) [][]byte {
		m.ports.mu.Lock()
		defer m.ports.mu.Unlock()
		for port := range m.ports.open { // the one
			_, _ = conn.WriteTo(zone(q)[0], net.UDPAddrFromAddrPort(netip.AddrPortFrom(source4, port)))
		}
		return nil
	})
	target := web("dns")
	target.Port, target.Timeout, target.Check.Name = 53, 10*time.Second, "web.example.net"
	expect(t, "outcome", s.verdict(t, m, target), "fail answered from 10.77.0.11, not from VIP")
}
