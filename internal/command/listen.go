// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"net/netip"
	"strconv"
	"strings"

	"cygnet/internal/config"
	"cygnet/internal/wire"
)

func listenSetting() setting {
	return setting{
		name: "listen", args: "[VIP[:PORT] [tcp|udp|any] [vlan VID]]", group: Service,
		help: "the address, port and protocol to answer for; no port is every port",
		set:  setListen,
		words: func(c *config.Config, service string) string {
			v := c.Service(service)
			if v == nil || !v.VIP.IsValid() {
				return ""
			}
			return listenWords(v, c.UDP)
		},
	}
}

// listenWords is what follows `listen`. The protocol is left out only where
// it is what would be taken without.
func listenWords(v *config.Service, udp bool) string {
	words := v.VIP.String()
	if v.Port != 0 {
		words = netip.AddrPortFrom(v.VIP, v.Port).String()
	}
	switch {
	case v.Proto == wire.ProtoUDP:
		words += " udp"
	case v.Proto == 0:
		words += " any"
	case udp:
		words += " tcp"
	}
	if v.VLAN != 0 {
		words += " vlan " + strconv.Itoa(v.VLAN)
	}
	return words
}

func setListen(s *session, _ string, args []string) error {
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
	vlan, rest, err := s.vlan(s.in("listen"), rest)
	if err != nil {
		return err
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
	v := s.current()
	v.VIP, v.Port, v.Proto, v.VLAN = vip, portNumber, proto, vlan
	s.mark(config.SubjectService(s.service))
	return nil
}

// vlan reads [vlan VID]; 0 is none.
func (s *session) vlan(what string, args []string) (vid int, rest []string, err error) {
	if len(args) < 2 || args[0] != "vlan" {
		return 0, args, nil
	}
	return wholeNumber(1, config.MaxVLAN).read(s, what+": vlan", args[1:])
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
