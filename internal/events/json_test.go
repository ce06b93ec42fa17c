// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package events

import (
	"encoding/json"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// hit is an event as they come by tens of thousands a second.
func hit() Event {
	return Event{
		Kind: TarpitHit, Time: time.Date(2026, 7, 1, 12, 0, 0, 5_600_000, time.FixedZone("", 7200)),
		Addr: netip.MustParseAddr("10.0.0.77"), Source: netip.MustParseAddr("192.0.2.9"), Port: 22,
		MAC: [6]byte{2, 0, 0, 0, 0, 9},
	}
}

func TestJSONLines(t *testing.T) {
	tests := []struct {
		name string
		e    Event
		want string
	}{
		{"only what is known", Event{}, `{"event":"server_resolved","severity":"info"}`},
		{"a hit, its time in UTC", hit(), `{"time":"2026-07-01T10:00:00.005Z","event":"tarpit_hit","severity":"info","addr":"10.0.0.77",` +
			`"mac":"02:00:00:00:00:09","source":"192.0.2.9","port":22,"port_name":"ssh"}`},
		{"whom the tarpit held", Event{Kind: TarpitEscaped, From: 4711, Port: 22, Held: 90_061*time.Second + 7*time.Millisecond + 900},
			`{"event":"tarpit_escaped","severity":"info","source_port":4711,"port":22,"port_name":"ssh","held_ms":90061007}`},
		{"a port without a name", Event{Kind: TarpitHit, Port: 65000}, `{"event":"tarpit_hit","severity":"info","port":65000}`},
		{"who and what", Event{Kind: ConfigChanged, Who: "uid 0 pid 1", Text: `acl 1 "x\`},
			`{"event":"config_changed","severity":"info","who":"uid 0 pid 1","text":"acl 1 \"x\\"}`},
		{"everything else", Event{Kind: Conflict, Service: "web", Server: "1", MAC: [6]byte{1}, Was: [6]byte{0xff}},
			`{"event":"address_conflict","severity":"error","service":"web","server":"1","mac":"01:00:00:00:00:00","was":"ff:00:00:00:00:00"}`},
		{"tricks on a terminal", Event{Text: "\n\x1b[2J\x7f\u0085\u2028\u202e\U000e0001é<\xff"},
			`{"event":"server_resolved","severity":"info","text":"\u000a\u001b[2J\u007f\u0085\u2028\u202e\udb40\udc01é<` + "\ufffd" + `"}`},
		{"a zone of a peer's choice", Event{Addr: netip.MustParseAddr("fe80::1%\"\n")},
			`{"event":"server_resolved","severity":"info","addr":"fe80::1%\"\u000a"}`},
		{"a year that RFC 3339 has no room for", Event{Time: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)},
			`{"event":"server_resolved","severity":"info"}`},
		{"a kind of tomorrow", Event{Kind: kinds}, `{"event":"unknown","severity":"info"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, string(tt.e.AppendJSON(nil))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestJSONRefusals(t *testing.T) {
	for in, want := range map[string]string{
		`null`:                           "no such kind",
		`[]`:                             "cannot unmarshal",
		`{"event":"tea_time"}`:           `read event "tea_time": no such kind, expected one like "server_resolved"`,
		`{"event":"link_up","mac":"02"}`: `read MAC address "02": expected aa:bb:cc:dd:ee:ff`,
		`{"event":"link_up","mac":"02-00-00-00-00-00"}`: "read MAC address",
		`{"event":"link_up","mac":"02:00:00:00:00:0g"}`: "read MAC address",
		`{"event":"link_up","addr":"10.0.0"}`:           "ParseAddr",
		`{"event":"link_up","port":65536}`:              "65536",
		`{"event":"link_up","source_port":65536}`:       "65536",
		`{"event":"link_up","held_ms":-1}`:              "read held_ms -1: expected 0 to 9223372036854",
		`{"event":"link_up","held_ms":9223372036855}`:   "read held_ms",
	} {
		kept := Event{Text: "as it was"}
		e := kept
		if err := json.Unmarshal([]byte(in), &e); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want an error with %q", in, err, want)
		}
		if e != kept {
			t.Errorf("%s: changed the event to %v", in, e)
		}
	}
}

// anyEvent draws an event that JSON can hold without loss.
func anyEvent(t *rapid.T) Event {
	addr := func(name string) netip.Addr {
		return rapid.OneOf(
			rapid.Just(netip.Addr{}),
			rapid.Map(rapid.SliceOfN(rapid.Byte(), 4, 4), func(b []byte) netip.Addr { a, _ := netip.AddrFromSlice(b); return a }),
			rapid.Map(rapid.SliceOfN(rapid.Byte(), 16, 16), func(b []byte) netip.Addr { a, _ := netip.AddrFromSlice(b); return a }),
			rapid.Map(rapid.String(), netip.MustParseAddr("fe80::1").WithZone),
			rapid.Map(rapid.String(), netip.MustParseAddr("::ffff:10.0.0.1").WithZone),
		).Draw(t, name)
	}
	text := func(name string) string { return rapid.String().Draw(t, name) }
	mac := func(name string) [6]byte { return [6]byte(rapid.SliceOfN(rapid.Byte(), 6, 6).Draw(t, name)) }
	first, last := time.Time{}.UnixMilli(), time.Date(9999, 12, 31, 23, 59, 59, 999e6, time.UTC).UnixMilli()
	return Event{
		Kind:    Kind(rapid.IntRange(0, int(kinds)-1).Draw(t, "kind")),
		Time:    time.UnixMilli(rapid.Int64Range(first, last).Draw(t, "time")).UTC(),
		Service: text("service"), Server: text("server"), Who: text("who"), Text: text("text"),
		Addr: addr("addr"), Source: addr("source"), MAC: mac("mac"), Was: mac("was"),
		Port: rapid.Uint16().Draw(t, "port"), From: rapid.Uint16().Draw(t, "from"),
		Held: time.Duration(rapid.Int64Range(0, mostMillis).Draw(t, "held")) * time.Millisecond,
	}
}

func TestJSONRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := anyEvent(t)
		line, err := json.Marshal(want)
		if err != nil {
			t.Fatalf("marshal %+v: %v", want, err)
		}
		var got Event
		if err := json.Unmarshal(line, &got); err != nil {
			t.Fatalf("unmarshal %s: %v", line, err)
		}
		if got != want {
			t.Fatalf("%s\nis   %+v\nwant %+v", line, got, want)
		}
	})
}

// FuzzAppendJSON: whatever peers and operators say, the output is one printable
// line of JSON that means the same.
func FuzzAppendJSON(f *testing.F) {
	f.Add("web", "1", "uid 0", "a\nb\xff\"\\\u2028", "eth0\x00")
	f.Add("\xed\xa0\x80", "\xf0\x9f\x92", "\U0010ffff", "</script>", "")
	f.Fuzz(func(t *testing.T, service, server, who, text, zone string) {
		e := Event{Service: service, Server: server, Who: who, Text: text, Source: netip.MustParseAddr("fe80::1").WithZone(zone)}
		line := e.AppendJSON(nil)
		if !json.Valid(line) || !utf8.Valid(line) {
			t.Fatalf("%q is not JSON in UTF-8", line)
		}
		for _, r := range string(line) {
			if !strconv.IsPrint(r) {
				t.Fatalf("%q holds %q", line, r)
			}
		}
		var got Event
		if err := got.UnmarshalJSON(line); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		// What is not UTF-8 turns into U+FFFD, as in a conversion to runes.
		valid := func(s string) string { return string([]rune(s)) }
		want := Event{Service: valid(service), Server: valid(server), Who: valid(who), Text: valid(text), Source: e.Source.WithZone(valid(zone))}
		if got != want {
			t.Fatalf("%s\nis   %+v\nwant %+v", line, got, want)
		}
	})
}

func TestAppendJSONDoesNotAllocate(t *testing.T) {
	e, b := hit(), make([]byte, 0, 1024)
	e.Text = "words \u202e of a peer"
	if n := testing.AllocsPerRun(100, func() { b = e.AppendJSON(b[:0]) }); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

func BenchmarkAppendJSON(b *testing.B) {
	e, buf := hit(), make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		buf = e.AppendJSON(buf[:0])
	}
}
