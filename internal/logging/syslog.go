// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package logging

import (
	"context"
	"fmt"
	"log/slog"
	"log/syslog"
	"net"
	"strconv"
	"strings"
	"time"
)

const (
	tag = "cygnet"

	// syslogLine is the most bytes of a message: what rsyslog takes by default
	// (its maxMessageSize), less the header. RFC 5424 section 6.1 asks for 2048.
	syslogLine = 8000

	resolveFor = 5 * time.Second // the name of a syslog server, all tries together
)

// syslogSink is the syslog daemon of this machine or of another one. The
// library connects again after an error, and tries once more.
type syslogSink struct{ w *syslog.Writer }

// openSyslog connects to the local daemon, where network is empty, or to one
// elsewhere.
func openSyslog(network, addr string) (*syslogSink, error) {
	w, err := syslog.Dial(network, addr, syslog.LOG_DAEMON|syslog.LOG_INFO, tag)
	if err != nil && network == "" {
		return nil, fmt.Errorf("log to syslog: nothing listens at /dev/log: %w", err)
	} else if err != nil {
		return nil, fmt.Errorf("log to syslog at %s: %w", addr, err)
	}
	return &syslogSink{w: w}, nil
}

// openRemoteSyslog resolves a name once, as all names are: a connection that is
// made anew later asks no name server.
func openRemoteSyslog(addr string) (*syslogSink, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 || host == "" {
		return nil, fmt.Errorf("log to syslog at %q: expected HOST:PORT, and a port from 1 to 65535", addr)
	}
	ctx, cancel := context.WithTimeout(context.Background(), resolveFor)
	defer cancel()
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, fmt.Errorf("log to syslog at %q: %w", addr, err)
	}
	return openSyslog("udp", net.JoinHostPort(found[0].Unmap().String(), port))
}

func (s *syslogSink) write(e entry) error {
	line := string(e.line)
	if len(line) > syslogLine {
		line = strings.ToValidUTF8(line[:syslogLine], "")
	}
	switch {
	case e.level >= slog.LevelError:
		return s.w.Err(line)
	case e.level >= slog.LevelWarn:
		return s.w.Warning(line)
	case e.level >= slog.LevelInfo:
		return s.w.Info(line)
	}
	return s.w.Debug(line)
}

func (s *syslogSink) close() error { return s.w.Close() }
