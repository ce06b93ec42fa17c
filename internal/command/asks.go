// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"slices"

	"cygnet/internal/config"
)

// asking are the actions that change nothing, here or in a file.
func asking() []string {
	return []string{
		"diff", "preview", "servers", "services", "status", "stats", "snapshot", "flows", "clients", "recent",
		"tarpit", "pid", "help", "version",
	}
}

// Asks tells whether a line is a question: one that changes nothing, whoever
// gives it. A line that is wrong is none.
func Asks(line string) bool {
	words, err := lex(line)
	if err != nil || len(words) == 0 {
		return false
	}
	if words[0] == "service" && len(words) > 2 {
		words = words[2:]
	}
	cmd, args, err := newSession(new(Parser), Request{Base: config.New(), Live: true}).find(words)
	switch {
	case err != nil:
		return false
	case cmd.run == nil:
		return slices.Contains(asking(), cmd.Name)
	case len(args) == 0 && cmd.asksAlone:
		return true
	}
	return cmd.asks != nil && cmd.asks(args)
}
