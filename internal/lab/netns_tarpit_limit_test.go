// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"testing"
	"time"

	"cygnet/engine"
)

const (
	answersPerSecond = 2000
	floodFor         = 2 * time.Second
)

// TestNetnsTarpitUnderFlood floods a captured address with SYNs from made-up sources:
// the tarpit answers as many as it may and keeps no more in mind, and the service
// beside it loses no request.
func TestNetnsTarpitUnderFlood(t *testing.T) {
	requireNetns(t, "nginx", "curl", "ab", "hping3")
	w, p := newPit(t, "tarpit_limit total 2000")
	flooder := addHost(t, w.lab, HostSpec{Name: "flooder", Addrs: onSegment(101)})
	w.captured(t, flooder, pitAddr)
	w.waitWhole(t, 15*time.Second, "s1")
	w.waitWhole(t, 15*time.Second, "s2")
	flood := func() (answered, limited uint64) {
		before, began := w.snapshot(t).Reasons, time.Now()
		hping := start(t, flooder.Command("hping3", "-q", "-S", "-p", "80", "--rand-source", "--flood", pitAddr))
		ab(t, w.client, 2000, "http://"+vip+"/small")
		time.Sleep(time.Until(began.Add(floodFor)))
		hping.Kill()
		after := w.snapshot(t).Reasons
		lasted := time.Since(began)
		answered = after[engine.CapturedSYN].Frames - before[engine.CapturedSYN].Frames
		limited = after[engine.CapturedLimited].Frames - before[engine.CapturedLimited].Frames
		t.Logf("in %.1f s: %d answers, %d not given", lasted.Seconds(), answered, limited)
		if most := uint64(answersPerSecond * (lasted.Seconds() + 1)); answered > most || answered < answersPerSecond || limited < 1000 {
			t.Errorf("%d answers, want %d to %d; %d were not given, want 1000 or more", answered, answersPerSecond, most, limited)
		}
		return answered, limited
	}
	flood() // fills what there is to be filled
	before := residentKB(t, p)
	flood()
	after := residentKB(t, p)
	t.Logf("memory: %d kB, then %d kB", before, after)
	if after > before+8<<10 {
		t.Errorf("memory grew from %d to %d kB", before, after)
	}
	w.noBadChecksums(t)
}
