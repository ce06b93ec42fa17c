// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"
	"github.com/muesli/termenv"

	"cygnet/internal/events"
)

// driveTarpit opens the tarpit's tab over what busy has.
func driveTarpit(t *testing.T, w, h int) *driven {
	f := newFake()
	busy(f)
	d := drive(t, f, w, h)
	return d.pass(time.Second).press("4")
}

func (d *driven) tarpit() *tarpitPanel { return d.m.panels[3].(*tarpitPanel) }

// scan has hits come, from sources of another network.
func (d *driven) scan(n int) *driven {
	for i := range n {
		d.f.hits.Add(hit(d.m.now, fmt.Sprintf("198.51.%d.%d", i/250, i%250), "10.0.0.200", 8080))
	}
	return d.pass(time.Second / 2)
}

func TestPauseFreezesWhatIsShown(t *testing.T) {
	for _, c := range []struct {
		name string
		keys []string
	}{
		{"hits", []string{"4"}}, {"sources", []string{"4", "v"}}, {"ports", []string{"4", "v", "v"}},
		{"addresses", []string{"4", "h"}}, {"by time", []string{"4", "v", "s"}}, {"flows", []string{"5"}}, {"log", []string{"6"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := driveTarpit(t, 120, 40).press(c.keys...).press("p")
			still := d.body()
			for range 5 {
				d.f.changed("uid 0 pid 1", "acl 1 deny 10.9.9.9", d.m.now)
				d.f.lines.Add("level=WARN msg=tea")
				d.scan(300)
				d.press("j", "k") // draws again
			}
			d.press("g", "G", "g", "esc")
			if c.name == "log" {
				d.press("G")
			}
			if diff := cmp.Diff(still, d.body()); diff != "" {
				t.Errorf("changed while paused (-before +after):\n%s", diff)
			}
			d.press("p")
			if d.body() == still {
				t.Error("nothing changed after the pause")
			}
		})
	}
}

func TestPauseLosesNoCount(t *testing.T) {
	d := driveTarpit(t, 120, 40).press("v", "p")
	d.shows("| 10.0.0.119 ", "|    22 ssh             30 ") // the tops beside the sources
	d.scan(1500).scan(1500).press("p")
	d.shows("| 10.0.0.200            3.0k ", "|  8080 http-alt      3.0k ")
	if got := d.m.live.catches.total; got != 60+3000 {
		t.Errorf("%d hits were counted, want 3060", got)
	}
	source := netip.MustParseAddr("198.51.2.7")
	p := d.tarpit()
	for _, k := range p.sources.ranks {
		if k.key == source && k.count != 2 {
			t.Errorf("%v came %d times, want 2", source, k.count)
		}
	}
	if len(p.sources.ranks) != 7+1500 {
		t.Errorf("%d sources, want 1507", len(p.sources.ranks))
	}
}

// TestSelectionStays has hits come while something is selected that is not the
// newest: it stays selected, and in its row of the screen.
func TestSelectionStays(t *testing.T) {
	d := driveTarpit(t, 80, 24).press("down", "down", "down")
	p := d.tarpit()
	chosen := func() events.Event { e, _ := d.m.see().catches.hit(p.hits.selected); return e }
	was, row := chosen(), p.hits.cursor-p.hits.top
	for range 4 {
		d.scan(400)
		d.m.View()
		if got := chosen(); got != was || p.hits.cursor-p.hits.top != row {
			t.Fatalf("in row %d is %v, want row %d and %v", p.hits.cursor-p.hits.top, got, row, was)
		}
	}
	oldest, _ := d.m.see().catches.hit(d.m.see().catches.first())
	if d.scan(1000); d.m.see().catches.first() == 0 || p.hits.cursor != hitsKept-1 || chosen() == oldest || chosen() == was {
		t.Errorf("row %d is selected, %v: what was is kept no more, so the oldest should be", p.hits.cursor, chosen())
	}
	d.press("g").scan(10)
	if got, _ := d.m.see().catches.hit(int(d.m.live.catches.total) - 1); p.hits.cursor != 0 || chosen() != got {
		t.Errorf("row %d is selected, %v, want the newest, %v", p.hits.cursor, chosen(), got)
	}
}

