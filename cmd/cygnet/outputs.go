// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"
	"syscall"
	"time"

	"cygnet/engine"
	"cygnet/internal/config"
	"cygnet/internal/headless"
	"cygnet/internal/holds"
	"cygnet/internal/hook"
	"cygnet/internal/logging"
	"cygnet/internal/metrics"
	"cygnet/internal/privilege"
)

// outputs are what is told to others than the operator at the terminal: the
// log, the files of events, of caught clients and of status, the metrics, and the
// program that is run for caught clients. Each is a setting
// that may change while Cygnet runs. Its methods are for one goroutine at a
// time, but for the counts.
type outputs struct {
	log    *logging.Log
	target logging.Target
	root   string // the folder that is / once the start is over; empty from then on
	parts  [parts]part

	running sync.WaitGroup // all parts that were started

	mu    sync.Mutex
	files [parts]*headless.EventFile // of those parts that are one; nil while there is none
	lost  uint64                     // by earlier ones
}

// The parts that a setting turns on.
const (
	eventsPart = iota
	metricsPart
	statusPart
	acceptPart
	hookPart
	parts
)

// part is one of them: what its setting is, and how it is opened and ended.
type part struct {
	setting string
	open    func(setting string) (*opened, error)
	end     func() // nil while it is off
}

// opened is a part that is open and not in use yet.
type opened struct {
	use   func()                    // it takes the place of the one before; may be nil
	run   func(ctx context.Context) // until ctx ends
	stop  func()                    // lets go at once of what another one may want; may be nil
	abort func()                    // instead of all these

	failing func() error // of the newest try to write, nil when it went well; may be nil
}

// newOutputs returns outputs of d that are all off but the log.
func newOutputs(d *daemon, log *logging.Log, target logging.Target) *outputs {
	o := &outputs{log: log, target: target}
	o.parts[eventsPart].open = func(path string) (*opened, error) {
		return o.openedFile(eventsPart)(headless.OpenEventFile(path, d.ring, d.hits))
	}
	o.parts[acceptPart].open = func(path string) (*opened, error) {
		return o.openedFile(acceptPart)(headless.OpenAcceptFile(path, d.held, holds.Connections, d.hits))
	}
	o.parts[hookPart].open = func(program string) (*opened, error) {
		h, err := hook.Open(o.root, program, d.hits, log.Logger())
		if err != nil {
			return nil, err
		}
		abort := func() { atOnce(h.Run) }
		if err := privilege.Disinherit(); err != nil {
			abort()
			return nil, fmt.Errorf("tarpit_hook: %w", err)
		}
		return &opened{run: h.Run, abort: abort}, nil
	}
	o.parts[metricsPart].open = func(address string) (*opened, error) {
		s, err := metrics.Listen(address, metrics.NewHandler(d.metricsSources()))
		if err != nil {
			return nil, err
		}
		run := func(ctx context.Context) {
			if err := s.Run(ctx); err != nil {
				log.Logger().Error("metrics ended", "error", err)
			}
		}
		return &opened{run: run, stop: s.Close, abort: s.Close}, nil
	}
	o.parts[statusPart].open = func(path string) (*opened, error) {
		page := headless.NewPage()
		f, err := headless.OpenStatusFile(path, func(w io.Writer, stopped bool) error {
			info := d.pageInfo(headless.StatusFileEvery)
			info.Stopped = stopped
			return page.Write(w, d.snapshot(), info)
		})
		if err != nil {
			return nil, err
		}
		return &opened{run: f.Run, abort: func() {}, failing: f.LastError}, nil
	}
	return o
}

// atOnce runs what ends as soon as it has let go of what it holds.
func atOnce(run func(context.Context)) {
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	run(ended)
}

// openedFile makes a part of a file of events that was opened, or was not.
func (o *outputs) openedFile(part int) func(*headless.EventFile, error) (*opened, error) {
	return func(f *headless.EventFile, err error) (*opened, error) {
		if err != nil {
			return nil, err
		}
		return &opened{use: func() { o.useFile(part, f) }, run: f.Run, abort: func() { atOnce(f.Run) }, failing: f.LastError}, nil
	}
}

func (o *outputs) useFile(part int, f *headless.EventFile) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if was := o.files[part]; was != nil {
		o.lost += was.Lost()
	}
	o.files[part] = f
}

// eventsLost is how many events did not reach their file.
func (o *outputs) eventsLost() uint64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	lost := o.lost
	for _, f := range o.files {
		if f != nil {
			lost += f.Lost()
		}
	}
	return lost
}

// settings are what cfg says of the parts.
func settings(cfg *config.Config) [parts]string {
	return [parts]string{
		eventsPart: cfg.Events, metricsPart: cfg.Metrics, statusPart: cfg.WebStats,
		acceptPart: cfg.Tarpit.Accept, hookPart: cfg.Tarpit.Hook,
	}
}

func target(cfg *config.Config) logging.Target {
	return logging.Target{To: cfg.Log, Format: cfg.LogFormat, Debug: cfg.Debug}
}

