// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package health

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"cygnet/internal/wire"
)

var quiet = log.New(io.Discard, "", 0)

// verdict makes one check, and says how it ended.
func (s *fakeSegment) verdict(t *testing.T, m *Monitor, target Target) string {
	t.Helper()
	source, _ := s.Source(target.VLAN, target.VIP)
	o := m.try(t.Context(), &target, m.checker(&target), source, target.Timeout)
	if n := len(m.ports.open); n != 0 {
		t.Errorf("%d ports in use after a check", n)
	}
	return [...]string{"nothing ", "fail ", "pass "}[o.verdict] + o.text
}

func page(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/ip":
		fmt.Fprintf(w, "%s %s %v of %s", r.Host, r.URL.RawQuery, r.TLS != nil && r.TLS.ServerName == "www.example.net", r.RemoteAddr)
	case "/busy":
		w.WriteHeader(503)
	case "/moved":
		http.Redirect(w, r, "/ip", http.StatusFound)
	case "/early":
		w.Header().Set("Link", "</x>")
		w.WriteHeader(http.StatusEarlyHints)
		w.WriteHeader(http.StatusOK)
	case "/long":
		fmt.Fprint(w, strings.Repeat("x", longestBody), "end")
	case "/longhead":
		w.Header().Set("Long", strings.Repeat("x", 1<<20))
	case "/slow":
		time.Sleep(300 * time.Millisecond)
	case "/slowbody":
		fmt.Fprint(w, "beginning")
		w.(http.Flusher).Flush()
		time.Sleep(300 * time.Millisecond)
	case "/slowhead":
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(err)
		}
		fmt.Fprint(conn, "HTTP/1.1 2")
		time.Sleep(300 * time.Millisecond)
		conn.Close()
	case "/nonsense":
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(err)
		}
		fmt.Fprint(conn, "SSH-2.0-OpenSSH\r\n")
		conn.Close()
	case "/gone":
		panic(http.ErrAbortHandler)
	}
}

func TestHTTP(t *testing.T) {
	s := newFake()
	r, m := newServer(t, s, vip4, vip6)
	r.web(t, netip.AddrPortFrom(vip4, 80), false, page)
	r.web(t, netip.AddrPortFrom(vip4, 8080), false, page)
	r.web(t, netip.AddrPortFrom(vip6, 80), false, page)
	r.web(t, netip.AddrPortFrom(vip4, 443), true, page)
	tests := []struct {
		name   string
		change func(c *Target)
		want   string
	}{
		{"a page", func(c *Target) {}, "pass http 200"},
		{"IPv6", func(c *Target) { c.VIP, c.Check.Body = vip6, "[fd77::100] " }, "pass http 200"},
		{"the VIP as host", func(c *Target) { c.Check.Body = "10.77.0.100 " }, "pass http 200"},
		{"and the port", func(c *Target) { c.Port, c.Check.Body = 8080, "10.77.0.100:8080 " }, "pass http 200"},
		{"a host", func(c *Target) { c.Check.Host, c.Check.Body = "www.example.net", "www.example.net " }, "pass http 200"},
		{"a query", func(c *Target) { c.Check.Path, c.Check.Body = "/ip?a=b", " a=b " }, "pass http 200"},
		{"our source", func(c *Target) { c.Check.Body = "of 10.77.0.9:" }, "pass http 200"},
		{"503", func(c *Target) { c.Check.Path = "/busy" }, "fail http 503 from VIP"},
		{"503 is right", func(c *Target) { c.Check.Path, c.Check.Status = "/busy", 503 }, "pass http 503"},
		{"a redirect", func(c *Target) { c.Check.Path = "/moved" }, "fail http 302 from VIP"},
		{"an answer before the answer", func(c *Target) { c.Check.Path = "/early" }, "pass http 200"},
		{"wrong body", func(c *Target) { c.Check.Body = "healthy" }, "fail body lacks \"healthy\""},
		{"a long body", func(c *Target) { c.Check.Path, c.Check.Body = "/long", "end" }, "fail body lacks \"end\""},
		{"a long head", func(c *Target) { c.Check.Path, c.Timeout = "/longhead", 10*time.Second }, "fail http: the head of the answer has no end"},
		{"refused", func(c *Target) { c.Port = 81 }, "fail connection refused by VIP"},
		{"slow", func(c *Target) { c.Check.Path = "/slow" }, "fail no answer from VIP within 0.2 s"},
		{"a slow body", func(c *Target) { c.Check.Path, c.Check.Body = "/slowbody", "end" }, "fail no answer from VIP within 0.2 s"},
		{"a slow head", func(c *Target) { c.Check.Path = "/slowhead" }, "fail no answer from VIP within 0.2 s"},
		{"no http", func(c *Target) { c.Check.Path = "/nonsense"; c.Timeout = 10 * time.Second }, `fail http: malformed HTTP response "SSH-2.0-OpenSSH"`},
		{"a slow body that nobody wants", func(c *Target) { c.Check.Path = "/slowbody" }, "pass http 200"},
		{"closed", func(c *Target) { c.Check.Path = "/gone" }, "fail http: VIP closed the connection"},
		{"a VIP that is not there", func(c *Target) { c.VIP = netip.MustParseAddr("10.77.0.101") }, "fail no answer from VIP (is it on the server's lo?)"},
		{"https", func(c *Target) { c.Check.Kind, c.Port = "https", 443 }, "pass http 200"},
		{"https with a name", func(c *Target) {
			c.Check.Kind, c.Port, c.Check.Host, c.Check.Body = "https", 443, "www.example.net", " true "
		}, "pass http 200"},
		{"https, 503", func(c *Target) { c.Check.Kind, c.Port, c.Check.Path = "https", 443, "/busy" }, "fail http 503 from VIP"},
		{"https to http", func(c *Target) { c.Check.Kind = "https" }, "fail https: tls: first record does not look like a TLS handshake"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			target := web("http")
			target.Check.Path = "/ip"
			if target.Timeout = 200 * time.Millisecond; strings.HasPrefix(tt.want, "pass") {
				target.Timeout = 10 * time.Second // whatever else this machine does
			}
			tt.change(&target)
			expect(t, "outcome", s.verdict(t, m, target), tt.want)
		})
	}
}

