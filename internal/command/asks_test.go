// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"slices"
	"testing"
)

func TestAsks(t *testing.T) {
	for line, want := range map[string]bool{
		"": false, "# nothing": false, "nonsense": false, `"half`: false, "no": false,
		"mode": true, "service dns mode": true, "acl 1": true, "acl 1 deny 10.0.0.1": false, "no acl 1": false,
		"server 0": true, "service dns server 0": true, "server 0 drain": false, "servers": true, "service dns servers": true,
		"listen": true, "listen 10.0.0.1:80": false, "roundrobin": false, "no roundrobin": false,
		"tarpit_acl": true, "tarpit_acl 1": false, "log": true, "log /tmp/x": false, "events": true, "events 5": true, "events /tmp/x": false,
		"debug": true, "standby": false, "enable": false, "write": false, "diff": true, "reload": false, "reopen": false,
		"preview server 0 drain": true, "undo": false, "begin": false, "commit": false, "exit": false, "help": true, "help acl": true,
		"include x": false,
	} {
		if got := Asks(line); got != want {
			t.Errorf("Asks(%q) = %v, want %v", line, got, want)
		}
	}
}

// TestQuestionsAreActions fails where a question is no action any more.
func TestQuestionsAreActions(t *testing.T) {
	for _, name := range asking() {
		if !slices.ContainsFunc(Commands(), func(c Command) bool { return c.Name == name && c.act != nil && c.run == nil }) {
			t.Errorf("%s: not an action", name)
		}
	}
}
