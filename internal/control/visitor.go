// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"cygnet/internal/command"
)

// maxLine is the longest line in bytes, without its end: Pen's own buffer.
const maxLine = 4095

// errLongLine is for a longer one.
var errLongLine = cutOff(fmt.Sprintf("a line of more than %d bytes: split it into several", maxLine))

// grace is how long a peer may still take what is being written to it when
// its connection has to end.
const grace = 500 * time.Millisecond

// visitor is one connection. One goroutine reads and writes it; any may end
// it, through cancel: then reading fails at once, and writing within grace.
type visitor struct {
	conn   net.Conn
	who    command.Who
	came   time.Time
	ctx    context.Context
	cancel context.CancelCauseFunc
	unhook func() bool
	stage  stage // guarded by the room's lock

	have  []byte // read and not used yet; a part of buf
	ended bool   // the peer writes no more
	buf   [maxLine + 2]byte
}

func newVisitor(ctx context.Context, conn net.Conn, who command.Who) *visitor {
	v := &visitor{conn: conn, who: who, came: time.Now()}
	v.ctx, v.cancel = context.WithCancelCause(ctx)
	v.unhook = context.AfterFunc(v.ctx, func() { v.expire() })
	return v
}

// expire leaves the connection no more time. What a deadline cannot be set on
// is closed already.
func (v *visitor) expire() {
	now := time.Now()
	_ = v.conn.SetReadDeadline(now)
	_ = v.conn.SetWriteDeadline(now.Add(grace))
}

// close ends the connection and frees what belongs to it.
func (v *visitor) close() {
	v.unhook()
	v.cancel(nil)
	_ = v.conn.Close()
}

// why returns the reason for which the connection has to end, or nil.
func (v *visitor) why() error {
	switch {
	case v.ctx.Err() == nil:
		return nil
	case errors.Is(context.Cause(v.ctx), errEvicted):
		return errEvicted
	}
	return errStopping
}

// line reads the next line, without its end. The end of the connection ends a
// line, too; after the last one there is io.EOF.
func (v *visitor) line(deadline time.Time) (string, error) {
	_ = v.conn.SetReadDeadline(deadline)
	for {
		if err := v.why(); err != nil {
			return "", err
		}
		line, rest, whole := bytes.Cut(v.have, []byte("\n"))
		line = bytes.TrimSuffix(line, []byte("\r"))
		switch {
		case len(line) > maxLine:
			return "", errLongLine
		case whole:
			v.have = rest
			return string(line), nil
		case v.ended && len(v.have) == 0:
			return "", io.EOF
		case v.ended:
			v.have = nil
			return string(line), nil
		}
		if err := v.fill(); err != nil {
			return "", err
		}
	}
}

// fill reads what there is. There is room: less than a whole line is there.
func (v *visitor) fill() error {
	kept := copy(v.buf[:], v.have)
	n, err := v.conn.Read(v.buf[kept:])
	v.have = v.buf[:kept+n]
	switch {
	case err == nil || n > 0:
		return nil
	case errors.Is(err, io.EOF):
		v.ended = true
		return nil
	case v.why() != nil:
		return v.why()
	case errors.Is(err, os.ErrDeadlineExceeded):
		return cutOff("the line was not complete in time: write faster")
	}
	return err
}

// write writes all of b within the time, or within grace if the connection
// has to end.
func (v *visitor) write(b []byte, within time.Duration) error {
	if len(b) == 0 {
		return nil
	}
	_ = v.conn.SetWriteDeadline(time.Now().Add(within))
	if v.ctx.Err() != nil {
		_ = v.conn.SetWriteDeadline(time.Now().Add(min(within, grace)))
	}
	_, err := v.conn.Write(b)
	return err
}

// finish lets the peer read to the end what was written: closing while bytes
// of it are unread would reset the connection. It says that nothing more
// comes, and throws away what still arrives, for a while and up to a bound.
func (v *visitor) finish(within time.Duration) {
	half, ok := v.conn.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil || v.ended {
		return
	}
	_ = v.conn.SetReadDeadline(time.Now().Add(within))
	for left := 256 << 10; left > 0; {
		n, err := v.conn.Read(v.buf[:])
		if err != nil {
			return
		}
		left -= n
	}
}
