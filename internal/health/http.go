// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package health

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"

	"cygnet/internal/wire"
)

// The most that is read of an answer, in bytes.
const (
	longestHead = 64 << 10
	longestBody = 64 << 10
	interims    = 8 // answers before the answer (RFC 9110 section 15.2)
)

// httpChecker asks the VIP for a page. It follows no redirect: that is an answer,
// too. Of TLS it verifies nothing: a check is for life, and clients look at
// certificates themselves.
type httpChecker struct {
	net     *netstack
	to      netip.AddrPort
	timeout time.Duration
	tls     bool
	path    string
	host    string // empty is the VIP
	status  int    // that passes
	body    string // what the answer must hold
}

// Check asks once, on a connection of its own.
func (c httpChecker) Check(ctx context.Context, way way) outcome {
	p := newProbe(c.net.ports, wire.ProtoTCP, way, c.to, c.net.deliver)
	if p == nil {
		return outcome{}
	}
	defer c.net.ports.release(p.port)
	return p.await(ctx, c.ask)
}

// ask asks for the page until ctx ends.
func (c httpChecker) ask(ctx context.Context, p *probe) outcome {
	conn, err := c.net.dialTCP(ctx, p)
	if err != nil {
		return c.failed(ctx, p, err, unanswered)
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if c.tls {
		secure := tls.Client(conn, &tls.Config{ServerName: c.name(), InsecureSkipVerify: true}) //nolint:gosec // said above
		if err := secure.HandshakeContext(ctx); err != nil {
			return c.failed(ctx, p, err, within(c.timeout))
		}
		conn = secure
	}
	return c.converse(ctx, p, conn)
}

// converse sends the request and judges the answer.
func (c httpChecker) converse(ctx context.Context, p *probe, conn net.Conn) outcome {
	request, err := c.request()
	if err == nil {
		err = request.Write(conn)
	}
	if err != nil {
		return c.failed(ctx, p, err, within(c.timeout))
	}
	most := &io.LimitedReader{R: conn, N: longestHead + longestBody}
	r := bufio.NewReader(most)
	answer, err := http.ReadResponse(r, request)
	for i := 0; err == nil && answer.StatusCode < 200 && i < interims; i++ {
		answer, err = http.ReadResponse(r, request)
	}
	switch {
	case err != nil && most.N <= 0:
		return fail("http: the head of the answer has no end")
	case err != nil:
		return c.failed(ctx, p, err, within(c.timeout))
	}
	defer answer.Body.Close()
	text := fmt.Sprintf("http %d", answer.StatusCode)
	if answer.StatusCode != c.status {
		return fail(text + " from VIP")
	}
	if c.body != "" {
		body, err := io.ReadAll(io.LimitReader(answer.Body, longestBody))
		switch {
		case bytes.Contains(body, []byte(c.body)):
		case ctx.Err() != nil:
			return c.failed(ctx, p, err, within(c.timeout))
		default:
			return fail(fmt.Sprintf("body lacks %q", short(c.body)))
		}
	}
	return pass(text)
}

// request is the one that is sent.
func (c httpChecker) request() (*http.Request, error) {
	u, err := url.ParseRequestURI(c.path)
	if err != nil {
		return nil, err
	}
	host := c.host
	if host == "" {
		host = c.authority()
	}
	return &http.Request{
		Method: http.MethodGet, URL: u, Host: host, Close: true,
		ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{"User-Agent": {"cygnet"}, "Accept": {"*/*"}},
	}, nil
}

// authority is the VIP as a Host header has it, with a port that is not the usual
// one (RFC 9110 section 4.2.1).
func (c httpChecker) authority() string {
	usual := uint16(80)
	if c.tls {
		usual = 443
	}
	switch addr := c.to.Addr(); {
	case c.to.Port() != usual:
		return c.to.String()
	case addr.Is6():
		return "[" + addr.String() + "]"
	default:
		return addr.String()
	}
}

// name is what the server is told by TLS whom it is asked for; empty where that is
// no name (RFC 6066 section 3).
func (c httpChecker) name() string {
	host, _, err := net.SplitHostPort(c.host)
	if err != nil {
		host = c.host
	}
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return ""
	}
	return host
}

// failed puts an error into words; late are those for the end of its time, which may
// look like any error.
func (c httpChecker) failed(ctx context.Context, p *probe, err error, late string) outcome {
	if ctx.Err() != nil {
		return p.silence(late)
	}
	if e, ok := errors.AsType[stackError](err); ok {
		switch e.fault.(type) {
		case *tcpip.ErrConnectionRefused:
			return fail("connection refused by VIP")
		case *tcpip.ErrTimeout:
			return p.silence(late)
		}
	}
	scheme := "http"
	if c.tls {
		scheme = "https"
	}
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fail(scheme + ": VIP closed the connection")
	case strings.Contains(err.Error(), (&tcpip.ErrConnectionReset{}).String()): // gonet keeps only its words
		return fail("connection reset by VIP")
	}
	return fail(scheme + ": " + short(err.Error()))
}

// short is s as far as it fits an event.
func short(s string) string {
	const most = 60 // runes
	s = strings.ToValidUTF8(s, "?")
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "..."
	}
	return s
}