func TestSelectedSourceStays(t *testing.T) {
	d := driveTarpit(t, 80, 24).press("v", "down", "down")
	p := d.tarpit()
	was := p.sources.selected
	for i := range 5 {
		for range 100 {
			d.f.hits.Add(hit(d.m.now, fmt.Sprintf("192.0.2.%d", i), "10.0.0.200", 8080))
		}
		d.pass(time.Second)
		if got := p.sources.ranks[p.sources.cursor].key; got != was || p.sources.selected != was {
			t.Fatalf("%v is under the cursor, want %v", got, was)
		}
	}
	if p.sources.cursor != 2+5 {
		t.Errorf("row %d is selected, want 7: five came before it", p.sources.cursor)
	}
}

func TestTarpitFilter(t *testing.T) {
	for _, c := range []struct {
		keys, filter string
		want         int
	}{
		{"", "ssh", 30}, {"", "!ssh", 30}, {"", "203.0.113.70", 9}, {"", "10.0.0.100", 2}, {"", "445 203.0.113.71", 2}, {"", "nowhere", 0},
		{"v", "203.0.113.7", 7}, {"v", "203.0.113.71", 1}, {"vv", "telnet", 1}, {"vv", "microsoft", 1}, {"h", "10.0.0.13", 10},
	} {
		d := driveTarpit(t, 80, 24)
		for _, k := range c.keys {
			d.press(string(k))
		}
		d.press("/", c.filter, "enter")
		if got := d.tarpit().list().rows; got != c.want {
			t.Errorf("%s /%s: %d rows, want %d", d.tarpit().view, c.filter, got, c.want)
		}
		d.shows(fmt.Sprintf("%d /%s", c.want, c.filter))
		if c.want == 0 {
			d.shows("nothing matches /nowhere; esc shows all")
		}
		if d.press("esc"); d.tarpit().list().rows <= c.want && c.want != 7 {
			t.Errorf("%s /%s: esc leaves %d rows", d.tarpit().view, c.filter, d.tarpit().list().rows)
		}
	}
}

func TestTarpitSort(t *testing.T) {
	d := driveTarpit(t, 80, 24)
	d.f.hits.Add(hit(d.m.now, "192.0.2.1", "10.0.0.1", 99))
	d.pass(time.Second).press("v")
	if got := d.tarpit().sources.keys[7]; got != netip.MustParseAddr("192.0.2.1") {
		t.Errorf("by hits, the last is %v, want the one that came once", got)
	}
	d.press("s").shows("LAST SEEN" + d.m.theme.marks.down)
	if got := d.tarpit().sources.keys[0]; got != netip.MustParseAddr("192.0.2.1") {
		t.Errorf("by time, the first is %v, want the one that came last", got)
	}
}

// TestTarpitSaysWhatIsMissing: numbers are not what they seem when the rest
// came too fast, or when rare ones were forgotten.
func TestTarpitSaysWhatIsMissing(t *testing.T) {
	d := driveTarpit(t, 80, 24)
	d.shows("held now -", "246 captured", "list 1")
	if body := d.body(); strings.Contains(body, "counted") || strings.Contains(body, "bounds") {
		t.Errorf("nothing is missing, but:\n%s", body)
	}
	d.f.set(func(s *Sight) {
		snap := *s.Snapshot
		snap.Time, snap.Tarpit.HitsLost = snap.Time.Add(time.Second), 1000
		s.Snapshot = &snap
	})
	d.give(tickMsg(d.m.now.Add(time.Second)))
	d.shows("counted 1.1k, seen 60: the rest came too fast")
	for range 12 {
		for i := range 1000 {
			d.f.hits.Add(hit(d.m.now, fmt.Sprintf("2001:db8:%x::%x", d.n, i), "10.0.0.1", 1))
		}
		d.pass(time.Second)
	}
	d.shows("(lower bounds)")
}

