// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"cygnet/engine"
)

// graphSection is how many frames came, in h rows.
func graphSection(t *Theme, s *scene, w, h int) []string {
	in := &s.history.in
	lines := []string{t.section(w, "Frames in", fmt.Sprintf("now %s/s  peak %s/s", short(in.now()), short(in.peak())))}
	return append(lines, t.plot(in.last(w), w, h-1, in.peak())...)
}

// trafficSection is how much there is to do, now and before.
func trafficSection(t *Theme, s *scene, w int) []string {
	lines := []string{t.section(w, "Traffic", "")}
	head := t.row(w).gap(1).cell(t.dim, "", 12)
	for _, title := range []string{"now", "mean", "peak"} {
		head.number(t.dim, title, 7)
	}
	lines = append(lines, head.String())
	for _, row := range []struct {
		name   string
		series *series
		times  float64
	}{
		{"in frames/s", &s.history.in, 1}, {"out frames/s", &s.history.out, 1}, {"in bit/s", &s.history.inBytes, 8},
		{"out bit/s", &s.history.outBytes, 8}, {"drops/s", &s.history.dropped, 1}, {"tarpit hits/s", &s.history.hits, 1},
		{"tarpit holds", &s.history.held, 1}, {"open flows", &s.history.flows, 1},
	} {
		r := t.row(w).gap(1).cell(t.plain, row.name, 13)
		for _, v := range []float64{row.series.now(), row.series.mean(kept), row.series.peak()} {
			r.number(t.plain, short(v*row.times), 7)
		}
		lines = append(lines, r.String())
	}
	return lines
}

// servicesSection is how many servers of each service are up, how many flows it
// has, and who serves the new ones if not those.
func servicesSection(t *Theme, s *scene, w int) []string {
	lines := []string{t.section(w, "Services", flowsWords(s.snap.Flows.Open))}
	const most = 4
	for i := range s.services[:min(len(s.services), most)] {
		svc := &s.services[i]
		r := t.row(w).gap(1).cell(t.plain, t.clean(svc.Name), 13).cell(t.plain, svc.upWords(), 8).number(t.plain, short(float64(svc.Flows)), 6)
		if svc.Serving != engine.ServingNormally {
			r.gap(1).text(t.warn, svc.Serving.String())
		}
		lines = append(lines, r.String())
	}
	if more := len(s.services) - most; more > 0 {
		lines = append(lines, t.row(w).gap(1).text(t.dim, fmt.Sprintf("and %d more", more)).String())
	}
	return lines
}

// upWords say how many of a service's servers are up.
func (svc *serviceReading) upWords() string {
	return fmt.Sprintf("%d/%d up", svc.serving(), svc.wanted())
}

// cpuSection is how busy the workers are, and what the link lost.
func cpuSection(t *Theme, s *scene, w int) []string {
	lines := []string{t.section(w, "Workers", fmt.Sprintf("kernel drops %s", short(float64(s.sight.Link.KernelDrops))))}
	for i, share := range s.cpu {
		r := t.row(w).gap(1).cell(t.plain, "cpu "+strconv.Itoa(i), 6).number(t.plain, percent(share), 5).gap(1)
		r.text(t.graph, t.bar(share, max(r.left-1, 0)))
		lines = append(lines, r.String())
	}
	return lines
}

// dropsSection is why frames are dropped, the most frequent first.
func dropsSection(t *Theme, s *scene, w int) []string {
	lines := []string{t.section(w, "Drops", fmt.Sprintf("%s/s", short(s.dropped)))}
	var reasons []engine.Reason
	for i, n := range s.snap.Reasons {
		if r := engine.Reason(i); r.Verdict() == engine.Dropped && n.Frames > 0 {
			reasons = append(reasons, r)
		}
	}
	slices.SortStableFunc(reasons, func(a, b engine.Reason) int {
		return cmp.Or(cmp.Compare(s.reasons[b], s.reasons[a]), cmp.Compare(s.snap.Reasons[b].Frames, s.snap.Reasons[a].Frames))
	})
	const most = 5
	for _, r := range reasons[:min(len(reasons), most)] {
		lines = append(lines, t.row(w).gap(1).cell(t.plain, r.String(), 20).
			number(t.plain, short(float64(s.snap.Reasons[r].Frames)), 6).number(t.plain, short(s.reasons[r])+"/s", 8).String())
	}
	return lines
}

// alertsSection is what is wrong, in words.
func alertsSection(t *Theme, all []alert, w int) []string {
	lines := []string{t.section(w, "Alerts", "")}
	if len(all) == 0 {
		return append(lines, t.row(w).gap(1).text(t.good, "none").String())
	}
	const most = 4
	for _, a := range all[:min(len(all), most)] {
		p := t.warn
		if a.bad {
			p = t.bad
		}
		lines = append(lines, t.row(w).gap(1).text(p, "! ").text(t.plain, t.clean(a.text)).String())
	}
	return lines
}

// listsSection is the lists that there are, and how often they decided.
func listsSection(t *Theme, s *scene, w int) []string {
	lines := []string{t.section(w, "Lists", plural(len(s.snap.Lists), "list"))}
	const most = 5
	for i := range s.snap.Lists[:min(len(s.snap.Lists), most)] {
		l := &s.snap.Lists[i]
		total := l.Misses
		for _, n := range l.Hits {
			total += n
		}
		lines = append(lines, t.row(w).gap(1).cell(t.plain, l.Name, 10).cell(t.plain, plural(len(l.Rules), "rule"), 12).
			number(t.plain, short(float64(total)), 7).text(t.dim, " hits").String())
	}
	return lines
}
