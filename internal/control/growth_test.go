// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"cygnet/engine"
	"cygnet/internal/command"
	"cygnet/internal/config"
	"cygnet/internal/events"
	"cygnet/internal/health"
	"cygnet/internal/wire"
)

// grown is a file of 1000 services, each with 4 of 1000 servers, and a list of
// 100 000 entries that all of them name.
func grown() string {
	var b strings.Builder
	const services, entries = 1000, 100_000
	b.WriteString("dsr_if eth1\n")
	for n := range entries {
		fmt.Fprintf(&b, "acl customers permit %d.%d.%d.0/24\n", 20+n>>16, n>>8&255, n&255)
	}
	for n := range services {
		name := fmt.Sprintf("service v%d ", n)
		fmt.Fprintf(&b, "%slisten 10.80.%d.%d:80\n%sclient_acl customers\n", name, n>>8, n&255, name)
		for i := range 4 {
			s := 256 + (n+i)%services
			fmt.Fprintf(&b, "%sserver %d address 10.77.%d.%d\n", name, i, s>>8, s&255)
		}
	}
	return b.String()
}

// plant is a Machine that brings configurations into force on an engine, as the
// program does, but for what is the kernel's.
type plant struct {
	*rig
	engine *engine.Engine
	health *health.Monitor
}

type nobody struct{}

func (nobody) Recv(*wire.Batch) error { return nil }
func (nobody) Send(*wire.Batch) error { return nil }

func (p *plant) on() config.Machine {
	return config.Machine{Name: "eth1", MAC: wire.MAC{2, 0, 0, 0, 0, 5}, Addrs: []netip.Prefix{netip.MustParsePrefix("10.77.0.5/8")}}
}

func (p *plant) Engine(cfg *config.Config) (engine.Config, []config.Notice, []*config.Problem) {
	if problems := cfg.ValidateOn(p.on()); problems != nil {
		return engine.Config{}, nil, problems
	}
	run, notices := cfg.Engine(p.on(), [16]byte{1})
	return run, notices, nil
}

func (p *plant) Apply(cfg *config.Config) ([]config.Notice, []*config.Problem) {
	run, notices, problems := p.Engine(cfg)
	if problems != nil {
		return nil, problems
	}
	p.engine.WithLeaving(run)
	p.engine.Apply(run)
	p.health.Configure(health.Targets(cfg))
	return notices, nil
}

func (p *plant) Snapshot() *engine.Snapshot { return p.engine.Snapshot() }

func (p *plant) begin(cfg *config.Config) {
	run, _, problems := p.Engine(cfg)
	for _, problem := range problems {
		panic(problem)
	}
	links := engine.Links{Workers: []engine.Queue{nobody{}}, Control: nobody{}}
	p.engine = engine.New(run, links, events.NewRing[events.Event](16), events.NewRing[events.Event](16))
	p.health = health.New(p.engine)
	p.health.Configure(health.Targets(cfg))
}

func readGrown(b testing.TB) *config.Config {
	b.Helper()
	var lines []command.Line
	for text := range strings.SplitSeq(grown(), "\n") {
		lines = append(lines, command.Line{Text: text})
	}
	r := new(command.Parser).Run(command.Request{Base: config.New(), Lines: lines, Who: owner})
	for _, p := range r.Problems {
		b.Fatal(p)
	}
	return r.Config
}

// BenchmarkGrownStart measures the parts of a start: reading, and from what was read
// to an engine.
func BenchmarkGrownStart(b *testing.B) {
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			readGrown(b)
		}
	})
	cfg := readGrown(b)
	b.Run("begin", func(b *testing.B) {
		for b.Loop() {
			p := &plant{rig: &rig{}}
			p.begin(cfg)
		}
	})
}

// BenchmarkGrownChange measures one change from its line to the reply.
func BenchmarkGrownChange(b *testing.B) {
	cfg := readGrown(b)
	p := &plant{rig: &rig{changes: events.NewRing[events.Event](1024)}}
	p.begin(cfg)
	d := NewDesk(Options{Parser: new(command.Parser), Machine: p, Changes: p.changes, Initial: config.New(), Config: cfg})
	for _, c := range []struct {
		name string
		line func(n int) string
	}{
		{"question", func(int) string { return "debug" }},
		{"weight", func(n int) string { return fmt.Sprintf("service v7 server 2 weight %d", 2+n%60000) }},
		{"drain", func(n int) string { return "service v8 server 1 " + []string{"drain", "enable"}[n&1] }},
		{"entry", func(n int) string { return fmt.Sprintf("acl customers permit 30.%d.%d.0/24", n>>8, n&255) }},
		{"service", func(n int) string {
			return fmt.Sprintf("service w%d 10.81.%d.%d:80 10.77.1.1 10.77.1.2", n, n>>8&255, n&255)
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				lines := []string{c.line(n)}
				if c.name == "service" {
					s := fmt.Sprintf("service w%d%d ", b.N, n)
					lines = []string{"begin", s + fmt.Sprintf("listen 10.81.%d.%d:80", n>>8&255, n&255), s + "server 0 address 10.77.1.1"}
				}
				if reply := d.Do(root, lines); Refused(reply) {
					b.Fatal(reply)
				}
				if c.name == "service" {
					b.StopTimer()
					d.Do(root, []string{"undo"})
					b.StartTimer()
				}
			}
		})
	}
}

// BenchmarkGrownJSON measures a snapshot as the control socket tells it.
func BenchmarkGrownJSON(b *testing.B) {
	p := &plant{rig: &rig{}}
	p.begin(readGrown(b))
	s := p.engine.Snapshot()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := json.Marshal(s); err != nil {
			b.Fatal(err)
		}
	}
}
