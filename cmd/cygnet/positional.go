// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"cygnet/internal/command"
	"cygnet/internal/config"
)

// positionals turns `VIP[:PORT] SERVER[:PORT[:MAX[:HARD[:WEIGHT[:PRIO]]]]]...`
// into lines. Only their shape is judged here; the values are the language's.
func positionals(words []string) (lines []command.Line, problems []*config.Problem) {
	for i, word := range words {
		origin := fmt.Sprintf("argument %d", i+1)
		if i == 0 {
			lines = append(lines, command.Line{Text: "listen " + command.Quote(word), Origin: origin})
			continue
		}
		text, problem := serverLine(i-1, word)
		if problem != nil {
			problem.Origin = origin
			problems = append(problems, problem)
			continue
		}
		lines = append(lines, command.Line{Text: text, Origin: origin})
	}
	return lines, problems
}

// serverLine is the line that a server's argument stands for. Fields may be
// empty, as in Pen: `10.77.0.1::100` has a limit and no port.
func serverLine(number int, word string) (string, *config.Problem) {
	host, fields, ok := splitServer(word)
	keys := []string{"port", "max", "hard", "weight", "prio"}
	if !ok || len(fields) > len(keys) {
		return "", &config.Problem{
			What: fmt.Sprintf("server %s: not a server and its numbers", strconv.Quote(word)),
			Hint: "it is written SERVER[:PORT[:MAX[:HARD[:WEIGHT[:PRIO]]]]], and SERVER in brackets if it is IPv6",
		}
	}
	line := fmt.Sprintf("server %d address %s", number, command.Quote(host))
	for i, field := range fields {
		if field != "" {
			line += " " + keys[i] + " " + command.Quote(field)
		}
	}
	return line, nil
}

// splitServer takes a server's argument apart. A word that is an IPv6 address
// as it stands is one: brackets are needed only before a port.
func splitServer(word string) (host string, fields []string, ok bool) {
	if _, err := netip.ParseAddr(word); err == nil {
		return word, nil, true
	}
	if inner, bracketed := strings.CutPrefix(word, "["); bracketed {
		host, rest, closed := strings.Cut(inner, "]")
		if !closed || host == "" || rest != "" && rest[0] != ':' {
			return "", nil, false
		}
		if rest == "" {
			return host, nil, true
		}
		return host, strings.Split(rest[1:], ":"), true
	}
	parts := strings.Split(word, ":")
	return parts[0], parts[1:], parts[0] != ""
}
