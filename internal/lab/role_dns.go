// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"context"
	"fmt"
	"net"

	"golang.org/x/net/dns/dnsmessage"
)

// whoName is the name whose TXT record says which server answers.
const whoName = "who.cygnet.test."

// serveDNS is a DNS server that answers every question for TXT with its name.
// It has one socket an address: a reply must come from the VIP that was asked,
// and a socket bound to the wildcard would send it from eth1's address.
func serveDNS(ctx context.Context, name string, listen []string) error {
	return serveDatagrams(ctx, listen, func(question []byte) []byte {
		reply, err := answerDNS(question, name)
		if err != nil {
			return nil // not DNS: silence, as most servers
		}
		return reply
	})
}

// answerDNS is the reply to a query (RFC 1035 4.1).
func answerDNS(query []byte, name string) ([]byte, error) {
	var p dnsmessage.Parser
	header, err := p.Start(query)
	if err != nil {
		return nil, err
	}
	q, err := p.Question()
	if err != nil {
		return nil, err
	}
	b := dnsmessage.NewBuilder(nil, dnsmessage.Header{ID: header.ID, Response: true, Authoritative: true, RecursionDesired: header.RecursionDesired})
	b.EnableCompression()
	if err := b.StartQuestions(); err != nil {
		return nil, err
	}
	if err := b.Question(q); err != nil {
		return nil, err
	}
	if q.Type == dnsmessage.TypeTXT {
		if err := b.StartAnswers(); err != nil {
			return nil, err
		}
		rh := dnsmessage.ResourceHeader{Name: q.Name, Class: dnsmessage.ClassINET}
		if err := b.TXTResource(rh, dnsmessage.TXTResource{TXT: []string{name}}); err != nil {
			return nil, err
		}
	}
	return b.Finish()
}

// askDNS asks resolver which server answers.
func askDNS(ctx context.Context, resolver string, id uint16) (string, error) {
	query, err := questionDNS(id)
	if err != nil {
		return "", err
	}
	reply, err := exchange(ctx, resolver, query)
	if err != nil {
		return "", err
	}
	var p dnsmessage.Parser
	header, err := p.Start(reply)
	if err != nil {
		return "", err
	}
	if header.ID != id {
		return "", fmt.Errorf("reply to query %d, not to %d", header.ID, id)
	}
	if err := p.SkipAllQuestions(); err != nil {
		return "", err
	}
	answers, err := p.AllAnswers()
	if err != nil {
		return "", err
	}
	for _, a := range answers {
		if txt, ok := a.Body.(*dnsmessage.TXTResource); ok && len(txt.TXT) > 0 {
			return txt.TXT[0], nil
		}
	}
	return "", fmt.Errorf("no TXT record in the reply of %s", resolver)
}

// questionDNS is a query for whoName.
func questionDNS(id uint16) ([]byte, error) {
	name, err := dnsmessage.NewName(whoName)
	if err != nil {
		return nil, err
	}
	m := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: id, RecursionDesired: true},
		Questions: []dnsmessage.Question{{Name: name, Type: dnsmessage.TypeTXT, Class: dnsmessage.ClassINET}},
	}
	return m.Pack()
}

// exchange sends one datagram and waits for one back. The connected socket
// takes an answer from the address that was asked only.
func exchange(ctx context.Context, address string, request []byte) ([]byte, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "udp", address)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return nil, err
		}
	}
	if _, err := conn.Write(request); err != nil {
		return nil, err
	}
	buf := make([]byte, 64<<10)
	n, err := conn.Read(buf)
	return buf[:n], err
}
