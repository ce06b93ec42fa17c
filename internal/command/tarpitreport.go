// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"cygnet/engine"
	"cygnet/internal/config"
	"cygnet/internal/holds"
)

// showTarpit answers `tarpit` and `tarpit json`.
func showTarpit(a Actor, c Call) (string, error) {
	asJSON := len(c.Args) > 0 && c.Args[0] == "json"
	if asJSON {
		c.Args = c.Args[1:]
	}
	if err := done("tarpit", c.Args); err != nil {
		return "", err
	}
	snap := a.Snapshot()
	if asJSON {
		return tarpitJSON(snap, a.Config().Tarpit)
	}
	return tarpitText(snap, a.Config().Tarpit), nil
}

// tarpitJSON is all that a snapshot has of the tarpit, and how it is set. Times
// that something took are in nanoseconds, as in `snapshot`.
func tarpitJSON(snap *engine.Snapshot, set config.Tarpit) (string, error) {
	line, err := json.Marshal(struct {
		engine.TarpitSnapshot
		Time     time.Time `json:"time"`
		Mode     string    `json:"mode"`
		Ports    string    `json:"ports"`
		Captured uint64    `json:"captured_addresses"`
		Hits     uint64    `json:"hits"`
		Limited  uint64    `json:"limited"`
		Ignored  uint64    `json:"ignored"`
		ARP      uint64    `json:"arp_answers"`
		Owners   uint64    `json:"owners"`
	}{
		TarpitSnapshot: snap.Tarpit, Time: snap.Time, Mode: set.Mode, Ports: set.Ports,
		Captured: snap.Tarpit.Addresses, Hits: snap.TarpitHits(), Limited: snap.Reasons[engine.CapturedLimited].Frames,
		Ignored: snap.Reasons[engine.CapturedIgnored].Frames, ARP: snap.Tarpit.Capture.ARPReplies, Owners: snap.Tarpit.Capture.Owned,
	})
	if err != nil {
		return "", fmt.Errorf("tarpit json: %w", err)
	}
	return string(line) + "\n", nil
}

// tarpitText is how the tarpit is set and what it did: a line a value, then a line
// for each of the busiest.
func tarpitText(snap *engine.Snapshot, set config.Tarpit) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	list := snap.Tarpit.List
	if list == "" {
		list = "-1"
	}
	line("list %s\npolicy %s\nmode %s\nports %s", list, set.Policy, set.Mode, set.Ports)
	line("captured_addresses %d\nhits %d", snap.Tarpit.Addresses, snap.TarpitHits())
	line("arp_answers %d\nowners %d", snap.Tarpit.Capture.ARPReplies, snap.Tarpit.Capture.Owned)
	for _, r := range tarpitRows(snap) {
		line("%s %d", r.name, r.value)
	}
	b.WriteString(busiest(booked(snap)))
	return b.String()
}

// row is a counter under its name.
type row struct {
	name  string
	value uint64
}

// tarpitRows are the counters of the tarpit that `stats` tells, too.
func tarpitRows(snap *engine.Snapshot) []row {
	c, h := snap.Tarpit.Capture, booked(snap)
	return []row{
		{"nd_answers", c.NDReplies},
		{"free", c.Free},
		{"verifying", c.Verifying},
		{"suspended", c.Suspended},
		{"captures", c.Captures},
		{"conflicts", c.Conflicts},
		{"repairs", c.Repairs},
		{"questions", c.Questions},
		{"held_now", h.Now},
		{"held_total_s", seconds64(h.Total)},
		{"verified", h.Verified},
		{"unverified", h.Unverified},
		{"escaped", h.Escaped},
		{"backscatter", h.Backscatter},
		{"bytes", h.Bytes},
		{"ignored", snap.Reasons[engine.CapturedIgnored].Frames},
		{"limited", snap.Reasons[engine.CapturedLimited].Frames},
		{"answers_limited", c.RepliesLimited},
		{"questions_limited", c.VerifyLimited},
		{"no_room", c.NoRoom},
		{"hits_lost", snap.Tarpit.HitsLost},
	}
}

// booked is the book of holds, which a snapshot of another version may lack.
func booked(snap *engine.Snapshot) *holds.Stats {
	if snap.Tarpit.Holds == nil {
		return new(holds.Stats)
	}
	return snap.Tarpit.Holds
}

func seconds64(d time.Duration) uint64 { return uint64(max(d, 0) / time.Second) }

// mostBusy is how many of each kind `tarpit` tells; `tarpit json` tells all.
const mostBusy = 5

// busiest are a line for each of the first sources, networks, ports, countries and
// longest holds.
func busiest(h *holds.Stats) string {
	var b strings.Builder
	tell := func(what string, t holds.Tally) {
		fmt.Fprintf(&b, "%s syns %d verified %d held_now %d held_s %d\n", what, t.SYNs, t.Verified, t.Now, seconds64(t.Held))
	}
	for _, s := range h.Sources[:min(mostBusy, len(h.Sources))] {
		tell("source "+s.Addr.String()+" country "+countryWord(s.Country), s.Tally)
	}
	for _, n := range h.Networks[:min(mostBusy, len(h.Networks))] {
		tell("network "+n.Prefix.String(), n.Tally)
	}
	for _, p := range h.Ports[:min(mostBusy, len(h.Ports))] {
		tell(fmt.Sprint("port ", p.Port), p.Tally)
	}
	for _, c := range h.Countries[:min(mostBusy, len(h.Countries))] {
		tell("country "+countryWord(c.Code), c.Tally)
	}
	for _, l := range h.Longest[:min(mostBusy, len(h.Longest))] {
		state := "over"
		if l.Open {
			state = "held"
		}
		fmt.Fprintf(&b, "longest %s to %s country %s %s held_s %d\n", l.Source, l.Captured, countryWord(l.Country), state, seconds64(l.Held))
	}
	return b.String()
}

// countryWord is a country's code, - where it is not known.
func countryWord(code string) string {
	if code == "" {
		return "-"
	}
	return code
}
