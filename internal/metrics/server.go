// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package metrics

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"

	"golang.org/x/net/netutil"
)

// Limits of what a client may take. Whoever asks is a Prometheus server or two,
// a probe, and a person with curl.
const (
	connections   = 32               // at once; more wait in the kernel's backlog
	headerTimeout = 5 * time.Second  // for a whole request to arrive
	writeTimeout  = 15 * time.Second // for making the answer and taking it: beyond scrapeTimeout
	idleTimeout   = 20 * time.Second // a connection may outlast a scrape interval of 15 s
	headerBytes   = 8 << 10          // net/http takes 4 KiB more than it is told
	endPatience   = time.Second      // for answers under way when Run is to end
)

// Server serves a handler on one address, and is safe against clients that are
// slow, many, or verbose: each holds one of 32 connections for no longer than
// the timeouts.
type Server struct {
	listener net.Listener
	http     *http.Server
}

// Listen opens the address, in one of the forms that Address reads. Run serves
// it; until then, clients wait. Close it if it is never to be run.
func Listen(addr string, h http.Handler) (*Server, error) {
	addr, err := Address(addr)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("serve metrics: %w", err)
	}
	return &Server{
		listener: netutil.LimitListener(l, connections),
		http: &http.Server{
			Handler:           h,
			ReadHeaderTimeout: headerTimeout,
			ReadTimeout:       headerTimeout,
			WriteTimeout:      writeTimeout,
			IdleTimeout:       idleTimeout,
			MaxHeaderBytes:    headerBytes,
			// What goes wrong here is a client's doing, and must not fill the log.
			ErrorLog: log.New(io.Discard, "", 0),
		},
	}, nil
}

// Addr returns the address that is listened on, with the port that the kernel
// chose if port 0 was asked for.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// Run serves until ctx ends, or Close is called. It then lets answers under
// way finish for 1 s, ends all connections, and returns nil. An error means
// that the listener failed; forwarding need not care.
func (s *Server) Run(ctx context.Context) error {
	served := make(chan error, 1)
	go func() { served <- s.http.Serve(s.listener) }()
	select {
	case err := <-served:
		s.Close()
		if !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve metrics on %s: %w", s.Addr(), err)
		}
		return nil
	case <-ctx.Done():
	}
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), endPatience)
	defer cancel()
	if s.http.Shutdown(patience) != nil {
		s.Close()
	}
	<-served
	return nil
}

// Close ends the listener and all connections at once, whatever they are doing.
// It may be called at any time, and again.
func (s *Server) Close() {
	// In this order, so that Serve knows that the end was wanted.
	s.http.Close()
	s.listener.Close()
}
