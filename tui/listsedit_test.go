// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"strings"
	"testing"
	"time"

	"cygnet/acl"
	"cygnet/engine"
)

const flipped = "changes: acl 1 at 1 permit 10.0.0.99\nacl 1: what matches no entry turns from permit to deny\n" +
	"flows: this version keeps none\ncaptured: 1 addresses, 0 more and 245 fewer than now\nnote: acl 1: what matches no entry gets deny now, and got permit before\n"

// TestListsAddAndMend: a line that is refused is there to be mended, and is
// given only after a yes.
func TestListsAddAndMend(t *testing.T) {
	d := atLists(t, "captured: 245 addresses, 0 more and 1 fewer than now\n", nil)
	good := d.f.answer
	d.f.answer = func(line string) (string, error) {
		if strings.Contains(line, "10.0.0.300") {
			return "error: acl 1 permit \"10.0.0.300\": not an address\nhint: an address has four numbers\n", nil
		}
		return good(line)
	}
	d.press("j", "a").shows("edit: acl 1 at 2 permit ", "10.0.0.22")
	d.press("10.0.0.300").settled().shows("error: acl 1 permit \"10.0.0.300\": not an address (an address has four", "numbers)")
	d.press("enter").shows("edit: acl 1 at 2 permit 10.0.0.300", "not an address")
	d.press("backspace", "backspace", "9").settled().shows("ok: captured: 245 addresses, 0 more and 1 fewer than now")
	d.press("enter").shows("acl 1 at 2 permit 10.0.0.39", "captured: 245 addresses", "apply? [y/N]")
	const preview, wrong = "begin\nacl 1 at 2 permit 10.0.0.39\npreview", "begin\nacl 1 at 2 permit 10.0.0.300\npreview"
	d.asked(wrong, wrong, preview, preview)
	d.press("y").asked(wrong, wrong, preview, preview, "begin\nacl 1 at 2 permit 10.0.0.39\ncommit")
	d.shows("applied: acl 1 at 2 permit 10.0.0.39", "list 1: tarpit_acl")
}

// TestListsChanges: each key gives exactly its transaction, after a yes alone.
func TestListsChanges(t *testing.T) {
	for _, c := range []struct {
		name  string
		keys  []string // up to the question
		lines string
	}{
		{"add before", []string{"j", "a", "192.0.2.0/24", "enter"}, "acl 1 at 2 permit 192.0.2.0/24"},
		{"add at the end", []string{"A", "192.0.2.0/24", "enter"}, "acl 1 permit 192.0.2.0/24"},
		{"add before the default", []string{"G", "a", "192.0.2.0/24", "enter"}, "acl 1 permit 192.0.2.0/24"},
		{"edit", []string{"j", "e", "backspace", "9", "enter"}, "no acl 1 at 2\nacl 1 at 2 deny 10.0.0.29"},
		{"edit a prefix", []string{"j", "j", "e", "enter"}, "no acl 1 at 3\nacl 1 at 3 deny 10.0.0.0/28"},
		{"edit a country", []string{"right", "j", "e", "enter"}, "no acl office at 2\nacl office at 2 deny country XX"},
		{"delete", []string{"j", "x"}, "no acl 1 at 2"},
		{"move up", []string{"j", "K"}, "no acl 1 at 2\nacl 1 at 1 deny 10.0.0.22"},
		{"move down", []string{"j", "J"}, "no acl 1 at 2\nacl 1 at 3 deny 10.0.0.22"},
		{"default", []string{"D", "deny", "enter"}, "acl 1 default deny"},
		{"no default", []string{"right", "G", "x"}, "no acl office default"},
	} {
		for _, answer := range []string{"y", "n", "enter", "esc", "Y", "space"} {
			t.Run(c.name+" "+answer, func(t *testing.T) {
				d := atLists(t, "captured: so many\n", nil).press(c.keys...)
				d.shows("captured: so many", "apply? [y/N]")
				preview, commit := "begin\n"+c.lines+"\npreview", "begin\n"+c.lines+"\ncommit"
				d.asked(preview)
				d.press(answer)
				if answer != "y" {
					d.shows("nothing was done", "list ")
					d.asked(preview)
					return
				}
				d.shows("applied: ")
				d.asked(preview, commit)
			})
		}
	}
}

func TestListsMoveAtTheEnds(t *testing.T) {
	d := atLists(t, "", nil).press("K", "G", "k", "J", "j", "J", "K", "e", "x")
	d.silent()
	if d.m.prompt != nil || d.m.question != nil {
		t.Error("something is asked")
	}
}

// TestListsEditStaysInPlace: the rule at the position is taken out, so nothing
// but its successor is taken for the line.
func TestListsEditStaysInPlace(t *testing.T) {
	for _, line := range []string{"acl 2 at 2 deny 10.0.0.1", "acl 1 deny 10.0.0.1", "server 0 disable", "acl 1 at 22 deny 10.0.0.1"} {
		d := atLists(t, "", nil).press("j", "e").line(line).settled()
		d.shows("expected a line that begins with `acl 1 at 2`")
		d.press("enter").shows("expected a line that begins with `acl 1 at 2`")
		d.silent()
	}
}

