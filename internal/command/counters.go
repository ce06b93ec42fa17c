// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"fmt"
	"strings"
	"time"

	"cygnet/engine"
)

// showStats answers `stats`: a line a counter, name and value.
func showStats(a Actor, _ Call) (string, error) {
	snap, link := a.Snapshot(), a.Link()
	var b strings.Builder
	row := func(name string, value uint64) { fmt.Fprintf(&b, "%s %d\n", name, value) }
	row("uptime_s", uint64(max(snap.Time.Sub(snap.Started), 0)/time.Second))
	row("in_frames", snap.In.Frames)
	row("in_bytes", snap.In.Bytes)
	row("out_frames", snap.Out.Frames)
	row("out_bytes", snap.Out.Bytes)
	for r, n := range snap.Reasons {
		row("frames_"+engine.Reason(r).String(), n.Frames)
	}
	row("flows_room", snap.Flows.Room)
	row("flows_open", snap.Flows.Open)
	row("flows_opening", snap.Flows.Opening)
	row("flows_closing", snap.Flows.Closing)
	row("flows_added", snap.Flows.Added)
	row("flows_adopted", snap.Flows.Adopted)
	row("flows_unstored", snap.Flows.Unstored)
	row("clients", snap.Flows.Clients)
	row("tarpit_hits", snap.TarpitHits())
	row("captured_addresses", snap.Tarpit.Addresses)
	row("owners", snap.Tarpit.Capture.Owned)
	for _, r := range tarpitRows(snap) {
		row("tarpit_"+r.name, r.value)
	}
	row("kernel_drops", link.KernelDrops)
	row("receive_errors", link.RecvErrors)
	row("send_errors", link.SendErrors())
	return b.String(), nil
}

// showEvents answers `events [N]`: the newest events, a JSON line each.
func showEvents(a Actor, c Call) (string, error) {
	n := 20
	if len(c.Args) > 0 {
		var ok bool
		if n, ok = decimal(c.Args[0], maxEvents); !ok {
			return "", refuse("", "events %s: not a number from 0 to %d", quoted(c.Args[0]), maxEvents)
		}
	}
	var b []byte
	for _, e := range a.Recent(n) {
		line, err := e.MarshalJSON()
		if err != nil {
			return "", err
		}
		b = append(append(b, line...), '\n')
	}
	return string(b), nil
}

// maxEvents is how many events may be asked for: no more are kept.
const maxEvents = 1 << 20

// eventsAsked says whether `events` is a question, and not the name of a file.
func eventsAsked(args []string) bool {
	if len(args) == 0 {
		return true
	}
	return isDigits(args[0]) && len(args) == 1
}
