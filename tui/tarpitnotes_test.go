// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"strings"
	"testing"
	"time"

	"cygnet/engine"
	"cygnet/internal/capture"
	"cygnet/internal/holds"
)

// without fails if the screen has any of these texts.
func (d *driven) without(texts ...string) *driven {
	d.Helper()
	for _, text := range texts {
		if body := d.body(); strings.Contains(body, text) {
			d.Errorf("the screen shows %q:\n%s", text, body)
		}
	}
	return d
}

// TestTarpitViews turns through all views, and back.
func TestTarpitViews(t *testing.T) {
	d := driveTarpit(t, 80, 24)
	all := []string{"hits", "sources", "networks", "ports", "countries", "longest", "addresses", "hits"}
	for _, name := range all[1:] {
		d.press("v").shows("Tarpit: "+name, "["+name+"]")
	}
	for i := len(all) - 2; i >= 0; i-- {
		d.press("h").shows("[" + all[i] + "]")
	}
}

// TestTarpitWithoutCountries: where no country is known, none is listed, nor has a
// column.
func TestTarpitWithoutCountries(t *testing.T) {
	d := driveTarpit(t, 80, 24).press("v").shows("countries", "CC")
	unknown := func(s *engine.Snapshot) {
		b := s.Tarpit.Holds
		b.Countries = []holds.Country{{Tally: holds.Tally{SYNs: 9}}}
		for i := range b.Sources {
			b.Sources[i].Country = ""
		}
	}
	d.snapshot(unknown).without("countries", "CC")
	d.press("v", "v", "v").shows("[longest]")
	d.press("h").shows("[ports]")
	d = driveTarpit(t, 80, 24).press("v", "v", "v", "v").snapshot(unknown).shows("[countries]") // nothing turns but a key
	d.press("v").shows("[longest]")
}

// TestTarpitNotes: what is limited, in conflict or suspended is told while it is
// news, and then no more.
func TestTarpitNotes(t *testing.T) {
	var limited, conflicts, suspended uint64
	d := driveTarpit(t, 80, 24)
	next := func(by time.Duration) {
		d.n++
		at := d.m.now.Add(by)
		d.f.set(func(s *Sight) {
			s.Snapshot, s.Heard = sample(at, d.n), at
			s.Snapshot.Reasons[engine.CapturedLimited].Frames = limited
			s.Snapshot.Tarpit.Capture.Conflicts, s.Snapshot.Tarpit.Capture.Suspended = conflicts, suspended
		})
		d.give(tickMsg(at))
	}
	limited, conflicts, suspended = 100, 2, 0 // before anybody looked
	d.m.live.reading.snap.Reasons[engine.CapturedLimited].Frames = limited
	d.m.live.reading.snap.Tarpit.Capture.Conflicts = conflicts
	for _, p := range d.m.past {
		p.Reasons[engine.CapturedLimited].Frames = limited
	}
	next(time.Second)
	d.without("limited", "conflict:", "suspended").shows("conflicts 2")
	limited, conflicts, suspended = 140, 3, 1
	next(time.Second)
	d.shows("limited in the last 10 s: 40 segments", "conflict: an owner came", "suspended 1:", "conflicts 3")
	suspended = 0
	for range 12 {
		next(time.Second)
	}
	d.shows("conflict: an owner came").without("limited", "suspended")
	next(conflictNews)
	d.without("conflict:")
}

// TestTarpitPassive: the note goes when an address to ask from is there.
func TestTarpitPassive(t *testing.T) {
	d := driveTarpit(t, 80, 24).without("passive")
	d.snapshot(func(s *engine.Snapshot) { s.Tarpit.Capture.Passive = true }).shows("passive: no address to ask from")
	d.snapshot(func(s *engine.Snapshot) { s.Tarpit.Capture.Passive = false }).without("passive")
}

// TestTarpitObserves: under that policy everything is only what would be.
func TestTarpitObserves(t *testing.T) {
	d := driveTarpit(t, 120, 40).without("observe")
	d.snapshot(func(s *engine.Snapshot) {
		s.Tarpit.Policy, s.Reasons[engine.CapturedObserved].Frames = capture.Observe, 30
	}).shows("observe: nothing is sent; 30 segments would have been answered", "246 would be captured")
	d.snapshot(func(s *engine.Snapshot) { s.Tarpit.Policy = capture.Verify }).without("observe", "would be")
	f := newFake()
	f.set(func(s *Sight) {
		s.Snapshot.Tarpit.Policy = capture.Observe
		s.Snapshot.Tarpit.Holds = nil // as of an earlier version
	})
	d = drive(t, f, 80, 24).press("4").shows("observe:", "held now 0")
	d.press("v").shows("nobody is answered, so nobody is caught")
}

// TestTarpitHolds: a client appears, is held, and escapes; how many are held shows
// in the header where there is room.
func TestTarpitHolds(t *testing.T) {
	d := driveTarpit(t, 100, 30)
	held := func(n uint64) *driven { return d.snapshot(func(s *engine.Snapshot) { s.Tarpit.Holds.Now = n }) }
	held(1).shows("tarpit 12/s held 1 ", "held now 1 ")
	held(12_345).shows("tarpit 12/s held 12.3k ", "held now 12.3k ")
	if d.m.live.history.held.now() != 12_345 {
		t.Error("how many were held is not kept")
	}
	d.m.w = 80
	held(3).press("1").shows("held now 3 ")
	if header := strings.Join(strings.Split(d.m.View(), "\n")[:3], "\n"); strings.Contains(header, "held") {
		t.Errorf("there is no room, and yet:\n%s", header)
	}
}

// TestTarpitDropsAreNoAlarm: what the tarpit does not answer is not worth a look.
func TestTarpitDropsAreNoAlarm(t *testing.T) {
	d := driveTarpit(t, 120, 40)
	d.snapshot(func(s *engine.Snapshot) {
		for r := range engine.Reason(engine.Reasons) {
			if strings.HasPrefix(r.String(), "captured_") {
				s.Reasons[r].Frames += 1_000_000
			}
		}
	}).shows("drop 12/s no_service")
}