// TestIdleTabsAreSilent: while nothing comes, nothing is drawn.
func TestIdleTabsAreSilent(t *testing.T) {
	d := driveTarpit(t, 120, 40)
	idle := func(after time.Duration) {
		at := noon.Add(10*time.Second + after)
		d.f.set(func(s *Sight) { s.Snapshot, s.Heard = sample(at, 5), at })
		d.give(tickMsg(at))
	}
	for _, keys := range [][]string{{"4"}, {"v"}, {"v"}, {"v"}, {"5"}, {"6"}} {
		d.press(keys...)
		idle(0)
		idle(longAgo) // the shares of the last seconds are of none by then
		idle(2 * longAgo)
		before := d.body()
		for s := range time.Duration(20) {
			idle(2*longAgo + s*time.Second)
		}
		if diff := cmp.Diff(before, d.body()); diff != "" {
			t.Errorf("after %q (-before +after):\n%s", keys, diff)
		}
	}
}

// TestTarpitSidebar: beside each list are the tops of two others.
func TestTarpitSidebar(t *testing.T) {
	d := driveTarpit(t, 120, 40)
	const sources, ports, addresses = "| 203.0.113.73 ", "|    22 ssh ", "| 10.0.0.119 "
	for _, want := range [][2]string{{sources, ports}, {addresses, ports}, {sources, addresses}, {sources, ports}, {sources, ports}} {
		d.shows(want[0], want[1])
		if n := strings.Count(d.body(), "-Top "); n != 2 {
			t.Errorf("%d tops, want 2", n)
		}
		d.press("v")
	}
	d.m.View()
	d.scan(300).shows("|  8080 http-alt       300")
}

func TestTarpitTimes(t *testing.T) {
	s := &scene{reading: &reading{snap: sample(noon, 1)}}
	for at, want := range map[time.Time]string{
		noon.Add(-time.Hour): "11:04:31", noon.Add(-13 * time.Hour): "Nov 24", noon.AddDate(-1, 0, 0): "Nov 25", noon.Add(time.Second): "12:04:32",
	} {
		if got := when(s, at); got != want {
			t.Errorf("%v: %s, want %s", at, got, want)
		}
	}
}

// TestTarpitMouse has the mouse do what keys do.
func TestTarpitMouse(t *testing.T) {
	d := driveTarpit(t, 80, 24)
	d.m.View()
	l, p := d.m.layout(), d.tarpit()
	at := func(y int, b tea.MouseButton) int {
		d.give(tea.MouseMsg{Y: l.body + y, Action: tea.MouseActionPress, Button: b})
		return p.hits.cursor
	}
	for _, c := range []struct {
		y    int
		b    tea.MouseButton
		want int
	}{{3, tea.MouseButtonLeft, 0}, {8, tea.MouseButtonLeft, 5}, {1, tea.MouseButtonLeft, 5}, {4, tea.MouseButtonWheelDown, 8}, {4, tea.MouseButtonWheelUp, 5}} {
		if got := at(c.y, c.b); got != c.want || p.hits.selected != p.hits.keys[c.want] {
			t.Errorf("%v in row %d: row %d is selected, want %d", c.b, c.y, got, c.want)
		}
	}
}

// TestTabsAreFresh: a tab that was not shown has what happened meanwhile.
func TestTabsAreFresh(t *testing.T) {
	f := newFake()
	busy(f)
	d := drive(t, f, 80, 24)
	d.press("4").shows("203.0.113.73")
	d.press("5").shows("web-01")
	d.press("6").shows("address announced 10.0.0.10")
}

func TestTarpitOff(t *testing.T) {
	f := newFake()
	f.set(func(s *Sight) { s.Snapshot.Tarpit.List = "" })
	drive(t, f, 80, 24).press("4").shows("the tarpit is off")
}

