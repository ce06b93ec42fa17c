// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"strings"

	"cygnet/internal/config"
)

// mode is one of the ways to choose a server.
type mode struct {
	name, help string
	mark       Mark
	flag       func(*config.Service) *bool
}

// modes are Pen's, in the order of its own `mode`, and ours behind them.
func modes() []mode {
	return []mode{
		{"hash", "choose by the client's address; so it is without any mode", 0, func(v *config.Service) *bool { return &v.Hash }},
		{"roundrobin", "choose by the client's address and port; clients are not tracked then", 0, func(v *config.Service) *bool { return &v.RoundRobin }},
		{"stubborn", "a client whose server cannot serve is given no other", 0, func(v *config.Service) *bool { return &v.Stubborn }},
		{"weight", "choose by the client's address and the servers' weights", 0, func(v *config.Service) *bool { return &v.Weight }},
		{"prio", "only the servers of the lowest prio serve, while one of them can", 0, func(v *config.Service) *bool { return &v.Prio }},
		{"leastconn", "choose the server with the fewest flows for its weight; a restart loses its choices, and flows that were open may move then", 0, func(v *config.Service) *bool { return &v.LeastConn }},
	}
}

func (s *session) setMode(m mode, on bool, args []string) error {
	if on || s.cfg.Service(s.service) != nil {
		*m.flag(s.current()) = on
	}
	v := s.asked()
	s.say("%s", modeLine(&v))
	return done(s.in("%s", m.name), args)
}

func runMode(s *session, args []string) error {
	v := s.asked()
	s.say("%s", modeLine(&v))
	return done(s.in("mode"), args)
}

// modeLine is Pen's answer to `mode`, and then ours.
func modeLine(v *config.Service) string {
	var words []string
	for _, m := range modes() {
		if !*m.flag(v) {
			words = append(words, "no")
		}
		words = append(words, m.name)
	}
	return strings.Join(words, " ")
}
