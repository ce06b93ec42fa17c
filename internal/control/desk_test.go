// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cygnet/engine"
	"cygnet/internal/command"
	"cygnet/internal/config"
	"cygnet/internal/events"
	"cygnet/internal/wire"
)

// Those who give commands in these tests.
var (
	root  = command.Who{Name: "uid 0 pid 1", Owner: true}
	alice = command.Who{Name: "uid 1000 pid 71"}
	bob   = command.Who{Name: "uid 1001 pid 72"}
)

// rig is a Machine that only remembers.
type rig struct {
	applied  int
	refuses  *config.Problem // what Apply says to everything, if not nil
	snapshot *engine.Snapshot
	link     wire.LinkStats
	changes  *events.Ring[events.Event]
	reopened int
	failing  error // of Reopen and Exit
}

func (r *rig) on() config.Machine {
	return config.Machine{Name: "eth1", Addrs: []netip.Prefix{netip.MustParsePrefix("10.77.0.5/24")}}
}

func (r *rig) Apply(cfg *config.Config) ([]config.Notice, []*config.Problem) {
	if problems := cfg.ValidateOn(r.on()); problems != nil {
		return nil, problems
	}
	if r.refuses != nil {
		return nil, []*config.Problem{r.refuses}
	}
	_, notices := cfg.Engine(r.on(), [16]byte{})
	r.applied++
	return notices, nil
}

func (r *rig) Engine(cfg *config.Config) (engine.Config, []config.Notice, []*config.Problem) {
	if problems := cfg.ValidateOn(r.on()); problems != nil {
		return engine.Config{}, nil, problems
	}
	run, notices := cfg.Engine(r.on(), [16]byte{})
	return run, notices, nil
}

func (r *rig) Snapshot() *engine.Snapshot { return r.snapshot }
func (r *rig) Link() wire.LinkStats       { return r.link }
func (r *rig) Page() (string, error)      { return "<html>\n", nil }
func (r *rig) Version() string            { return "cygnet test\n" }
func (r *rig) Reopen() error              { r.reopened++; return r.failing }
func (r *rig) Exit() error                { return r.failing }

func (r *rig) Recent(n int) []events.Event {
	all, _, _ := r.changes.Since(0)
	return all[max(0, len(all)-n):]
}

// whole is a command line without fault, to which a test adds its lines.
const whole = `dsr_if eth1
listen 10.77.0.10:80
server 0 address 10.77.0.1
server 1 address 10.77.0.2`

// office is a desk, the machine behind it and the file that it reads.
type office struct {
	*Desk
	*rig
	t    testing.TB
	file string // of -F; empty if there is none
}

// open starts a desk on a command line, and on a file unless that is empty.
func open(t testing.TB, lines, file string) *office {
	t.Helper()
	r := &rig{changes: events.NewRing[events.Event](1024), snapshot: &engine.Snapshot{}}
	o := &office{rig: r, t: t}
	opt := Options{Parser: new(command.Parser), Machine: r, Changes: r.changes, Initial: config.New()}
	for text := range strings.SplitSeq(lines, "\n") {
		opt.Lines = append(opt.Lines, command.Line{Text: text, Origin: "-O"})
	}
	all := opt.Lines
	if file != "" {
		o.file = filepath.Join(t.TempDir(), "cygnet.conf")
		o.save(o.file, file)
		opt.Files = []string{o.file}
		all = append(all, command.Line{Text: "include " + o.file, Origin: "-F"})
	}
	read := opt.Parser.Run(command.Request{Base: opt.Initial, Lines: all, Who: owner})
	for _, p := range read.Problems {
		t.Fatalf("%s: %s", p.Origin, p.What)
	}
	opt.Config, opt.Read = read.Config, read.Files
	o.Desk = NewDesk(opt)
	return o
}

func (o *office) save(path, text string) {
	o.t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) text(path string) string {
	o.t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		o.t.Fatal(err)
	}
	return string(b)
}

// ask has one line done.
func (o *office) ask(who command.Who, line string) string { return o.Do(who, []string{line}) }

// must has lines done that are right, each by itself.
func (o *office) must(who command.Who, lines ...string) {
	o.t.Helper()
	for _, l := range lines {
		if reply := o.ask(who, l); Refused(reply) {
			o.t.Fatalf("%s: %s", l, reply)
		}
	}
}

// want compares the reply to one line.
func (o *office) want(who command.Who, line, reply string) {
	o.t.Helper()
	if got := o.ask(who, line); got != reply {
		o.t.Errorf("%s\n got %q\nwant %q", line, got, reply)
	}
}

// refused wants a refusal with those words in it, after which nothing is other
// than before.
func (o *office) refused(who command.Who, words string, lines ...string) {
	o.t.Helper()
	before, applied := o.Config(), o.applied
	reply := o.Do(who, lines)
	if !Refused(reply) || !strings.Contains(reply, words) {
		o.t.Errorf("%q: got %q, want a refusal with %q", lines, reply, words)
	}
	if o.Config() != before || o.applied != applied {
		o.t.Errorf("%q: refused, and yet something was done", lines)
	}
}
