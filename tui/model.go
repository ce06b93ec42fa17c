// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"cygnet/engine"
)

// model is everything that the dashboard knows. Only Update changes it.
type model struct {
	opt      Options
	theme    *Theme
	w, h     int
	readOnly bool
	ending   Ending

	live   scene
	frozen *scene // what is shown instead, while the view is paused
	past   []past // snapshots of the last seconds, oldest first

	hz      int  // looks at the source a second, as an index into paces
	ticking bool // off where a test tells the time
	panels  []panel
	at      int // the panel that is shown

	// What lies over the panel, the last in front; nil where there is none.
	pager    *pager
	question *question
	prompt   *prompt
	script   *script  // what is being written at the prompt, if that is more than a line
	spoken   []string // lines given at the prompt, oldest first

	toast       toast
	mine        ownChange // our last change, while it can be undone
	sent        []string  // the first lines of what we asked for lately
	undid       string    // the lines that took one back, until they are heard of
	altered     time.Time // when the configuration was changed last, by the balancer's clock
	interrupted time.Time // when Ctrl-C was pressed last

	now      time.Time // of the last message that told it
	tabSpans [][2]int  // the cells of each tab's name, for the mouse
	drawn    string    // what View gives, until something changes
	changed  bool
}

// scene is what there is to see. A copy of it is what a paused view shows.
type scene struct {
	*reading // never nil; its snap is, before the first one
	history  *history
	journal  *journal
	catches  *catches
	paused   time.Time // when it was copied
}

// history is how some numbers went.
type history struct{ in, inBytes, out, outBytes, dropped, hits, held, flows series }

func (h *history) add(r *reading) {
	h.in.add(r.in.frames)
	h.inBytes.add(r.in.bytes)
	h.out.add(r.out.frames)
	h.outBytes.add(r.out.bytes)
	h.dropped.add(r.dropped)
	h.hits.add(r.hits)
	h.held.add(float64(r.book().Now))
	h.flows.add(float64(r.snap.Flows.Open))
}

// past is a snapshot that shares of traffic are taken since.
type past struct {
	*engine.Snapshot
	heard time.Time
}

// longAgo is how far back: one look is too short for a share to stand still.
const longAgo = 10 * time.Second

// pastEvery is how many of the snapshots since then are kept.
const pastEvery = time.Second

// paces are the times between two looks at the source.
var paces = [...]time.Duration{2 * time.Second, time.Second, 500 * time.Millisecond, 200 * time.Millisecond, 100 * time.Millisecond}

// The usual paces.
const (
	usualPace = 2
	slowPace  = 1
)

// panel is the content of one tab.
type panel interface {
	name() string
	refresh(m *model)                     // there is something new to see
	bindings(m *model) []binding          // the keys that do something here now
	render(m *model, w, h int) []string   // exactly h rows of w cells
	remark() string                       // at the right of the tabs: what is filtered and sorted, and how
	setFilter(m *model, f filter)         // show only what passes
	click(m *model, x, y int, wheel int8) // a click at a cell of the panel, or the wheel turned there by so many rows
}

func newModel(opt Options, theme *Theme, now time.Time) *model {
	m := &model{opt: opt, theme: theme, readOnly: opt.ReadOnly, hz: usualPace, now: now, changed: true}
	if opt.Slow {
		m.hz = slowPace
	}
	m.live = scene{reading: &reading{now: now}, history: &history{}, journal: &journal{}, catches: newCatches()}
	servers := &serverTable{by: order{column: -1}}
	m.panels = []panel{
		&overviewPanel{serverActions{servers}}, &serversPanel{serverActions{servers}}, newListsPanel(),
		newTarpitPanel(), newFlowsPanel(), newLogPanel(),
	}
	m.look(now)
	return m
}

// see is what is shown: the newest, or, while the view is paused, what was
// there then.
func (m *model) see() *scene {
	if m.frozen != nil {
		return m.frozen
	}
	return &m.live
}

type tickMsg time.Time

// Init implements tea.Model.
func (m *model) Init() tea.Cmd { return m.tick() }

func (m *model) tick() tea.Cmd {
	if !m.ticking {
		return nil
	}
	return tea.Tick(paces[m.hz], func(t time.Time) tea.Msg { return tickMsg(t) })
}

// look takes in what is new at the source.
func (m *model) look(now time.Time) {
	m.now = now
	sight := m.opt.Source.Sight()
	was := m.live.reading
	fresh := sight.Snapshot != nil && (was.snap == nil || sight.Snapshot != was.snap &&
		(!sight.Snapshot.Time.Equal(was.snap.Time) || sight.Snapshot.Generation != was.snap.Generation))
	if fresh {
		m.take(sight, now, was)
	} else {
		// What rates are made of stays as it was with the snapshot.
		again := *was
		again.sight.About, again.sight.LinkUp = sight.About, sight.LinkUp
		again.sight.Heard, again.sight.Away = sight.Heard, sight.Away
		again.sight.LostHits, again.sight.Lost = sight.LostHits, sight.Lost
		m.live.reading = &again
	}
	changes := m.live.journal.drain(m.theme, &m.opt, m.happened)
	hits := m.live.catches.drain(m.opt.Hits)
	if (fresh || changes || hits) && m.frozen == nil {
		m.refresh()
	}
	m.changed = true
}

// take makes a reading of a new snapshot.
func (m *model) take(sight Sight, now time.Time, was *reading) {
	for len(m.past) > 1 && now.Sub(m.past[1].heard) >= longAgo {
		m.past = append(m.past[:0], m.past[1:]...)
	}
	var long *engine.Snapshot
	if len(m.past) > 0 {
		long = m.past[0].Snapshot
	}
	last := was
	if last.snap == nil {
		last = nil
	}
	m.live.reading = newReading(sight, now, last, long)
	if m.live.seconds >= paces[m.hz].Seconds()/2 { // not between two looks, because of a reply
		m.live.history.add(m.live.reading)
	}
	if n := len(m.past); n == 0 || now.Sub(m.past[n-1].heard) >= pastEvery {
		m.past = append(m.past, past{sight.Snapshot, now})
	}
}

// refresh has the panels take in what there is to see.
func (m *model) refresh() {
	for _, p := range m.panels {
		p.refresh(m)
	}
	if m.pager != nil {
		m.pager.renew(m)
	}
}

// open shows a panel.
func (m *model) open(i int) {
	if i >= 0 && i < len(m.panels) {
		m.at, m.pager = i, nil
		m.panel().refresh(m) // some do so only while they are shown
	}
}

func (m *model) panel() panel { return m.panels[m.at] }

// togglePause stops the view, or lets it go on with what is now.
func (m *model) togglePause() {
	if m.frozen != nil {
		m.frozen = nil
		m.refresh()
		return
	}
	still := m.live
	history := *m.live.history
	for _, s := range []*series{&history.in, &history.inBytes, &history.out, &history.outBytes, &history.dropped, &history.hits, &history.held, &history.flows} {
		s.values = append([]float64(nil), s.values...)
	}
	still.history = &history
	still.journal, still.catches, still.paused = m.live.journal.clone(), m.live.catches.clone(), m.now
	m.frozen = &still
	m.refresh()
}

// hurry looks more often, or less.
func (m *model) hurry(by int) {
	m.hz = max(min(m.hz+by, len(paces)-1), 0)
	for m.hz > 0 && paces[m.hz] < m.opt.Pace {
		m.hz--
	}
	m.say(remark, "a look every "+paces[m.hz].String())
}
