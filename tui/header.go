// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cygnet/engine"
)

// When a snapshot counts as old, and as so old that nothing on the screen can
// be believed.
const (
	staleAfter = 3 * time.Second
	lostAfter  = 10 * time.Second
)

// header is the rows at the top: what it is and whether it forwards, how much,
// and how that went; and if something is wrong, what.
func (m *model) header(l layout) []string {
	lines := []string{m.titleLine(), m.ratesLine()}
	if l.header > 2 {
		lines = append(lines, m.historyLine())
	}
	if l.alert >= 0 {
		lines = append(lines, m.alertLine())
	}
	return lines
}

func (m *model) titleLine() string {
	t, s := m.theme, m.see()
	right, paint := m.liveWords()
	r := t.row(m.w)
	r.left -= cells(right) + 2
	r.gap(1).text(t.bold, "cygnet").gap(2)
	word, p := m.forwardingWord()
	r.text(p, word).gap(2)
	if about := s.sight.About; about.Interface != "" {
		r.text(t.plain, t.clean(about.Interface)).gap(2)
	}
	if s.snap != nil {
		r.text(t.plain, t.clean(vips(s.snap)))
		if !s.snap.Started.IsZero() {
			r.gap(2).text(t.plain, "up "+span(s.snap.Time.Sub(s.snap.Started)))
		}
	}
	if host := s.sight.About.Hostname; host != "" && m.w >= wideWidth {
		r.gap(2).text(t.dim, t.clean(host))
	}
	r.gap(r.left)
	r.left += cells(right) + 2
	return r.gap(1).text(paint, right).gap(1).String()
}

// forwardingWord says in a word or two whether it forwards.
func (m *model) forwardingWord() (string, paint) {
	t, s := m.theme, m.see()
	switch {
	case s.snap == nil, m.frozen == nil && m.stale():
		return "UNKNOWN", t.none
	case s.snap.Standby:
		return "STANDBY", t.maint
	case len(s.snap.WhyNot(s.sight.LinkUp, s.snap.Time)) > 0:
		return "NOT FORWARDING", t.bad
	}
	return "FORWARDING", t.good
}

// liveWords say how fresh what is shown is, and whether it can be changed.
func (m *model) liveWords() (string, paint) {
	t := m.theme
	mode := "RW"
	if m.readOnly {
		mode = "RO"
	}
	age := m.now.Sub(m.live.sight.Heard)
	switch {
	case m.frozen != nil:
		more := m.live.journal.total - m.frozen.journal.total + int(m.live.catches.total-m.frozen.catches.total)
		return fmt.Sprintf("PAUSED %s (+%s) %s", clock(m.now.Sub(m.frozen.paused)), plural(more, "event"), mode), t.warn
	case m.live.snap == nil:
		return mode, t.plain
	case age > lostAfter:
		return "STALE " + span(age) + " " + mode, t.bad
	case age > staleAfter, m.live.sight.Away != "":
		return "STALE " + span(age) + " " + mode, t.warn
	}
	return fmt.Sprintf("LIVE %sHz age %s %s", short(float64(time.Second)/float64(paces[m.hz])), span(age), mode), t.plain
}

// vips names the first VIP and says how many more there are.
func vips(s *engine.Snapshot) string {
	var first string
	seen := map[string]bool{}
	for i := range s.Services {
		vip := s.Services[i].VIP.String() + s.Services[i].VLANWord()
		if first == "" {
			first = vip
		}
		seen[vip] = true
	}
	switch {
	case first == "":
		return "no vip"
	case len(seen) > 1:
		return fmt.Sprintf("vip %s (+%d)", first, len(seen)-1)
	}
	return "vip " + first
}

// heldWidth is from which width on the row of rates has room for how many
// connections the tarpit holds.
const heldWidth = 100

// ratesLine says how much there is to do.
func (m *model) ratesLine() string {
	t, s := m.theme, m.see()
	p := m.ink()
	r := t.row(m.w).gap(1)
	r.text(t.dim, "in ").text(p, fmt.Sprintf("%5s/s %9s", short(s.in.frames), bits(s.in.bytes)))
	r.text(t.dim, "  out ").text(p, fmt.Sprintf("%5s/s %9s", short(s.out.frames), bits(s.out.bytes)))
	r.text(t.dim, "  tarpit ").text(p, short(s.hits)+"/s")
	if m.w >= heldWidth && s.snap != nil {
		r.text(t.dim, " held ").text(p, short(float64(s.book().Now)))
	}
	r.text(t.dim, "  drop ").text(m.alarm(s.worth(), p), short(s.worth())+"/s")
	if worst := s.worstDrop(); cells(worst) <= r.left {
		r.text(p, worst)
	}
	return r.String()
}

