// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"
)

// serveEcho sends every datagram back as it came, from the address it was
// sent to.
func serveEcho(ctx context.Context, listen []string) error {
	return serveDatagrams(ctx, listen, bytes.Clone)
}

// serveDatagrams answers each datagram by what answer makes of it; nil is no
// answer. It has one socket an address, and runs until ctx ends or one fails.
func serveDatagrams(ctx context.Context, listen []string, answer func([]byte) []byte) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, address := range listen {
		group.Go(func() error {
			conn, err := net.ListenPacket("udp", address)
			if err != nil {
				return err
			}
			stop := context.AfterFunc(ctx, func() { _ = conn.Close() }) // the reader tells
			defer stop()
			if err := answerDatagrams(conn, answer); ctx.Err() == nil {
				return err
			}
			return nil
		})
	}
	return group.Wait()
}

// answerDatagrams reads until the socket is closed.
func answerDatagrams(conn net.PacketConn, answer func([]byte) []byte) error {
	buf := make([]byte, 64<<10)
	for {
		n, from, err := conn.ReadFrom(buf)
		if err != nil {
			return err
		}
		if reply := answer(buf[:n]); reply != nil {
			// An unreachable asker's error must not end the service.
			_, _ = conn.WriteTo(reply, from)
		}
	}
}

// sendDatagram sends one datagram of so many bytes to an echo server and
// fails unless exactly these bytes come back within 3 s.
func sendDatagram(address, size string) error {
	n, err := strconv.Atoi(size)
	if err != nil {
		return err
	}
	sent := make([]byte, n)
	for i := range sent {
		sent[i] = byte(uint32(i) * 2654435761 >> 24) // no repetition at the length of a fragment
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	got, err := exchange(ctx, address, sent)
	if err != nil {
		return err
	}
	if !bytes.Equal(got, sent) {
		return fmt.Errorf("%d bytes sent, %d others came back", len(sent), len(got))
	}
	fmt.Printf("%d bytes came back\n", len(got))
	return nil
}
