// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"strings"

	"cygnet/internal/config"
	"cygnet/internal/control"
)

// sockets are the control sockets of one run.
type sockets struct {
	listeners []net.Listener
	path      string // of the first Unix socket, empty without
	warnings  []string
}

// openSockets opens the control sockets that cfg names. The default one is a
// convenience: where it cannot be had, that is a note; one that was asked for
// is an error.
func openSockets(cfg *config.Config) (*sockets, error) {
	s := &sockets{}
	var err error
	switch cfg.Socket {
	case config.SocketNone:
	case "":
		s.openDefault(cfg.Interface)
	default:
		err = s.open(cfg.Socket)
	}
	for _, address := range cfg.Control {
		if err == nil {
			err = s.open(address)
		}
	}
	if err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *sockets) openDefault(ifname string) {
	l, path, note, err := control.ListenDefault(ifname)
	if err != nil {
		s.warnings = append(s.warnings, fmt.Sprintf("no control socket: %v; name another with --socket PATH", err))
		return
	}
	if note != "" {
		s.warnings = append(s.warnings, note)
	}
	s.listeners, s.path = append(s.listeners, l), path
}

func (s *sockets) open(address string) error {
	var l net.Listener
	var err error
	if strings.Contains(address, "/") {
		if l, err = control.ListenUnix(address); err == nil && s.path == "" {
			s.path = address
		}
	} else {
		l, err = control.ListenTCP(address)
	}
	if err != nil {
		return &socketError{err}
	}
	s.listeners = append(s.listeners, l)
	return nil
}

func (s *sockets) close() {
	for _, l := range s.listeners {
		_ = l.Close()
	}
}

// socketError is why a control socket that was asked for cannot be had.
type socketError struct{ err error }

func (e *socketError) Error() string { return "control socket: " + e.err.Error() }
func (e *socketError) Unwrap() error { return e.err }

// Hint says what to do.
func (e *socketError) Hint() string {
	switch {
	case errors.Is(e.err, control.ErrTaken):
		return "another cygnet listens there: end it, or give this one another socket"
	case errors.Is(e.err, fs.ErrPermission):
		return "its folder must be writable for the user that cygnet runs as"
	}
	return ""
}

// mayControl is asked for each TCP peer. A socket that is open to the network
// stays so until the next start, also when control_acl is taken away.
func (d *daemon) mayControl(a netip.Addr) bool {
	return control.Permits(d.permits.Load(), a)
}
