// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cygnet/acl"
	"cygnet/engine"
	"cygnet/internal/config"
	"cygnet/internal/events"
	"cygnet/internal/logging"
)

// newTestOutputs returns outputs that are all off, of a daemon without an engine.
func newTestOutputs(t *testing.T) (*outputs, *daemon) {
	t.Helper()
	log, err := logging.Open(logging.Target{}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	d := newDaemon("eth1", config.New())
	d.out = newOutputs(d, log, target(config.New()))
	t.Cleanup(func() { d.out.close(); log.Close(time.Second) })
	return d.out, d
}

// become makes the change that a line would, or fails.
func become(t *testing.T, o *outputs, change func(c *config.Config)) {
	t.Helper()
	cfg := config.New()
	change(cfg)
	commit, _, err := o.prepare(cfg)
	if err != nil {
		t.Fatal(err)
	}
	commit()
}

// freePort is a port that nobody listens on.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

func listens(port string) bool {
	conn, err := net.Dial("tcp", "127.0.0.1:"+port)
	if err == nil {
		conn.Close()
	}
	return err == nil
}

func TestMetricsMoveOnTheirOwnPort(t *testing.T) {
	o, _ := newTestOutputs(t)
	port := freePort(t)
	for _, address := range []string{port, ":" + port, "localhost:" + port} {
		become(t, o, func(c *config.Config) { c.Metrics = address })
		if !listens(port) {
			t.Errorf("metrics %s: nobody listens", address)
		}
	}
	for range 50 {
		become(t, o, func(*config.Config) {})
		if listens(port) {
			t.Fatal("no metrics: somebody listens")
		}
		become(t, o, func(c *config.Config) { c.Metrics = port })
	}
}

// TestARefusedChangeLeavesOutputsAlone asks for a file that could be had and
// an address that is taken.
func TestARefusedChangeLeavesOutputsAlone(t *testing.T) {
	o, d := newTestOutputs(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	file, port := filepath.Join(t.TempDir(), "events"), freePort(t)
	was := func(c *config.Config) { c.Events, c.Metrics = file, port }
	become(t, o, was)
	cfg := config.New()
	cfg.Events, cfg.Metrics, cfg.Log = file+"2", taken.Addr().String(), file+".log"
	if _, _, err := o.prepare(cfg); err == nil {
		t.Fatal("an address that is taken was had")
	}
	if !listens(port) {
		t.Error("metrics are not served any more")
	}
	if err := os.Rename(file, file+".1"); err != nil {
		t.Fatal(err)
	}
	if err := o.reopen(); err != nil {
		t.Fatal(err)
	}
	d.ring.Add(events.Event{Kind: events.LinkUp, Time: time.Now()})
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(5 * time.Millisecond) { // the pace of polling
		text, _ := os.ReadFile(file)
		if strings.Contains(string(text), "link_up") {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the event is not in the file that was opened anew: %q", text)
		}
	}
}

// TestControlFromElsewhereNeedsAList guards a socket that is open to the
// network until the next start, after its list was taken away.
func TestControlFromElsewhereNeedsAList(t *testing.T) {
	d := newDaemon("eth1", config.New())
	here, there := netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("10.77.0.9")
	if !d.mayControl(here) || d.mayControl(there) {
		t.Errorf("without a list: from here %v, from elsewhere %v", d.mayControl(here), d.mayControl(there))
	}
	cfg := config.New()
	cfg.ControlList = "9"
	cfg.List("9").Append(acl.Rule{Action: acl.Permit, Prefix: netip.MustParsePrefix("10.77.0.9/32")})
	d.permits.Store(cfg.ControlTable())
	if d.mayControl(here) || !d.mayControl(there) {
		t.Errorf("with a list: from here %v, from elsewhere %v", d.mayControl(here), d.mayControl(there))
	}
}

// TestAFullDiskIsTold has the file of events be one that takes nothing.
func TestAFullDiskIsTold(t *testing.T) {
	o, _ := newTestOutputs(t)
	synctest.Test(t, func(t *testing.T) {
		full := errors.New("write events: no space left on device")
		err := full
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); o.tellFailing(ctx, func() error { return err }) }()
		time.Sleep(3*failingEvery + time.Millisecond)
		synctest.Wait()
		err = nil
		time.Sleep(failingEvery)
		cancel()
		<-done
	})
	lines, _, _ := o.log.Lines().Since(0)
	said := strings.Join(lines, "\n")
	if strings.Count(said, "it is not written") != 1 || strings.Count(said, "it is written again") != 1 || !strings.Contains(said, "no space left") {
		t.Errorf("the log says:\n%s", said)
	}
}

// eventuallyReads waits until the file has these words.
func eventuallyReads(t *testing.T, path, words string) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(5 * time.Millisecond) { // the pace of polling
		text, _ := os.ReadFile(path)
		if strings.Contains(string(text), words) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: %q, want %q in it", path, text, words)
		}
	}
}

func TestCaughtClientsAreTold(t *testing.T) {
	o, d := newTestOutputs(t)
	d.engine = engine.New(engine.Config{}, engine.Links{}, d.ring, d.hits)
	dir := t.TempDir()
	accept, program, out := filepath.Join(dir, "accept"), filepath.Join(dir, "hook"), filepath.Join(dir, "out")
	if err := os.WriteFile(program, []byte("#!/bin/sh\necho caught $1 >> "+out+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	both := func(c *config.Config) { c.Tarpit.Accept, c.Tarpit.Hook = accept, program }
	become(t, o, both)
	catch := func(source string) {
		d.hits.Add(events.Event{Kind: events.TarpitVerified, Time: time.Now(), Source: netip.MustParseAddr(source), From: 4711})
	}
	catch("192.0.2.1")
	eventuallyReads(t, accept, " ACCEPT host=192.0.2.1 port=4711 fd=4 n=1/65536\n")
	eventuallyReads(t, out, "caught 192.0.2.1\n")
	if err := os.Rename(accept, accept+".1"); err != nil {
		t.Fatal(err)
	}
	if err := o.reopen(); err != nil {
		t.Fatal(err)
	}
	catch("192.0.2.2")
	eventuallyReads(t, accept, "host=192.0.2.2 ")
	eventuallyReads(t, out, "caught 192.0.2.2\n")
	become(t, o, func(*config.Config) {})
	o.running.Wait() // their last words are written
	catch("192.0.2.3")
	become(t, o, both)
	catch("192.0.2.4")
	eventuallyReads(t, accept, "host=192.0.2.4 ")
	eventuallyReads(t, out, "caught 192.0.2.4\n")
	for _, path := range []string{accept, out} {
		if text, _ := os.ReadFile(path); strings.Contains(string(text), "192.0.2.3") {
			t.Errorf("%s tells of who came while it was off: %s", path, text)
		}
	}
}

func TestAHookThatCannotBeRunIsRefused(t *testing.T) {
	o, _ := newTestOutputs(t)
	cfg := config.New()
	cfg.Tarpit.Hook = "/none/such"
	_, _, err := o.prepare(cfg)
	h, ok := errors.AsType[hinter](err)
	if !ok || err.Error() != "tarpit_hook /none/such: no such file" || h.Hint() == "" {
		t.Errorf("%v, want a refusal with a hint", err)
	}
}