// stale says that nothing new has come for longer than it should.
func (m *model) stale() bool {
	return m.live.sight.Away != "" || m.live.snap != nil && m.now.Sub(m.live.sight.Heard) > staleAfter
}

// tooOld says that what is shown cannot be believed any more.
func (m *model) tooOld() bool {
	return m.frozen == nil && m.live.snap != nil && m.now.Sub(m.live.sight.Heard) > lostAfter
}

// ink is how numbers are drawn: faint, when they are too old to be believed.
func (m *model) ink() paint {
	if m.tooOld() {
		return m.theme.dim
	}
	return m.theme.plain
}

// alarm is how a number is drawn that should be 0.
func (m *model) alarm(n float64, usual paint) paint {
	if n > 0.05 {
		return m.theme.warn
	}
	return usual
}

// worth is how many frames a second are dropped for reasons worth a look. What the
// tarpit does not answer is dropped, too, and nothing is wrong then.
func (r *reading) worth() (n float64) {
	for i, rate := range r.reasons {
		if engine.Reason(i).Verdict() == engine.Dropped && !ofTarpit(engine.Reason(i)) {
			n += rate
		}
	}
	return n
}

// ofTarpit says whether a frame that ended so was for a captured address, and not
// answered.
func ofTarpit(r engine.Reason) bool { return engine.CapturedAsked <= r && r <= engine.CapturedOther }

// worstDrop is the reason that most frames are dropped for, among those that are
// worth a look.
func (r *reading) worstDrop() string {
	worst, most := engine.Reason(0), 0.0
	for i, n := range r.reasons {
		if engine.Reason(i).Verdict() == engine.Dropped && n > most && !ofTarpit(engine.Reason(i)) {
			worst, most = engine.Reason(i), n
		}
	}
	if most == 0 {
		return ""
	}
	return " " + worst.String()
}

// historyLine shows how the frames went, and what the machine makes of it.
func (m *model) historyLine() string {
	t, s := m.theme, m.see()
	right := fmt.Sprintf("  servers %s  cpu %s  kernel drops %s", s.standing(), cpuWords(s.cpu), short(float64(s.sight.Link.KernelDrops)))
	if n := s.sight.Link.SendErrors(); n > 0 || m.w >= wideWidth {
		right += "  send errors " + short(float64(n))
	}
	r := t.row(m.w).gap(1).text(t.dim, "in ")
	w := r.left - cells(right) - 1
	r.text(t.graph, t.spark(s.history.in.last(w), w, s.history.in.peak()))
	p := t.plain
	if s.lost > 0 {
		p = t.warn
	}
	return r.text(p, right).String()
}

// standing says how many servers are up, and how many flows are open.
func (r *reading) standing() string {
	if r.snap == nil {
		return "-"
	}
	up, all := 0, 0
	for i := range r.services {
		up, all = up+r.services[i].serving(), all+r.services[i].wanted()
	}
	return fmt.Sprintf("%d/%d up  flows %s", up, all, short(float64(r.snap.Flows.Open)))
}

// cpuWords say how busy the workers are; of many, the busiest.
func cpuWords(cpu []float64) string {
	if len(cpu) == 0 {
		return "-"
	}
	const most = 4 // in one row
	if len(cpu) > most {
		return fmt.Sprintf("%s of %d", percent(slices.Max(cpu)), len(cpu))
	}
	words := make([]string, len(cpu))
	for i, c := range cpu {
		words[i] = percent(c)
	}
	return strings.Join(words, " ")
}

// alerts are those of what is shown, and first that it is old.
func (m *model) alerts() []alert {
	all := m.see().alerts()
	if away := m.live.sight.Away; away != "" && m.live.snap != nil {
		lost := alert{true, fmt.Sprintf("lost for %s: %s", span(m.now.Sub(m.live.sight.Heard)), away)}
		return append([]alert{lost}, all...)
	}
	if m.stale() && m.live.snap != nil {
		return append([]alert{{true, fmt.Sprintf("nothing new for %s: the balancer hangs, or the way to it", span(m.now.Sub(m.live.sight.Heard)))}}, all...)
	}
	return all
}

// alertLine names the first thing that is wrong, and how many more are.
func (m *model) alertLine() string {
	t, all := m.theme, m.alerts()
	p := t.warn
	if all[0].bad {
		p = t.bad
	}
	more := ""
	if len(all) > 1 {
		more = fmt.Sprintf(" (+%d)", len(all)-1)
	}
	r := t.row(m.w).gap(1).text(p, "!").gap(1)
	text := t.cut(t.clean(all[0].text), r.left-cells(more))
	return r.text(p, text).text(t.plain, more).String()
}
