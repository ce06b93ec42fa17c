// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import (
	"fmt"
	"slices"

	"cygnet/acl"
	"cygnet/engine"
)

// sound fails for a snapshot that could not come from an engine: one in which a
// reader would look for what is not there, or with a name that no configuration
// could have, which would play tricks on the reader's terminal.
func sound(s *engine.Snapshot) error {
	names := []string{s.Tarpit.List}
	for i := range s.Services {
		v := &s.Services[i]
		names = append(names, v.Name, v.VIP.Zone(), v.Address.Addr.Zone()) // a zone may be any text
		for j := range v.Servers {
			names = append(names, v.Servers[j].Name, v.Servers[j].Addr.Zone())
		}
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
