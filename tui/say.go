// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"cygnet/internal/events"
)

// loudness says how a toast is meant.
type loudness uint8

const (
	remark loudness = iota
	done
	failed
)

// toast is a line at the bottom, for a while.
type toast struct {
	how   loudness
	text  string
	until time.Time
	undo  bool // it tells of a change that can be undone
}

// How long a toast stays.
const (
	toastFor = 5 * time.Second
	errorFor = 15 * time.Second
)

// say shows a line at the bottom. text is clean.
func (m *model) say(how loudness, text string) {
	stay := toastFor
	if how == failed {
		stay = errorFor
	}
	m.toast = toast{how: how, text: text, until: m.now.Add(stay)}
}

// ownChange is our last change.
type ownChange struct {
	number uint64
	text   string // the lines it was made of, as the log has them
	until  time.Time
}

// sayDone says that a change of ours was made.
func (m *model) sayDone(text string) {
	m.toast = toast{how: done, text: text, until: m.now.Add(undoFor), undo: true}
}

// undoFor is how long a change can be undone by a key; `:undo N` always can.
const undoFor = 10 * time.Second

func (m *model) undoable() bool {
	return m.mine.number > 0 && m.now.Before(m.mine.until) && !m.readOnly
}

// happened is called for every change of state that is heard of: our own
// changes can be undone from then on, and those of others are shown.
func (m *model) happened(e events.Event) {
	switch e.Kind {
	case events.ConfigChanged:
	default:
		return
	}
	if e.Time.After(m.altered) {
		m.altered = e.Time
	}
	var number uint64
	if _, err := fmt.Sscanf(e.Text, "change %d:", &number); err != nil {
		return
	}
	_, text, _ := strings.Cut(e.Text, ": ")
	switch {
	case m.live.snap == nil || m.live.snap.Time.Sub(e.Time) > undoFor: // by the balancer's clock: it is an old one
	case text == m.undid && text != "":
		m.undid = ""
	case m.isOurs(e.Who, text):
		m.mine = ownChange{number, text, m.now.Add(undoFor)}
	default:
		m.say(remark, m.theme.clean(e.Who+": "+text))
	}
}

// isOurs tells whether a change was ours. A peer over TCP has another port each
// time, and is not alone behind its address: then it must be what we asked for.
func (m *model) isOurs(who, text string) bool {
	us := m.live.sight.About.Who
	x, err := netip.ParseAddrPort(who)
	if err != nil {
		return who == us && who != ""
	}
	y, err := netip.ParseAddrPort(us)
	return err == nil && x.Addr() == y.Addr() && slices.ContainsFunc(m.sent, func(line string) bool { return strings.HasPrefix(text, line) })
}
