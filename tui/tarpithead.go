// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"fmt"
	"strings"
	"time"

	"cygnet/engine"
)

// head is how the tarpit is, how it went, what can be listed, and what an operator
// should know before reading it; of h rows, as many as leave room for the list.
func (p *tarpitPanel) head(t *Theme, s *scene, w, h int) []string {
	title := "Tarpit: " + p.view.String()
	lines := []string{t.section(w, title, fitting(w-cells(title)-5, tarpitWords(t, s)))}
	if on := s.snap.Tarpit.List != ""; on && h >= 10 {
		lines = append(lines, t.row(w).gap(1).text(t.plain, fitting(w-1, countWords(s))).String())
		if h >= 14 {
			lines = append(lines, pitHistory(t, s, w))
		}
	}
	lines = append(lines, p.views(t, s, w))
	notes, most := p.notes(s), 1
	if h >= 16 {
		most = 3
	}
	for _, note := range notes[:min(len(notes), most)] {
		lines = append(lines, t.row(w).gap(1).text(t.warn, note).String())
	}
	return lines
}

// tarpitWords say how the tarpit is, what matters most first.
func tarpitWords(t *Theme, s *scene) []string {
	if s.snap.Tarpit.List == "" {
		return []string{"off"}
	}
	captured := " captured"
	if s.observing() {
		captured = " would be captured"
	}
	return []string{
		"list " + t.clean(s.snap.Tarpit.List), short(s.hits) + "/s", plain(s.book().Now, "held now"), "held total " + span(s.book().Total),
		short(float64(s.snap.Tarpit.Addresses)) + captured, short(float64(s.snap.TarpitHits())) + " hits",
	}
}

// countWords are what came of the hits, and who has the addresses.
func countWords(s *scene) []string {
	b, c := s.book(), &s.snap.Tarpit.Capture
	return []string{
		plain(b.Verified, "verified"), plain(b.Unverified, "unverified"), plain(b.Escaped, "escaped"),
		plain(c.Free, "free"), plain(c.Owned, "owned"), plain(c.Conflicts, "conflicts"), plain(c.Verifying, "asking for"),
		plain(b.Backscatter, "backscatter"), plain(c.Captures, "captures"), plain(b.Bytes, "bytes"),
	}
}

// pitHistory is how many hits came and how many connections were held, of late.
func pitHistory(t *Theme, s *scene, w int) string {
	r := t.row(w)
	part := func(name string, of *series, w int) {
		peak := " peak " + short(of.peak())
		bars := w - 2 - cells(name) - cells(peak)
		r.gap(1).text(t.dim, name+" ").text(t.graph, t.spark(of.last(bars), bars, of.peak())).text(t.plain, peak)
	}
	part("hits/s", &s.history.hits, w/2)
	r.gap(1)
	part("held", &s.history.held, w-w/2-1)
	return r.String()
}

// conflictNews is for how long a conflict is news.
const conflictNews = 10 * time.Minute

// notes are what is not as an operator may think it is, the worst first.
func (p *tarpitPanel) notes(s *scene) (all []string) {
	add := func(yes bool, format string, args ...any) {
		if yes {
			all = append(all, fmt.Sprintf(format, args...))
		}
	}
	c, snap := &s.snap.Tarpit.Capture, s.snap
	if snap.Tarpit.List != "" {
		add(snap.Standby, "on standby: the tarpit answers nobody; `active` ends that")
		add(s.observing(), "observe: nothing is sent; %s segments would have been answered", short(float64(snap.Reasons[engine.CapturedObserved].Frames)))
		add(!s.pit.conflict.IsZero() && snap.Time.Sub(s.pit.conflict) < conflictNews,
			"conflict: an owner came for an address that we had answered for: see 6 Log")
		add(s.snap.Tarpit.Capture.Passive, "passive: no address to ask from, so the silent count as free; see 6 Log")
		add(s.pit.limits.any(), "limited in the last %d s: %s", int(longAgo.Seconds()), limitedWords(s.pit.limits))
		add(c.Suspended > 0, "suspended %s: frames came from captured addresses, forged or not; we ask again", short(float64(c.Suspended)))
	}
	missed := s.catches.lost + p.missed(s)
	add(missed > 0, "counted %s, seen %s: the rest came too fast", short(float64(s.catches.total+missed)), short(float64(s.catches.total)))
	add(s.catches.shed && p.view == viewTargets, "more addresses came than are counted: these are lower bounds")
	return all
}

// limitedWords say what was not answered, or not asked.
func limitedWords(l pitLimits) string {
	var words []string
	for _, one := range []struct {
		n    uint64
		word string
	}{{l.segments, "segments"}, {l.replies, "ARP and ND replies"}, {l.questions, "questions"}} {
		if one.n > 0 {
			words = append(words, short(float64(one.n))+" "+one.word)
		}
	}
	return strings.Join(words, ", ")
}

// fitting joins as many words as have room in w cells.
func fitting(w int, words []string) string {
	all := ""
	for _, word := range words {
		if more := strings.TrimPrefix(all+"  "+word, "  "); cells(more) <= w {
			all = more
		}
	}
	return all
}

// missed is how many hits never became events since the dashboard looks.
func (p *tarpitPanel) missed(s *scene) uint64 {
	return s.snap.Tarpit.HitsLost - min(p.base.missed, s.snap.Tarpit.HitsLost) + s.sight.LostHits
}

// views names what can be listed.
func (p *tarpitPanel) views(t *Theme, s *scene, w int) string {
	r, between := t.row(w).gap(1), 1
	if w < 76 {
		between = 0
	}
	for v := range tarpitViews {
		switch {
		case v == p.view:
			r.text(t.tabOn, "["+v.String()+"]").gap(between)
		case p.offers(s, v):
			r.gap(between).text(t.tab, v.String()).gap(between + 1)
		}
	}
	return r.String()
}
