// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"slices"
	"strings"
)

// Commands returns the table: every command that this version knows, in the
// order of help. The slice is the caller's own.
func Commands() []Command {
	return slices.Concat(
		settingCommands(globalSettings()), severalCommands(), standbyCommands(), fileCommands(),
		listCommands(), settingCommands(listSettings()),
		settingCommands(tarpitSettings()), tarpitCommands(),
		serviceCommands(), settingCommands(serviceSettings()), serverCommands(),
		actionCommands(), penCommands())
}

// find looks up the command that words begin with; args are the rest.
func (s *session) find(words []string) (cmd *Command, args []string, err error) {
	name, args := words[0], words[1:]
	if name == "no" {
		if len(args) == 0 {
			return nil, nil, refuse("say what not, as in: no tarpit_acl", "no: a word is missing")
		}
		name, args = "no "+args[0], args[1:]
	}
	s.word = name
	if strings.HasPrefix(strings.TrimPrefix(name, "no "), "ssl_") {
		name = "ssl_*"
	}
	if cmd = s.commands[name]; cmd != nil {
		return cmd, args, nil
	}
	return nil, nil, s.unknown(name)
}

// unknown explains a name that is not in the table.
func (s *session) unknown(name string) error {
	bare := strings.TrimPrefix(name, "no ")
	if name != bare && s.commands[bare] != nil {
		return refuse("", "%s: %s has no `no`", name, bare)
	}
	var names []string
	for known := range s.commands {
		names = append(names, strings.TrimPrefix(known, "no "))
	}
	hint := "Pen would ignore it; Cygnet refuses what it does not know"
	if near := Nearest(bare, names); near != "" {
		hint = "did you mean " + near + "?"
	}
	return refuse(hint, "%s: unknown command", quoted(name))
}

// keywords are the words that cannot name a list, a service or a server.
func keywords(table []Command) map[string]bool {
	words := map[string]bool{}
	for _, cmd := range table {
		words[strings.TrimPrefix(cmd.Name, "no ")] = true
	}
	for _, w := range strings.Fields(`no now at permit deny default country force from to all none any tcp udp vlan
		address port max hard drain interval rise fall`) {
		words[w] = true
	}
	return words
}

// Nearest returns the name that word was most likely meant to be: the fewest
// changes away, at most two and fewer than half of its letters, and of those
// the first in the alphabet; or "".
func Nearest(word string, names []string) string {
	word = strings.ToLower(word)
	slices.Sort(names)
	best, least := "", min(3, (len(word)+1)/2)
	for _, n := range names {
		if d := distance(word, n); d < least {
			best, least = n, d
		}
	}
	return best
}

// distance counts the letters to insert, remove, replace or swap with their
// neighbour to turn a into b (optimal string alignment).
func distance(a, b string) int {
	const tooFar = 3
	if d := len(a) - len(b); d >= tooFar || -d >= tooFar {
		return tooFar
	}
	older, old, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		older, old, row = old, row, older
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := old[j-1]
			if a[i-1] != b[j-1] {
				change++
			}
			row[j] = min(change, old[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], older[j-2]+1)
			}
		}
	}
	return row[len(b)]
}
