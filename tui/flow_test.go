// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"io"
	"net/netip"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"
	"github.com/charmbracelet/x/exp/teatest"
	"github.com/muesli/termenv"

	"cygnet/engine"
	"cygnet/internal/events"
	"cygnet/internal/holds"
)

// flow is an operator at a real Bubble Tea program over a fake balancer. Time
// is told by the test.
type flow struct {
	*testing.T
	f   *fake
	tm  *teatest.TestModel
	now time.Time
	n   uint64

	drawn string // and not waited for yet
}

func startFlow(t *testing.T, change func(o *Options)) *flow {
	f := newFake()
	busy(f)
	opt := f.options()
	if change != nil {
		change(&opt)
	}
	m := newModel(opt, NewTheme(ASCII, termenv.Ascii, false), noon)
	return &flow{T: t, f: f, tm: teatest.NewTestModel(t, m, teatest.WithInitialTermSize(80, 24)), now: noon, n: 1}
}

// keys presses keys, or types a text that has no other meaning.
func (f *flow) keys(keys ...string) {
	for _, k := range keys {
		f.tm.Send(keyOf(k))
	}
}

// tick lets time pass, and the balancer count on; changes are what else changes.
func (f *flow) tick(d time.Duration, changes ...func(s *engine.Snapshot)) {
	f.now, f.n = f.now.Add(d), f.n+1
	f.f.set(func(s *Sight) {
		if s.Away == "" {
			s.Snapshot, s.Heard = sample(f.now, f.n), f.now
			for _, change := range changes {
				change(s.Snapshot)
			}
		}
	})
	f.tm.Send(tickMsg(f.now))
}

