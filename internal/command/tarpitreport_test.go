// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cygnet/engine"
	"cygnet/internal/capture"
	"cygnet/internal/config"
	"cygnet/internal/holds"
)

// pit is a tarpit that has been busy, each number another.
func pit() *fake {
	f := &fake{cfg: config.New()}
	f.cfg.Tarpit.Policy, f.cfg.Tarpit.Mode, f.cfg.Tarpit.Ports = "observe", "sink", "22,80"
	tally := holds.Tally{SYNs: 7, Verified: 5, Now: 2, Held: 90 * time.Minute}
	stats := &holds.Stats{
		Now: 3, Total: 2*time.Hour + time.Second/2, Verified: 20, Unverified: 30, Escaped: 4, Backscatter: 6, Bytes: 8,
		Ports:     []holds.Port{{Port: 22, Tally: tally}},
		Networks:  []holds.Network{{Prefix: netip.MustParsePrefix("192.0.2.0/24"), Tally: tally}},
		Countries: []holds.Country{{Code: "SE", Tally: tally}, {Tally: holds.Tally{SYNs: 1}}},
		Longest: []holds.Hold{
			{Source: netip.MustParseAddrPort("192.0.2.1:4000"), Captured: netip.MustParseAddrPort("10.77.0.66:22"), Country: "SE", Held: time.Hour, Open: true},
			{Source: netip.MustParseAddrPort("[2001:db8::1]:4000"), Captured: netip.MustParseAddrPort("[fd77::66]:22"), Held: time.Minute},
		},
	}
	for i := range holds.Rows {
		stats.Sources = append(stats.Sources, holds.Source{Addr: netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}), Tally: tally})
	}
	f.snap.Tarpit = engine.TarpitSnapshot{
		Policy: capture.Observe, List: "1", Addresses: 126, HitsLost: 9, Holds: stats,
		Capture: capture.Counts{Free: 40, Verifying: 41, Suspended: 42, Owned: 43, Captures: 44, Conflicts: 45, ARPReplies: 46, NDReplies: 47,
			Repairs: 48, Questions: 49, RepliesLimited: 50, VerifyLimited: 51, NoRoom: 52},
	}
	f.snap.Reasons[engine.CapturedSYN].Frames = 11
	f.snap.Reasons[engine.CapturedLimited].Frames = 12
	f.snap.Reasons[engine.CapturedIgnored].Frames = 13
	return f
}

const pitCounters = `nd_answers 47
free 40
verifying 41
suspended 42
captures 44
conflicts 45
repairs 48
questions 49
held_now 3
held_total_s 7200
verified 20
unverified 30
escaped 4
backscatter 6
bytes 8
ignored 13
limited 12
answers_limited 50
questions_limited 51
no_room 52
hits_lost 9
`

func TestTarpitText(t *testing.T) {
	const tally = " syns 7 verified 5 held_now 2 held_s 5400\n"
	want := "list 1\npolicy observe\nmode sink\nports 22,80\ncaptured_addresses 126\nhits 11\narp_answers 46\nowners 43\n" + pitCounters
	for i := range 5 {
		want += fmt.Sprintf("source 192.0.2.%d country -", i) + tally
	}
	want += "network 192.0.2.0/24" + tally + "port 22" + tally + "country SE" + tally + "country - syns 1 verified 0 held_now 0 held_s 0\n" +
		"longest 192.0.2.1:4000 to 10.77.0.66:22 country SE held held_s 3600\n" +
		"longest [2001:db8::1]:4000 to [fd77::66]:22 country - over held_s 60\n"
	got, _, err := Act(pit(), Who{}, "tarpit")
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// TestTarpitOfNothing: a Cygnet without a tarpit says so, and no more.
func TestTarpitOfNothing(t *testing.T) {
	got, _, err := Act(&fake{}, Who{}, "tarpit")
	if want := "list -1\npolicy verify\nmode persist\nports all\ncaptured_addresses 0\nhits 0\n"; !strings.HasPrefix(got, want) || err != nil {
		t.Errorf("%v, %s", err, got)
	}
	if strings.Contains(got, "source") {
		t.Errorf("sources of nothing: %s", got)
	}
}

// TestTarpitJSON: one line, one object, with all that a snapshot has.
func TestTarpitJSON(t *testing.T) {
	f := pit()
	got, _, err := Act(f, Who{}, "tarpit json")
	if err != nil || strings.Count(got, "\n") != 1 {
		t.Fatalf("%v, %s", err, got)
	}
	var all engine.TarpitSnapshot
	var more map[string]any
	if err := json.Unmarshal([]byte(got), &all); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(got), &more); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(f.snap.Tarpit, all) {
		t.Errorf("the snapshot's: want %+v, got %+v", f.snap.Tarpit, all)
	}
	want := map[string]any{"policy": "observe", "mode": "sink", "ports": "22,80", "captured_addresses": 126.0, "hits": 11.0, "arp_answers": 46.0,
		"owners": 43.0, "limited": 12.0, "ignored": 13.0, "list": "1"}
	for name, value := range want {
		if more[name] != value {
			t.Errorf("%s is %v, want %v", name, more[name], value)
		}
	}
}

// TestStatsTellOfTheTarpit: every counter of `tarpit` is in `stats`.
func TestStatsTellOfTheTarpit(t *testing.T) {
	got, _, err := Act(pit(), Who{}, "stats")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(pitCounters + "hits 11\n") {
		if !strings.Contains("\n"+got, "\ntarpit_"+line) {
			t.Errorf("not in stats: %s", line)
		}
	}
}
