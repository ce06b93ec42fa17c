// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package headless

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"cygnet/internal/events"
)

// eventFile is an EventFile under test, with both its rings.
type eventFile struct {
	*EventFile
	path          string
	changes, hits *events.Ring[events.Event]
	stop          func() // ends Run and waits for it
}

// runEventFile opens path, with rings of this size, and runs it.
func runEventFile(t *testing.T, path string, size int) *eventFile {
	t.Helper()
	f := &eventFile{path: path, changes: events.NewRing[events.Event](size), hits: events.NewRing[events.Event](size)}
	f.changes.Add(events.Event{Text: "before it was opened"})
	var err error
	if f.EventFile, err = OpenEventFile(path, f.changes, f.hits); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { f.Run(ctx) })
	f.stop = func() { cancel(); wg.Wait() }
	t.Cleanup(f.stop)
	return f
}

// hit is a tarpit hit of that second.
func hit(second int) events.Event {
	return events.Event{Kind: events.TarpitHit, Time: time.Unix(int64(second), 0), Text: strconv.Itoa(second)}
}

// texts are the texts of a file's lines, which must all be whole JSON, and how
// many events other lines say were lost.
func texts(t *testing.T, path string) (got []string, lost uint64) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(b) {
		var l struct {
			Time        time.Time
			Event, Text string
			Severity    string
			Count       uint64
		}
		if err := json.Unmarshal(line, &l); err != nil || !bytes.HasSuffix(line, []byte("\n")) {
			t.Fatalf("%s: line %q: %v", path, line, err)
		}
		if l.Event == "events_lost" {
			if l.Severity != "warning" || l.Count == 0 || l.Time.IsZero() {
				t.Errorf("%s: line %q: want a time, severity warning and a count", path, line)
			}
			lost += l.Count
			continue
		}
		got = append(got, l.Text)
	}
	return got, lost
}

// eventually waits until what is so.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !so(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not after 10 s: %s", what)
		}
	}
}

