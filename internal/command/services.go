// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"slices"

	"cygnet/internal/config"
)

func serviceCommands() []Command {
	table := []Command{
		{Name: "service", Args: "NAME COMMAND...", Help: "say a command of one service; its first `listen` makes it", Group: Global, run: runService},
		{Name: "no service", Args: "NAME [now]", Help: "forget a service and its servers; open flows go on until they are over; now: they end at once", Group: Global, run: runNoService},
		{Name: "enable", Help: "take the service in again", Group: Service, run: runAble(false)},
		{Name: "disable", Help: "take the whole service out: no ARP, no answers", Group: Service, run: runAble(true)},
	}
	for _, m := range modes() {
		table = append(table,
			Command{Name: m.name, Help: m.help, Group: Service, Mark: m.mark, run: func(s *session, args []string) error { return s.setMode(m, true, args) }},
			Command{Name: "no " + m.name, Help: "undo " + m.name, Group: Service, run: func(s *session, args []string) error { return s.setMode(m, false, args) }})
	}
	return append(table,
		Command{Name: "mode", Help: "how clients find their server, in Pen's words", Group: Service, run: runMode, asksAlone: true},
		Command{Name: "check", Args: checkArgs, Help: checkHelp, Group: Service, run: runCheck, asksAlone: true},
		Command{Name: "no check", Help: "check as suits the service: tcp where a source is given and the service is TCP of one port, else arp", Group: Service, run: runNoCheck})
}

func runAble(disabled bool) func(*session, []string) error {
	return func(s *session, args []string) error {
		v := s.cfg.Service(s.service)
		if v == nil {
			return refuse("see: services", "service %s: no such service", s.service)
		}
		v.Disabled = disabled
		s.key = s.scope() + "enable"
		if disabled {
			s.say("disabled")
		} else {
			s.say("enabled")
		}
		return done(s.in("enable or disable"), args)
	}
}

// current is the service that the line is about, made if need be. A mere
// setting may come before the `listen`: what is missing in the end is found
// by config.Validate.
func (s *session) current() *config.Service {
	if s.cfg.Service(s.service) == nil {
		s.mark(config.SubjectService(s.service))
	}
	return s.cfg.MakeService(s.service)
}

// asked is a copy of the service that the line is about, or what it would be.
func (s *session) asked() config.Service {
	if v := s.cfg.Service(s.service); v != nil {
		return *v
	}
	return config.NewService(s.service)
}

// runService is only reached without a command: session.read takes `service
// NAME` off whatever follows.
func runService(s *session, args []string) error {
	if len(args) == 0 {
		return missing("service", "NAME")
	}
	if _, err := s.serviceName("service", args[0]); err != nil {
		return err
	}
	return missing("service "+args[0], "COMMAND")
}

func runNoService(s *session, args []string) error {
	if len(args) == 0 {
		return missing("no service", "NAME")
	}
	name, err := s.serviceName("no service", args[0])
	if err != nil {
		return err
	}
	rest := args[1:]
	now := len(rest) > 0 && rest[0] == "now"
	if now {
		rest = rest[1:]
	}
	if err := done("no service "+name, rest); err != nil {
		return err
	}
	s.key = "service " + name
	there := s.cfg.Service(name) != nil || s.base.Service(name) != nil
	running := s.running(name)
	s.cfg.RemoveService(name)
	switch {
	case now && (there || running != nil) && !slices.Contains(s.cfg.Gone, name):
		s.cfg.Gone = append(s.cfg.Gone, name)
	case !now && running != nil && running.Flows > 0:
		s.noteLeaving("service "+name, running.Flows)
	}
	return nil
}
