// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package headless

import (
	"bytes"
	"errors"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"cygnet/acl"
	"cygnet/engine"
	"cygnet/internal/holds"
	"cygnet/internal/sched"
	"cygnet/internal/wire"
)

// busy is a snapshot in which every part of a page has something to say.
func busy(seconds int, frames uint64) *engine.Snapshot {
	s := snapshot(seconds, frames)
	web := &s.Services[0]
	web.Proto, web.Mode = wire.ProtoTCP, sched.RoundRobin
	web.Servers = []engine.ServerSnapshot{
		{
			Server: engine.Server{Number: 1, Name: "alpha", Addr: netip.MustParseAddr("10.77.0.1"), Weight: 5},
			MAC:    wire.MAC{2, 0, 0, 0, 0, 1}, Traffic: engine.Traffic{Frames: frames, Bytes: 125 * frames}, Flows: 7,
			Health: engine.Health{Check: "http", Why: "http 503 from VIP"}, // it is over
		},
		{Server: engine.Server{Number: 2, Addr: netip.MustParseAddr("10.77.0.2"), State: engine.Draining}, MAC: wire.MAC{2, 0, 0, 0, 0, 2}},
		{Server: engine.Server{Number: 3, Addr: netip.MustParseAddr("10.77.0.3")}},
		{
			Server: engine.Server{Number: 4, Addr: netip.MustParseAddr("10.77.0.4")}, MAC: wire.MAC{2, 0, 0, 0, 0, 4},
			Health: engine.Health{Check: "http", State: engine.HealthDown, Why: "http 503 from <VIP>"},
		},
	}
	web.Flows = 12
	web.Emergency = &engine.ServerSnapshot{Server: engine.Server{Number: -1, Name: "emergency", Addr: netip.MustParseAddr("10.77.0.5")}, Flows: 5}
	s.Flows = engine.FlowTable{Room: 65536, Open: 12, Opening: 2, Closing: 3, Unstored: 1, Clients: 4}
	s.Services = append(s.Services, engine.ServiceSnapshot{
		Service: engine.Service{Name: "dns", VIP: netip.MustParseAddr("2001:db8::53")},
		Address: engine.AddressSnapshot{State: engine.Taken, Rival: wire.MAC{2, 0, 0, 0, 0, 9}},
	})
	s.Lists = []engine.ListSnapshot{{
		Name: "0", Hits: []uint64{12, 3}, Misses: 4, Default: acl.Permit,
		Rules: []acl.Rule{{Action: acl.Permit, Prefix: netip.MustParsePrefix("10.0.0.0/8")}, {Country: "SE"}},
	}}
	s.Tarpit = engine.TarpitSnapshot{
		List: "0", Addresses: 200, HitsLost: 2, Holds: &holds.Stats{Now: 21, Verified: 33, Escaped: 12, Total: 50 * time.Hour},
	}
	return s
}

func info() PageInfo {
	return PageInfo{
		Version: "v1.2.3", Interface: "eth1", LinkUp: true, Every: 5 * time.Second,
		Link: wire.LinkStats{KernelDrops: 3, SendDown: 1},
	}
}

func write(t *testing.T, p *Page, s *engine.Snapshot, more PageInfo) string {
	t.Helper()
	var b bytes.Buffer
	if err := p.Write(&b, s, more); err != nil {
		t.Fatal(err)
	}
	soundHTML(t, b.String())
	return b.String()
}

// soundHTML fails unless each element is closed where it should be, and nothing
// runs or is loaded from elsewhere.
func soundHTML(t *testing.T, page string) {
	t.Helper()
	const elements = "html head title style body h1 h2 p span div table thead tbody tr th td time"
	const attributes = "lang charset http-equiv content name class scope colspan datetime"
	if !strings.HasPrefix(page, "<!DOCTYPE html>\n<html") {
		t.Errorf("the page begins with %.30q", page)
	}
	var open []string
	for z := html.NewTokenizer(strings.NewReader(page)); ; {
		switch z.Next() {
		case html.ErrorToken:
			if !errors.Is(z.Err(), io.EOF) || len(open) > 0 {
				t.Errorf("the page ends with %v and %q open", z.Err(), open)
			}
			return
		case html.StartTagToken:
			tag := z.Token()
			if tag.Data != "meta" {
				open = append(open, tag.Data)
				if !slices.Contains(strings.Fields(elements), tag.Data) {
					t.Errorf("%s is on the page", tag)
				}
			}
			for _, a := range tag.Attr {
				if !slices.Contains(strings.Fields(attributes), a.Key) {
					t.Errorf("%s is on the page", tag)
				}
			}
		case html.EndTagToken:
			tag := z.Token()
			if len(open) == 0 || open[len(open)-1] != tag.Data {
				t.Fatalf("%s closes %q", tag, open)
			}
			open = open[:len(open)-1]
		}
	}
}

