// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"cygnet/engine"
	"cygnet/internal/config"
	"cygnet/internal/events"
	"cygnet/internal/wire"
)

// fake is an Actor that only notes what it was asked for.
type fake struct {
	t     testing.TB
	cfg   *config.Config
	owner bool
	asked []string
	snap  engine.Snapshot
}

func (f *fake) note(what string, who Who, args ...any) (string, error) {
	if who.Owner != f.owner {
		f.t.Errorf("%s by another than who asked", what)
	}
	f.asked = append(f.asked, strings.TrimSpace(what+" "+fmt.Sprintln(args...)))
	return what + "\n", nil
}

func (f *fake) Config() *config.Config {
	if f.cfg == nil {
		return config.New()
	}
	return f.cfg
}
func (f *fake) Snapshot() *engine.Snapshot { return &f.snap }
func (f *fake) Link() wire.LinkStats       { return wire.LinkStats{} }
func (f *fake) Page() (string, error)      { return "page\n", nil }
func (f *fake) Version() string            { return "version\n" }
func (f *fake) Recent(int) []events.Event  { return nil }
func (f *fake) Reopen() error              { f.asked = append(f.asked, "reopen"); return nil }
func (f *fake) Exit() error                { f.asked = append(f.asked, "exit"); return nil }

func (f *fake) Write(w Who, file string) (string, error)   { return f.note("write", w, file) }
func (f *fake) Diff(w Who, file string) (string, error)    { return f.note("diff", w, file) }
func (f *fake) Reload(w Who) (string, error)               { return f.note("reload", w) }
func (f *fake) Preview(w Who, line string) (string, error) { return f.note("preview", w, line) }
func (f *fake) Undo(w Who, n uint64) (string, error)       { return f.note("undo", w, n) }

func TestActHandsOn(t *testing.T) {
	for _, tt := range [][2]string{
		{"write", "write"}, {"write /a", "write /a"}, {`diff "a b"`, "diff a b"}, {"reload", "reload"}, {"reopen", "reopen"}, {"exit", "exit"},
		{"undo", "undo 0"}, {"undo 7", "undo 7"}, {`preview acl 1 permit "10.0.0.1" # so`, `preview acl 1 permit "10.0.0.1" # so`},
		{"\t\"preview\"\tx", "preview x"}, {"preview preview x", "preview preview x"},
		{"debug 1", ""}, {"debug", ""}, {"acl 1 permit 10.0.0.1", ""}, {"server 0 drain", ""}, {"events /f", ""}, {"", ""}, {"\"", ""}, {"bogus", ""},
	} {
		f := &fake{t: t, owner: true}
		_, is, err := Act(f, Who{Owner: true}, tt[0])
		if got := strings.Join(f.asked, "|"); got != tt[1] || is != (tt[1] != "") || err != nil {
			t.Errorf("%s: asked for %q, %t, %v", tt[0], got, is, err)
		}
	}
}

// questions change nothing, whatever is in force.
func questions() (lines []string) {
	for _, v := range settings() {
		lines = append(lines, v.name)
		if v.group == Service {
			lines = append(lines, "service web "+v.name, "service nowhere "+v.name)
		}
	}
	for _, v := range severals() {
		lines = append(lines, v.name)
	}
	return append(lines, "mode", "check", "tarpit_limit", "tarpit_limit source", "service web check", "service nowhere mode", "", "# nothing", "poll", "no http")
}

// TestRefusedRequestsLeaveTheBase takes changes as a whole or not at all, and
// questions not as changes.
func TestRefusedRequestsLeaveTheBase(t *testing.T) {
	start, _ := apply(t, config.New(), whole+"acl office permit 10.0.0.0/8\nservice web listen 10.77.0.11:80\nservice web server x address 10.77.0.1")
	rapid.Check(t, func(t *rapid.T) {
		p := new(Parser)
		base := p.Run(Request{Base: start, Lines: said(t, "base", true), Who: Who{Owner: true}}).Config
		if base == nil {
			base = start
		}
		before := base.Clone()
		unchanged := func(what any) {
			if diff := cmp.Diff(before, base, compare); diff != "" {
				t.Fatalf("%v changed the base (-before +after):\n%s", what, diff)
			}
		}
		q := rapid.SampledFrom(questions()).Draw(t, "question")
		r := p.Run(Request{Base: base, Lines: []Line{{Text: q}}, Live: true})
		unchanged(q)
		if len(r.Problems) > 0 {
			t.Fatalf("%s: %v", q, r.Problems)
		}
		if d := Differences(base, r.Config); len(d) > 0 {
			t.Fatalf("%s: %v", q, d)
		}
		if diff := cmp.Diff(base.Services, r.Config.Services, compare); diff != "" {
			t.Fatalf("%s made a service: %s", q, diff)
		}
		wrong := append(said(t, "wrong", true), Line{Text: rapid.SampledFrom([]string{"bogus", "server 0 address 10.77.0.10", "client_acl none", "\"", "no service web now x"}).Draw(t, "bad")})
		r = p.Run(Request{Base: base, Lines: wrong, Who: Who{Owner: true}, Live: true})
		unchanged(wrong)
		if r.Config != nil || r.Reply != "" || r.Notes != nil || len(r.Problems) == 0 {
			t.Fatalf("%v: half taken: %+v", wrong, r)
		}
	})
}

