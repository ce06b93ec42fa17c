// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"math"
	"slices"
	"strings"
)

// penCommands are those of Pen's proxy: taken with a note where doing nothing
// is right, so that Pen's files can be read, and refused with the reason
// where it is not.
func penCommands() []Command {
	const (
		loop  = "Cygnet has no event loop to choose"
		proxy = "Cygnet forwards frames and has no connections of its own"
	)
	var table []Command
	idle := func(names, why string) {
		for _, name := range strings.Fields(names) {
			table = append(table, penIdle(name, "[...]", why), penIdle("no "+name, "[...]", why))
		}
	}
	idle("epoll poll select kqueue", loop)
	idle("block delayed_forward keepalive peek pending_max idle_timeout tcp_nodelay tcp_fastclose", proxy)
	idle("ascii", "frames are never dumped")
	idle("abort_on_error", "errors are told, never dumped")
	table = append(table,
		penIdle("no http", "", "headers are never added"),
		penIdle("no dummy", "", "Cygnet is never a web server"),
		penIdle("no transparent", "", "direct server return always shows servers the client's own address"),
		penIdle("no idlers", "", proxy),
		Command{Name: "idlers", Args: "0", Help: "without effect: " + proxy, Group: Pen, run: runIdlers})
	refused := func(name, why, hint string) {
		table = append(table, Command{Name: name, Args: "[...]", Help: "refused: " + why, Group: Pen, run: func(s *session, _ []string) error {
			return refuse(hint, "%s: %s", s.word, why)
		}})
	}
	refused("http", "a header is added by a proxy; direct server return forwards frames unchanged",
		"servers see the client's own address without it")
	refused("dummy", "Cygnet is never a web server", "leave it out")
	refused("transparent", "direct server return always shows servers the client's own address", "leave it out")
	refused("ssl_*", "TLS ends in a proxy; direct server return never sees the reply", "let the servers do TLS")
	refused("close", proxy, "leave it out")
	refused("connection", proxy, "leave it out")
	refused("dsr_ip", "an interface has the addresses that the host gives it",
		"the address to ask for servers from is: source ADDR")
	return table
}

// penIdle is a command of Pen that is taken and does nothing.
func penIdle(name, args, why string) Command {
	return Command{Name: name, Args: args, Help: "without effect: " + why, Group: Pen, run: func(s *session, _ []string) error {
		s.note("%s: without effect: %s", name, why)
		return nil
	}}
}

func runIdlers(s *session, args []string) error {
	if len(args) == 1 && args[0] == "0" {
		s.note("idlers 0: without effect: Cygnet opens no connections")
		return nil
	}
	return refuse("leave it out", "idlers: idle connections to the servers: Cygnet opens none")
}

// penControlPort finds the control port in the comment with its command line
// that Pen begins a file with. Pen 0.34.1 writes that port for each server that
// was given without one.
func penControlPort(comment string) (uint16, bool) {
	words := strings.Fields(comment)
	if len(words) < 2 || words[0] != "#" || words[1] != "pen" {
		return 0, false
	}
	i := slices.Index(words, "-C")
	if i < 0 || i+1 == len(words) {
		return 0, false
	}
	address := words[i+1]
	n, ok := decimal(address[strings.LastIndex(address, ":")+1:], math.MaxUint16)
	return uint16(n), ok && n != 0
}
