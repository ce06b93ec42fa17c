// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"net/netip"
	"strings"

	"cygnet/internal/config"
	"cygnet/internal/wire"
)

func serviceCommands() []Command {
	table := []Command{
		{"service", "NAME COMMAND...", "say a command of one service; its first `listen` makes it", Global, runService},
		{"no service", "NAME", "forget a service and its servers", Global, runNoService},
		{"listen", "[VIP[:PORT] [tcp|udp|any]]", "the address, port and protocol to answer for; no port is every port", Service, runListen},
		{"client_acl", "[LIST]", "the list of clients that may use the service", Service, runClientACL},
		{"no client_acl", "", "go back to list 0", Service, runNoClientACL},
	}
	for _, m := range modes() {
		table = append(table,
			Command{m.name, "", m.help, Service, func(s *session, args []string) error { return s.setMode(m, true, args) }},
			Command{"no " + m.name, "", "undo " + m.name, Service, func(s *session, args []string) error { return s.setMode(m, false, args) }})
	}
	return table
}

// mode is one of Pen's ways to choose a server.
type mode struct {
	name, help string
	flag       func(*config.Service) *bool
}

func modes() []mode {
	return []mode{
		{"hash", "choose by the client's address; so it is without any mode", func(v *config.Service) *bool { return &v.Hash }},
		{"roundrobin", "choose by the client's address and port", func(v *config.Service) *bool { return &v.RoundRobin }},
		{"weight", "choose by the client's address and the servers' weights", func(v *config.Service) *bool { return &v.Weight }},
		{"prio", "only the servers of the lowest prio serve, while one of them can", func(v *config.Service) *bool { return &v.Prio }},
		{"stubborn", "never fail over to another server", func(v *config.Service) *bool { return &v.Stubborn }},
	}
}

func (s *session) setMode(m mode, on bool, args []string) error {
	*m.flag(s.current()) = on
	return done(s.in("%s", m.name), args)
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
	if err := done("no service "+name, args[1:]); err != nil {
		return err
	}
	s.cfg.RemoveService(name)
	return nil
}

func runListen(s *session, args []string) error {
	if len(args) == 0 {
		return nil
	}
	what := s.in("VIP")
	if isDigits(args[0]) {
		return refuse("direct server return needs the address, too: 10.77.0.10:"+args[0], "%s %s: a port alone", what, quoted(args[0]))
	}
	vip, portWord, err := endpoint(what, args[0])
	if err != nil {
		return err
	}
	proto, rest, err := s.protocol(args[1:])
	if err != nil {
		return err
	}
	if len(rest) > 0 && rest[0] == "vlan" {
		return notBuilt(s.in("listen %s vlan", quoted(args[0])))
	}
	if err := done(s.in("listen %s", strings.Join(args[:len(args)-len(rest)], " ")), rest); err != nil {
		return err
	}
	portNumber := uint16(0)
	if portWord != "" {
		if portNumber, err = port(what+" "+quoted(args[0])+": port", portWord, network(proto)); err != nil {
			return err
		}
	}
	s.listen(vip, portNumber, proto)
	return nil
}

func (s *session) listen(vip netip.Addr, port uint16, proto uint8) {
	v := s.current()
	v.VIP, v.Port, v.Proto = vip, port, proto
	s.mark(config.SubjectService(s.service))
}

// protocol reads [tcp|udp|any].
func (s *session) protocol(args []string) (proto uint8, rest []string, err error) {
	if len(args) == 0 || args[0] == "vlan" {
		return s.defaultProtocol(), args, nil
	}
	switch args[0] {
	case "tcp":
		return wire.ProtoTCP, args[1:], nil
	case "udp":
		return wire.ProtoUDP, args[1:], nil
	case "any":
		return 0, args[1:], nil
	}
	return 0, nil, refuse("", "%s: neither tcp nor udp nor any", s.in("listen: protocol %s", quoted(args[0])))
}

func (s *session) defaultProtocol() uint8 {
	if s.cfg.UDP {
		return wire.ProtoUDP
	}
	return wire.ProtoTCP
}

// network is what package net calls proto where names of ports are looked up.
func network(proto uint8) string {
	if proto == wire.ProtoUDP {
		return "udp"
	}
	return "tcp"
}

func runClientACL(s *session, args []string) error {
	if len(args) == 0 {
		return nil
	}
	name, err := s.listName(s.in("client_acl"), args[0])
	if err != nil {
		return err
	}
	s.setClientACL(name)
	return done(s.in("client_acl %s", name), args[1:])
}

func runNoClientACL(s *session, args []string) error {
	s.setClientACL(config.DefaultList)
	return done(s.in("no client_acl"), args)
}

func (s *session) setClientACL(list string) {
	s.current().ClientList = list
	s.mark(config.SubjectClients(s.service))
}
