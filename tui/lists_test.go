// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"cygnet/acl"
	"cygnet/engine"
)

// atLists is the tab of lists at 80x24, over a balancer whose previews say what
// preview does. change, which may be nil, changes the lists that there are.
func atLists(t *testing.T, preview string, change func(lists []engine.ListSnapshot) []engine.ListSnapshot) *driven {
	f := newFake()
	f.answer = func(line string) (string, error) {
		if strings.HasSuffix(line, "\npreview") {
			return preview, nil
		}
		return "", nil
	}
	if change != nil {
		f.set(func(s *Sight) { s.Snapshot.Lists = change(s.Snapshot.Lists) })
	}
	return drive(t, f, 80, 24).press("3")
}

// lists has the balancer show other lists from the next look on.
func (d *driven) lists(change func(lists []engine.ListSnapshot) []engine.ListSnapshot) {
	d.n++
	at := d.m.now.Add(time.Second)
	d.f.set(func(s *Sight) {
		s.Snapshot, s.Heard = sample(at, d.n), at
		s.Snapshot.Generation += d.n
		s.Snapshot.Lists = change(s.Snapshot.Lists)
	})
	d.m.Update(tickMsg(at))
}

// settled lets an operator pause in typing.
func (d *driven) settled() *driven {
	d.Helper()
	if d.m.prompt == nil {
		d.Fatal("nothing is being typed")
	}
	d.give(validateMsg{d.m.prompt.input.Value()})
	return d
}

// silent fails if the balancer was asked anything.
func (d *driven) silent() {
	d.Helper()
	if said := d.f.said(); said != "" {
		d.Errorf("the balancer was asked %q", said)
	}
}

// line replaces what is typed at the prompt.
func (d *driven) line(text string) *driven {
	d.Helper()
	if d.m.prompt == nil {
		d.Fatal("nothing is being typed")
	}
	d.m.prompt.set("")
	return d.press(text)
}

// row is the row of the screen with all of those texts.
func (d *driven) row(texts ...string) string {
	d.Helper()
next:
	for l := range strings.Lines(ansi.Strip(d.m.View())) {
		for _, text := range texts {
			if !strings.Contains(l, text) {
				continue next
			}
		}
		return l
	}
	d.Fatalf("no row has %q:\n%s", texts, ansi.Strip(d.m.View()))
	return ""
}

func TestListsShown(t *testing.T) {
	d := atLists(t, "", nil).pass(time.Second)
	d.shows("list 1: tarpit_acl", "3 rules", "default permit (implied by the entry entered last)", "2 lists")
	if got := strings.Join(strings.Fields(d.row("10.0.0.21")), " "); !strings.HasSuffix(got, "> 1 deny 10.0.0.21 176 88") {
		t.Errorf("a rule, its hits and its hits a second: %q", got)
	}
	if got := strings.Join(strings.Fields(d.row("what matches nothing")), " "); !strings.HasSuffix(got, "- permit what matches nothing 24 12") {
		t.Errorf("the default: %q", got)
	}
	d.press("right").shows("list office: client_acl of default", "default deny (set)  6 hits", "deny   country XX")
	if got := d.row("10.1.0.0/16"); !strings.Contains(got, "!never matches") || strings.Contains(d.row("country XX"), "never") {
		t.Errorf("a dead rule says %q", got)
	}
	d.press("[").shows("list 1: tarpit_acl")
	d.press("h").shows("list 1: tarpit_acl") // there is none before

	d.lists(func(all []engine.ListSnapshot) []engine.ListSnapshot {
		all[0].Uses, all[0].Rules, all[0].Hits = nil, nil, nil
		return all
	})
	d.shows("list 1: not used", "default permit (it has no entries)")
}

// TestListsRatesOfOtherRules: where another rule stood, there is no rate.
func TestListsRatesOfOtherRules(t *testing.T) {
	d := atLists(t, "", nil).pass(time.Second)
	d.lists(func(all []engine.ListSnapshot) []engine.ListSnapshot {
		all[0].Rules = []acl.Rule{rule(acl.Deny, "10.9.0.0/16"), rule(acl.Deny, "10.0.0.22/32")}
		all[0].Hits = []uint64{1000, 3}
		return all
	})
	if got := strings.Fields(d.row("10.9.0.0/16")); got[len(got)-1] != "-" {
		t.Errorf("a new rule has a rate: %q", got)
	}
	if got := strings.Fields(d.row("10.0.0.22")); got[len(got)-1] != "3" {
		t.Errorf("a rule that stayed has none: %q", got)
	}
}

