// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"fmt"
	"slices"

	"cygnet/engine"
	"cygnet/internal/config"
)

// Removing leaves open flows alone: they go on until they are over. Only what is
// removed with `now` is Gone, in the words of config.Config, and that can also be
// said of what was removed before and is still leaving.

// forgetGone takes back what was said of numbers and names that are in use.
func (s *session) forgetGone() {
	for i := range s.cfg.Services {
		v := &s.cfg.Services[i]
		v.Gone = lessGone(v.Gone, func(n int) bool {
			return slices.ContainsFunc(v.Servers, func(o config.Server) bool { return o.Number == n })
		})
	}
	s.cfg.Gone = lessGone(s.cfg.Gone, func(name string) bool {
		v := s.cfg.Service(name)
		return v != nil && v.VIP.IsValid()
	})
}

func lessGone[T any](all []T, back func(T) bool) []T {
	left := slices.DeleteFunc(all, back)
	if len(left) == 0 {
		return nil
	}
	return left
}

// sinceGone says whether to, made of from, ends flows of what from had removed
// or had not: then it is another configuration, though all that it says be the
// same.
func sinceGone(from, to *config.Config) bool {
	for _, name := range to.Gone {
		if !slices.Contains(from.Gone, name) {
			return true
		}
	}
	for i := range to.Services {
		v := &to.Services[i]
		if len(v.Gone) == 0 {
			continue
		}
		was := from.Service(v.Name)
		for _, n := range v.Gone {
			if was == nil || !slices.Contains(was.Gone, n) {
				return true
			}
		}
	}
	return false
}

// Same says whether two configurations neither differ nor end flows: there is
// nothing to bring into force.
func Same(from, to *config.Config) bool {
	return len(Differences(from, to)) == 0 && !sinceGone(from, to)
}

// running is a service in the snapshot; nil where there is none.
func (s *session) running(service string) *engine.ServiceSnapshot {
	if s.snapshot == nil {
		return nil
	}
	for i := range s.snapshot.Services {
		if v := &s.snapshot.Services[i]; v.Name == service {
			return v
		}
	}
	return nil
}

// leavingNumber finds the number of a server that is not there any more, by the
// ID it had: removed by an earlier line, or before, and still leaving.
func (s *session) leavingNumber(id string) (number int, ok bool) {
	if was := s.base.Service(s.service); was != nil {
		if i := indexServer(was, id); i >= 0 {
			return was.Servers[i].Number, true
		}
	}
	if v := s.running(s.service); v != nil {
		for i := range v.Servers {
			srv := &v.Servers[i]
			if srv.State == engine.Leaving && (srv.Name == id || isDigits(id) && fmt.Sprint(srv.Number) == id) {
				return srv.Number, true
			}
		}
	}
	return 0, false
}

// openFlows are those of a server in the snapshot.
func (s *session) openFlows(number int) (n uint64) {
	if v := s.running(s.service); v != nil {
		if i := slices.IndexFunc(v.Servers, func(o engine.ServerSnapshot) bool { return o.Number == number }); i >= 0 {
			n = v.Servers[i].Flows
		}
	}
	return n
}

// noteLeaving tells what a server or service that is removed has still to do.
func (s *session) noteLeaving(what string, flows uint64) {
	rest, are, them := flowsWord(flows), "are", "them"
	if flows == 1 {
		are, them = "is", "it"
	}
	s.note("%s leaves when its %s %s over; `%sno %s now` ends %s", what, rest, are, s.scope(), what, them)
}

// flowsWord is a number of flows in words.
func flowsWord(n uint64) string {
	switch n {
	case 0:
		return "no flows"
	case 1:
		return "1 flow"
	}
	return fmt.Sprintf("%d flows", n)
}