// seeds begin the fuzzing of what a peer may write.
func seeds(f *testing.F) {
	for _, s := range []string{
		"debug 1\nserver 0 weight 3", "acl 1 deny 10.0.0.0/8", "no acl 1 at 1 force", "include made", "log made", "events made", "web_stats made", "write made",
		"diff made", "preview include made", "tarpit_hook made", "secret made", "service web listen 10.77.0.12:80\nservice web server a address 10.77.0.9",
		"no service default", "server 0 blacklist 1e9", "events 99999999999999999999", "undo 18446744073709551616", "help " + strings.Repeat("x", 5000),
		"service x servers", "service default server 0", "tarpit json json", "\"preview\" \"", "preview", "acl 5", "acl x", "check http body", "geoip made\nacl 1 deny country SE",
		"servers\x00", "no", "service", "service a", "no service", "watch 1", "begin", "recent -1", "flows 99999999999",
	} {
		f.Add(s)
	}
}

// FuzzOthers: whatever somebody who is not the owner says to a running Cygnet,
// no file is opened, nothing panics, and the base stays as it is.
func FuzzOthers(f *testing.F) {
	seeds(f)
	f.Chdir(f.TempDir())
	base, _, problems := new(Parser).Apply(config.New(), lines(whole+"acl 1 permit 10.77.0.66\ntarpit_acl 1"))
	if problems != nil {
		f.Fatal(problems)
	}
	before := base.Clone()
	f.Fuzz(func(t *testing.T, text string) {
		r := new(Parser).Run(Request{Base: base, Lines: lines(text), Live: true})
		if len(r.Files) > 0 {
			t.Fatalf("%q: read %q", text, r.Files)
		}
		if diff := cmp.Diff(before, base, compare); diff != "" {
			t.Fatalf("%q changed the base (-before +after):\n%s", text, diff)
		}
		if made, err := os.ReadDir("."); err != nil || len(made) > 0 {
			t.Fatalf("%q: made %v, %v", text, made, err)
		}
		if len(r.Problems) > 0 {
			return
		}
		for line := range strings.Lines(r.Reply) {
			if strings.HasPrefix(line, "error: ") || strings.HasPrefix(line, "hint: ") || strings.HasPrefix(line, "note: ") {
				t.Fatalf("%q: a reply that looks like another: %q", text, line)
			}
		}
		if text := Write(r.Config, base); len(text) == 0 {
			t.Fatal("nothing to write")
		}
		Delta(base, r.Config)
	})
}

// FuzzAct: no line panics; only the owner names files; and whatever is an
// action replies in whole lines.
func FuzzAct(f *testing.F) {
	seeds(f)
	cfg, _, _ := new(Parser).Apply(config.New(), lines(whole+"acl 1 permit 10.77.0.66\nserver 1 blacklist 9"))
	cfg.Services[0].Servers[0].Out = time.Now().Add(time.Hour)
	before := cfg.Clone()
	f.Fuzz(func(t *testing.T, text string) {
		for _, owner := range []bool{true, false} {
			actor := &fake{t: t, cfg: cfg, owner: owner}
			reply, is, err := Act(actor, Who{Owner: owner}, text)
			if !is && (reply != "" || err != nil || actor.asked != nil) {
				t.Fatalf("%q: no action, and yet %q, %v, %q", text, reply, err, actor.asked)
			}
			if err != nil && reply != "" || reply != "" && !strings.HasSuffix(reply, "\n") {
				t.Fatalf("%q: %q, %v", text, reply, err)
			}
			for _, asked := range actor.asked {
				what, file, _ := strings.Cut(asked, " ")
				if !owner && file != "" && (what == "write" || what == "diff") {
					t.Fatalf("%q: %s", text, asked)
				}
			}
			if diff := cmp.Diff(before, cfg, compare); diff != "" {
				t.Fatalf("%q changed the configuration:\n%s", text, diff)
			}
		}
	})
}

// TestReadingHasAnEnd has a name server take its time, for which everyone else
// would wait.
func TestReadingHasAnEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base, _ := apply(t, config.New(), whole)
		asked := 0
		p := &Parser{Resolve: func(string) ([]netip.Addr, error) {
			asked++
			time.Sleep(mostTime/2 + time.Second)
			return []netip.Addr{netip.AddrFrom4([4]byte{10, 77, 1, byte(asked)})}, nil
		}}
		text := "server 2 address a\nserver 3 address b\nserver 4 address c\ndebug 3"
		r := p.Run(Request{Base: base, Lines: lines(text), Who: Who{Owner: true}, Live: true})
		if want := []string{"f:2: it takes more than 10 seconds; the rest was not looked at"}; !slices.Equal(located(r.Problems), want) || asked != 2 {
			t.Errorf("problems %q after %d questions, want %q after 2", located(r.Problems), asked, want)
		}
		r = p.Run(Request{Base: base, Lines: lines("server 2 address a"), Live: true})
		if len(r.Problems) != 1 || asked != 2 {
			t.Errorf("others had %d names resolved, and were told %q", asked-2, located(r.Problems))
		}
	})
}
