// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package health

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"cygnet/internal/wire"
)

// longestDatagram is the longest answer that is read, in bytes: longer ones than
// 512 are not for whom offers no more (RFC 6891 section 6.2.5), but may come.
const longestDatagram = 4096

// dnsChecker puts a question to the VIP, over UDP.
type dnsChecker struct {
	net     *netstack
	to      netip.AddrPort
	timeout time.Duration
	name    string
	kind    string // A, AAAA, CNAME, MX, NS, PTR, SOA, SRV or TXT
	expect  string // an answer that passes; empty is any
}

// Check asks, and once more where no answer comes in half the time.
func (c dnsChecker) Check(ctx context.Context, way way) outcome {
	p := newProbe(c.net.ports, wire.ProtoUDP, way, c.to, c.net.deliver)
	if p == nil {
		return outcome{}
	}
	defer c.net.ports.release(p.port)
	return p.await(ctx, c.ask)
}

// ask asks until ctx ends.
func (c dnsChecker) ask(ctx context.Context, p *probe) outcome {
	id := uint16(rand.Uint32())
	p.sent.Store(uint32(id))
	question, query, err := c.query(id)
	if err != nil {
		return fail(fmt.Sprintf("dns: %q is no name", short(c.name)))
	}
	conn, err := c.net.dialUDP(p)
	if err != nil {
		return outcome{}
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	first, cancel := context.WithTimeout(ctx, half(ctx))
	defer cancel()
	again := context.AfterFunc(first, func() { _, _ = conn.Write(query) })
	defer again()
	if _, err := conn.Write(query); err != nil {
		return outcome{}
	}
	return c.listen(ctx, p, conn, question)
}

// listen reads until the answer comes.
func (c dnsChecker) listen(ctx context.Context, p *probe, conn net.Conn, question dnsmessage.Question) outcome {
	b := make([]byte, longestDatagram)
	for {
		n, err := conn.Read(b)
		if err != nil {
			if ctx.Err() == nil {
				return fail("dns: " + short(err.Error()))
			}
			return p.silence(within(c.timeout) + " (is it on the server's lo?)")
		}
		if o, ok := c.judge(b[:n], uint16(p.sent.Load()), question); ok {
			return o
		}
	}
}

// query makes the question, and the message that asks it.
func (c dnsChecker) query(id uint16) (dnsmessage.Question, []byte, error) {
	name, err := dnsmessage.NewName(absolute(c.name))
	if err != nil {
		return dnsmessage.Question{}, nil, err
	}
	q := dnsmessage.Question{Name: name, Type: recordType(c.kind), Class: dnsmessage.ClassINET}
	m := dnsmessage.Message{Header: dnsmessage.Header{ID: id, RecursionDesired: true}, Questions: []dnsmessage.Question{q}}
	b, err := m.Pack()
	return q, b, err
}

// judge judges a message. It returns false if that does not answer the question.
func (c dnsChecker) judge(message []byte, id uint16, question dnsmessage.Question) (outcome, bool) {
	var p dnsmessage.Parser
	h, err := p.Start(message)
	if err != nil || !h.Response || h.ID != id {
		return outcome{}, false
	}
	asked, err := p.Question()
	if err == nil && (asked.Type != question.Type || asked.Class != question.Class || !strings.EqualFold(asked.Name.String(), question.Name.String())) {
		return outcome{}, false
	}
	switch {
	case h.RCode != dnsmessage.RCodeSuccess:
		return fail("dns " + rcode(h.RCode) + " from VIP"), true // such an answer may leave out the question
	case err != nil || p.SkipAllQuestions() != nil:
		return outcome{}, false
	case c.expect == "":
		return pass("dns answer"), true
	}
	return c.compare(&p, h.Truncated), true
}

// compare looks for the answer that is expected. One that is cut off passes: it
// may hold it.
func (c dnsChecker) compare(p *dnsmessage.Parser, truncated bool) outcome {
	first := "of none"
	for i := 0; ; i++ {
		r, err := p.Answer()
		if err != nil {
			break
		}
		text := record(r.Body)
		if c.matches(r.Body, text) {
			return pass("dns answer " + short(text))
		}
		if i == 0 {
			first = text
		}
	}
	if truncated {
		return pass("dns answer, truncated")
	}
	return fail(fmt.Sprintf("dns answer %s, expected %s", short(first), short(c.expect)))
}

func (c dnsChecker) matches(body dnsmessage.ResourceBody, text string) bool {
	switch body.(type) {
	case *dnsmessage.AResource, *dnsmessage.AAAAResource:
		a, err := netip.ParseAddr(c.expect)
		return err == nil && a.String() == text
	case *dnsmessage.TXTResource:
		return strings.Contains(text, c.expect)
	}
	return text != "" && strings.EqualFold(absolute(text), absolute(c.expect))
}

// record is a record as text: an address, a host, or the words of a TXT.
func record(body dnsmessage.ResourceBody) string {
	switch b := body.(type) {
	case *dnsmessage.AResource:
		return netip.AddrFrom4(b.A).String()
	case *dnsmessage.AAAAResource:
		return netip.AddrFrom16(b.AAAA).String()
	case *dnsmessage.CNAMEResource:
		return host(b.CNAME)
	case *dnsmessage.NSResource:
		return host(b.NS)
	case *dnsmessage.PTRResource:
		return host(b.PTR)
	case *dnsmessage.MXResource:
		return host(b.MX)
	case *dnsmessage.SRVResource:
		return host(b.Target)
	case *dnsmessage.SOAResource:
		return host(b.NS)
	case *dnsmessage.TXTResource:
		return strings.Join(b.TXT, "")
	}
	return ""
}

func host(n dnsmessage.Name) string { return strings.TrimSuffix(n.String(), ".") }

func absolute(name string) string { return strings.TrimSuffix(name, ".") + "." }

func recordType(word string) dnsmessage.Type {
	switch word {
	case "AAAA":
		return dnsmessage.TypeAAAA
	case "CNAME":
		return dnsmessage.TypeCNAME
	case "MX":
		return dnsmessage.TypeMX
	case "NS":
		return dnsmessage.TypeNS
	case "PTR":
		return dnsmessage.TypePTR
	case "SOA":
		return dnsmessage.TypeSOA
	case "SRV":
		return dnsmessage.TypeSRV
	case "TXT":
		return dnsmessage.TypeTXT
	}
	return dnsmessage.TypeA
}

// rcode is a response code in the words of RFC 1035 section 4.1.1, as everybody
// abbreviates them.
func rcode(c dnsmessage.RCode) string {
	switch c {
	case dnsmessage.RCodeFormatError:
		return "FORMERR"
	case dnsmessage.RCodeServerFailure:
		return "SERVFAIL"
	case dnsmessage.RCodeNameError:
		return "NXDOMAIN"
	case dnsmessage.RCodeNotImplemented:
		return "NOTIMP"
	case dnsmessage.RCodeRefused:
		return "REFUSED"
	}
	return fmt.Sprintf("rcode %d", c)
}