func TestEventFileWritesBothRingsInOrder(t *testing.T) {
	f := runEventFile(t, filepath.Join(t.TempDir(), "events"), 64)
	for i := range 20 { // hits of odd seconds, all behind the changes of even ones
		if i%2 == 0 {
			f.changes.Add(hit(i))
		}
	}
	f.stop()
	first, _ := texts(t, f.path)
	if diff := cmp.Diff(strings.Fields("0 2 4 6 8 10 12 14 16 18"), first); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if info, err := os.Stat(f.path); err != nil || info.Mode().Perm()&^0o640 != 0 {
		t.Errorf("mode is %v, %v; want no more than 0640", info.Mode(), err)
	}

	// Another run appends. Both rings are full before it looks.
	g, err := OpenEventFile(f.path, f.changes, f.hits)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range []int{20, 22, 21, 24} { // a ring's own order is kept
		f.changes.Add(hit(i))
	}
	for _, i := range []int{19, 23, 25} {
		f.hits.Add(hit(i))
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	g.Run(ctx) // writes what there is
	all, lost := texts(t, f.path)
	if diff := cmp.Diff(strings.Fields("19 20 22 21 23 24 25"), all[len(first):]); diff != "" || lost+f.Lost()+g.Lost() > 0 {
		t.Errorf("%d lost; (-want +got):\n%s", lost, diff)
	}
	if err := g.Reopen(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("reopen after the end: %v, want %v", err, os.ErrClosed)
	}
}

func TestEventFileReopens(t *testing.T) {
	f := runEventFile(t, filepath.Join(t.TempDir(), "events"), 64)
	rotated := f.path + ".1"
	f.changes.Add(hit(1))
	eventually(t, "the first line", func() bool { got, _ := texts(t, f.path); return len(got) == 1 })
	if err := os.Rename(f.path, rotated); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(f.path, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := f.Reopen(); !errors.Is(err, syscall.EISDIR) {
		t.Fatalf("reopen over a folder: %v, want %v", err, syscall.EISDIR)
	}
	f.changes.Add(hit(2))
	eventually(t, "the second line in the old file", func() bool { got, _ := texts(t, rotated); return len(got) == 2 })
	if err := os.Remove(f.path); err != nil {
		t.Fatal(err)
	}
	if err := f.Reopen(); err != nil {
		t.Fatal(err)
	}
	f.hits.Add(hit(3))
	f.stop()
	if got, _ := texts(t, f.path); !cmp.Equal(got, []string{"3"}) {
		t.Errorf("the new file holds %q, want what came after Reopen", got)
	}
	if got, _ := texts(t, rotated); !cmp.Equal(got, []string{"1", "2"}) {
		t.Errorf("the old file holds %q, want what came before", got)
	}
}

func TestEventFileSurvivesAFullDisk(t *testing.T) {
	dir := t.TempDir()
	path, disk := filepath.Join(dir, "events"), filepath.Join(dir, "disk")
	if err := os.Symlink("/dev/full", path); err != nil {
		t.Fatal(err)
	}
	const size, added = 8, 100
	f := runEventFile(t, path, size)
	for i := range added {
		f.hits.Add(hit(i))
		if i == 0 {
			eventually(t, "an error", func() bool { return f.LastError() != nil })
		}
	}
	if err := f.LastError(); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("the error is %v, want %v", err, syscall.ENOSPC)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(disk, path); err != nil {
		t.Fatal(err)
	}
	if err := f.Reopen(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "everything kept", func() bool {
		b, err := os.ReadFile(disk)
		return err == nil && bytes.Contains(b, []byte(`"text":"99"}`)) && bytes.HasSuffix(b, []byte("\n"))
	})
	f.stop()
	got, lost := texts(t, disk)
	if len(got)+int(lost) != added || lost != f.Lost() || len(got) < size || len(got) > size+1 {
		t.Errorf("of %d: %d written, the file says %d lost, Lost %d; want the newest %d and the first", added, len(got), lost, f.Lost(), size)
	}
	if f.LastError() != nil {
		t.Errorf("the error stays: %v", f.LastError())
	}
}

func TestEventFileCountsWhatIsLeftInTheEnd(t *testing.T) {
	const size, added = 8, 20
	f := runEventFile(t, "/dev/full", size)
	f.hits.Add(hit(0))
	eventually(t, "an error", func() bool { return f.LastError() != nil })
	for i := range added - 1 {
		f.changes.Add(hit(i))
	}
	f.stop()
	if f.Lost() != added {
		t.Errorf("Lost is %d, want %d", f.Lost(), added)
	}
}

// TestEventFileCountsEachOnce: those overwritten, whose line in the buffer is
// no event, and those that were read.
func TestEventFileCountsEachOnce(t *testing.T) {
	const size, added = 8, 20
	hits := events.NewRing[events.Event](size)
	f, err := OpenEventFile("/dev/full", hits)
	if err != nil {
		t.Fatal(err)
	}
	for i := range added {
		hits.Add(hit(i))
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	f.Run(ctx)
	if f.Lost() != added {
		t.Errorf("Lost is %d, want %d", f.Lost(), added)
	}
}

func TestEventFileCannotOpen(t *testing.T) {
	_, err := OpenEventFile(filepath.Join(t.TempDir(), "no", "such"))
	if err == nil || !strings.HasPrefix(err.Error(), "open events file: open /") || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v, want that there is no such folder", err)
	}
}

// TestLineFileFinishesALine over a pipe, which takes what it has room for.
func TestLineFileFinishesALine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	const room = 4096 // a page is the least (fcntl(2), F_SETPIPE_SZ)
	if _, err := unix.FcntlInt(file.Fd(), unix.F_SETPIPE_SZ, room); err != nil {
		t.Fatal(err)
	}
	if err := unix.SetNonblock(int(file.Fd()), true); err != nil { // Fd made it block
		t.Fatal(err)
	}
	line := strings.Repeat("x", 99) + "\n"
	var l lineFile
	l.use(file)
	l.buf = []byte(strings.Repeat(line, 100))
	var got []byte
	for rounds := 0; len(l.buf) > 0; rounds++ {
		if err := l.write(); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) || rounds > 3 {
			t.Fatalf("round %d: %v", rounds, err)
		}
		part := make([]byte, room)
		n, err := file.Read(part)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, part[:n]...)
	}
	if diff := cmp.Diff(strings.Repeat(line, 100), string(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestLineFileBeginsALineAnew(t *testing.T) {
	dir := t.TempDir()
	open := func(name, content string) *os.File {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		file, err := os.OpenFile(filepath.Join(dir, name), os.O_RDWR|os.O_APPEND, 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = file.Close() })
		return file
	}
	for name, tt := range map[string]struct{ before, after string }{
		"empty": {"", "whole\nnext\n"},
		"sound": {"old\n", "old\nwhole\nnext\n"},
		"torn":  {"wh", "wh\nwhole\nnext\n"}, // by a crash, or by the write that failed
	} {
		l := lineFile{buf: []byte("whole\nnext\n"), done: 2}
		l.use(open(name, tt.before))
		if err := l.write(); err != nil {
			t.Fatal(err)
		}
		after, _ := os.ReadFile(filepath.Join(dir, name))
		if diff := cmp.Diff(tt.after, string(after)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestWholeLines(t *testing.T) {
	long := strings.Repeat("x", lineChunk)
	for _, tt := range []struct {
		name, text string
		want       int
	}{
		{"all of few", "a\nb\n", 4},
		{"exactly one chunk", long[:lineChunk-1] + "\n", lineChunk},
		{"only whole ones", "a\nb\n" + long + "\n", 4},
		{"a line longer than a chunk goes alone", long + "\nb\n", lineChunk + 1},
	} {
		if got := wholeLines([]byte(tt.text)); got != tt.want {
			t.Errorf("%s: %d bytes, want %d", tt.name, got, tt.want)
		}
	}
}

// BenchmarkEventFile is a flood of hits: lines a second, and lost ones.
func BenchmarkEventFile(b *testing.B) {
	hits := events.NewRing[events.Event](1024)
	f, err := OpenEventFile(filepath.Join(b.TempDir(), "events"), hits)
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	var wg sync.WaitGroup
	wg.Go(func() { f.Run(ctx) })
	for i := 0; b.Loop(); i++ {
		hits.Add(hit(1))
		if i%100 == 99 {
			time.Sleep(2 * time.Millisecond) // 50 000 a second
		}
	}
	cancel()
	wg.Wait()
	b.ReportMetric(100*float64(f.Lost())/float64(b.N), "%lost")
}
