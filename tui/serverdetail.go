// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"cygnet/engine"
)

// detail shows all there is to know about the selected server, as it changes.
func (a serverActions) detail(m *model) {
	srv, id := m.see().find(a.selected), a.selected
	if srv == nil {
		return
	}
	m.pager = livePager(m, "server "+srv.label(), func(m *model) (string, bool) {
		srv := m.see().find(id)
		if srv == nil {
			return "", false
		}
		return serverDetails(srv, m.see()), true
	})
}

// details are rows of a name and a text.
type details struct{ strings.Builder }

func (d *details) row(name, format string, args ...any) {
	fmt.Fprintf(d, "%-10s %s\n", name, fmt.Sprintf(format, args...))
}

func serverDetails(srv *serverReading, s *scene) string {
	var d details
	d.row("state", "%s", stateWords(srv, s))
	healthDetails(&d, srv, s)
	d.row("flows", "%d open now, %d given since the start", srv.Flows, srv.Opened)
	d.row("retried", "%s", retriedWords(srv))
	checkDetails(&d, &srv.Health)
	d.row("address", "%s, MAC %s", srv.Addr, dash(!srv.MAC.IsZero(), srv.MAC.String()))
	d.row("limits", "%s", limitWords(srv))
	if !srv.aside() {
		d.row("number", "%d, weight %d, prio %d", srv.Number, srv.Weight, srv.Prio)
		d.row("acl", "%s", serverList(srv, s.snap))
		d.row("share", "%s of its service's frames, %s of the weight that is up", dash(srv.share >= 0, percent(srv.share)), percent(srv.weight))
	}
	d.row("now", "%s frames/s, %s", short(srv.rate.frames), bits(srv.rate.bytes))
	d.row("traffic", "%d frames, %d bytes since the start", srv.Traffic.Frames, srv.Traffic.Bytes)
	d.row("service", "%s", serviceLineOf(srv.service))
	return d.String()
}

// stateWords are the state, and what follows from it.
func stateWords(srv *serverReading, s *scene) string {
	words, h := srv.state.String(), &srv.Health
	switch srv.state {
	case out:
		if !srv.Until.IsZero() {
			return words + ": blacklisted for another " + clock(srv.Until.Sub(s.snap.Time))
		}
	case falling:
		return fmt.Sprintf("%s: it serves; %d of %d failures in a row so far", words, h.Turn, h.Turns)
	case rising:
		return fmt.Sprintf("%s: it is down; %d of %d passes in a row so far", words, h.Turn, h.Turns)
	case drain, leaving:
		if srv.Flows > 0 {
			return fmt.Sprintf("%s, draining: %s left", words, exactly(srv.Flows))
		}
		return words + ", empty: can be removed"
	}
	return words
}

// retriedWords say how many SYNs were sent again, and whether that is many.
func retriedWords(srv *serverReading) string {
	words := fmt.Sprintf("%d SYNs were sent again since the start", srv.Retried)
	if n := srv.again.again; n > 0 {
		words += fmt.Sprintf(", %d of %d in the last %d s", n, n+srv.again.opened, int(longAgo.Seconds()))
	}
	return words
}

func limitWords(srv *serverReading) string {
	limit := func(n int) string { return dash(n > 0, strconv.Itoa(n)) }
	return fmt.Sprintf("max %s, hard %s flows", limit(srv.Max), limit(srv.Hard))
}

// serverList is the list that says which clients a server may be given, as far as
// the lists tell who names them.
func serverList(srv *serverReading, snap *engine.Snapshot) string {
	name := srv.Name
	if name == "" {
		name = strconv.Itoa(srv.Number)
	}
	use := fmt.Sprintf("server %s of %s", name, srv.service.Name)
	for i := range snap.Lists {
		uses := snap.Lists[i].Uses
		if slices.Contains(uses, use) {
			return "list " + snap.Lists[i].Name
		}
		if n := len(uses); n > 0 && strings.HasPrefix(uses[n-1], "and ") {
			return "see  :" + strings.TrimSpace(srv.id.line(""))
		}
	}
	return "every client"
}

// healthDetails tell what checks found out on the whole.
func healthDetails(d *details, srv *serverReading, s *scene) {
	h := &srv.Health
	if h.Check == "" {
		d.row("health", "no check but %s", neighbourWord(srv.ServerSnapshot))
		return
	}
	d.row("health", "%s by %s%s", h.State, h.Check, sinceWords(h, s))
	if h.Why != "" {
		d.row("why", "%s", h.Why)
	}
	if h.Held.After(s.snap.Time) {
		d.row("held", "it fell often: it does not rise for another %s", clock(h.Held.Sub(s.snap.Time)))
	}
	if h.Soft && h.State == engine.HealthDown {
		d.row("", "it answers ARP: where no server is up, it may still serve")
	}
}

// checkDetails are the results of the last checks, newest first.
func checkDetails(d *details, h *engine.Health) {
	name := "checks"
	for _, r := range slices.Backward(h.Last) {
		d.row(name, "%s  %s  %7s  %s", r.Time.Local().Format(time.TimeOnly), passWord(r.Pass), milliseconds(r.Took), r.Text)
		name = ""
	}
}

func sinceWords(h *engine.Health, s *scene) string {
	if h.Since.IsZero() {
		return ""
	}
	return fmt.Sprintf(" since %s, for %s", h.Since.Local().Format(time.DateTime), ago(s, h.Since))
}

func passWord(pass bool) string {
	if pass {
		return "pass"
	}
	return "FAIL"
}

func milliseconds(d time.Duration) string {
	return strconv.FormatFloat(float64(d)/float64(time.Millisecond), 'f', 1, 64) + "ms"
}
