// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"slices"
	"strings"

	"cygnet/internal/config"
)

// Names are those that completion offers beside the words of the language.
// Any may be missing.
type Names struct {
	Services   []string
	Lists      []string // beside 0 to 9
	Interfaces []string
	Server     func(service string) []string // IDs of the servers of a service, `default` for the nameless one
}

// Complete returns what the last of words may become, the others being typed
// already: whole words, sorted, each once. No word at all is taken as one that
// has no letter yet. It looks at the table alone, and changes nothing.
func Complete(words []string, names Names) []string {
	spot := spotOf(words)
	var found []string
	for _, w := range spot.next {
		if isPlaceholder(w) {
			found = append(found, spot.fill(w, names)...)
		} else {
			found = append(found, w)
		}
	}
	typed := ""
	if len(words) > 0 {
		typed = words[len(words)-1]
	}
	found = slices.DeleteFunc(found, func(w string) bool { return w == "" || !strings.HasPrefix(w, typed) })
	slices.Sort(found)
	return slices.Compact(found)
}

// Expected returns the placeholders, as FILE or SEC, for which the last of
// words may stand: what a prompt shows where there is nothing to complete.
func Expected(words []string) []string {
	next := slices.DeleteFunc(spotOf(words).next, func(w string) bool { return w == "..." || !isPlaceholder(w) })
	slices.Sort(next)
	return slices.Compact(next)
}

// spot is the place of the word that is being completed.
type spot struct {
	service string   // whom the line is about
	command string   // whose argument it is; empty for the command itself
	next    []string // literals and placeholders that may stand there
}

// spotOf looks at a line's words up to the one that is being completed.
func spotOf(words []string) spot {
	if len(words) == 0 {
		words = []string{""}
	}
	table := Commands()
	s := spot{service: config.DefaultService}
	if words[0] == "service" && len(words) > 2 {
		s.service, words = words[1], words[2:]
		table = slices.DeleteFunc(table, func(c Command) bool { return c.Group != Service })
	}
	name, args := words[0], words[1:]
	if name == "no" && len(args) > 0 {
		name, args = "no "+args[0], args[1:]
	}
	if len(args) == 0 {
		s.next = nextOfName(table, len(words) == 2)
		return s
	}
	i := slices.IndexFunc(table, func(c Command) bool { return c.Name == name })
	if i < 0 {
		return s
	}
	cmd := &table[i]
	switch s.command = name; {
	case cmd.Args == "COMMAND...":
		return spotOf(args)
	case cmd.Args == "[COMMAND]" && (len(args) == 1 || len(args) == 2 && args[0] == "no"):
		s.next = nextOfName(table, len(args) == 2)
	default:
		s.next = nextOf(cmd, args)
	}
	return s
}

// nextOfName returns the first words of the table's commands, or those that
// follow `no`. What stands for many commands, as ssl_*, is no word to type.
func nextOfName(table []Command, afterNo bool) (next []string) {
	for _, c := range table {
		first, second, isNo := strings.Cut(c.Name, " ")
		switch {
		case strings.Contains(c.Name, "*"):
		case !afterNo:
			next = append(next, first)
		case isNo:
			next = append(next, second)
		}
	}
	return next
}

// nextOf returns what may stand in the place of the last of args.
func nextOf(cmd *Command, args []string) (next []string) {
	f := follower{words: args, next: map[string]bool{}}
	f.follow(readNotation(cmd), places{0: true})
	for w := range f.next {
		next = append(next, w)
	}
	return next
}

// fill returns the names that may stand for a placeholder.
func (s spot) fill(placeholder string, names Names) []string {
	switch {
	case placeholder == "IF":
		return names.Interfaces
	case placeholder == "LIST":
		return append(strings.Split("0123456789", ""), names.Lists...)
	case placeholder == "ID" && names.Server != nil:
		return names.Server(s.service)
	case placeholder == "NAME" && strings.HasSuffix(s.command, "service"):
		return names.Services
	}
	return nil
}
