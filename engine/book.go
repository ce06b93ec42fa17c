// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"cygnet/internal/capture"
	"cygnet/internal/events"
	"cygnet/internal/holds"
)

// What a flood makes happen by the thousands is told as one event, so often at
// most.
const (
	limitedEvery     = 10 * time.Second
	backscatterEvery = time.Minute
)

// book enters what the workers noted into the ledger of holds, and makes events of
// it. Only the housekeeper drives it and, once that has ended, Run.
type book struct {
	e           *Engine
	ledger      *holds.Ledger
	generation  uint64 // of the table whose Geo is asked, plus one; 0 is none yet
	limited     limited
	backscatter backscatter
}

func newBook(e *Engine) *book { return &book{e: e, ledger: holds.New()} }

// enter drains what the workers noted.
func (b *book) enter() {
	b.e.mu.Lock()
	now, counts := b.e.now, b.e.capturer.Counts()
	b.e.mu.Unlock()
	b.takeGeo()
	for _, w := range b.e.workers {
		w.catches.drain(func(r *holds.Record) { b.note(r, now) })
	}
	b.ledger.Tick(now)
	b.tellLimited(counts, now)
	b.tellBackscatter(now)
}

// finish enters what is left, for the last snapshot.
func (b *book) finish() {
	b.enter()
	b.ledger.Refresh()
}

// takeGeo has each table's own database asked where sources are. To ask may take
// its time, but the housekeeper holds no lock then.
func (b *book) takeGeo() {
	t := b.e.table.Load()
	if b.generation == t.generation+1 {
		return
	}
	b.generation = t.generation + 1
	b.ledger.SetCountry(nil)
	if geo := t.cfg.Tarpit.Geo; geo != nil {
		b.ledger.SetCountry(geo.Country)
	}
}

// note enters one record.
func (b *book) note(r *holds.Record, now time.Time) {
	news, held := b.ledger.Note(*r, now)
	kind, told := events.TarpitVerified, news
	switch r.Kind {
	case holds.SYN:
		kind, told = events.TarpitHit, true
	case holds.Escaped:
		kind = events.TarpitEscaped
	case holds.Backscatter:
		b.backscatter.add(r)
		return
	}
	if told {
		b.e.hits.Add(events.Event{
			Kind: kind, Time: now, Port: r.Port, From: r.SourcePort, Held: held,
			Addr: netip.AddrFrom16(r.Captured).Unmap(), Source: netip.AddrFrom16(r.Source).Unmap(),
		})
	}
}

// limited is what was not answered when it was told last.
type limited struct {
	at                           time.Time
	segments, replies, questions uint64
}

// tellLimited reports what was not answered because it would have been too much.
func (b *book) tellLimited(counts capture.Counts, now time.Time) {
	is := limited{at: now, replies: counts.RepliesLimited, questions: counts.VerifyLimited}
	for _, w := range b.e.workers {
		is.segments += w.count.reasons[CapturedLimited].load().Frames
	}
	was := b.limited
	if !was.at.IsZero() && now.Sub(was.at) < limitedEvery {
		return
	}
	text := is.since(was)
	if text == "" {
		return
	}
	b.limited = is
	b.e.events.Add(events.Event{Kind: events.TarpitLimited, Time: now, Text: text})
}

// since says in words what came since then; nothing where nothing did.
func (l limited) since(was limited) string {
	var parts []string
	for _, p := range []struct {
		n    uint64
		what string
	}{
		{l.segments - was.segments, "TCP segments not answered"},
		{l.replies - was.replies, "ARP and ND questions not answered"},
		{l.questions - was.questions, "addresses not asked for yet"},
	} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%s: %d", p.what, p.n))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	span := "so far"
	if !was.at.IsZero() {
		span = fmt.Sprintf("in %s", l.at.Sub(was.at).Round(time.Second))
	}
	return strings.Join(parts, ", ") + ", " + span + ": more than `tarpit_limit` allows"
}

// backscatter is what came of it since it was told last.
type backscatter struct {
	at               time.Time
	n                uint64
	source, captured [16]byte // of the newest
}

func (s *backscatter) add(r *holds.Record) {
	s.n++
	s.source, s.captured = r.Source, r.Captured
}

// tellBackscatter reports that captured addresses are answered what they never said.
func (b *book) tellBackscatter(now time.Time) {
	s := &b.backscatter
	if s.n == 0 || !s.at.IsZero() && now.Sub(s.at) < backscatterEvery {
		return
	}
	b.e.events.Add(events.Event{
		Kind: events.TarpitBackscatter, Time: now,
		Addr: netip.AddrFrom16(s.captured).Unmap(), Source: netip.AddrFrom16(s.source).Unmap(),
		Text: fmt.Sprintf("answers to what no captured address sent: %d, the newest from this source; somebody sends in their names", s.n),
	})
	*s = backscatter{at: now}
}