// What is left of connections would pile up at a server that is asked every two
// seconds: the last frame of each is a reset.
func TestHTTPResets(t *testing.T) {
	s := newFake()
	r, m := newServer(t, s, vip4)
	r.web(t, netip.AddrPortFrom(vip4, 80), false, page)
	target := web("http")
	target.Timeout = 10 * time.Second
	expect(t, "outcome", s.verdict(t, m, target), "pass http 200")
	var f wire.Frame
	f.Parse(s.sent[len(s.sent)-1])
	if f.TCP().Flags()&wire.FlagRST == 0 {
		t.Errorf("the last of ours: %s", f.String())
	}
	if n := len(m.net.stack.RegisteredEndpoints()) + len(m.net.stack.CleanupEndpoints()); n != 0 {
		t.Errorf("%d connections are left", n)
	}
}

// A stack sees neither an answer from elsewhere nor an ICMP error.
func TestHTTPAnsweredFromElsewhere(t *testing.T) {
	tests := []struct {
		name string
		say  func(f *wire.Frame) []string
		want string
	}{
		{"another address", func(f *wire.Frame) []string {
			return []string{words(f, "SA", vip4.String(), server4.String())}
		}, "fail answered from 10.77.0.11, not from VIP"},
		{"another host", func(f *wire.Frame) []string {
			return []string{words(f, "SA", itsMAC.String(), "02:00:00:00:00:12")}
		}, "fail another host answered for VIP: 02:00:00:00:00:12"},
		{"ICMP", func(f *wire.Frame) []string { return []string{icmp(f, "icmp", "10.77.0.11", 3)} }, "fail icmp port unreachable from 10.77.0.11"},
	}
	for _, tt := range tests {
		s := newFake()
		m := New(s)
		s.answers(t, m, func(f *wire.Frame) []string {
			if !isSYN(f) {
				return nil
			}
			return tt.say(f)
		})
		target := web("http")
		target.Timeout = 10 * time.Second
		expect(t, tt.name, s.verdict(t, m, target), tt.want)
		m.net.close()
	}
}

func TestHTTPNotSent(t *testing.T) {
	s := newFake()
	s.unsent = true
	m := New(s)
	defer m.net.close()
	target := web("http")
	target.Timeout = 50 * time.Millisecond
	expect(t, "outcome", s.verdict(t, m, target), "nothing ")
}
