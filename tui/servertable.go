// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"cmp"
	"slices"
	"strings"
)

// serverTable is the table of all servers: on Overview and on Servers, the same
// one. What is selected is a server, not a row: sorting moves rows.
type serverTable struct {
	grid
	selected serverID
	by       order
	filter   filter
	rows     []*serverReading // shown, in their order
	named    bool             // some have names, so addresses want a column
	several  bool             // there is more than one service
	longest  int              // cells of the longest label
	states   int              // cells of the longest state
	words    int              // cells of the longest words on health
	across   int              // cells, when it was drawn last
}

// The columns.
const (
	colName = iota
	colService
	colAddress
	colMAC
	colState
	colHealth
	colFlows
	colRate
	colShare
	colWeight
)

// How many cells the words on health have at least, and want at most.
const (
	leastHealth = 9
	mostHealth  = 26
)

func (s *serverTable) columns() []column {
	return []column{
		colName:    {title: "NAME", width: 8, grow: max(s.longest-8, 0)},
		colService: {title: "SERVICE", width: 8, rank: 2, off: !s.several, grow: 4},
		colAddress: {title: "ADDRESS", width: 15, rank: 4, off: !s.named},
		colMAC:     {title: "MAC", width: 17, rank: 8},
		colState:   {title: "STATE", width: max(s.states, 6)},
		colHealth:  {title: "HEALTH", width: leastHealth, grow: 41, rank: 6},
		colFlows:   {title: "FLOWS", width: 5, right: true, rank: 5},
		colRate:    {title: "PPS", width: 5, right: true},
		colShare:   {title: "SHARE/WT", width: 8, right: true, rank: 3},
		colWeight:  {title: "", width: 10, rank: 9},
	}
}

// wordy are the columns, with room for the words on health if only the bar has to
// make it.
func (s *serverTable) wordy(w int) []column {
	columns := s.columns()
	usual, _ := fit(columns, w)
	columns[colHealth].width = max(leastHealth, min(s.words, mostHealth))
	wordy, _ := fit(columns, w)
	if n := len(wordy); n < len(usual)-1 || !slices.Equal(wordy, usual[:n]) {
		columns[colHealth].width = leastHealth
	}
	return columns
}

// refresh takes in a new reading.
func (s *serverTable) refresh(r *reading) {
	s.rows, s.named, s.longest, s.states, s.words = s.rows[:0], false, 0, 0, 0
	s.several = len(r.services) > 1
	for i := range r.servers {
		srv := &r.servers[i]
		s.named = s.named || srv.Name != "" || srv.aside()
		if !s.filter.on() || s.filter.passes(srv.haystack()) {
			s.rows = append(s.rows, srv)
			s.longest, s.states = max(s.longest, len(srv.label())), max(s.states, len(stateCell(srv)))
			if srv.state != up {
				s.words = max(s.words, cells(asMuch(mostHealth, checkWords(srv))))
			}
		}
	}
	switch {
	case s.by.column >= 0:
		slices.SortStableFunc(s.rows, s.compare)
	case s.by.reverse:
		slices.Reverse(s.rows)
	}
	s.resize(len(s.rows))
	s.follow()
}

// follow puts the cursor back on the selected server; where it is gone, what
// stands in its row is selected.
func (s *serverTable) follow() {
	if i := slices.IndexFunc(s.rows, func(r *serverReading) bool { return r.id == s.selected }); i >= 0 {
		s.cursor = i
	}
	s.choose()
}

// choose selects the server under the cursor.
func (s *serverTable) choose() {
	if srv := s.current(); srv != nil {
		s.selected = srv.id
	}
}

// current is the server under the cursor; nil when there is none.
func (s *serverTable) current() *serverReading {
	if s.cursor < len(s.rows) {
		return s.rows[s.cursor]
	}
	return nil
}

// haystack is the text that a filter is tried on.
func (srv *serverReading) haystack() string {
	return strings.Join([]string{
		srv.label(), srv.Addr.String(), srv.service.Name, srv.MAC.String(), srv.state.String(), srv.service.VIP.String() + srv.service.VLANWord(),
	}, " ")
}

func (s *serverTable) compare(a, b *serverReading) int {
	n := 0
	switch s.by.column {
	case colName:
		n = cmp.Or(cmp.Compare(a.Name, b.Name), a.Addr.Compare(b.Addr))
	case colState:
		n = cmp.Compare(b.state, a.state)
	case colFlows:
		n = cmp.Compare(b.Flows, a.Flows)
	case colRate:
		n = cmp.Compare(b.rate.frames, a.rate.frames)
	case colShare:
		n = cmp.Compare(b.share, a.share)
	}
	if s.by.reverse {
		return -n
	}
	return n
}

// sortNext sorts by the next column that can be sorted by.
func (s *serverTable) sortNext() {
	cycle := []int{-1, colRate, colState, colName, colShare, colFlows}
	s.by = order{column: cycle[(slices.Index(cycle, s.by.column)+1)%len(cycle)]}
}

// render draws the table.
func (s *serverTable) render(t *Theme, now *scene, w, h int) []string {
	if len(s.rows) == 0 {
		return t.pad([]string{t.row(w).String(), t.row(w).gap(3).text(t.dim, t.clean(s.emptyText(now.reading))).String()}, w, h)
	}
	columns := s.wordy(w - 3)
	words := 0 // cells for what checks say
	if shown, widths := fit(columns, w-3); slices.Contains(shown, colHealth) {
		words = widths[slices.Index(shown, colHealth)]
	}
	return t.table(w, h, columns, &s.grid, s.by, true, func(i, c int) (string, paint) {
		if c == colHealth {
			return t.clean(asMuch(words, healthWords(s.rows[i], now))), t.plain
		}
		return s.cell(t, s.rows[i], c)
	})
}

func (s *serverTable) emptyText(now *reading) string {
	if s.filter.on() && len(now.servers) > 0 {
		return "no server matches /" + s.filter.text + "; esc shows all"
	}
	return "no servers: add one with  :server 0 address ADDR"
}

func (s *serverTable) cell(t *Theme, srv *serverReading, c int) (string, paint) {
	switch c {
	case colName:
		return t.clean(srv.label()), t.plain
	case colService:
		return t.clean(srv.service.Name), t.plain
	case colAddress:
		return t.clean(srv.Addr.String()), t.plain
	case colMAC:
		if srv.MAC.IsZero() {
			return "unknown", t.dim
		}
		return srv.MAC.String(), t.plain
	case colState:
		return stateCell(srv), srv.state.paint(t)
	case colFlows:
		return short(float64(srv.Flows)), t.plain
	case colRate:
		return short(srv.rate.frames), t.plain
	case colShare:
		return shareWords(srv), t.plain
	}
	return t.bar(max(srv.share, 0), 10), t.graph
}

// stateCell is a server's state, and how many flows are left of one that is
// given no new ones.
func stateCell(srv *serverReading) string {
	if (srv.state == drain || srv.state == leaving) && srv.Flows > 0 {
		return srv.state.words() + " " + short(float64(srv.Flows))
	}
	return srv.state.words()
}

// shareWords is the share of traffic beside that of weight.
func shareWords(srv *serverReading) string {
	share, weight := "-", "-"
	if srv.share >= 0 {
		share = percent(srv.share)
	}
	if srv.state.serves() && !srv.aside() {
		weight = percent(srv.weight)
	}
	return share + "/" + weight
}
