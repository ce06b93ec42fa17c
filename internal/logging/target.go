// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package logging

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"

	"github.com/coreos/go-systemd/v22/journal"
)

// fileMode lets the group read a log, and nobody else: it names clients.
const fileMode = 0o640

// kind is what Target.To means.
type kind int

const (
	toStderr kind = iota
	toLocalSyslog
	toRemoteSyslog
	toFile
)

func (t Target) kind() kind {
	switch {
	case t.To == "" || t.To == "-":
		return toStderr
	case t.To == "syslog":
		return toLocalSyslog
	case strings.Contains(t.To, "/"):
		return toFile
	}
	if _, port, err := net.SplitHostPort(t.To); err == nil && port != "" && strings.Trim(port, "0123456789") == "" {
		return toRemoteSyslog
	}
	return toFile
}

// open opens the target, and says in which form it takes lines.
func (t Target) open(stderr io.Writer) (sink, form, error) {
	f := form{json: t.Format == "json"}
	if t.Format != "" && t.Format != "text" && t.Format != "json" {
		return nil, f, fmt.Errorf("log format %q: expected text or json", t.Format)
	}
	switch t.kind() {
	case toLocalSyslog:
		s, err := openSyslog("", "")
		return s, form{json: f.json, undated: true}, err
	case toRemoteSyslog:
		s, err := openRemoteSyslog(t.To)
		return s, form{json: f.json, undated: true}, err
	case toFile:
		s, err := openFile(t.To)
		return s, f, err
	}
	if isJournal(stderr) {
		return &journalSink{stderr: stderr}, form{undated: true, fields: true}, nil
	}
	return stream{stderr}, f, nil
}

// isJournal tells whether w is the standard error that systemd connected to
// the journal, and the journal takes more than lines there: systemd.exec(5)
// under $JOURNAL_STREAM.
func isJournal(w io.Writer) bool {
	if f, ok := w.(*os.File); !ok || f != os.Stderr {
		return false
	}
	// A JOURNAL_STREAM that cannot be understood is not systemd's.
	connected, err := journal.StderrIsJournalStream()
	return err == nil && connected && journal.Enabled()
}

// stream is standard error. It stays open.
type stream struct{ w io.Writer }

func (s stream) write(e entry) error {
	_, err := s.w.Write(e.line)
	return err
}

func (stream) close() error { return nil }

// file is a log file, or whatever else has a name: a pipe, a terminal.
type file struct {
	f    *os.File
	torn bool // the last line was cut off by an error
}

// openFile neither waits for a pipe's reader nor makes a terminal ours.
func openFile(path string) (*file, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE|syscall.O_NONBLOCK|syscall.O_NOCTTY, fileMode)
	if err != nil {
		if at, ok := errors.AsType[*fs.PathError](err); ok {
			err = at.Err
		}
		return nil, fmt.Errorf("log file %q: %w", path, err)
	}
	return &file{f: f}, nil
}

func (s *file) write(e entry) error {
	line := e.line
	if s.torn {
		line = append([]byte("\n"), line...)
	}
	n, err := s.f.Write(line)
	s.torn = err != nil && (s.torn || n > 0)
	return err
}

func (s *file) close() error { return s.f.Close() }

// IsFile says whether the log goes to a file that t names.
func (t Target) IsFile() bool { return t.kind() == toFile }
