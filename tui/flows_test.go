// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"strings"
	"testing"
	"time"
)

func TestFlowsSayWhatIsKnown(t *testing.T) {
	d := drive(t, newFake(), 80, 24).pass(time.Second).pass(time.Second).press("5")
	d.shows("This version keeps no flows", "default  10.0.0.10:80/tcp", "dns  fd77::10:53/udp")
	body := d.body()
	at := func(text string) int { return strings.Index(body, text) }
	if !(at("web-01") < at("web-02") && at("web-02") < at("web-06") && at("web-06") < at("web-03")) {
		t.Errorf("servers are not in the order of their frames:\n%s", body)
	}
	for _, l := range strings.Split(body, "\n") {
		if strings.Contains(l, "web-01") && !(strings.Contains(l, "48.1k/s") && strings.Contains(l, "34%") && strings.Contains(l, "####")) {
			t.Errorf("web-01 is shown as %q", l)
		}
	}
	if d.press("/", "web-06", "enter"); strings.Contains(d.body(), "web-01") || strings.Contains(d.body(), "dns") || !strings.Contains(d.body(), "web-06") {
		t.Errorf("/web-06 shows:\n%s", d.body())
	}
	d.press("/", "nobody", "enter").shows("nothing matches /nobody")
}

func TestFlowsScroll(t *testing.T) {
	f := newFake()
	f.set(func(s *Sight) { s.Snapshot = big(noon, 1, nil) })
	d := drive(t, f, 80, 24).press("5", "G")
	if got := len(d.m.panel().(*flowsPanel).rows); got != 1010 || !strings.Contains(d.body(), ">   server-9-99") {
		t.Errorf("%d rows, and the last is not shown:\n%s", got, d.body())
	}
}

func TestFlowsFit(t *testing.T) {
	fits(t, func(d *driven) { d.pass(time.Second).press("5") }, "", "G", "k")
}
