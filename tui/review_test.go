// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"cygnet/engine"
	"cygnet/internal/events"
)

// at changes the newest snapshot, a moment later, and has the operator look.
func (o *operator) at(later time.Duration, change func(s *engine.Snapshot)) {
	now := o.m.now.Add(later)
	o.f.set(func(s *Sight) {
		snap := sample(now, 9)
		if change != nil {
			change(snap)
		}
		s.Snapshot, s.Heard = snap, now
	})
	o.send(tickMsg(now))
}

func TestManyWorkersHaveRoom(t *testing.T) {
	for _, size := range [][2]int{{60, 20}, {80, 24}, {120, 40}} {
		o := operate(t, nil)
		o.send(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
		for i := range 3 {
			at := noon.Add(time.Duration(i+1) * time.Second)
			o.f.set(func(s *Sight) {
				s.CPU = make([]time.Duration, 64)
				for w := range s.CPU {
					s.CPU[w] = time.Duration(i+1) * time.Second
				}
				s.Snapshot, s.Heard = sample(at, uint64(i+2)), at
			})
			o.send(tickMsg(at))
		}
		exact(t, o.m.View(), size[0], size[1])
		o.shows("100% of 64")
	}
}

// TestAReplyThatComesLate: what is asked for meanwhile comes first.
func TestAReplyThatComesLate(t *testing.T) {
	o := operate(t, nil)
	o.f.answer = func(string) (string, error) { return "+a line\n", nil }
	_, late := o.m.Update(keyOf("w"))
	o.keys("space")
	o.shows("drain web-01?")
	o.send(late())
	o.shows("drain web-01?")
	o.keys("y")
	o.asked("diff\n---\nserver 0 drain")

	o = operate(t, nil)
	o.f.answer = func(string) (string, error) { return "+a line\n", nil }
	o.keys("w")
	o.m.readOnly = true // by another key, before the reply
	o.keys("y")
	if strings.Contains(o.f.said(), "write") {
		t.Error("it was written, read-only")
	}
}

func TestWhatIsWrittenIsWhatWasShown(t *testing.T) {
	o := operate(t, nil)
	asked := 0
	o.f.answer = func(line string) (string, error) {
		asked++
		return strings.Repeat("+a line\n", asked), nil
	}
	o.keys("w", "y")
	o.shows("changed meanwhile")
	o.asked("diff\n---\ndiff")
}

// TestABurstAnswersNothing: what is pasted into a terminal that does not mark it.
func TestABurstAnswersNothing(t *testing.T) {
	o := operate(t, nil)
	o.m.ticking = true
	for _, k := range []string{"d", "r", "a", "i", "n", "space", "y", "enter", "y"} {
		o.m.Update(keyOf(k))
		o.m.View() // as Bubble Tea asks after each
	}
	o.shows("drain web-01?")
	o.asked("")
	time.Sleep(2 * burst) // somebody reads it
	o.keys("y")
	o.asked("server 0 drain")
}

func TestAPausedViewChangesWhatIsThere(t *testing.T) {
	moved := func(s *engine.Snapshot) { s.Services[0].Servers[0].Addr = s.Services[0].Servers[6].Addr.Next() }
	for _, key := range []string{"space", "d", "m", "e", "b"} {
		o := operate(t, nil)
		o.keys("p")
		o.at(time.Second, moved)
		o.keys(key)
		o.shows("not what is shown here any more")
		o.keys("y")
		o.asked("")
	}
	o := operate(t, nil) // not paused, but the prompt is open meanwhile
	o.f.answer = func(string) (string, error) { return "changes: server 0 weight 1\n", nil }
	o.keys("e")
	o.at(time.Second, moved)
	o.keys("enter", "y")
	if strings.Contains(o.f.said(), "commit") {
		t.Errorf("another server was changed: %q", o.f.said())
	}
}

func TestNothingIsChangedOnOldSight(t *testing.T) {
	for _, change := range []func(o *operator){
		func(o *operator) { o.f.set(func(s *Sight) { s.Away = "connection refused" }); o.send(tickMsg(noon)) },
		func(o *operator) { o.send(tickMsg(noon.Add(4 * time.Second))) },
	} {
		o := operate(t, nil)
		change(o)
		o.keys("space", "y")
		o.shows("what is shown is old: nothing was done")
		o.asked("")
	}
}

// TestClocksDiffer: the balancer's clock may be wrong, and be set back.
func TestClocksDiffer(t *testing.T) {
	o := operate(t, nil)
	there := noon.Add(-time.Hour)
	o.f.set(func(s *Sight) { s.Snapshot = sample(there, 2) })
	o.send(tickMsg(noon.Add(time.Second)))
	o.f.changed("uid 7 pid 8", "acl 1 deny 10.9.9.9", there)
	o.send(tickMsg(noon.Add(2 * time.Second)))
	o.shows("uid 7 pid 8: acl 1 deny 10.9.9.9")
	o.f.changed("dashboard on tty1", "server 0 drain", there)
	o.send(tickMsg(noon.Add(3 * time.Second)))
	if !o.m.undoable() {
		t.Error("our change cannot be undone")
	}
	o.f.changes.Add(events.Event{Kind: events.ConfigChanged, Time: there.Add(time.Hour), Who: "-F", Text: "change 9: x"})
	o.send(tickMsg(noon.Add(4 * time.Second)))
	o.f.answer = func(string) (string, error) { return "changes: x\n", nil }
	o.keys("3", "x")
	o.shows("apply? [y/N]")
}

// TestTwoOperatorsBehindOneAddress: only what we asked for is ours.
func TestTwoOperatorsBehindOneAddress(t *testing.T) {
	o := operate(t, nil)
	o.f.set(func(s *Sight) { s.About.Who = "10.0.0.9:4711" })
	o.send(tickMsg(noon.Add(time.Second)))
	o.f.answer = func(line string) (string, error) { o.f.changed("10.0.0.9:4800", line, noon); return "", nil }
	o.f.changed("10.0.0.9:4712", "server 1 drain", noon)
	o.send(tickMsg(noon.Add(2 * time.Second)))
	if o.m.undoable() {
		t.Error("another's change is taken for ours")
	}
	o.shows("10.0.0.9:4712: server 1 drain")
	o.keys("space", "y")
	if !o.m.undoable() {
		t.Error("our change cannot be undone")
	}
}

// TestRatesBetweenLooks: a look without a new snapshot loses nothing that came
// between.
func TestRatesBetweenLooks(t *testing.T) {
	o := operate(t, nil)
	o.at(time.Second, nil)
	o.f.set(func(s *Sight) { s.Link.KernelDrops, s.CPU = 500, []time.Duration{time.Minute + time.Second/2} })
	o.send(tickMsg(o.m.now.Add(time.Second / 2))) // no snapshot yet
	o.at(time.Second/2, nil)
	if got := o.m.live.lost; got != 500 {
		t.Errorf("%v frames/s were dropped by the kernel, want 500", got)
	}
	if got := o.m.live.cpu[0]; got != 0.5 {
		t.Errorf("the worker was busy for %v, want half", got)
	}
}

// TestValidationOfWhatEndsInABlank: Tab adds one.
func TestValidationOfWhatEndsInABlank(t *testing.T) {
	o := operate(t, nil)
	o.f.answer = func(string) (string, error) { return "changes: x\ncaptured: 3 addresses\n", nil }
	o.keys("e")
	o.m.prompt.set("server 0 weight 7 ")
	o.send(validateMsg{"server 0 weight 7 "})
	o.shows("ok: captured: 3 addresses")
	o.keys("x")
	o.keys("backspace")
	o.send(validateMsg{"server 0 weight 7 "})
	o.shows("ok: captured: 3 addresses")
}

func TestProposalsAreTrue(t *testing.T) {
	o := operate(t, nil)
	o.keys("down", "down", "m")
	o.shows("disable web-03? its 204 flows move now, to 3 others")
	o.keys("n", "down", "down", "d")
	o.shows("drain web-05? it is MAINT")
}

func TestBlacklistOfTheLastOneNeedsItsName(t *testing.T) {
	o := operate(t, nil)
	o.at(time.Second, func(s *engine.Snapshot) { s.Services[1].Servers[0].State = engine.Disabled })
	o.keys("G", "b")
	o.shows("fd77::2 is the last one up of dns: type fd77::2 to blacklist it")
	o.keys("no", "enter")
	o.shows("nothing was done")
	o.keys("b", "fd77::2", "enter")
	o.shows("edit: service dns server 1 blacklist ")
}
