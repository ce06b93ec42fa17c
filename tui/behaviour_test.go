// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/muesli/termenv"

	"cygnet/engine"
)

// operator drives a model without a program: keys go in one after another, and
// what they start is done at once.
type operator struct {
	*testing.T
	m *model
	f *fake
}

func operate(t *testing.T, change func(o *Options)) *operator {
	f := newFake()
	opt := f.options()
	if change != nil {
		change(&opt)
	}
	m := newModel(opt, NewTheme(ASCII, termenv.Ascii, false).Blank(), noon)
	o := &operator{t, m, f}
	o.send(tea.WindowSizeMsg{Width: 80, Height: 24})
	return o
}

// send gives the model a message, and the messages that follow from it.
func (o *operator) send(msg tea.Msg) {
	_, cmd := o.m.Update(msg)
	if cmd == nil {
		return
	}
	// A wait is not waited for; everything else is done at once.
	answer := make(chan tea.Msg, 1)
	go func() { answer <- cmd() }()
	select {
	case next := <-answer:
		switch next.(type) {
		case nil, tea.QuitMsg:
		default:
			if strings.HasPrefix(fmt.Sprintf("%T", next), "tui.") {
				o.send(next)
			}
		}
	case <-time.After(100 * time.Millisecond):
	}
}

func (o *operator) keys(keys ...string) {
	for _, k := range keys {
		o.send(keyOf(k))
	}
}

// shows fails unless the screen shows a text.
func (o *operator) shows(text string) {
	o.Helper()
	if !strings.Contains(o.m.View(), text) {
		o.Errorf("%q is not on the screen:\n%s", text, o.m.View())
	}
}

func (o *operator) asked(want string) {
	o.Helper()
	if got := o.f.said(); got != want {
		o.Errorf("the balancer was asked %q, want %q", got, want)
	}
}

func TestServerKeys(t *testing.T) {
	for _, c := range []struct {
		name string
		keys []string
		see  string
		line string
	}{
		{"an UP one drains", []string{"space"}, "drain web-01? its 2712 flows stay, no new ones [y/N]", "server 0 drain"},
		{"by its own key", []string{"d"}, "drain web-01?", "server 0 drain"},
		{"is disabled", []string{"m"}, "disable web-01? its 2712 flows move now, to 2 others [y/N]", "server 0 disable"},
		{"is removed", []string{"x"}, "remove web-01? it drains first: its 2712 flows stay, no new ones, and it goes", "no server 0"},
		{"is removed now", []string{"X"}, "remove web-01 now? its 2712 flows move now, to 2 others [y/N]", "no server 0 now"},
		{"one without flows is removed", []string{"G", "k", "k", "x"}, "remove 10.0.0.27? it has no open flows, and goes at once", "no server 6"},
		{"a draining one comes back", []string{"down", "down", "space"}, "enable web-03?", "server 2 enable"},
		{"a disabled one comes back", []string{"j", "j", "j", "j", "space"}, "enable web-05?", "server 4 enable"},
		{"a blacklisted one comes back", []string{"G", "k", "k", "space"}, "enable 10.0.0.27?", "server 6 enable"},
		{"a dead one drains", []string{"down", "down", "down", "space"}, "drain web-04? it is DOWN", "server 3 drain"},
		{"of another service", []string{"G", "space"}, "drain fd77::2? its 11 flows stay, no new ones", "service dns server 1 drain"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, no := range []string{"enter", "n", "Y", "esc", "space", "q"} {
				o := operate(t, nil)
				o.keys(c.keys...)
				o.shows(c.see)
				o.keys(no)
				o.shows("nothing was done")
				o.asked("")
			}
			o := operate(t, nil)
			o.keys(c.keys...)
			o.keys("y")
			o.asked(c.line)
		})
	}
}

func TestLastOneUpNeedsItsName(t *testing.T) {
	o := operate(t, nil)
	o.f.set(func(s *Sight) {
		snap := sample(noon.Add(time.Second), 2)
		snap.Services[1].Servers[0].State = engine.Disabled
		s.Snapshot = snap
	})
	o.send(tickMsg(noon.Add(time.Second)))
	o.keys("G", "space")
	o.shows("fd77::2 is the last one up of dns")
	o.shows("its 11 flows stay, no new ones; anything else")
	o.keys("y", "enter")
	o.shows("nothing was done")
	o.asked("")
	o.keys("space", "fd77::2", "enter")
	o.asked("service dns server 1 drain")
}

