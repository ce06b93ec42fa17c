// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"context"
	"net/netip"
	"strings"
	"testing"
	"time"

	"cygnet/engine"
	"cygnet/internal/command"
	"cygnet/internal/config"
	"cygnet/internal/control"
	"cygnet/internal/events"
	"cygnet/internal/wire"
)

// desk is a balancer that reads, previews and takes back as the true one does,
// and of which only the engine is missing.
type desk struct {
	*control.Desk
	f   *fake
	gen uint64
}

func (d *desk) on() config.Machine {
	return config.Machine{Name: "eth1", Addrs: []netip.Prefix{netip.MustParsePrefix("10.77.0.5/24")}}
}

func (d *desk) Apply(cfg *config.Config) ([]config.Notice, []*config.Problem) {
	d.gen++
	_, notices := cfg.Engine(d.on(), [16]byte{})
	return notices, cfg.ValidateOn(d.on())
}

func (d *desk) Engine(cfg *config.Config) (engine.Config, []config.Notice, []*config.Problem) {
	run, notices := cfg.Engine(d.on(), [16]byte{})
	return run, notices, nil
}

func (d *desk) Snapshot() *engine.Snapshot                        { return &engine.Snapshot{} }
func (d *desk) Link() wire.LinkStats                              { return wire.LinkStats{} }
func (d *desk) Page() (string, error)                             { return "", nil }
func (d *desk) Recent(int) []events.Event                         { return nil }
func (d *desk) Version() string                                   { return "" }
func (d *desk) Reopen() error                                     { return nil }
func (d *desk) Exit() error                                       { return nil }
func (d *desk) who() command.Who                                  { return command.Who{Name: d.f.sight.About.Who, Owner: true} }
func (d *desk) Sight() Sight                                      { return d.f.Sight() }
func (d *desk) say(text string) string                            { return control.Script(d.Desk, d.who(), text) }
func (d *desk) Do(_ context.Context, text string) (string, error) { return d.say(text), nil }

// look makes a snapshot of what is in force.
func (d *desk) look() {
	s := sample(time.Now(), 1)
	s.Generation, s.Lists = d.gen, nil
	run, _ := d.Config().Engine(d.on(), [16]byte{})
	for _, l := range run.Lists {
		s.Lists = append(s.Lists, engine.ListSnapshot{
			Name: l.Name, Rules: l.Rules, Default: l.Table.Default(), Explicit: l.Explicit, Dead: l.Dead, Uses: l.Uses, Hits: make([]uint64, len(l.Rules)),
		})
	}
	d.f.set(func(sight *Sight) { sight.Snapshot, sight.Heard = s, s.Time })
}

// atDesk is the tab of lists over a desk with lines in force.
func atDesk(t *testing.T, lines string) (*driven, *desk) {
	d := &desk{f: newFake()}
	opt := control.Options{Parser: new(command.Parser), Machine: d, Changes: d.f.changes, Initial: config.New()}
	for text := range strings.SplitSeq("dsr_if eth1\nlisten 10.77.0.10:80\nserver 0 address 10.77.0.1\n"+lines, "\n") {
		opt.Lines = append(opt.Lines, command.Line{Text: text, Origin: "-O"})
	}
	read := opt.Parser.Run(command.Request{Base: opt.Initial, Lines: opt.Lines, Who: d.who()})
	for _, p := range read.Problems {
		t.Fatalf("%s: %s", p.Origin, p.What)
	}
	opt.Config, opt.Read = read.Config, read.Files
	d.Desk = control.NewDesk(opt)
	d.look()
	dr := drive(t, d.f, 80, 24)
	dr.m.opt.Source = d
	dr.m.Update(tickMsg(time.Now()))
	return dr.press("3"), d
}

// entries are those of a list that is in force, and its default.
func (d *desk) entries(list string) string {
	l := d.Config().Lists[list]
	var words []string
	for _, r := range l.Rules() {
		words = append(words, ruleWords(r))
	}
	return strings.Join(words, ", ") + "; " + l.Default().String()
}

func TestListsAtADesk(t *testing.T) {
	const before = "deny 10.77.0.70, permit 10.77.0.64/26; deny"
	d, desk := atDesk(t, "acl 1 deny 10.77.0.70\nacl 1 permit 10.77.0.64/26\ntarpit_acl 1")
	is := func(want string) {
		t.Helper()
		if got := desk.entries("1"); got != want {
			t.Errorf("in force is %q, want %q", got, want)
		}
	}
	d.press("a", "10.77.0.300").settled()
	d.shows("error: ", "10.77.0.300")
	d.press("backspace", "backspace", "backspace", "99").settled()
	d.shows("ok: flows")
	d.press("enter").shows("captured: ", "apply?")
	is(before)
	d.press("y")
	is("permit 10.77.0.99, " + before)
	desk.look()
	d.m.Update(tickMsg(time.Now()))

	// The deny is entered anew by moving it, so that the default turns round;
	// the transaction is meant, so that nobody has to say force.
	d.press("J").shows("acl 1: what matches no entry turns from deny to permit")
	is("permit 10.77.0.99, " + before)
	d.press("y").shows("applied: no acl 1 at 2; acl 1 at 3 deny 10.77.0.70", "u undo")
	is("permit 10.77.0.99, permit 10.77.0.64/26, deny 10.77.0.70; permit")
	desk.look()
	d.m.Update(tickMsg(time.Now()))
	d.shows("default permit (implied by the entry entered last)", "> ", "!never matches")
	if !strings.Contains(d.row("10.77.0.70"), ">     3") {
		t.Errorf("the rule that was moved is not selected any more: %q", d.row("10.77.0.70"))
	}
	d.press("u").shows("undone: ")
	is("permit 10.77.0.99, " + before)
	d.press("K").shows("something was changed just now") // what is drawn is older than the undoing
	d.press("y")
	is("permit 10.77.0.99, " + before)
}

// TestListsOneLineIsMeant: a single line that turns round what the tarpit
// captures is refused, but for one that was shown and confirmed.
func TestListsOneLineIsMeant(t *testing.T) {
	d, desk := atDesk(t, "acl 1 permit 10.77.0.64/26\ntarpit_acl 1")
	if got := desk.say("acl 1 deny 10.77.0.70"); !strings.Contains(got, "force") {
		t.Fatalf("without force: %q", got)
	}
	d.press("A").line("acl 1 deny 10.77.0.70").press("enter", "y").shows("applied: acl 1 deny 10.77.0.70")
	if got := desk.entries("1"); got != "permit 10.77.0.64/26, deny 10.77.0.70; permit" {
		t.Errorf("in force is %q", got)
	}
}

// TestListsEditAtADesk: an edit that enters the same action anew turns nothing
// round, though its first line alone would.
func TestListsEditAtADesk(t *testing.T) {
	d, desk := atDesk(t, "acl 1 deny 10.77.0.70\nacl 1 permit 10.77.0.64/26\ntarpit_acl 1")
	d.press("j", "e").settled()
	d.shows("ok: changes: none")
	d.line("acl 1 at 2 permit 10.77.0.64/27").settled()
	d.shows("ok: flows")
	d.press("enter")
	if view := d.m.View(); strings.Contains(view, "matches no entry") {
		t.Errorf("it is said that the default turns round:\n%s", view)
	}
	d.press("y").shows("applied: no acl 1 at 2; acl 1 at 2 permit 10.77.0.64/27")
	if got := desk.entries("1"); got != "deny 10.77.0.70, permit 10.77.0.64/27; deny" {
		t.Errorf("in force is %q", got)
	}
}
