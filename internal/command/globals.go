// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"net/netip"
	"slices"
	"strings"

	"cygnet/internal/config"
)

func globalCommands() []Command {
	return []Command{
		{"dsr_if", "IF", "the interface on the servers' segment", Global, runInterface},
		{"source", "ADDR", "an unused address to ask for servers from, one a family and subnet", Global, runSource},
		{"no source", "[ADDR]", "forget one source, or all", Global, runNoSource},
		{"segment", "PREFIX", "where addresses may be captured, instead of the subnets of dsr_if", Global, runSegment},
		{"no segment", "[PREFIX]", "forget one segment, or all", Global, runNoSegment},
		{"secret", "FILE", "the key of every choice of a server, shared by balancers that must choose alike", Global, runSecret},
		{"no secret", "", "use " + config.DefaultSecret, Global, runNoSecret},
		{"debug", "[N]", "how much to log, 0 to 9; as so many -d", Global, runDebug},
	}
}

// maxInterfaceName is IFNAMSIZ less its final zero, linux/if.h.
const maxInterfaceName = 15

func runInterface(s *session, args []string) error {
	if len(args) == 0 {
		return missing("dsr_if", "IF")
	}
	name := args[0]
	if name == "" || len(name) > maxInterfaceName || name == "." || name == ".." || strings.ContainsAny(name, "/: \t\r") {
		return refuse("a name has at most 15 letters, none of them / or : or blank; see: ip link",
			"dsr_if %s: not the name of an interface", quoted(name))
	}
	if err := done("dsr_if "+name, args[1:]); err != nil {
		return err
	}
	s.cfg.Interface = name
	s.mark(config.SubjectInterface)
	return nil
}

func runSource(s *session, args []string) error {
	if len(args) == 0 {
		return missing("source", "ADDR")
	}
	a, err := address("source", args[0])
	if err != nil {
		return err
	}
	if err := done("source "+a.String(), args[1:]); err != nil {
		return err
	}
	if !slices.Contains(s.cfg.Sources, a) {
		s.cfg.Sources = append(s.cfg.Sources, a)
	}
	s.mark(config.SubjectSource(a.String()))
	return nil
}

func runNoSource(s *session, args []string) error {
	if len(args) == 0 {
		s.cfg.Sources = nil
		return nil
	}
	a, err := address("no source", args[0])
	if err != nil {
		return err
	}
	s.cfg.Sources = slices.DeleteFunc(s.cfg.Sources, func(b netip.Addr) bool { return a == b })
	return done("no source "+a.String(), args[1:])
}

func runSegment(s *session, args []string) error {
	p, rest, err := s.prefix("segment", args)
	if err != nil {
		return err
	}
	if !slices.Contains(s.cfg.Segments, p) {
		s.cfg.Segments = append(s.cfg.Segments, p)
	}
	return done("segment "+p.String(), rest)
}

func runNoSegment(s *session, args []string) error {
	if len(args) == 0 {
		s.cfg.Segments = nil
		return nil
	}
	p, rest, err := s.prefix("no segment", args)
	if err != nil {
		return err
	}
	s.cfg.Segments = slices.DeleteFunc(s.cfg.Segments, func(q netip.Prefix) bool { return p == q })
	return done("no segment "+p.String(), rest)
}

func runSecret(s *session, args []string) error {
	if len(args) == 0 || args[0] == "" {
		return missing("secret", "FILE")
	}
	s.cfg.Secret = args[0]
	return done("secret "+quoted(args[0]), args[1:])
}

func runNoSecret(s *session, args []string) error {
	s.cfg.Secret = ""
	return done("no secret", args)
}

// runDebug without a value asks for it; answers are for sockets only, as for
// every setting.
func runDebug(s *session, args []string) error {
	if len(args) == 0 {
		return nil
	}
	n, err := number("debug", args[0], config.MaxDebug)
	if err != nil {
		return err
	}
	s.cfg.Debug = n
	return done("debug "+args[0], args[1:])
}