func TestAServerThatChangedMeanwhile(t *testing.T) {
	o := operate(t, nil)
	o.keys("space")
	o.f.set(func(s *Sight) {
		snap := sample(noon.Add(time.Second), 2)
		snap.Services[0].Servers[0].Addr = snap.Services[0].Servers[6].Addr.Next()
		s.Snapshot = snap
	})
	o.send(tickMsg(noon.Add(time.Second)))
	o.keys("y")
	o.shows("changed meanwhile")
	o.asked("")
}

func TestReadOnly(t *testing.T) {
	o := operate(t, func(opt *Options) { opt.ReadOnly = true })
	o.shows(" RO ")
	for tab := range 6 {
		o.keys(string(rune('1' + tab)))
		o.keys("space", "d", "m", "b", "e", "a", "A", "x", "J", "K", "I", "D", "w", "u", "R", "y", "enter", "esc", "esc")
	}
	o.keys(":", "server 0 drain", "enter")
	o.shows("read-only")
	for _, line := range strings.Split(o.f.said(), "\n---\n") {
		if line != "" && line != "server 0" {
			t.Errorf("read-only, and the balancer was asked %q", line)
		}
	}
	o.keys(":", "servers", "enter")
	if !strings.HasSuffix(o.f.said(), "servers") {
		t.Error("a question was not asked")
	}
}

func TestHostileText(t *testing.T) {
	evil := "\x1b]0;owned\x07\x1b[31m\u202e\u0085\x0e"
	for _, g := range []Glyphs{UTF8, Console, ASCII} {
		f := newFake()
		f.set(func(s *Sight) { s.About.Interface, s.About.Hostname, s.Away = "e"+evil, evil, evil })
		f.answer = func(string) (string, error) { return "one" + evil + "\ntwo" + evil + "\n", nil }
		f.lines.Add("a line" + evil)
		f.changed("uid"+evil, evil, noon)
		m := newModel(f.options(), NewTheme(g, termenv.Ascii, false).Blank(), noon)
		o := &operator{t, m, f}
		o.send(tea.WindowSizeMsg{Width: 120, Height: 40})
		for tab := range 6 {
			o.keys(string(rune('1' + tab)))
			harmless(t, m.View())
		}
		o.keys("1", "enter")
		harmless(t, m.View())
		o.keys("esc", ":", evil)
		harmless(t, m.View())
		o.keys("enter")
		harmless(t, m.View())
	}
}

func harmless(t *testing.T, view string) {
	t.Helper()
	for _, r := range view {
		if r < 0x20 && r != '\n' || r == 0x7f || r == 0x85 || r == 0x202e {
			t.Fatalf("%q reached the screen:\n%q", r, view)
		}
	}
}

// TestNothingChanges: what has not changed is not drawn again, so a serial line
// is silent while the balancer is.
func TestNothingChanges(t *testing.T) {
	o := operate(t, nil)
	idle := func(at time.Time) {
		o.f.set(func(s *Sight) { s.Snapshot, s.Heard = sample(at, 1), at })
		o.send(tickMsg(at))
	}
	idle(noon.Add(time.Second))
	before := o.m.View()
	for i := range 20 {
		idle(noon.Add(time.Second + time.Duration(i+1)*time.Second/2))
		if after := o.m.View(); withoutCountdown(after) != withoutCountdown(before) {
			t.Fatalf("look %d drew\n%s\ninstead of\n%s", i, after, before)
		}
	}
}

// withoutCountdown leaves out the one number of the sample that does change:
// how long a server is blacklisted for.
func withoutCountdown(view string) string { return strings.ReplaceAll(view, "00:42", "") }

func TestPastedTextIsNoCommand(t *testing.T) {
	o := operate(t, nil)
	o.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(" y"), Paste: true})
	o.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("m"), Paste: true})
	if o.m.question != nil {
		t.Error("a pasted text opened a question")
	}
}

