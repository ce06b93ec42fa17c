// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package logging

import (
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/coreos/go-systemd/v22/journal"
)

// journalSink is systemd's journal. Its library finds the socket by name each
// time; where that fails, as in a chroot, the line goes to standard error,
// which the journal reads too.
type journalSink struct{ stderr io.Writer }

func (s *journalSink) write(e entry) error {
	e.fields["SYSLOG_IDENTIFIER"] = tag // the name that journalctl shows
	priority := journalPriority(e.level)
	if journal.Send(strings.TrimSuffix(string(e.line), "\n"), priority, e.fields) == nil {
		return nil
	}
	// The priority of a line in `<>`: sd-daemon(3).
	_, err := fmt.Fprintf(s.stderr, "<%d>%s", priority, e.line)
	return err
}

func (*journalSink) close() error { return nil }

func journalPriority(level slog.Level) journal.Priority {
	switch {
	case level >= slog.LevelError:
		return journal.PriErr
	case level >= slog.LevelWarn:
		return journal.PriWarning
	case level >= slog.LevelInfo:
		return journal.PriInfo
	}
	return journal.PriDebug
}