// prepare opens what cfg asks for and is not open yet. Then either commit
// makes the change, or undo leaves everything as it was.
func (o *outputs) prepare(cfg *config.Config) (commit, undo func(), err error) {
	var fresh [parts]*opened
	was := o.target
	undo = func() {
		for i, f := range fresh {
			if f != nil {
				f.abort()
			}
			o.reviveAfter(i)
		}
		_ = o.log.Use(was) // it worked before
		o.target = was
	}
	want := settings(cfg)
	for i := range o.parts {
		if want[i] == o.parts[i].setting || want[i] == "" {
			continue
		}
		if fresh[i], err = o.openPart(i, want[i]); err != nil {
			undo()
			return nil, nil, notOpened(err)
		}
	}
	if t := target(cfg); t != was {
		if err := o.log.Use(t); err != nil {
			undo()
			return nil, nil, fmt.Errorf("log: %w", err)
		}
		o.target = t
	}
	return func() { o.change(want, fresh) }, undo, nil
}

// openPart opens a part anew. One that has the address which its successor is
// to have, under another name, makes room for it.
func (o *outputs) openPart(i int, setting string) (*opened, error) {
	p := &o.parts[i]
	f, err := p.open(setting)
	if errors.Is(err, syscall.EADDRINUSE) && p.end != nil {
		p.end()
		p.end = nil
		f, err = p.open(setting)
	}
	return f, err
}

// reviveAfter starts a part again that made room for what was not to be.
func (o *outputs) reviveAfter(i int) {
	p := &o.parts[i]
	if p.setting == "" || p.end != nil {
		return
	}
	if f, err := p.open(p.setting); err != nil {
		o.log.Logger().Error("what made room for a change that was refused did not come back", "setting", p.setting, "error", err)
	} else {
		o.begin(p, f)
	}
}

// notOpened adds what to do where that can be told.
func notOpened(err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return &hintedError{err.Error(), "file and folder must be writable for the user that cygnet runs as"}
	}
	return err
}

// change ends what is not wanted any more, and starts what was opened. It does
// not wait for the end: a disk that is stuck would keep operators waiting.
func (o *outputs) change(want [parts]string, fresh [parts]*opened) {
	for i := range o.parts {
		p := &o.parts[i]
		if p.setting == want[i] {
			continue
		}
		p.setting = want[i]
		if p.end != nil {
			p.end()
			p.end = nil
		}
		if fresh[i] != nil {
			o.begin(p, fresh[i])
		}
	}
}

// begin puts what was opened to use.
func (o *outputs) begin(p *part, f *opened) {
	if f.use != nil {
		f.use()
	}
	ctx, cancel := context.WithCancel(context.Background())
	o.running.Go(func() { f.run(ctx) })
	if f.failing != nil {
		o.running.Go(func() { o.tellFailing(ctx, f.failing) })
	}
	p.end = func() {
		cancel()
		if f.stop != nil {
			f.stop()
		}
	}
}

// tellFailing logs when writing begins to fail, as on a full disk, and when it
// goes well again, until ctx ends.
func (o *outputs) tellFailing(ctx context.Context, failing func() error) {
	ticker := time.NewTicker(failingEvery)
	defer ticker.Stop()
	said := ""
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		now := ""
		if err := failing(); err != nil {
			now = err.Error()
		}
		switch {
		case now == said:
		case now == "":
			o.log.Logger().Info("it is written again", "was", said)
		default:
			o.log.Logger().Error("it is not written", "error", now)
		}
		said = now
	}
}

// failingEvery is how late it is told that a file cannot be written.
const failingEvery = 2 * time.Second

// reopen opens the files of log, events and caught clients anew, for logrotate.
func (o *outputs) reopen() error {
	err := o.log.Reopen()
	o.mu.Lock()
	defer o.mu.Unlock()
	for i, f := range o.files {
		if f != nil && o.parts[i].end != nil {
			err = errors.Join(err, f.Reopen())
		}
	}
	return err
}

// close ends all parts and waits until they have written their last words, but
// not for a disk that is stuck. The log goes on.
func (o *outputs) close() {
	const patience = 2 * time.Second
	o.change([parts]string{}, [parts]*opened{})
	ended := make(chan struct{})
	go func() { defer close(ended); o.running.Wait() }() // ends with the last part, or with the program
	select {
	case <-ended:
	case <-time.After(patience):
	}
}

// metricsSources are what a scrape reads.
func (d *daemon) metricsSources() metrics.Sources {
	return metrics.Sources{
		Snapshot: d.snapshot, Link: d.linkState,
		EventsLost: d.out.eventsLost, LogLost: d.out.log.Lost,
		Interface: d.name, Version: version(), Revision: revision(),
	}
}

// held is how many clients the tarpit holds.
func (d *daemon) held() uint64 { return d.snapshot().Tarpit.Holds.Now }

func (d *daemon) snapshot() *engine.Snapshot { return d.engine.Snapshot() }