// TestPageIsGolden compares with testdata/status.golden.html; with
// CYGNET_UPDATE=1 in the environment it writes it.
func TestPageIsGolden(t *testing.T) {
	p := NewPage()
	write(t, p, busy(10, 1000), info())
	now := busy(15, 21000)
	now.Services[0].Serving = engine.ServingPanic
	got := write(t, p, now, info())
	golden := filepath.Join("testdata", "status.golden.html")
	if os.Getenv("CYGNET_UPDATE") == "1" {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(content(t, golden), got); diff != "" {
		t.Errorf("CYGNET_UPDATE=1 go test ./internal/headless writes the new one (-want +got):\n%s", diff)
	}
}

func TestPageOfNothing(t *testing.T) {
	page := write(t, NewPage(), &engine.Snapshot{}, PageInfo{LinkUp: true})
	for _, want := range []string{"before the engine began", "just started", ": starting"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not on the page", want)
		}
	}
	if strings.Contains(page, `http-equiv="refresh"`) || strings.Contains(page, "Rates") {
		t.Error("the page is loaded anew, or has rates of no time")
	}
}

func TestPageEscapesWhatIsHostile(t *testing.T) {
	const evil = `"'><script>alert(1)</script></title></style><!--`
	s := busy(10, 1000)
	s.Services[0].Name, s.Services[0].Servers[0].Name = evil, evil
	s.Services[0].Servers[3].Health.Why = evil
	s.Lists[0].Name, s.Lists[0].Rules[1].Country, s.Tarpit.List = evil, evil, evil
	more := info()
	more.Version, more.Interface = evil, evil
	page := write(t, NewPage(), s, more) // looks for elements, too
	if n := strings.Count(html.UnescapeString(page), evil); n != 9 {
		t.Errorf("the hostile name is %d times on the page, want 9: twice the interface, and seven others", n)
	}
}

func TestPageSaysWhetherItForwards(t *testing.T) {
	tests := []struct {
		name string
		edit func(s *engine.Snapshot, more *PageInfo)
		want string
		bad  bool
	}{
		{"all services", func(s *engine.Snapshot, _ *PageInfo) { s.Services = s.Services[:1] }, "forwarding", false},
		{"one service's address is taken", func(*engine.Snapshot, *PageInfo) {}, "forwarding for 1 of 2 services", true},
		{"no server's MAC is known", func(s *engine.Snapshot, _ *PageInfo) { s.Services[0].Servers[0].MAC = wire.MAC{} },
			"not forwarding, no service has both its address and a server", true},
		{"the only server drains", func(s *engine.Snapshot, _ *PageInfo) { s.Services[0].Servers[0].State = engine.Draining },
			"not forwarding, no service has both its address and a server", true},
		{"the only server is down", func(s *engine.Snapshot, _ *PageInfo) { s.Services[0].Servers[0].Health.State = engine.HealthDown },
			"not forwarding, no service has both its address and a server", true},
		{"it serves all the same", func(s *engine.Snapshot, _ *PageInfo) {
			s.Services[0].Servers[0].Health.State, s.Services[0].Serving = engine.HealthDown, engine.ServingFailOpen
		}, "forwarding for 1 of 2 services", true},
		{"the emergency server serves", func(s *engine.Snapshot, _ *PageInfo) {
			s.Services[0].Servers, s.Services[0].Serving = nil, engine.ServingEmergency
		}, "forwarding for 1 of 2 services", true},
		{"nobody serves", func(s *engine.Snapshot, _ *PageInfo) { s.Services[0].Serving = engine.ServingNobody },
			"not forwarding, no service has both its address and a server", true},
		{"a service is disabled", func(s *engine.Snapshot, _ *PageInfo) { s.Services[0].Disabled = true },
			"not forwarding, no service has both its address and a server", true},
		{"standby", func(s *engine.Snapshot, _ *PageInfo) { s.Standby = true }, "standing by, answers for no service", false},
		{"link down", func(_ *engine.Snapshot, more *PageInfo) { more.LinkUp = false }, "not forwarding, the link is down", true},
		{"tarpit alone", func(s *engine.Snapshot, _ *PageInfo) { s.Services = nil }, "a tarpit alone, there is no service", false},
		{"nothing", func(s *engine.Snapshot, _ *PageInfo) { s.Services, s.Tarpit.List = nil, "" }, "idle, there is no service", false},
		{"before the first tick", func(s *engine.Snapshot, _ *PageInfo) { s.Time = time.Time{} }, "starting", false},
		{"stopped", func(_ *engine.Snapshot, more *PageInfo) { more.Stopped = true }, "stopped", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, more := busy(10, 1000), info()
			tt.edit(s, &more)
			if got, bad := condition(s, more); got != tt.want || bad != tt.bad {
				t.Errorf("%q, bad %v; want %q, %v", got, bad, tt.want, tt.bad)
			}
			if page := write(t, NewPage(), s, more); !strings.Contains(page, ">"+tt.want+"</span></h1>") {
				t.Errorf("%q is not in the heading", tt.want)
			}
		})
	}
}

