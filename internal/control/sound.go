// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import (
	"fmt"
	"slices"

	"cygnet/acl"
	"cygnet/engine"
)

// sound cleans what checks found out, which may be in the words of a server, and
// bounds what should be short. It fails for a snapshot that could not come from an engine: one in which a
// reader would look for what is not there, or with a name that no configuration
// could have, which would play tricks on the reader's terminal.
func sound(s *engine.Snapshot) error {
	names := []string{s.Tarpit.List}
	for i := range s.Services {
		v := &s.Services[i]
		names = append(names, v.Name, v.VIP.Zone(), v.Address.Addr.Zone()) // a zone may be any text
		for _, srv := range serversOf(v) {
			names = append(names, srv.Name, srv.Addr.Zone(), srv.Health.Check)
			cleanHealth(&srv.Health)
		}
	}
	s.TopFlows = first(s.TopFlows, engine.CensusRows)
	for i := range s.TopFlows {
		f := &s.TopFlows[i]
		names = append(names, f.Service, f.Server, f.State, f.Client.Addr().Zone(), f.VIP.Addr().Zone())
	}
	s.TopClients, s.LatestClients = first(s.TopClients, engine.CensusRows), first(s.LatestClients, engine.CensusRows)
	for _, c := range slices.Concat(s.TopClients, s.LatestClients) {
		names = append(names, c.Service, c.Server, c.Addr.Zone())
	}
	for _, a := range s.Sources {
		names = append(names, a.Addr.Zone())
	}
	for i := range s.Lists {
		l := &s.Lists[i]
		names = append(append(names, l.Name), l.Uses...)
		if err := soundList(l); err != nil {
			return err
		}
	}
	if i := slices.IndexFunc(names, unprintable); i >= 0 {
		return fmt.Errorf("name %q: no configuration could have it", names[i])
	}
	return nil
}

// Bounds of what is kept of checks: their words are a line, their results a
// screen.
const (
	mostWords   = 200 // bytes
	mostResults = 64
)

func cleanHealth(h *engine.Health) {
	h.Why = cleaned(h.Why)
	if n := len(h.Last) - mostResults; n > 0 {
		h.Last = h.Last[n:]
	}
	for i := range h.Last {
		h.Last[i].Text = cleaned(h.Last[i].Text)
	}
}

// cleaned is text of at most mostWords, as it may be shown on a terminal.
func cleaned(text string) string {
	text = text[:min(len(text), mostWords)]
	if !unprintable(text) {
		return text
	}
	b := []byte(text)
	for i := range b {
		if b[i] < ' ' || b[i] > '~' {
			b[i] = '?'
		}
	}
	return string(b)
}

func first[T any](rows []T, most int) []T { return rows[:min(len(rows), most)] }

func soundList(l *engine.ListSnapshot) error {
	if len(l.Hits) != len(l.Rules) {
		return fmt.Errorf("list %q: hits of %d rules, not of %d", l.Name, len(l.Hits), len(l.Rules))
	}
	if len(l.Dead) > 0 && (slices.Min(l.Dead) < 1 || slices.Max(l.Dead) > len(l.Rules)) {
		return fmt.Errorf("list %q: no such rule can be dead", l.Name)
	}
	for i, r := range l.Rules {
		if country := acl.IsCountry(r.Country); country == r.Prefix.IsValid() || !country && r.Country != "" {
			return fmt.Errorf("list %q: rule %d is none", l.Name, i+1)
		}
	}
	return nil
}

// unprintable finds text that is more than ASCII's letters and signs.
func unprintable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return true
		}
	}
	return false
}