// TestListsFlippedDefault: it is said before everything else, in the row below
// the prompt, in the review and, by the first one, in another paint.
func TestListsFlippedDefault(t *testing.T) {
	d := atLists(t, flipped, nil).press("a", "10.0.0.99").settled()
	d.shows("careful: acl 1: what matches no entry turns from permit to deny; flows")
	if !d.m.prompt.loud {
		t.Error("the hint is as calm as any")
	}
	d.press("enter").shows("acl 1: what matches no entry turns from permit to deny", "captured: 1 addresses")
	if p := d.m.pager; p.paint(d.m.theme, p.text[2]) != d.m.theme.warn || !strings.Contains(p.text[2], "turns from permit to deny") {
		t.Errorf("painted as any other line: %q", p.text)
	}
	if strings.Contains(d.m.View(), "gets deny now") {
		t.Error("what one line of several does is told as if all did")
	}
	d.f.answer = func(string) (string, error) {
		return "note: acl 1: what matches no entry gets permit now, and got deny before\nnote: acl 1: what matches no entry gets deny now, and got permit before\n", nil
	}
	d.press("y").shows("applied: acl 1 at 1 permit 10.0.0.99")
	if strings.Contains(d.m.toast.text, "gets permit now") {
		t.Error("what one line of several did is told as if all had")
	}
}

func TestListsDeadRuleAnnounced(t *testing.T) {
	d := atLists(t, "captured: so many\nnote: acl 1 line 2 can never match\n", nil).press("j", "a", "10.0.0.21").settled()
	d.shows("careful: note: acl 1 line 2 can never match; captured: so many")
	d.press("enter").shows("note: acl 1 line 2 can never match")
	if p := d.m.pager; p.paint(d.m.theme, p.text[3]) != d.m.theme.warn {
		t.Errorf("painted as any other line: %q", p.text)
	}
}

// TestListsRace: what was there when the operator began is not there any more.
func TestListsRace(t *testing.T) {
	for name, change := range map[string]func([]engine.ListSnapshot) []engine.ListSnapshot{
		"another rule there": func(all []engine.ListSnapshot) []engine.ListSnapshot {
			all[0].Rules = []acl.Rule{all[0].Rules[0], rule(acl.Deny, "10.0.0.29/32"), all[0].Rules[2]}
			return all
		},
		"one more": func(all []engine.ListSnapshot) []engine.ListSnapshot {
			all[0].Rules = append(all[0].Rules, rule(acl.Deny, "10.0.0.29/32"))
			return all
		},
		"another default": func(all []engine.ListSnapshot) []engine.ListSnapshot { all[0].Default = acl.Deny; return all },
		"list gone":       func(all []engine.ListSnapshot) []engine.ListSnapshot { return all[1:] },
	} {
		for _, keys := range [][]string{{"j", "x"}, {"j", "K"}, {"j", "e", "enter"}, {"j", "a", "10.0.0.9", "enter"}} {
			t.Run(name+" "+strings.Join(keys, " "), func(t *testing.T) {
				d := atLists(t, "", nil).press(keys...)
				asked := len(d.f.asked)
				d.lists(change)
				d.press("y").shows("list 1 was changed meanwhile: nothing was done")
				if len(d.f.asked) != asked {
					t.Errorf("it was done: %q", d.f.asked)
				}
			})
		}
	}
	t.Run("a change that is not seen yet", func(t *testing.T) {
		d := atLists(t, "", nil).press("x")
		d.f.changed("uid 1000 pid 77", "acl 1 at 1 deny 10.0.0.9", noon.Add(time.Millisecond))
		d.m.Update(tickMsg(noon.Add(time.Second / 2)))
		d.press("y").shows("list 1 was changed meanwhile: nothing was done")
		d.press("x").shows("something was changed just now")
		d.pass(time.Second).press("x", "y").shows("applied: no acl 1 at 1")
	})
	t.Run("the view is paused", func(t *testing.T) {
		d := atLists(t, "", nil).press("p")
		d.lists(func(all []engine.ListSnapshot) []engine.ListSnapshot { all[0].Rules = all[0].Rules[1:]; return all })
		d.press("x").shows("list 1 is not what is shown here any more", "10.0.0.21")
		d.silent()
	})
}

func TestListsReadOnly(t *testing.T) {
	d := atLists(t, "", nil).press("R")
	for _, k := range []string{"a", "A", "e", "x", "K", "J", "D", "j"} {
		d.press(k, "K", "J")
	}
	d.silent()
	if d.m.prompt != nil || d.m.question != nil {
		t.Error("something is asked")
	}
	d.press("R", "x", "R") // the answer is no R, and read-only comes after it
	d.asked("begin\nno acl 1 at 2\npreview")
	none := func([]engine.ListSnapshot) []engine.ListSnapshot { return nil }
	d = atLists(t, "", none).press("R", "a", "enter")
	d.silent()
	d.shows("no lists")
}

func TestListsNone(t *testing.T) {
	d := atLists(t, "", func([]engine.ListSnapshot) []engine.ListSnapshot { return nil })
	d.shows("no lists: a begins one")
	d.press("x", "e", "j", "enter", "s", "right", "a").shows("edit: acl 1 ")
	d.press("permit 10.0.0.0/24", "enter", "y").asked("begin\nacl 1 permit 10.0.0.0/24\npreview", "begin\nacl 1 permit 10.0.0.0/24\ncommit")
}

// TestProposalIsNotInTheWay: a slow preview does not take the keys that are
// meant for a prompt.
func TestProposalIsNotInTheWay(t *testing.T) {
	d := atLists(t, "", nil)
	_, cmd := d.m.Update(keyOf("x"))
	d.press(":")
	d.give(cmd())
	d.press("y")
	d.asked("begin\nno acl 1 at 1\npreview")
	if d.m.prompt == nil || d.m.prompt.input.Value() != "y" {
		t.Error("the key went elsewhere")
	}
}
