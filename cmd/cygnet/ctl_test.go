// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"net/netip"
	"path/filepath"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"cygnet/engine"
	"cygnet/internal/command"
	"cygnet/internal/config"
	"cygnet/internal/control"
	"cygnet/internal/events"
	"cygnet/internal/wire"
)

// paper is a machine on which every configuration is in force at once.
type paper struct{ snap engine.Snapshot }

func (p *paper) Apply(cfg *config.Config) ([]config.Notice, []*config.Problem) {
	run, _, problems := p.Engine(cfg)
	p.snap.Services = nil
	for _, s := range run.Services {
		snap := engine.ServiceSnapshot{Service: s}
		for _, srv := range s.Servers {
			v := engine.ServerSnapshot{Server: srv}
			if srv.Name != "" {
				v.MAC = wire.MAC{2, 0, 0, 0, 0, byte(srv.Number)} // the others are silent
			}
			snap.Servers = append(snap.Servers, v)
		}
		p.snap.Services = append(p.snap.Services, snap)
	}
	return nil, problems
}

func (p *paper) Engine(cfg *config.Config) (engine.Config, []config.Notice, []*config.Problem) {
	run, notices := cfg.Engine(config.Machine{Name: "eth1", Addrs: []netip.Prefix{netip.MustParsePrefix("10.77.0.5/24")}}, [16]byte{1})
	return run, notices, nil
}

func (p *paper) Snapshot() *engine.Snapshot { s := p.snap; return &s }
func (p *paper) Link() wire.LinkStats       { return wire.LinkStats{KernelDrops: 3} }
func (p *paper) Page() (string, error)      { return "<!DOCTYPE html>\n", nil }
func (p *paper) Recent(int) []events.Event  { return []events.Event{{Kind: events.LinkUp}} }
func (p *paper) Version() string            { return versionText() }
func (p *paper) Reopen() error              { return nil }
func (p *paper) Exit() error                { return &config.Problem{What: "exit: not allowed"} }

// serveDesk has a desk with a small configuration, and $WORK/run.cfg as its
// file, listen at $WORK/ctl.sock until the script has ended.
func serveDesk(t *testing.T, env *testscript.Env) { env.Defer(startDesk(t, env.WorkDir)) }

// startDesk does what serveDesk does in a folder, until stop is called.
func startDesk(t *testing.T, folder string) (stop func()) {
	l, err := control.ListenUnix(filepath.Join(folder, "ctl.sock"))
	if err != nil {
		t.Fatal(err)
	}
	lines := []command.Line{{Text: "dsr_if eth1"}, {Text: "listen 10.77.0.10:80"},
		{Text: "server 0 address 10.77.0.1"}, {Text: "server web2 address 10.77.0.2"}}
	m, parser := &paper{}, new(command.Parser)
	cfg, _, problems := parser.Apply(config.New(), lines)
	if problems != nil {
		t.Fatal(problems[0])
	}
	m.Apply(cfg)
	changes := events.NewRing[events.Event](100)
	desk := control.NewDesk(control.Options{
		Parser: parser, Machine: m, Changes: changes, Initial: config.New(), Lines: lines, Config: cfg,
		Files: []string{filepath.Join(folder, "run.cfg")},
	})
	server := control.New(desk, control.Feed{
		Hello: control.Hello{Interface: "eth1"}, Snapshot: m.Snapshot, Link: m.Link,
		Up: func() bool { return true }, CPU: func() []time.Duration { return nil },
		Changes: changes, Hits: events.NewRing[events.Event](1), Lines: events.NewRing[string](1),
	}, nil)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = server.Serve(ctx, l) }()
	return func() { cancel(); <-ended }
}