// TestListsFollow: what is selected is a rule, wherever it stands by now.
func TestListsFollow(t *testing.T) {
	d := atLists(t, "", nil).press("j")
	selected := func() string {
		f := strings.Fields(d.row("> ", "deny"))
		return strings.Join(f[len(f)-5:len(f)-2], " ")
	}
	if got := selected(); got != "2 deny 10.0.0.22" {
		t.Fatalf("selected is %q", got)
	}
	first := func(all []engine.ListSnapshot) []engine.ListSnapshot {
		all[0].Rules = append([]acl.Rule{rule(acl.Permit, "10.9.0.0/16")}, all[0].Rules...)
		all[0].Hits = append([]uint64{0}, all[0].Hits...)
		return append([]engine.ListSnapshot{{Name: "0"}}, all...)
	}
	d.lists(first)
	if got := selected(); got != "3 deny 10.0.0.22" {
		t.Errorf("after another rule and list came before, selected is %q", got)
	}
	d.lists(func(all []engine.ListSnapshot) []engine.ListSnapshot {
		all = first(all)
		all[1].Rules = append(all[1].Rules[:2:2], all[1].Rules[3])
		return all
	})
	if got := selected(); got != "3 deny 10.0.0.0/28" {
		t.Errorf("after it was taken out, selected is %q", got)
	}
	d.press("G")
	d.lists(func(all []engine.ListSnapshot) []engine.ListSnapshot { return first(all)[1:] })
	if d.shows("list 1"); !strings.Contains(d.row("what matches nothing"), ">") {
		t.Error("the default is not selected any more")
	}
}

func TestListsFilterAndSort(t *testing.T) {
	d := atLists(t, "", nil).press("/", "/28", "enter")
	d.shows("1 //28", "    3 deny   10.0.0.0/28", "what matches nothing")
	if strings.Contains(d.m.View(), "10.0.0.21") {
		t.Error("what does not match is shown")
	}
	d.press("K").shows("rules are moved in the order of their positions")
	d.press("esc", "s").shows("sort:HITS")
	view := ansi.Strip(d.m.View())
	if a, b := strings.Index(view, "3 deny   10.0.0.0/28"), strings.Index(view, "2 deny   10.0.0.22"); a < 0 || a > b {
		t.Errorf("not by hits, or not with the positions:\n%s", view)
	}
	d.press("g", "J").shows("rules are moved in the order of their positions")
	d.press("x").asked("begin\nno acl 1 at 1\npreview")
	d.press("n", "s")
	if strings.Contains(d.m.View(), "sort:HITS") {
		t.Error("still sorted")
	}
}

func TestListsMouse(t *testing.T) {
	d := atLists(t, "", nil)
	mouse := func(x, row int, button tea.MouseButton) {
		d.m.View()
		d.give(tea.MouseMsg{X: x, Y: d.m.layout().body + row, Action: tea.MouseActionPress, Button: button})
	}
	mouse(5, 3, tea.MouseButtonLeft)
	d.shows("list office")
	mouse(40, 4, tea.MouseButtonLeft)
	if !strings.Contains(d.row("country XX"), " > ") {
		t.Errorf("the rule that was clicked is not selected:\n%s", d.m.View())
	}
	mouse(40, 5, tea.MouseButtonWheelUp)
	if !strings.Contains(d.row("10.0.0.0/8"), " > ") {
		t.Errorf("the wheel does nothing:\n%s", d.m.View())
	}
	mouse(5, 10, tea.MouseButtonLeft) // below the last
	d.shows("list office")
	mouse(5, 3, tea.MouseButtonWheelUp)
	d.shows("list 1")
	d.give(tea.WindowSizeMsg{Width: 70, Height: 24}) // the lists are above the rules
	mouse(40, 2, tea.MouseButtonLeft)
	d.shows("list office")
	mouse(40, 7, tea.MouseButtonLeft)
	if !strings.Contains(d.row("country XX"), " > ") {
		t.Errorf("the rule that was clicked is not selected:\n%s", d.m.View())
	}
}

func TestListsHelp(t *testing.T) {
	keysOf := func(d *driven) (keys []string) {
		for _, b := range d.m.panel().bindings(d.m) {
			keys = append(keys, b.Help().Key)
		}
		return keys
	}
	move := []string{"s", "left", "right", "up", "down", "pgup", "pgdown", "g", "G"}
	d := atLists(t, "", nil)
	for _, c := range []struct {
		key  string
		want []string
	}{
		{"g", []string{"a", "A", "e", "x", "J", "D", "enter"}},
		{"j", []string{"a", "A", "e", "x", "K", "J", "D", "enter"}},
		{"j", []string{"a", "A", "e", "x", "K", "D", "enter"}},
		{"j", []string{"a", "D"}},
		{"R", nil},
		{"g", []string{"enter"}},
	} {
		d.press(c.key)
		if diff := cmp.Diff(append(c.want, move...), keysOf(d)); diff != "" {
			t.Errorf("after %s (-want +got):\n%s", c.key, diff)
		}
	}
	d.press("R", "right", "G") // the default there is set, so that it can be taken out
	if diff := cmp.Diff(append([]string{"a", "x", "D"}, move...), keysOf(d)); diff != "" {
		t.Errorf("at a default (-want +got):\n%s", diff)
	}
}

func TestListsDetail(t *testing.T) {
	d := atLists(t, "", nil)
	for _, source := range []string{"10.0.0.3", "10.0.0.200", "192.0.2.1"} {
		d.f.hits.Add(hit(noon, source, "10.0.0.99", 22))
	}
	d.pass(time.Second).press("G", "k", "enter").shows("acl 1 at 3 deny 10.0.0.0/28", "14, now 7/s", "covers 1 of the 3 sources that the tarpit saw")
	d.press("esc", "right", "G", "k", "enter").shows("never matches: rule 1 covers it, permit 10.0.0.0/8")
}