// see waits until the screen has been sent a text, after what was waited for
// before: what is drawn is only what has changed.
func (f *flow) see(text string) {
	f.Helper()
	deadline := time.Now().Add(5 * time.Second)
	for {
		more, err := io.ReadAll(f.tm.Output())
		if err != nil {
			f.Fatal(err)
		}
		f.drawn += ansi.Strip(string(more))
		if _, rest, ok := strings.Cut(f.drawn, text); ok {
			f.drawn = rest
			return
		}
		if time.Now().After(deadline) {
			f.Fatalf("%q was not drawn, but:\n%s", text, f.drawn)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// until waits for what the balancer was asked.
func (f *flow) until(line string) {
	f.Helper()
	deadline := time.Now().Add(5 * time.Second)
	for !strings.Contains(f.f.said(), line) {
		if time.Now().After(deadline) {
			f.Fatalf("the balancer was not asked %q, but %q", line, f.f.said())
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// end ends the program and compares the last screen.
func (f *flow) end() *model {
	f.Helper()
	f.tm.Send(tea.QuitMsg{})
	m := f.tm.FinalModel(f, teatest.WithFinalTimeout(5*time.Second)).(*model)
	golden.RequireEqual(f, []byte(m.View()))
	return m
}

func TestFlowDrainConfirmUndo(t *testing.T) {
	f := startFlow(t, nil)
	f.f.answer = func(line string) (string, error) {
		if line == "server 1 drain" {
			f.f.changed("dashboard on tty1", line, f.now)
		}
		if line == "undo 2" {
			f.f.changed("dashboard on tty1", "server 1 enable", f.now)
			return "undone by: server 1 enable\n", nil
		}
		return "", nil
	}
	f.keys("down", "space")
	f.see("drain web-02?")
	f.keys("enter") // is a no
	f.see("nothing was done")
	if said := f.f.said(); said != "" {
		t.Fatalf("enter did %q", said)
	}
	f.keys("space")
	f.see("drain web-02?")
	f.keys("y")
	f.see("web-02 drains")
	f.see("u undo")
	f.keys("u")
	f.see("undone: change 2, server 1 drain")
	f.tick(time.Second)
	m := f.end()
	if m.undoable() {
		t.Error("what was undone can be undone again")
	}
	if said := f.f.said(); said != "server 1 drain\n---\nundo 2" {
		t.Errorf("the balancer was asked %q", said)
	}
}

func TestFlowFilterAndSort(t *testing.T) {
	f := startFlow(t, nil)
	f.tick(time.Second)
	f.keys("2", "/", "web !drain", "enter", "s")
	f.see("sort:PPS")
	f.tick(time.Second)
	f.end()
}

func TestFlowEditAListWithAnErrorAndAFix(t *testing.T) {
	f := startFlow(t, nil)
	f.f.answer = func(text string) (string, error) {
		switch {
		case strings.Contains(text, "10.0.0.300"):
			return "error: line 2: acl 1: 10.0.0.300: not an address\nhint: acl LIST permit|deny PREFIX\n", nil
		case strings.HasSuffix(text, "\npreview"):
			return "changes: no acl 1 at 2; acl 1 at 2 permit 10.0.0.30\nacl 1: what matches no entry turns from permit to deny\ncaptured: 9 addresses, 0 more and 237 fewer than now\n", nil
		}
		return "", nil
	}
	f.tick(time.Second)
	f.keys("3", "j", "e")
	f.see("edit: ")
	for range len("deny 10.0.0.22") {
		f.keys("backspace")
	}
	f.keys("permit 10.0.0.300", "enter")
	f.see("not an address")
	f.keys("backspace", "enter")
	f.see("turns from permit to deny")
	f.see("apply? [y/N]")
	if said := f.f.said(); strings.Contains(said, "commit") {
		t.Fatalf("not confirmed, and yet the balancer was told %q", said)
	}
	f.keys("y")
	f.until("begin\nno acl 1 at 2\nacl 1 at 2 permit 10.0.0.30\ncommit")
	f.see("applied")
	f.end()
}

func TestFlowPauseOfTheTarpit(t *testing.T) {
	f := startFlow(t, nil)
	f.tick(time.Second)
	f.keys("4", "p")
	f.see("PAUSED")
	for range 500 {
		f.f.hits.Add(hit(f.now, "192.0.2.66", "10.0.0.99", 3389))
	}
	f.tick(10 * time.Second)
	f.see("+500 events")
	f.keys("p")
	f.see("192.0.2.66")
	m := f.end()
	if got := m.live.catches.total; got != busyHits+500 {
		t.Errorf("%d events were counted, want %d", got, busyHits+500)
	}
}

func TestFlowResize(t *testing.T) {
	f := startFlow(t, nil)
	f.tick(time.Second)
	f.see("web-03")
	f.keys("down", "down")
	f.tm.Send(tea.WindowSizeMsg{Width: 59, Height: 15})
	f.see("too small: 59x15, need 60x16")
	f.tm.Send(tea.WindowSizeMsg{Width: 100, Height: 30})
	f.see("dc:a6:32:00:00:03")
	m := f.end()
	exact(t, m.View(), 100, 30)
	if m.panels[0].(*overviewPanel).selected != (serverID{service: nameless, number: 2}) {
		t.Error("the selection was lost")
	}
}

func TestFlowQuitDialog(t *testing.T) {
	leave := func(o *Options) {
		o.Question, o.Leave = "leave the dashboard?", []Choice{{"k", "keep forwarding without it", Left}, {"s", "stop forwarding", Stop}}
	}
	f := startFlow(t, leave)
	f.keys("q")
	f.see("leave the dashboard?")
	f.keys("enter", "2") // stays
	f.see("[2]Servers")
	f.keys("q")
	f.see("[k] keep forwarding")
	f.keys("s")
	if m := f.tm.FinalModel(t, teatest.WithFinalTimeout(5*time.Second)).(*model); m.ending != Stop {
		t.Errorf("ended with %v, want Stop", m.ending)
	}
	f = startFlow(t, leave)
	f.keys("ctrl+c")
	f.see("leave the dashboard?")
	f.keys("ctrl+c")
	if m := f.tm.FinalModel(t, teatest.WithFinalTimeout(5*time.Second)).(*model); m.ending != Stop {
		t.Errorf("Ctrl-C twice ended with %v, want Stop", m.ending)
	}
	f = startFlow(t, nil)
	f.keys("q")
	if m := f.tm.FinalModel(t, teatest.WithFinalTimeout(5*time.Second)).(*model); m.ending != Left {
		t.Errorf("without choices it ended with %v, want Left", m.ending)
	}
}

func TestFlowCommandWithCompletion(t *testing.T) {
	f := startFlow(t, nil)
	f.f.answer = func(line string) (string, error) {
		if strings.Contains(line, "weight") && !strings.HasSuffix(line, "3") {
			return "error: server web-02: weight \"x\": expected a number\nhint: server ID weight N\n", nil
		}
		return "number     1\nname       web-02\n", nil
	}
	f.keys(":", "serv", "tab") // server, servers, service, services: as far as all agree
	f.see("servers service services")
	f.keys("er web-02 wei", "tab", "x", "enter")
	f.see("expected a number")
	f.keys("backspace", "3", "enter")
	f.until("server web-02 weight 3")
	f.see("web-02")
	f.keys("esc", ":", "up")
	f.see(":server web-02 weight 3")
	f.end()
}

func TestFlowLostAndRegained(t *testing.T) {
	f := startFlow(t, nil)
	f.tick(time.Second)
	f.f.set(func(s *Sight) { s.Away = "connect to /run/x.sock: connection refused" })
	f.tick(4 * time.Second)
	f.see("UNKNOWN")
	f.see("STALE 4s")
	f.see("lost for 4s")
	f.tick(20 * time.Second)
	f.see("lost for 24s")
	f.f.set(func(s *Sight) { s.Away = "" })
	f.tick(time.Second)
	f.see("LIVE")
	f.end()
}

// TestFlowHeldClient: a client comes into the tarpit, is held, is looked at, and
// escapes.
func TestFlowHeldClient(t *testing.T) {
	f := startFlow(t, nil)
	source, captured := netip.MustParseAddrPort("192.0.2.66:50123"), netip.MustParseAddrPort("10.0.0.99:3389")
	tell := func(kind events.Kind, held time.Duration) {
		e := hit(f.now, "192.0.2.66", "10.0.0.99", 3389)
		e.Kind, e.From, e.Held = kind, source.Port(), held
		f.f.hits.Add(e)
	}
	book := func(open bool, held time.Duration) func(s *engine.Snapshot) {
		return func(s *engine.Snapshot) {
			one := holds.Hold{Source: source, Captured: captured, Held: held, Open: open, Last: f.now}
			*s.Tarpit.Holds = holds.Stats{Verified: 1, Total: held, Longest: []holds.Hold{one}}
			if open {
				s.Tarpit.Holds.Now = 1
			}
		}
	}
	f.tick(time.Second)
	f.keys("4")
	f.see("203.0.113.73")
	tell(events.TarpitHit, 0)
	tell(events.TarpitVerified, 0)
	f.tick(time.Second, book(true, time.Second))
	f.see("held now 1 ")
	f.see("192.0.2.66      10.0.0.99        3389 verified")
	f.keys("h", "h")
	f.see("192.0.2.66:50123")
	f.tick(time.Minute, book(true, time.Minute))
	f.see("1m")
	f.keys("enter")
	f.see("1m, and it goes on")
	tell(events.TarpitEscaped, 3*time.Minute)
	f.tick(2*time.Minute, book(false, 3*time.Minute))
	f.see("3m, and it is over")
	f.see("escaped, held 3m")
	f.keys("esc", "v", "v")
	f.see("escaped      3m")
	f.end()
}