func TestTarpitDetails(t *testing.T) {
	d := driveTarpit(t, 80, 24).press("enter")
	d.shows("source 203.0.113.73", "hits       9", "different", "22 ssh", "2026-11-25 12:04:30  203.0.113.73")
	if strings.Contains(d.body(), "203.0.113.72") {
		t.Errorf("shows hits of another source:\n%s", d.body())
	}
	d.press("esc", "v", "v", "enter").shows("port 22 ssh", "hits       30")
	d.press("esc", "v", "enter").shows("captured address 10.0.0.1", "hits       2")
}

// TestTarpitFits draws all lists in all sizes.
func TestTarpitFits(t *testing.T) {
	fits(t, func(d *driven) {
		d.f.hits.Add(hit(noon, "2001:db8:1234:5678:9abc:def0:1234:5678", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff", 65535))
		d.scan(200).press("4", "down")
	}, "", "v", "v", "v", "s")
}

// fits draws a panel in all sizes, after keys, and counts its cells.
func fits(t *testing.T, begin func(d *driven), keys ...string) {
	themes := []*Theme{NewTheme(UTF8, termenv.ANSI, false), NewTheme(Console, termenv.ANSI, true), NewTheme(ASCII, termenv.Ascii, false)}
	f := newFake()
	busy(f)
	d := drive(t, f, 80, 24)
	begin(d)
	for _, k := range keys {
		if k != "" {
			d.press(k)
		}
		draw := func(w, h int) {
			d.m.theme = themes[(w+h)%3]
			d.m.w, d.m.h = w, h
			lines := d.m.panel().render(d.m, w, h)
			if len(lines) != h {
				t.Fatalf("after %q, %dx%d: %d rows", k, w, h, len(lines))
			}
			for _, l := range lines {
				if got := ansi.StringWidth(l); got != w {
					t.Fatalf("after %q, %dx%d: %d cells: %q", k, w, h, got, l)
				}
			}
		}
		for w := 60; w <= 240; w++ {
			for _, h := range []int{8, 9, 10, 11, 16, 24, 40} {
				draw(w, h)
			}
		}
		for h := 8; h <= 60; h++ {
			for _, w := range []int{60, 80, 109, 110, 111, 120, 240} {
				draw(w, h)
			}
		}
	}
}

// TestHostileTextInTheTabs: what came off the wire never reaches the screen as it is.
func TestHostileTextInTheTabs(t *testing.T) {
	f := newFake()
	evil := "%\x1b]0;evil\a\x1b[2J\x9b31m\u202e\r\n\te\u0301"
	for i := range 30 {
		f.hits.Add(hit(noon, fmt.Sprintf("fe80::%x", i+1)+evil, "fe80::ffff"+evil, 22))
	}
	f.changes.Add(events.Event{Kind: events.Conflict, Time: noon, Who: evil, Service: evil, Text: evil, Addr: netip.MustParseAddr("fe80::1" + evil)})
	f.lines.Add("level=ERROR msg=" + evil)
	for _, keys := range [][]string{
		{"1"}, {"4"}, {"4", "enter"}, {"4", "v"}, {"4", "v", "enter"}, {"4", "v", "v", "enter"}, {"4", "h"}, {"4", "h", "enter"},
		{"4", "x"}, {"4", "I"}, {"4", "x", "enter"}, {"5"}, {"6"}, {"6", "enter"}, {"6", "g", "enter"}, {"6", "/", evil, "enter"}, {"4", "/", evil, "enter"},
	} {
		for _, w := range []int{80, 160} {
			d := drive(t, f, w, 40)
			d.m.theme = NewTheme(UTF8, termenv.Ascii, false).Blank() // no sequence of our own
			d.pass(time.Second).press(keys...)
			for i, r := range d.m.View() {
				if r != '\n' && !d.m.theme.shows(r) {
					t.Fatalf("after %q at %d cells: %q reaches the screen: %q", keys, w, r, d.m.View()[max(i-20, 0):i+10])
				}
			}
		}
	}
	for _, line := range f.asked {
		if !strings.Contains(line, "deny fe80::1e\npreview") {
			t.Errorf("asked %q, want the source without its zone", line)
		}
	}
	if len(f.asked) == 0 {
		t.Error("nothing was asked")
	}
}
