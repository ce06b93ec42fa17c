// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"
)

// maxReply bounds what a client reads: a reply, or one message.
const maxReply = 64 << 20

// Do gives one command to the cygnet (or Pen) at address, a path if it has a
// slash and host:port otherwise, and returns its reply. line may also be
// `begin`, lines and `commit`, separated by newlines. A command that was
// refused is no error: see Refused. Only ctx limits how long it takes. Where
// there was no room, nothing was done: then it asks again, for a second.
func Do(ctx context.Context, address, line string) (reply string, err error) {
	const patience, pace = time.Second, 20 * time.Millisecond
	for began := time.Now(); ; sleep(ctx, pace) {
		reply, err = do(ctx, address, line, maxReply)
		if err != nil || !noRoom(reply) || time.Since(began) > patience {
			return reply, err
		}
	}
}

// noRoom tells whether a reply is that of a server that has too much to do.
func noRoom(reply string) bool {
	return reply == string(refusal(errFull)) || reply == string(refusal(errEvicted))
}

func do(ctx context.Context, address, line string, most int64) (reply string, err error) {
	conn, err := dial(ctx, address)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	defer hangUp(ctx, conn)()
	// A server that has read enough answers and closes: then writing fails,
	// and what matters is the answer.
	_, failed := io.WriteString(conn, line+"\n")
	// Nothing more comes: a `begin` that lacks its commit ends at once.
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
	got, err := io.ReadAll(io.LimitReader(conn, most+1))
	reply = string(got)
	switch {
	case ctx.Err() != nil:
		return "", fmt.Errorf("%s: %w", address, context.Cause(ctx))
	case Refused(reply):
		return reply, nil
	case failed != nil:
		return reply, fmt.Errorf("write to %s: %w", address, reason(failed))
	case err != nil:
		return reply, fmt.Errorf("read from %s: %w", address, reason(err))
	case int64(len(got)) > most:
		return reply[:most], fmt.Errorf("read from %s: a reply of more than %d bytes", address, most)
	}
	return reply, nil
}

// Refused tells whether a reply says that the command was refused.
func Refused(reply string) bool { return strings.HasPrefix(reply, "error: ") }

// Watch has the cygnet at address stream and calls each with what comes, hz
// snapshots a second, 0.1 to 10. It returns each's error, or why the stream
// ended: it always does with an error. Events that this version does not know
// are left out.
func Watch(ctx context.Context, address string, hz float64, each func(Message) error) error {
	conn, err := dial(ctx, address)
	if err != nil {
		return err
	}
	return stream(ctx, conn, address, fmt.Sprintf("watch %g", hz), 0, each)
}

// stream asks for a stream on conn, which it closes, and calls each with what
// comes. It gives up when nothing does for as long as patience, unless that is
// zero.
func stream(ctx context.Context, conn net.Conn, address, request string, patience time.Duration, each func(Message) error) error {
	defer conn.Close()
	defer hangUp(ctx, conn)()
	if _, err := io.WriteString(conn, request+"\n"); err != nil {
		return fmt.Errorf("write to %s: %w", address, reason(err))
	}
	lines := bufio.NewScanner(&patient{ctx, conn, patience})
	lines.Buffer(make([]byte, 0, 64<<10), maxReply)
	for lines.Scan() {
		if why, refused := bytes.CutPrefix(lines.Bytes(), []byte("error: ")); refused {
			return fmt.Errorf("%s: %s", address, shortened(why))
		}
		m, err := decode(lines.Bytes())
		if err != nil {
			return fmt.Errorf("read from %s: %w", address, err)
		}
		if err := each(m); err != nil {
			return err
		}
	}
	switch err := lines.Err(); {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Errorf("read from %s: nothing came for %v", address, patience)
	case err != nil:
		return fmt.Errorf("read from %s: %w", address, reason(err))
	}
	return fmt.Errorf("%s: %w", address, errEnded)
}

// shortened is the words of a stranger, not without end.
func shortened(why []byte) string {
	const most = 200
	return strings.ToValidUTF8(string(why[:min(len(why), most)]), "")
}

// patient reads from conn, each time for no longer than so; zero is for ever.
type patient struct {
	ctx   context.Context
	conn  net.Conn
	limit time.Duration
}

func (p *patient) Read(b []byte) (int, error) {
	if p.limit > 0 {
		_ = p.conn.SetReadDeadline(time.Now().Add(p.limit))
		if p.ctx.Err() != nil { // and hangUp may have set it already
			return 0, p.ctx.Err()
		}
	}
	return p.conn.Read(b)
}

var errEnded = errors.New("the other side ended the connection")

func dial(ctx context.Context, address string) (net.Conn, error) {
	network, at := "tcp", tcpAddress(address)
	if strings.Contains(address, "/") {
		network, at = "unix", unixPath(address)
	}
	conn, err := new(net.Dialer).DialContext(ctx, network, at)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", address, reason(err))
	}
	return conn, nil
}

// hangUp ends all reading and writing when ctx does; the function returned
// lets go of ctx.
func hangUp(ctx context.Context, conn net.Conn) func() bool {
	return context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Now()) })
}
