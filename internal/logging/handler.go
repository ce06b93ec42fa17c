// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package logging

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"strings"
	"time"
)

// wrap is one WithAttrs or WithGroup, to be repeated on another handler.
type wrap func(slog.Handler) slog.Handler

// handler is the logger's end. It remembers what was wrapped around it rather
// than formatting it ahead, because the form may change at any time.
type handler struct {
	log   *Log
	wraps []wrap
}

// Enabled tells whether the present target wants lines of that level.
func (h *handler) Enabled(_ context.Context, level slog.Level) bool {
	return level >= h.log.out.Load().level
}

// Handle formats r and leaves it to the target's goroutine. It never fails.
func (h *handler) Handle(_ context.Context, r slog.Record) error {
	line := bytes.TrimSuffix(text(h.wraps, r, nil), []byte("\n"))
	h.log.ring.Add(string(line))
	for {
		out := h.log.out.Load()
		if h.log.silent(out) {
			return nil
		}
		if out.queue.put(out.form.render(h.wraps, r)) {
			return nil
		}
		if out == h.log.out.Load() { // it was closed for good, not replaced
			h.log.lost.total.Add(1)
			return nil
		}
	}
}

// WithAttrs returns a handler whose lines begin with attrs.
func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return h.with(func(to slog.Handler) slog.Handler { return to.WithAttrs(attrs) })
}

// WithGroup returns a handler that puts what follows into a group.
func (h *handler) WithGroup(name string) slog.Handler {
	return h.with(func(to slog.Handler) slog.Handler { return to.WithGroup(name) })
}

func (h *handler) with(w wrap) slog.Handler {
	return &handler{log: h.log, wraps: append(slices.Clip(h.wraps), w)}
}

// form is how a target wants its lines.
type form struct {
	json    bool
	undated bool // the receiver puts the time to it
	fields  bool // attributes as fields of the journal beside the text
}

// render returns r as a target of this form takes it.
func (f form) render(wraps []wrap, r slog.Record) entry {
	e := entry{level: r.Level}
	if f.undated {
		r.Time = time.Time{} // handlers leave the zero time out
	}
	switch {
	case f.fields:
		e.fields = map[string]string{}
		e.line = text(wraps, r, func(groups []string, a slog.Attr) slog.Attr {
			addField(e.fields, groups, a)
			return a
		})
	case f.json:
		e.line = jsonLine(wraps, r)
	default:
		e.line = text(wraps, r, nil)
	}
	return e
}

// text returns the line as text. slog quotes what is not printable.
func text(wraps []wrap, r slog.Record, replace func([]string, slog.Attr) slog.Attr) []byte {
	var b bytes.Buffer
	write(slog.NewTextHandler(&b, &slog.HandlerOptions{ReplaceAttr: replace}), wraps, r)
	return b.Bytes()
}

// jsonLine returns the line as JSON. slog leaves some in it that control a
// terminal, such as CSI (U+009B), so the rest is escaped here.
func jsonLine(wraps []wrap, r slog.Record) []byte {
	var b bytes.Buffer
	write(slog.NewJSONHandler(&b, nil), wraps, r)
	return []byte(escape(strings.TrimSuffix(b.String(), "\n")) + "\n")
}

// write has to's own handler write the line; its buffer takes everything.
func write(to slog.Handler, wraps []wrap, r slog.Record) {
	for _, w := range wraps {
		to = w(to)
	}
	_ = to.Handle(context.Background(), r)
}

// addField adds an attribute under the name that the journal takes it by:
// upper case letters, digits and `_`, at most 64 of them (systemd's
// journal_field_valid). All have our prefix, so none can pass for one that
// means something to the journal, such as UNIT or COREDUMP_PID.
func addField(fields map[string]string, groups []string, a slog.Attr) {
	builtin := a.Key == slog.TimeKey || a.Key == slog.LevelKey || a.Key == slog.MessageKey
	if a.Key == "" || len(groups) == 0 && builtin {
		return // MESSAGE and PRIORITY say these
	}
	name := "CYGNET_" + strings.Map(fieldRune, strings.Join(append(slices.Clip(groups), a.Key), "_"))
	fields[name[:min(len(name), 64)]] = escape(a.Value.String())
}

func fieldRune(r rune) rune {
	switch {
	case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
		return r
	case r >= 'a' && r <= 'z':
		return r - 'a' + 'A'
	}
	return '_'
}
