// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// Why a peer is sent away.
var (
	errNotPermitted = errors.New("not permitted by control_acl")
	errFull         = errors.New("too many commands at once: try again")
	errEvicted      = errors.New("no complete command yet, and others need the room: try again")
	errStopping     = errors.New("cygnet is stopping")
	errWatchers     = errors.New("watch: enough others do already: end one of them")
	errAborted      = errors.New("begin: the connection ended before commit: nothing was done")
)

// cutOff is why a peer is sent away that took too much, of time or of room.
type cutOff string

func (c cutOff) Error() string { return string(c) }

// attend does what one peer came for.
func (s *Server) attend(v *visitor) {
	defer v.close()
	defer s.room.leave(v)
	err := s.command(v, time.Now())
	if err == nil {
		return
	}
	if _, ok := errors.AsType[cutOff](err); ok {
		s.cutOff.Add(1)
	}
	s.sendAway(v, err)
}

// command reads one command and sees to it. The error is for the peer.
func (s *Server) command(v *visitor, now time.Time) error {
	line, err := v.line(now.Add(s.limits.line))
	if errors.Is(err, io.EOF) {
		return nil // it asked for nothing
	}
	if err != nil {
		return err
	}
	switch verb, args := words(line); verb {
	case "begin":
		return s.transaction(v, args, now)
	case "watch":
		return s.watch(v, args)
	}
	return s.do(v, []string{line})
}

// transaction collects lines until commit, and has them done as one.
func (s *Server) transaction(v *visitor, args []string, begun time.Time) error {
	t, err := newTransaction(args, s.limits.lines, s.limits.bytes)
	if err != nil {
		return err
	}
	if err := s.room.move(v, collecting); err != nil {
		return err
	}
	if err := s.collect(v, t, begun.Add(s.limits.whole)); err != nil {
		return err
	}
	return s.do(v, t.lines)
}

// collect reads lines to t's end, which must come until the given time.
func (s *Server) collect(v *visitor, t *transaction, until time.Time) error {
	for {
		deadline := time.Now().Add(s.limits.line)
		if until.Before(deadline) {
			deadline = until
		}
		line, err := v.line(deadline)
		if errors.Is(err, io.EOF) {
			return errAborted
		}
		if err != nil {
			return err
		}
		if ended, err := t.take(line); ended || err != nil {
			return err
		}
	}
}

// do has lines done and writes the reply.
func (s *Server) do(v *visitor, lines []string) error {
	if err := s.room.move(v, busy); err != nil {
		return err
	}
	reply := s.doer.Do(v.who, lines)
	// It was done: the reply is owed, even if we are stopping since.
	_ = s.room.move(v, replying)
	if err := v.write([]byte(reply), s.limits.reply); err != nil {
		if errors.Is(err, os.ErrDeadlineExceeded) {
			s.cutOff.Add(1)
		}
		return nil // there is nobody to tell
	}
	v.finish(s.limits.linger)
	return nil
}

// sendAway says why. A peer out of the room may stay to read it as long as
// there is a place for it, so that no flood of such peers holds descriptors.
func (s *Server) sendAway(v *visitor, why error) {
	select {
	case s.linger <- struct{}{}:
		defer func() { <-s.linger }()
	default:
		_ = v.write(refusal(why), time.Millisecond)
		return
	}
	if v.write(refusal(why), s.limits.linger) == nil {
		v.finish(s.limits.linger)
	}
}

func refusal(why error) []byte { return fmt.Appendf(nil, "error: %v\n", why) }

// words splits a line just as far as the server needs: it only has to know
// its own commands, which are never quoted.
func words(line string) (verb string, args []string) {
	for i, word := range strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '\t' || r == '\r' }) {
		switch {
		case word[0] == '#':
			return verb, args
		case i == 0:
			verb = word
		default:
			args = append(args, word)
		}
	}
	return verb, args
}
