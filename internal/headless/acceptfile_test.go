// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package headless

import (
	"context"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cygnet/internal/events"
)

// acceptLines runs a file of ACCEPT lines over what is added, and returns them.
func acceptLines(t *testing.T, add ...events.Event) []string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "accept")
	hits := events.NewRing[events.Event](16)
	f, err := OpenAcceptFile(path, func() uint64 { return 3 }, 4096, hits)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range add {
		hits.Add(e)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	f.Run(ended)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if f.Lost() != 0 || f.LastError() != nil {
		t.Errorf("%d lost, %v", f.Lost(), f.LastError())
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}

func caughtEvent(kind events.Kind, source string) events.Event {
	return events.Event{
		Kind: kind, Time: time.Date(2026, 11, 26, 15, 0, 0, 7e6, time.FixedZone("", 3600)), Addr: netip.MustParseAddr("10.0.0.77"), Port: 22,
		Source: netip.MustParseAddr(source), From: 4711, Held: 90*time.Second + 7*time.Millisecond,
	}
}

func TestAcceptLinesAreThoseOfEndlessh(t *testing.T) {
	got := acceptLines(t,
		caughtEvent(events.TarpitHit, "192.0.2.1"), // may be forged: no line
		caughtEvent(events.TarpitVerified, "10.0.0.9"),
		caughtEvent(events.TarpitVerified, "::ffff:10.0.0.10"),
		caughtEvent(events.TarpitVerified, "2001:db8::1"),
		caughtEvent(events.TarpitCaptured, "192.0.2.2"),
		caughtEvent(events.TarpitEscaped, "10.0.0.9"),
	)
	want := []string{
		"2026-11-26T14:00:00.007Z ACCEPT host=10.0.0.9 port=4711 fd=4 n=3/4096",
		"2026-11-26T14:00:00.007Z ACCEPT host=10.0.0.10 port=4711 fd=4 n=3/4096",
		"2026-11-26T14:00:00.007Z ACCEPT host=2001:db8::1 port=4711 fd=4 n=3/4096",
		"2026-11-26T14:00:00.007Z CLOSE host=10.0.0.9 port=4711 fd=4 time=90.007 bytes=0",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// As CrowdSec's hub and fail2ban look for it, written out.
	for _, line := range got[:3] {
		for _, parser := range []string{
			`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d) ACCEPT host=[0-9a-fA-F:.]+ port=\d+ fd=\d+ n=\d+/\d+$`, `ACCEPT host=\S+ `,
		} {
			if !regexp.MustCompile(parser).MatchString(line) {
				t.Errorf("%q is not like %s", line, parser)
			}
		}
	}
}

func TestNobodysWordsAreInAcceptLines(t *testing.T) {
	e := caughtEvent(events.TarpitVerified, "fe80::1")
	e.Source = e.Source.WithZone("x\n2026-11-26T14:00:00.000Z ACCEPT host=192.0.2.1 ")
	e.Text = "\nmore"
	if got := acceptLines(t, e); len(got) != 1 || !strings.Contains(got[0], " host=fe80::1 port=") {
		t.Errorf("%q", got)
	}
}
