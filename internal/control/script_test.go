// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import (
	"strings"
	"testing"
)

// TestScriptIsLikeAConnection gives Script what TestOneConnection says.
func TestScriptIsLikeAConnection(t *testing.T) {
	for _, tt := range connections() {
		switch {
		case strings.HasPrefix(tt.name, "too many"): // of the smaller limits there
			continue
		case strings.HasPrefix(tt.say, "watch"): // which is for the doer to refuse
			continue
		}
		got := strings.TrimSuffix(Script(echo, alice, strings.TrimSuffix(tt.say, eof)), "\n")
		if got != tt.want {
			t.Errorf("%s: got %.200q, want %.200q", tt.name, got, tt.want)
		}
	}
	for _, many := range []string{strings.Repeat("a\n", mostLines+1), strings.Repeat(strings.Repeat("a", 4000)+"\n", mostBytes/4000)} {
		if got := Script(echo, alice, "begin\n"+many+"commit"); got != "error: begin: at most 100000 lines and 8388608 bytes until commit; nothing was done\n" {
			t.Errorf("too much: %.200q", got)
		}
	}
	if got := Script(echo, alice, "begin\n"+strings.Repeat("a\n", mostLines)+"commit"); Refused(got) {
		t.Errorf("as much as may be: %.200q", got)
	}
}

func TestScriptOnADesk(t *testing.T) {
	o := open(t, whole, "")
	o.snapshot = answering(o)
	for _, tt := range []struct{ text, want string }{
		{"debug", "0\n"},
		{"debug 1\n", "1\n"},
		{"begin\ndebug 2\ntimeout 2\ncommit\n", "2\n2\n"},
		{"begin\ndebug 3", "error: begin: the connection ended before commit: nothing was done\n"},
		{"watch 2", "error: only at the start of a control connection\nhint: it is written: watch [HZ [brief]]\n"},
		{"debug", "2\n"},
	} {
		if got := Script(o, alice, tt.text); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestPreviewOfATransaction(t *testing.T) {
	const pit = "\nsegment 10.77.0.0/16\nacl 1 permit 10.77.0.64/26\nacl 1 permit 10.77.0.64/27\ntarpit_acl 1\nacl 2 permit 10.0.0.0/8\ncontrol_acl 2"
	ten, other := alice, alice
	ten.Name, other.Name = "10.0.0.9:4711", "192.0.2.1:4711"
	tests := []struct{ name, lines, has, lacks string }{
		{"nothing", "", "changes: none\n", "warning"},
		{"two lines", "debug 2\nserver 1 disable", "changes: debug 2\nchanges: server 1 disable\nclients of service default: 50 % would", "can never"},
		{"an implied default that turns", "acl 1 deny 10.77.9.0/24", "\nacl 1: what matches no entry turns from deny to permit\n", "line 2 can never"},
		{"a rule that is dead", "acl 1 deny 10.77.0.70", "\nnote: acl 1 line 3 can never match\n", "line 2 can never"},
		{"what is for the next start", "workers 2", "\nnote: workers: takes effect at the next start\n", "warning"},
		{"an empty tarpit", "tarpit_acl 5", "\nnote: tarpit_acl 5: the list has no entries, so nothing is captured\n", "warning"},
		{"a server elsewhere", "server 2 address 10.99.0.1", "\nnote: server 2 10.99.0.1: in no subnet of eth1", "warning"},
		{"an error", "debug 2\nbogus", "error: line 2: \"bogus\": unknown command\n", "changes"},
		{"control_acl takes others", "acl 2 deny 10.9.0.0/16", "changes: ", "warning"},
		{"control_acl takes you", "acl 2 at 1 deny 10.0.0.0/24", "\nwarning: control_acl would refuse you, 10.0.0.9\n", "nobody"},
		{"control_acl is nobody's", "control_acl 0", "\nwarning: control_acl would refuse you, 10.0.0.9\n", "nobody"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := open(t, whole+pit, "")
			o.snapshot = answering(o)
			before := o.Config()
			text := "begin\n" + tt.lines + "\npreview\n"
			got := Script(o, ten, text)
			if o.Config() != before || o.applied != 0 {
				t.Error("it did something")
			}
			if !strings.Contains(rounded(got), tt.has) || strings.Contains(got, tt.lacks) {
				t.Errorf("got\n%s\nwant %q, and not %q", got, tt.has, tt.lacks)
			}
			if Refused(got) {
				return
			}
			// What is told here, the change itself tells.
			for note := range strings.Lines(o.Do(ten, strings.Split("begin\n"+tt.lines, "\n"))) {
				if strings.HasPrefix(note, "note: ") && !strings.Contains(note, "line 2 can never") && !strings.Contains(got, note) {
					t.Errorf("not told: %s", note)
				}
			}
		})
	}
	o := open(t, whole+pit, "")
	o.snapshot = answering(o)
	if got := Script(o, alice, "begin\nacl 2 at 1 deny 10.0.0.0/24\npreview"); strings.Contains(got, "warning") {
		t.Errorf("a peer on this machine is warned: %s", got)
	}
	if got := Script(o, other, "begin\ndebug 1\npreview"); !strings.Contains(got, "refuse you, 192.0.2.1\n") {
		t.Errorf("got %s", got)
	}
}
