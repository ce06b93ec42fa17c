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

	"cygnet/engine"
	"cygnet/internal/events"
	"cygnet/internal/holds"
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
		{"hits", []string{"4"}}, {"sources", []string{"4", "v"}}, {"networks", []string{"4", "v", "v"}}, {"ports", []string{"4", "v", "v", "v"}},
		{"countries", []string{"4", "h", "h", "h"}}, {"longest", []string{"4", "h", "h"}}, {"addresses", []string{"4", "h"}},
		{"by time", []string{"4", "h", "s"}}, {"flows", []string{"5"}}, {"log", []string{"6"}},
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

// TestPauseKeepsHistory: what is drawn of the past stays, also where it is full.
func TestPauseKeepsHistory(t *testing.T) {
	d := driveTarpit(t, 120, 40)
	for range kept {
		d.m.live.history.add(d.m.live.reading)
	}
	d.press("p")
	frozen := d.m.see().history
	was := append([]float64(nil), frozen.held.values...)
	d.m.live.reading.snap.Tarpit.Holds.Now = 9
	for range kept / 2 {
		d.m.live.history.add(d.m.live.reading)
	}
	if diff := cmp.Diff(was, frozen.held.values); diff != "" {
		t.Errorf("changed while paused (-before +after):\n%s", diff)
	}
}

func TestPauseLosesNoCount(t *testing.T) {
	d := driveTarpit(t, 120, 40).press("h", "p")
	d.shows("10.0.0.119          2")
	d.scan(1500).scan(1500).press("p", "g").shows("10.0.0.200       3.0k")
	if got := d.m.live.catches.total; got != busyHits+3000 {
		t.Errorf("%d events were counted, want %d", got, busyHits+3000)
	}
	sources := d.m.live.catches.sources
	if got := sources[netip.MustParseAddr("198.51.2.7")].count; got != 2 || len(sources) != 7+1500 {
		t.Errorf("one of %d sources came %d times, want 1507 and 2", len(sources), got)
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

// snapshot gives the balancer another snapshot, and lets a second pass.
func (d *driven) snapshot(change func(s *engine.Snapshot)) *driven {
	d.n++
	at := d.m.now.Add(time.Second)
	d.f.set(func(s *Sight) {
		s.Snapshot, s.Heard = sample(at, d.n), at
		change(s.Snapshot)
	})
	d.give(tickMsg(at))
	return d
}

// TestSelectedSourceStays has others come before what is selected.
func TestSelectedSourceStays(t *testing.T) {
	d := driveTarpit(t, 80, 24).press("v", "down", "down")
	sources := &d.tarpit().chosen[viewSources]
	was := sources.selected
	for n := range 5 {
		d.snapshot(func(s *engine.Snapshot) {
			for i := range n + 1 {
				one := holds.Source{Addr: netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}), Tally: holds.Tally{Verified: 1000}}
				s.Tarpit.Holds.Sources = append(s.Tarpit.Holds.Sources, one)
			}
		})
		if got := sources.keys[sources.cursor]; got != was || sources.selected != was {
			t.Fatalf("%v is under the cursor, want %v", got, was)
		}
	}
	if sources.cursor != 2+5 {
		t.Errorf("row %d is selected, want 7: five came before it", sources.cursor)
	}
}

func TestTarpitFilter(t *testing.T) {
	for _, c := range []struct {
		keys, filter string
		want         int
	}{
		{"", "ssh", 31}, {"", "!ssh", 32}, {"", "203.0.113.70", 9}, {"", "10.0.0.100", 2}, {"", "445 203.0.113.71", 2}, {"", "nowhere", 0},
		{"", "escaped", 1}, {"", "verified", 1}, {"", "captured", 1},
		{"v", "203.0.113.7", 7}, {"v", "203.0.113.71", 1}, {"v", "nl", 3}, {"v", "!held", 1}, {"v", "nowhere", 0}, {"vv", "192", 1},
		{"vvv", "telnet", 1}, {"vvv", "microsoft", 1}, {"vvvv", "br", 1}, {"hh", "over", 3}, {"hh", "ssh", 3}, {"hh", "10.0.0.103", 1}, {"h", "10.0.0.13", 10},
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
		if d.press("esc"); d.tarpit().list().rows <= c.want {
			t.Errorf("%s /%s: esc leaves %d rows", d.tarpit().view, c.filter, d.tarpit().list().rows)
		}
	}
}