func TestPageRates(t *testing.T) {
	at := func(seconds int, bytes uint64, addr string) *engine.Snapshot {
		s := busy(seconds, 0)
		s.Services[0].Servers[0].Traffic.Bytes = bytes
		s.Services[0].Servers[0].Addr = netip.MustParseAddr(addr)
		return s
	}
	tests := []struct {
		name      string
		last, now *engine.Snapshot
		want      string // bit/s of server 1
		over      string
	}{
		{"since the start", nil, at(10, 1000, "10.0.0.1"), "800", "since the start, 10 s"},
		{"since the page before", at(10, 1000, "10.0.0.1"), at(15, 2000, "10.0.0.1"), "1.6 k", "since the page before, 5 s"},
		{"another host has its number", at(10, 1000, "10.0.0.1"), at(15, 2000, "10.0.0.2"), "3.2 k", "since the page before, 5 s"},
		{"counted anew", at(10, 1000, "10.0.0.1"), at(15, 500, "10.0.0.1"), "0", "since the page before, 5 s"},
		{"no tick between", at(10, 1000, "10.0.0.1"), at(10, 1000, "10.0.0.1"), "0", ""},
		{"before the first tick", &engine.Snapshot{}, at(10, 1000, "10.0.0.1"), "800", "since the start, 10 s"},
	}
	for _, tt := range tests {
		d := newPageData(tt.now, tt.last, info())
		over := ""
		if d.Rates != nil {
			over = d.Rates.Over
		}
		if got := d.Services[0].Servers[0].Bits; got != tt.want || over != tt.over {
			t.Errorf("%s: %q %q, want %q %q", tt.name, got, over, tt.want, tt.over)
		}
	}
}

func TestPageShowsTheFirstOfVeryManyRules(t *testing.T) {
	l := engine.ListSnapshot{Rules: make([]acl.Rule, pageRules+10), Hits: make([]uint64, pageRules+5), Misses: 9}
	for i := range l.Hits { // shorter than Rules, and nothing breaks
		l.Hits[i] = 1
	}
	rows := listRows(l)
	want := []pageRow{{"", "and 10 more", 5}, {"", "default deny", 9}}
	if diff := cmp.Diff(want, rows[pageRules:]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestQuantityAndSpan(t *testing.T) {
	for n, want := range map[float64]string{
		0: "0", 0.04: "0", 0.4: "0.4", 9: "9", 99.94: "99.9", 99.96: "100", 999.4: "999", 999.6: "1 k", 1600: "1.6 k", 1.5e6: "1.5 M",
		2e9: "2 G", 10e12: "10 T", 1.2e16: "12000 T",
	} {
		if got := quantity(n); got != want {
			t.Errorf("quantity(%v) = %q, want %q", n, got, want)
		}
	}
	for d, want := range map[time.Duration]string{
		-time.Second: "0 s", 59400 * time.Millisecond: "59 s", 59600 * time.Millisecond: "1 min 0 s", time.Hour - time.Second: "59 min 59 s",
		25*time.Hour - time.Minute: "1 d 0 h", 24*time.Hour - time.Minute: "23 h 59 min", 49 * time.Hour: "2 d 1 h",
	} {
		if got := span(d); got != want {
			t.Errorf("span(%v) = %q, want %q", d, got, want)
		}
	}
}

// full takes no more.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

func TestPageReturnsTheWritersError(t *testing.T) {
	if err := NewPage().Write(full{}, busy(1, 1), info()); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("%v, want %v", err, io.ErrShortWrite)
	}
}