// Keys that come with one read of the terminal, as a script or a slow line brings them,
// are taken one by one: the first opens the prompt that the others are for.
func TestKeysThatComeTogether(t *testing.T) {
	o := operate(t, nil)
	o.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(":acl")})
	o.send(tea.KeyMsg{Type: tea.KeySpace, Runes: []rune(" ")})
	o.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("0")})
	if o.m.prompt == nil || o.m.prompt.input.Value() != "acl 0" {
		t.Errorf("the prompt: %+v", o.m.prompt)
	}
}

// A question that a key opened is not answered by the keys that came with it.
func TestKeysThatComeTogetherAnswerNoQuestion(t *testing.T) {
	o := operate(t, nil)
	o.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("2xy")})
	if o.m.question == nil {
		t.Fatal("x opened no question")
	}
	o.shows("[y/N]")
}

func TestSaveShowsTheDifferenceFirst(t *testing.T) {
	o := operate(t, nil)
	o.f.answer = func(line string) (string, error) {
		switch line {
		case "diff":
			return "-server 0 address 10.0.0.21\n+server 0 address 10.0.0.21 weight 2\n", nil
		case "write":
			return "written to /etc/cygnet/cygnet.conf\n", nil
		}
		return "error: what\n", nil
	}
	o.keys("w")
	o.shows("+server 0 address 10.0.0.21 weight 2")
	o.shows("write the configuration to its file? [y/N]")
	o.keys("enter")
	o.asked("diff")
	o.keys("w", "y")
	o.asked("diff\n---\ndiff\n---\ndiff\n---\nwrite")
	o.shows("/etc/cygnet/cygnet.conf")
}

// TestKeysOfHelpAreKeys: what help names is what Update does, and no key of a
// tab is one that works everywhere.
func TestKeysOfHelpAreKeys(t *testing.T) {
	o := operate(t, nil)
	o.m.mine = ownChange{number: 1, until: noon.Add(time.Hour)}
	for i := range o.m.panels {
		o.m.open(i)
		seen := map[string]string{}
		for _, b := range append(o.m.panel().bindings(o.m), o.m.everywhere()...) {
			for _, k := range b.Keys() {
				if was, twice := seen[k]; twice {
					t.Errorf("%s: key %q is %q and %q", o.m.panel().name(), k, was, b.Help().Desc)
				}
				seen[k] = b.Help().Desc
			}
			if b.run == nil {
				t.Errorf("%s: key %q does nothing", o.m.panel().name(), b.Help().Key)
			}
		}
	}
}

// broken is a source that is a mistake.
type broken struct{ *fake }

func (broken) Sight() Sight { panic("a mistake") }

// TestMistakesEndTheViewAlone: a panic is an error of Run, from the first look on.
func TestMistakesEndTheViewAlone(t *testing.T) {
	f := newFake()
	opt := f.options()
	opt.Source = broken{f}
	ending, err := Run(t.Context(), strings.NewReader(""), io.Discard, opt)
	if ending != Lost || err == nil || !strings.Contains(err.Error(), "a mistake") {
		t.Errorf("Run = %v, %v", ending, err)
	}
}

// TestUndoIsNotUndone: over a socket, the event of what was taken back comes
// after the reply; in-process before it.
func TestUndoIsNotUndone(t *testing.T) {
	for _, late := range []bool{false, true} {
		o := operate(t, nil)
		me := o.f.Sight().About.Who
		o.f.answer = func(line string) (string, error) {
			if line == "undo 1" {
				if !late {
					o.f.changed(me, "server 0 enable", noon)
				}
				return "undone by: server 0 enable\n", nil
			}
			o.f.changed(me, line, noon)
			return "", nil
		}
		o.keys("space", "y")
		o.shows("(u undo)")
		o.keys("u")
		if late {
			o.f.changed(me, "server 0 enable", noon)
		}
		o.send(tickMsg(noon.Add(time.Second)))
		o.shows("undone: change 1, server 0 drain")
		if o.m.undoable() {
			t.Errorf("late %v: what was taken back can be taken back", late)
		}
		o.keys("m", "y")
		if !o.m.undoable() {
			t.Errorf("late %v: the next change cannot be taken back", late)
		}
	}
}