func TestTarpitSort(t *testing.T) {
	d := driveTarpit(t, 80, 24)
	d.f.hits.Add(hit(d.m.now, "192.0.2.1", "10.0.0.1", 99))
	d.pass(time.Second).press("h")
	d.inOrderOf("HITS"+d.m.theme.marks.down, "> 10.0.0.119", "10.0.0.118")
	d.press("s").inOrderOf("LAST SEEN"+d.m.theme.marks.down, "> 10.0.0.1 ", "10.0.0.119")
	for _, c := range []struct {
		keys                 []string
		title, first, second string
	}{
		{[]string{"4", "v"}, "VERIFIED", "203.0.113.76", "203.0.113.75"}, {[]string{"4", "v", "s"}, "LAST SEEN", "192.0.2.200", "203.0.113.75"},
		{[]string{"4", "v", "v"}, "VERIFIED", "203.0.113.0/24", "192.0.2.0/24"}, {[]string{"4", "v", "v", "v"}, "SYNS", "22 ssh", "3389 ms-wbt"},
		{[]string{"4", "h", "h", "h"}, "VERIFIED", "NL", "BR"}, {[]string{"4", "h", "h"}, "HELD", "203.0.113.76:40000", "203.0.113.75:40777"},
	} {
		driveTarpit(t, 80, 24).press(c.keys...).inOrderOf(c.title+"v", c.first, c.second)
	}
}

// TestTarpitSaysWhatIsMissing: numbers are not what they seem when the rest
// came too fast, or when rare ones were forgotten.
func TestTarpitSaysWhatIsMissing(t *testing.T) {
	d := driveTarpit(t, 80, 24)
	if body := d.body(); strings.Contains(body, "counted") || strings.Contains(body, "bounds") {
		t.Errorf("nothing is missing, but:\n%s", body)
	}
	d.snapshot(func(s *engine.Snapshot) { s.Tarpit.HitsLost = 1000 })
	d.shows("counted 1.1k, seen 63: the rest came too fast")
	for range 12 {
		for i := range 1000 {
			d.f.hits.Add(hit(d.m.now, "192.0.2.1", fmt.Sprintf("2001:db8:%x::%x", d.n, i), 1))
		}
		d.pass(time.Second)
	}
	d.press("h").shows("these are lower bounds")
}

