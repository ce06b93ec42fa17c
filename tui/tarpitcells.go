// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"net/netip"
	"strconv"
	"time"

	"cygnet/internal/events"
)

// cell is one cell of the list that is chosen. bar is how many of the screen a
// bar may take.
func (p *tarpitPanel) cell(t *Theme, s *scene, i, c, bar int) (string, paint) {
	switch p.view {
	case viewHits:
		e, _ := s.catches.hit(p.hits.keys[i])
		return eventCell(t, &e, c)
	case viewTargets:
		return targetCell(t, s, &p.targets.ranks[i], c)
	}
	r := &p.held[i]
	if c == caughtBar {
		return t.bar(float64(r.SYNs)/float64(max(p.most, 1)), bar), t.graph
	}
	return r.cell(t, s, c)
}

// eventCell is what an event of the stream tells, in a column.
func eventCell(t *Theme, e *events.Event, c int) (string, paint) {
	switch c {
	case caughtTime:
		return timeOf(e.Time), t.dim
	case caughtSource:
		return addrText(t, e.Source), t.plain
	case caughtTarget:
		return addrText(t, e.Addr), t.plain
	case caughtWhat:
		return whatWord(e.Kind), t.whatPaint(e.Kind)
	case caughtHeldFor:
		return heldFor(e), t.plain
	}
	if e.Kind == events.TarpitCaptured { // of no port
		return "", t.plain
	}
	return portCell(t, e.Port, c)
}

func portCell(t *Theme, port uint16, c int) (string, paint) {
	if c == caughtPortName {
		return events.PortName(port), t.dim
	}
	return strconv.Itoa(int(port)), t.plain
}

// heldFor is how long a client was held that gave up, or for how long so far.
func heldFor(e *events.Event) string {
	if e.Kind == events.TarpitEscaped || e.Held >= time.Second {
		return span(e.Held)
	}
	return ""
}

// whatPaint shows who proved to be there, and who has gone.
func (t *Theme) whatPaint(k events.Kind) paint {
	switch k {
	case events.TarpitVerified:
		return t.good
	case events.TarpitEscaped:
		return t.bold
	}
	return t.dim
}

// targetCell is what is known of a captured address, in a column.
func targetCell(t *Theme, s *scene, k *ranked, c int) (string, paint) {
	switch c {
	case caughtTarget:
		return addrText(t, k.key), t.plain
	case caughtHits:
		return short(float64(k.count)), t.plain
	case caughtLast:
		return when(s, k.last), t.plain
	}
	return portCell(t, k.port, c)
}

// cell is what a row of the book tells, in a column.
func (r *heldRow) cell(t *Theme, s *scene, c int) (string, paint) {
	switch c {
	case caughtSource, caughtNetwork, caughtFrom:
		return r.name(t), t.plain
	case caughtTo:
		return t.clean(r.key.captured.String()), t.plain
	case caughtCountry:
		return dash(r.country != "", t.clean(r.country)), t.plain
	case caughtSYNs:
		return short(float64(r.SYNs)), t.plain
	case caughtVerified:
		return short(float64(r.Verified)), t.plain
	case caughtNow:
		return short(float64(r.Now)), t.plain
	case caughtHeld:
		return span(r.Held), t.plain
	case caughtState:
		if r.open {
			return openWord(true), t.good
		}
		return openWord(false), t.dim
	case caughtLast:
		return when(s, r.Last), t.plain
	case caughtFirst:
		return when(s, r.First), t.dim
	}
	port := r.key.port
	if r.key.captured.IsValid() {
		port = r.key.captured.Port()
	}
	return portCell(t, port, c)
}

// when is when something was: the time of this day, or an earlier day. It is
// not how long ago, which would have to be drawn anew when nothing comes.
func when(s *scene, at time.Time) string {
	if now := s.snap.Time.Local(); now.YearDay() != at.Local().YearDay() || now.Year() != at.Local().Year() {
		return at.Local().Format("Jan _2")
	}
	return timeOf(at)
}

// ago is how long ago something was, by the balancer's clock.
func ago(s *scene, when time.Time) string { return span(s.snap.Time.Sub(when)) }

// portsText is how many different ports there were.
func portsText(different uint8) string {
	if different < portsTold {
		return strconv.Itoa(int(different))
	}
	return strconv.Itoa(portsTold) + "+"
}

// networkOf is the network that the book counts a source in: a /24, of IPv6 a /48.
func networkOf(a netip.Addr) netip.Prefix {
	bits := 24
	if a = a.Unmap().WithZone(""); a.Is6() {
		bits = 48
	}
	network, _ := a.Prefix(bits) // no address: no prefix
	return network
}
