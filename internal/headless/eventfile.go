// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package headless

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"cygnet/internal/events"
)

const (
	eventGather = 10 * time.Millisecond // between two rounds, so that a flood of hits costs few system calls
	eventRetry  = time.Second           // after a write that failed
)

// EventFile writes what comes to rings as lines to a file. The rings are
// its buffer: a disk that is slow or full blocks Run alone, and what a ring
// overwrites meanwhile is counted, in the file too. A line is never torn: what
// was written in part is finished, or begun anew in the next file.
type EventFile struct {
	path  string
	form  form
	rings []reader
	wake  chan struct{} // something came, or the file is to be another
	lost  atomic.Uint64

	mu    sync.Mutex
	fresh *os.File // what Reopen opened, until Run takes it over
	ended bool     // Run has
	err   error    // of the newest write

	out lineFile // state of Run, as the rings' cursors are
}

// form is what the lines are like.
type form struct {
	what   string                                 // the file is called
	has    func(events.Kind) bool                 // there are lines for this kind of event
	append func(b []byte, e *events.Event) []byte // a line without its end
	lost   func(b []byte, lost uint64) []byte     // a line, with its end, that says how many were lost; nil is none
}

// jsonForm has all events as JSON lines.
var jsonForm = form{
	what: "events file", has: func(events.Kind) bool { return true },
	append: func(b []byte, e *events.Event) []byte { return e.AppendJSON(b) }, lost: appendLost,
}

// reader is how far a ring was read.
type reader struct {
	*events.Ring[events.Event]
	cursor uint64
	got    []events.Event // read, and not yet in the buffer
}

// OpenEventFile opens the file of JSON lines at path to append to it; if there is
// none it is made, for owner and group. It is given what comes to the rings from
// now on. The caller must call Run, which closes it, and waits for what it writes.
func OpenEventFile(path string, rings ...*events.Ring[events.Event]) (*EventFile, error) {
	return openEventFile(path, jsonForm, rings...)
}

func openEventFile(path string, form form, rings ...*events.Ring[events.Event]) (*EventFile, error) {
	f := &EventFile{path: path, form: form, wake: make(chan struct{}, 1)}
	file, err := f.open()
	if err != nil {
		return nil, err
	}
	f.out.use(file)
	for _, r := range rings {
		f.rings = append(f.rings, reader{Ring: r, cursor: r.End()})
	}
	return f, nil
}

// open opens for reading too: to see whether the last line is whole, and
// because a named pipe without a reader would hold up its writer.
func (f *EventFile) open() (*os.File, error) {
	file, err := os.OpenFile(f.path, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o640)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", f.form.what, err)
	}
	return file, nil
}

// Run writes until ctx ends, then once more what there is, and closes the
// file. What cannot be written then is lost.
func (f *EventFile) Run(ctx context.Context) {
	for _, r := range f.rings {
		defer r.Notify(f.wake)()
	}
	for {
		var retry <-chan time.Time
		if err := f.round(); err != nil {
			retry = time.After(eventRetry)
		}
		select {
		case <-ctx.Done():
		case <-time.After(eventGather):
		}
		select {
		case <-ctx.Done():
			f.finish()
			return
		case <-f.wake:
		case <-retry:
		}
	}
}

// Reopen opens the path anew, after the file there was renamed, and has Run go
// on with that. When this fails the old file stays. It never waits for a write.
func (f *EventFile) Reopen() error {
	file, err := f.open()
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ended {
		_ = file.Close()
		return fmt.Errorf("reopen %s %s: %w", f.form.what, f.path, os.ErrClosed)
	}
	if f.fresh != nil {
		_ = f.fresh.Close()
	}
	f.fresh = file
	select {
	case f.wake <- struct{}{}:
	default:
	}
	return nil
}

// Lost returns how many events were overwritten in their ring before they
// could be written, and in the end, how many still could not be; some of them may
// be of kinds that the file has no lines for.
func (f *EventFile) Lost() uint64 { return f.lost.Load() }

// LastError returns why the newest write failed; nil if it did not. A write
// that failed is tried again.
func (f *EventFile) LastError() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}

// round writes what the rings hold. An error is one of writing.
func (f *EventFile) round() error {
	err := f.writeAll()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = err
	return err
}

// writeAll reads the rings only after what was left of the round before is
// written: until then they are the buffer.
func (f *EventFile) writeAll() error {
	f.takeFresh()
	if err := f.drain(); err != nil {
		return err
	}
	f.read()
	f.takeFresh() // only now: what comes after Reopen never goes to the old file
	return f.drain()
}

// drain writes all that was read.
func (f *EventFile) drain() error {
	for {
		f.fill()
		if len(f.out.buf) == 0 {
			return nil
		}
		if err := f.out.write(); err != nil {
			return err
		}
	}
}

// read takes over what came to the rings, and says what they lost.
func (f *EventFile) read() {
	for i := range f.rings {
		r := &f.rings[i]
		var lost uint64
		r.got, r.cursor, lost = r.Since(r.cursor)
		r.got = slices.DeleteFunc(r.got, func(e events.Event) bool { return !f.form.has(e.Kind) })
		f.lost.Add(lost)
		if lost > 0 && f.form.lost != nil {
			f.out.buf = f.form.lost(f.out.buf, lost)
		}
	}
}

// lostWord is how only a line of appendLost can look: a quotation mark within
// a string would be escaped.
const lostWord = `"event":"events_lost"`

func appendLost(b []byte, lost uint64) []byte {
	b = append(b, '{')
	b = events.AppendTime(b, time.Now())
	b = append(b, lostWord+`,"severity":"warning","count":`...)
	b = strconv.AppendUint(b, lost, 10)
	return append(b, "}\n"...)
}

// fill makes lines of events, until they are worth a system call. Of several
// rings the earlier event comes first; one ring's order is kept.
func (f *EventFile) fill() {
	for len(f.out.buf) < lineChunk {
		var first *reader
		for i := range f.rings {
			r := &f.rings[i]
			if len(r.got) > 0 && (first == nil || r.got[0].Time.Before(first.got[0].Time)) {
				first = r
			}
		}
		if first == nil {
			return
		}
		f.out.buf = append(f.form.append(f.out.buf, &first.got[0]), '\n')
		first.got = first.got[1:]
	}
}

// takeFresh goes on with the file that Reopen opened, if it did.
func (f *EventFile) takeFresh() {
	f.mu.Lock()
	file := f.fresh
	f.fresh = nil
	f.mu.Unlock()
	if file != nil {
		f.out.use(file)
	}
}

// finish writes what there is, counts what is left, and closes.
func (f *EventFile) finish() {
	_ = f.round()
	f.mu.Lock()
	f.ended = true
	f.mu.Unlock()
	f.takeFresh()
	_ = f.out.file.Close()
	lines := bytes.Count(f.out.buf, []byte("\n")) - bytes.Count(f.out.buf, []byte(lostWord))
	f.lost.Add(uint64(lines))
	for _, r := range f.rings {
		f.lost.Add(uint64(len(r.got)) + r.End() - r.cursor)
	}
}
