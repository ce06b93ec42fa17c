// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
)

// The scanner's pace: a /24 takes about ten seconds, and no address can hold
// up the walk for longer than the kernel's three ARP requests take.
const (
	addressesPerSecond = 25
	connectPatience    = 4 * time.Second
	answerPatience     = 2 * time.Second

	// lingering is how long a connection stays open to which nothing came: the
	// intruder's program has better to do than to look after it.
	lingering = 20 * time.Second
)

// finding is what the scanner learned of an address.
type finding int

const (
	silent   finding = iota // nobody there
	refusing                // a host without a program at the port
	mute                    // the connection opened, and then nothing came
	talking                 // something answered a request
)

// runScanner walks the hosts of prefix again and again, connects to port and
// asks for a page, as an intruder looking for victims does, and reports each walk.
func runScanner(ctx context.Context, out io.Writer, prefix, port string) error {
	p, err := netip.ParsePrefix(prefix)
	if err != nil {
		return err
	}
	for walk := 1; ctx.Err() == nil; walk++ {
		began := time.Now()
		found := scanPrefix(ctx, p, port)
		if ctx.Err() == nil {
			fmt.Fprintf(out, "walk %d of %s, port %s, in %.0f s: %s\n", walk, p, port, time.Since(began).Seconds(), describe(found))
		}
	}
	return nil
}

// scanPrefix visits every host address of p but the network's and the
// broadcast address.
func scanPrefix(ctx context.Context, p netip.Prefix, port string) map[finding]int {
	tick := time.NewTicker(time.Second / addressesPerSecond)
	defer tick.Stop()
	results := make(chan finding)
	var group errgroup.Group
	go func() {
		for a := p.Masked().Addr().Next(); p.Contains(a.Next()) && ctx.Err() == nil; a = a.Next() {
			group.Go(func() error {
				results <- scan(ctx, net.JoinHostPort(a.String(), port))
				return nil
			})
			<-tick.C
		}
		_ = group.Wait() // no function of it fails
		close(results)
	}()
	found := map[finding]int{}
	for f := range results {
		found[f]++
	}
	return found
}

// scan looks at one address and port.
func scan(ctx context.Context, address string) finding {
	d := net.Dialer{Timeout: connectPatience}
	conn, err := d.DialContext(ctx, "tcp", address)
	if errors.Is(err, syscall.ECONNREFUSED) {
		return refusing
	}
	if err != nil {
		return silent
	}
	found := request(conn)
	if found != mute {
		conn.Close()
		return found
	}
	time.AfterFunc(lingering, func() { conn.Close() }) // or when the scanner ends
	return found
}

// request asks for a page on conn.
func request(conn net.Conn) finding {
	// A tarpit never acknowledges the request; without an abortive close the
	// kernel would repeat it for minutes after we have gone.
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	if err := conn.SetDeadline(time.Now().Add(answerPatience)); err != nil {
		return mute
	}
	if _, err := io.WriteString(conn, "HEAD / HTTP/1.0\r\n\r\n"); err != nil {
		return mute
	}
	if _, err := conn.Read(make([]byte, 1)); err != nil {
		return mute
	}
	return talking
}

// describe says in a line what a walk found.
func describe(found map[finding]int) string {
	return fmt.Sprintf("%d addresses look alive, of which %d answer, %d refuse and %d only hold the connection; %d silent",
		found[talking]+found[refusing]+found[mute], found[talking], found[refusing], found[mute], found[silent])
}
