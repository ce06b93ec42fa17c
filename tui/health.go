// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"fmt"

	"cygnet/engine"
)

// healthWords say what a server's state rests on, the most important first: a
// table shows as many as it has room for. They are not clean.
func healthWords(srv *serverReading, s *scene) []string {
	now := s.snap.Time
	switch {
	case srv.state == out && !srv.Until.IsZero():
		return []string{clock(srv.Until.Sub(now))}
	case (srv.state == drain || srv.state == leaving) && srv.Flows == 0:
		return []string{"empty", "can be removed"}
	}
	h := &srv.Health
	words := checkWords(srv)
	if h.Held.After(now) {
		words = append([]string{"held " + span(h.Held.Sub(now))}, words...)
	}
	if h.Check != "" && !h.Since.IsZero() {
		words = append(words, "since "+when(s, h.Since))
	}
	return words
}

// checkWords say what its checks found.
func checkWords(srv *serverReading) []string {
	h := &srv.Health
	switch {
	case h.State == engine.HealthUnchecked:
		return []string{h.State.String()}
	case h.Turn > 0 && h.State == engine.HealthUp:
		return []string{turnWords(h), whyDown(srv)}
	case h.Turn > 0:
		return []string{turnWords(h) + " passed", whyDown(srv)}
	case h.State == engine.HealthDown || srv.MAC.IsZero():
		return []string{whyDown(srv)}
	case h.Check == "":
		return []string{neighbourWord(srv.ServerSnapshot)}
	}
	return []string{h.Check}
}

// turnWords say how far a change of the state has come.
func turnWords(h *engine.Health) string { return fmt.Sprintf("%d of %d", h.Turn, h.Turns) }

// whyDown is why a server is not up, in words.
func whyDown(srv *serverReading) string {
	switch {
	case srv.Health.Why != "":
		return srv.Health.Why
	case srv.MAC.IsZero():
		return "no " + neighbourWord(srv.ServerSnapshot)
	}
	return "its check fails"
}

// neighbourWord is how a server's MAC is found.
func neighbourWord(srv *engine.ServerSnapshot) string {
	if srv.Addr.Is6() {
		return "nd"
	}
	return "arp"
}

// asMuch joins words while they have room in w cells; the first, of which the
// rest makes no sense without, always.
func asMuch(w int, words []string) string {
	all := words[0]
	for _, word := range words[1:] {
		if word == "" || cells(all)+2+cells(word) > w {
			break
		}
		all += ", " + word
	}
	return all
}