// TestIdleTabsAreSilent: while nothing comes, nothing is drawn.
func TestIdleTabsAreSilent(t *testing.T) {
	d := driveTarpit(t, 120, 40)
	idle := func(after time.Duration) {
		at := noon.Add(10*time.Second + after)
		d.f.set(func(s *Sight) { s.Snapshot, s.Heard = sample(at, 5), at })
		d.give(tickMsg(at))
	}
	for s := range 100 { // until the line of what is held is full
		idle(time.Duration(s-200) * time.Second)
	}
	for _, keys := range [][]string{{"4"}, {"v"}, {"v"}, {"v"}, {"v"}, {"v"}, {"v"}, {"5"}, {"6"}} {
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
	const sources, ports, longest = "| 192.0.2.200          200 ", "|    22 ssh             18 ", "| 203.0.113.76:40000       2d23h open"
	d.inOrderOf(sources, "| 203.0.113.76          18 ") // by SYNs, not by who proved to be there
	for _, want := range [][2]string{
		{sources, ports}, {longest, ports}, {sources, ports}, {sources, longest}, {sources, ports}, {sources, ports}, {sources, ports},
	} {
		d.shows(want[0], want[1]).inOrderOf(want[0], want[1])
		d.press("v")
	}
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
	first := p.hits.y
	for _, c := range []struct {
		y    int
		b    tea.MouseButton
		want int
	}{
		{first, tea.MouseButtonLeft, 0}, {first + 5, tea.MouseButtonLeft, 5}, {first - 1, tea.MouseButtonLeft, 5},
		{first + 1, tea.MouseButtonWheelDown, 8}, {first + 1, tea.MouseButtonWheelUp, 5},
	} {
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

func TestTarpitDetails(t *testing.T) {
	d := driveTarpit(t, 120, 40).press("end", "enter").shows("captured address 10.0.0.140", "10.0.0.140 captured: nobody holds it")
	d.press("esc", "up", "enter").shows("source 203.0.113.70", "seen here  9 hits", "4 different ports")
	d.press("esc", "g", "down", "enter").shows("source 203.0.113.72", "3389 ms-wbt-server escaped, held 3h05m")
	if strings.Contains(d.body(), "203.0.113.73") {
		t.Errorf("shows hits of another source:\n%s", d.body())
	}
	d.press("esc", "v", "down", "enter").shows("source 203.0.113.75", "SYNs       16", "held       70 now; 3d23h all together", "country    BR",
		"its connections, of the longest:", "203.0.113.75:40777    to 10.0.0.101:23           1d23h over")
	d.press("esc", "v", "enter").shows("network 203.0.113.0/24", "its sources, of those that were caught most:", "203.0.113.74  14 SYNs, 3 verified, 60 held now, held 2d12h")
	if strings.Contains(d.body(), "192.0.2.200") {
		t.Errorf("shows sources of another network:\n%s", d.body())
	}
	d.press("esc", "v", "down", "enter").shows("port 3389 ms-wbt-server", "SYNs       14", "escaped, held 3h05m")
	d.press("esc", "v", "enter").shows("country NL", "203.0.113.73")
	d.press("esc", "v", "down", "enter").shows("hold of 203.0.113.75:40777", "captured   10.0.0.101:23 telnet", "held       1d23h, and it is over", "its source, 203.0.113.75:", "SYNs       16")
	d.press("esc", "v", "enter").shows("captured address 10.0.0.1", "hits")
}

// TestTarpitDetailsAreLive: a hold goes on while it is looked at, and is over.
func TestTarpitDetailsAreLive(t *testing.T) {
	d := driveTarpit(t, 80, 24).press("h", "h", "enter").shows("2d23h, and it goes on")
	d.snapshot(func(s *engine.Snapshot) { s.Tarpit.Holds.Longest[0].Held += time.Hour }).shows("3d00h, and it goes on")
	d.snapshot(func(s *engine.Snapshot) { s.Tarpit.Holds.Longest[0].Open = false }).shows("and it is over")
	d.snapshot(func(s *engine.Snapshot) { s.Tarpit.Holds.Longest = nil }).shows("no more among the longest")
}

// TestTarpitFits draws all lists in all sizes.
func TestTarpitFits(t *testing.T) {
	fits(t, func(d *driven) {
		d.f.hits.Add(hit(noon, "2001:db8:1234:5678:9abc:def0:1234:5678", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff", 65535))
		d.scan(200).press("4", "down")
	}, "", "v", "v", "v", "v", "v", "v", "s")
}

// TestTarpitBookFits draws a book of IPv6 in all sizes, with every note there is.
func TestTarpitBookFits(t *testing.T) {
	fits(t, func(d *driven) {
		d.press("4").snapshot(func(s *engine.Snapshot) { hostileBook(s, ""); s.Standby, s.Tarpit.Capture.Passive = true, true })
	}, "v", "v", "v", "v", "v", "s", "G")
}

// TestTarpitHostile: the book may come over a socket, and say anything.
func TestTarpitHostile(t *testing.T) {
	evil := "\x1b]0;owned\x07\u202e\u0085\x0e"
	for _, g := range []Glyphs{UTF8, Console, ASCII} {
		d := drive(t, newFake(), 120, 40).snapshot(func(s *engine.Snapshot) { hostileBook(s, evil) })
		d.m.theme = NewTheme(g, termenv.Ascii, false).Blank()
		for _, key := range []string{
			"4", "v", "j", "enter", "esc", "x", "esc", "I", "esc", "s", "v", "enter", "esc", "x", "esc", "v", "enter", "esc", "v", "enter", "esc",
			"v", "enter", "esc", "x", "esc", "I", "esc", "1",
		} {
			d.press(key)
			if harmless(t, d.m.View()); t.Failed() {
				t.Fatalf("after %q", key)
			}
		}
		d.press("4", "h", "h")
		for v := range tarpitViews {
			if n := len(rowsOf(v, d.m.live.book())); n > holds.Rows {
				t.Errorf("%v: %d rows are listed", v, n)
			}
		}
	}
}

// hostileBook fills a book with more than there can be, and with zones and
// countries that hold a text.
func hostileBook(s *engine.Snapshot, evil string) {
	tally := holds.Tally{SYNs: 1 << 63, Verified: 1 << 62, Now: 1 << 61, Held: 1<<63 - 1}
	b := &holds.Stats{Now: 1 << 63, Total: -1 << 63, Verified: 1 << 63, Unverified: 1 << 63, Escaped: 1 << 63, Backscatter: 1 << 63, Bytes: 1 << 63}
	for i := range 3 * holds.Rows {
		addr := netip.MustParseAddr(fmt.Sprintf("fe80:1234:5678:9abc:def0:1234:5678:%x", i)).WithZone(evil)
		from := netip.AddrPortFrom(addr, 65535)
		b.Sources = append(b.Sources, holds.Source{Addr: addr, Country: evil + "NETHERLANDS", Tally: tally})
		b.Networks = append(b.Networks, holds.Network{Prefix: netip.PrefixFrom(addr, 48), Tally: tally}, holds.Network{})
		b.Ports = append(b.Ports, holds.Port{Port: uint16(65535 - i), Tally: tally})
		b.Countries = append(b.Countries, holds.Country{Code: evil + "N", Tally: tally})
		b.Longest = append(b.Longest, holds.Hold{Source: from, Captured: from, Country: evil, Held: -1 << 63, Open: i%2 == 0}, holds.Hold{})
	}
	s.Tarpit.Holds, s.Tarpit.List = b, "1"+evil
	c := &s.Tarpit.Capture
	c.Free, c.Owned, c.Conflicts, c.Suspended, c.RepliesLimited, c.VerifyLimited = 1<<63, 1<<63, 1<<63, 1<<63, 1<<63, 1<<63
	s.Reasons[engine.CapturedLimited].Frames = 1 << 63
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
		{"1"}, {"4"}, {"4", "enter"}, {"4", "v"}, {"4", "v", "enter"}, {"4", "v", "v", "enter"}, {"4", "v", "v", "v", "enter"}, {"4", "h", "h"}, {"4", "h", "h", "enter"}, {"4", "h"}, {"4", "h", "enter"},
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
