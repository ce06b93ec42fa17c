// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cygnet/internal/events"
)

func driveLog(t *testing.T) *driven {
	f := newFake()
	busy(f)
	return drive(t, f, 80, 24).pass(time.Second).press("6")
}

func (d *driven) log() *logPanel { return d.m.panels[5].(*logPanel) }

func TestLogKinds(t *testing.T) {
	d := driveLog(t)
	for _, want := range []struct {
		kinds string
		rows  int
	}{{"events and log", 4}, {"every line", 5}, {"events", 3}, {"warnings and errors", 1}, {"events and log", 4}} {
		d.shows(" " + want.kinds + " ")
		if got := len(d.log().keys); got != want.rows {
			t.Errorf("%s: %d rows, want %d", want.kinds, got, want.rows)
		}
		d.press("f")
	}
}

func TestLogRepeats(t *testing.T) {
	p := newLogPanel().(*logPanel)
	for line, want := range map[string]bool{
		`time=2026-11-25T12:04:29.000Z level=WARN msg="server lost" server=web-04`: true,
		`time=2026-11-25T12:04:29.000Z level=WARN msg="server lost"`:               true,
		`{"time":"2026-11-25T12:04:29Z","level":"WARN","msg":"address conflict"}`:  true,
		`level=INFO msg=status text="no msg=\"server lost\""`:                      false,
		`level=INFO msg="server lost its way"`:                                     false,
		`level=INFO msg="tarpit hit"`:                                              false,
		`level=INFO msg="server lost`:                                              false,
		``:                                                                         false,
	} {
		if got := p.repeats(line); got != want {
			t.Errorf("%s: %v, want %v", line, got, want)
		}
	}
	for k := events.Kind(0); k.String() != "unknown event"; k++ {
		if want := !k.OfHits(); p.repeats(fmt.Sprintf("msg=x msg=%q", k.String())) != want {
			t.Errorf("%s: repeats is not %v", k, want)
		}
	}
}

// TestLogFollows: at the end it shows the newest; moved up, it stays.
func TestLogFollows(t *testing.T) {
	d := driveLog(t)
	p, say := d.log(), 0
	more := func(n int) {
		for range n {
			say++
			d.f.lines.Add(fmt.Sprintf("level=INFO msg=line%04d", say))
		}
		d.pass(time.Second)
		d.m.View()
	}
	text := func() string { e, _ := d.m.see().journal.entry(p.selected); return e.text }
	for range 5 {
		more(30)
		d.shows(fmt.Sprintf("line%04d", say))
	}
	d.press("up", "up", "up")
	was, row := text(), p.cursor-p.top
	for range 20 {
		more(90)
		if text() != was || p.cursor-p.top != row {
			t.Fatalf("%q is selected in row %d, want %q in row %d", text(), p.cursor-p.top, was, row)
		}
	}
	more(900)
	if oldest := d.m.see().journal.newest()[0].text; text() != oldest || p.cursor != 0 {
		t.Errorf("%q is selected, want the oldest that is kept, %q", text(), oldest)
	}
	d.press("G")
	more(1)
	if want := fmt.Sprintf("level=INFO msg=line%04d", say); text() != want {
		t.Errorf("%q is selected, want the newest, %q", text(), want)
	}
}

func TestLogFilter(t *testing.T) {
	for filter, want := range map[string]int{"uid 1000": 1, "web-04": 1, "status": 1, "!status": 3, "nobody": 0} {
		d := driveLog(t).press("/", filter, "enter")
		if got := len(d.log().keys); got != want {
			t.Errorf("/%s: %d rows, want %d", filter, got, want)
		}
		if want == 0 {
			d.shows("nothing matches /nobody")
		}
	}
}

func TestLogDetail(t *testing.T) {
	d := driveLog(t)
	d.f.lines.Add("level=INFO msg=long text=" + strings.Repeat("words ", 30) + "end")
	d.pass(time.Second).press("enter")
	d.shows("level=INFO msg=long", "words end")
}

func TestLogLost(t *testing.T) {
	d := driveLog(t)
	for range 1100 {
		d.f.lines.Add("level=INFO msg=x")
	}
	d.pass(time.Second).shows("journal lost 100")
}

// TestLogExport writes what passes the filter, and nothing else, to a file that
// nobody else can read.
func TestLogExport(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	d := driveLog(t).press("/", "server", "enter")
	d.give(d.m.pressed(keyOf("up")))
	cmd := d.m.pressed(keyOf("o"))
	if there, _ := os.ReadDir(dir); len(there) > 0 {
		t.Error("Update has written a file itself")
	}
	d.give(cmd())
	files, err := filepath.Glob(filepath.Join(dir, "cygnet-log-*.txt"))
	if err != nil || len(files) != 1 {
		t.Fatalf("files %v, %v", files, err)
	}
	got, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	want := "2026-11-25T12:03:58.000Z info change 1: server 2 drain by uid 1000 pid 77\n" +
		"2026-11-25T12:04:29.000Z warning server lost server web-04 of default 10.0.0.24 was dc:a6:32:00:00:04\n"
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if info, err := os.Stat(files[0]); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	d.m.Update(keyOf("esc"))
	if d.m.toast.text != "" {
		t.Error("esc leaves the toast")
	}
}

func TestLogExportSays(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	d := driveLog(t)
	d.m.w = 240
	d.press("o").shows("4 lines are in " + filepath.Join(dir, "cygnet-log-"))
	t.Setenv("TMPDIR", filepath.Join(dir, "nowhere"))
	d.press("o").shows("error: export the log: open "+filepath.Join(dir, "nowhere", "cygnet-log-"), "no such file or directory", "(set TMPDIR to a folder that can be written)")
}

func TestLogFits(t *testing.T) {
	fits(t, func(d *driven) { d.press("6", "up") }, "", "f", "f", "f")
}
