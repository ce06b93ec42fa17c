// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine_test

import (
	"context"
	"fmt"
	"net/netip"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"cygnet/engine"
	"cygnet/internal/command"
	"cygnet/internal/config"
	"cygnet/internal/events"
	"cygnet/internal/link/linktest"
	"cygnet/internal/wire"
)

// A script is a txtar archive: a comment, then the files
//
//	config    lines of Cygnet's language
//	machine   `mac MAC`, `addr PREFIX`, `gateway ADDR`, `held ADDR` (by the host's kernel),
//	          `neighbour ADDR MAC [vlan N]` (answers ARP and neighbour discovery for ADDR there)
//	frames    what happens, a line each:
//	            > FRAME             comes from the wire, as wire.ParseText reads it
//	            >[NOTE,...] FRAME   the same, and the link says: truncated, type=outgoing
//	            < FRAME             leaves next, as Frame.String writes it
//	            wait DURATION       time passes
//	            gone ADDR [vlan N]  that neighbour falls silent
//	            neighbour ADDR MAC [vlan N]
//	                                it is there, or answers from another MAC
//	            apply FILE          a new configuration, from the archive
//	            control             show what answers no frame, too; as the first line, from the start
//	            quiet               do so no more
//	            count REASON=N ...  frames that ended so since the start
//	            health SERVICE NUMBER up|down|soft [WORDS]
//	                                checks find that this server is so; only with a file `checked`
//	            flows SERVICE NUMBER|emergency|abuse N
//	                                that server has so many flows
//	            serving SERVICE WORDS
//	                                who serves its new flows
//	            no event WORDS      none has these words so far
//	            event WORDS         the next event not yet looked at has these words in it
//
// Servers are not checked, unless the archive has a file `checked`: then they wait
// for word. Before the first line, 1.2 s pass, in which neighbours answer and addresses
// are claimed.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			synctest.Test(t, func(t *testing.T) { play(t, a) })
		})
	}
}

// player runs one script.
type player struct {
	t          *testing.T
	archive    *txtar.Archive
	machine    config.Machine
	neighbours map[place]wire.MAC
	engine     *engine.Engine
	worker     *linktest.Queue
	control    *linktest.Queue
	ring       *events.Ring[events.Event]
	hits       *events.Ring[events.Event]
	cursor     uint64
	pending    []events.Event
	loud       bool     // show what the control queue sends
	sent       []string // and not yet expected
}

// place is an address on a VLAN; 0 is the untagged network.
type place struct {
	vlan uint16
	addr netip.Addr
}

// newPlace reads ADDR and, behind it, [vlan N].
func newPlace(addr string, rest []string) place {
	p := place{addr: netip.MustParseAddr(addr)}
	if len(rest) == 2 && rest[0] == "vlan" {
		p.vlan = uint16(must(strconv.Atoi(rest[1])))
	}
	return p
}

func play(t *testing.T, a *txtar.Archive) {
	p := newPlayer(t)
	p.archive = a
	p.readMachine(p.file("machine"))
	lines := p.file("frames")
	p.loud = len(lines) > 0 && lines[0] == "control"
	defer p.start(p.config("config"))()
	p.play(lines...)
}

func newPlayer(t *testing.T) *player {
	return &player{
		t: t, neighbours: map[place]wire.MAC{},
		ring: events.NewRing[events.Event](256), hits: events.NewRing[events.Event](256),
		worker: linktest.NewQueue(250 * time.Millisecond), control: linktest.NewQueue(20 * time.Millisecond),
	}
}

// start runs an engine until stop is called.
func (p *player) start(cfg engine.Config) (stop func()) {
	p.engine = engine.New(cfg, engine.Links{Workers: []engine.Queue{p.worker}, Control: p.control}, p.ring, p.hits)
	ctx, cancel := context.WithCancel(p.t.Context())
	done := make(chan error, 1)
	go func() { done <- p.engine.Run(ctx) }()
	p.pass(1200 * time.Millisecond)
	if !p.loud {
		p.sent = nil
	}
	return func() {
		cancel()
		if err := <-done; err != nil {
			p.t.Error(err)
		}
	}
}

// play plays lines, and sees that nothing leaves that they do not name.
func (p *player) play(lines ...string) {
	p.t.Helper()
	for i, line := range lines {
		if next := i + 1; !p.line(line) || (next == len(lines) || !strings.HasPrefix(lines[next], "<")) && !p.quiet() {
			p.t.Fatalf("at line %d of frames: %s", i+1, line)
		}
	}
}

// file returns the lines of a file of the archive, without comments.
func (p *player) file(name string) (lines []string) {
	for _, f := range p.archive.Files {
		if f.Name == name {
			for l := range strings.Lines(string(f.Data)) {
				if l = strings.TrimSpace(l); l != "" && !strings.HasPrefix(l, "#") {
					lines = append(lines, l)
				}
			}
		}
	}
	return lines
}

func (p *player) config(name string) engine.Config {
	lines := []command.Line{{Text: "dsr_if eth1"}}
	for _, l := range p.file(name) {
		lines = append(lines, command.Line{Text: l, Origin: name})
	}
	cfg, _, problems := new(command.Parser).Apply(config.New(), lines)
	if len(problems) == 0 {
		problems = cfg.ValidateOn(p.machine)
	}
	for _, bad := range problems {
		p.t.Fatalf("%s: %v", name, bad)
	}
	run, _ := cfg.Engine(p.machine, [16]byte{1, 2, 3})
	checked := slices.ContainsFunc(p.archive.Files, func(f txtar.File) bool { return f.Name == "checked" })
	for i := range run.Services {
		for j := range run.Services[i].Servers {
			run.Services[i].Servers[j].Checked = checked
		}
	}
	return run
}

func (p *player) readMachine(lines []string) {
	p.machine = config.Machine{Name: "eth1", MAC: wire.MAC{2, 0, 0, 0, 0, 0xff}}
	for _, l := range lines {
		switch w := strings.Fields(l); w[0] {
		case "mac":
			p.machine.MAC = must(wire.ParseMAC(w[1]))
		case "addr":
			prefix := netip.MustParsePrefix(w[1])
			p.machine.Addrs = append(p.machine.Addrs, prefix)
			p.machine.HostAddrs = append(p.machine.HostAddrs, prefix.Addr())
		case "gateway":
			p.machine.Gateways = append(p.machine.Gateways, netip.MustParseAddr(w[1]))
		case "held":
			p.machine.HostAddrs = append(p.machine.HostAddrs, netip.MustParseAddr(w[1]))
		case "neighbour":
			p.neighbours[newPlace(w[1], w[3:])] = must(wire.ParseMAC(w[2]))
		default:
			p.t.Fatalf("machine: %s: unknown word", w[0])
		}
	}
}

// line plays one line and reports whether it went as it says.
func (p *player) line(line string) bool {
	word, rest, _ := strings.Cut(line, " ")
	switch {
	case word == "<":
		return p.expect(rest)
	case strings.HasPrefix(word, ">"):
		p.push(rest, strings.Trim(word, ">[]"))
	case word == "wait":
		p.pass(must(time.ParseDuration(rest)))
	case word == "gone":
		w := strings.Fields(rest)
		delete(p.neighbours, newPlace(w[0], w[1:]))
	case word == "neighbour":
		w := strings.Fields(rest)
		p.neighbours[newPlace(w[0], w[2:])] = must(wire.ParseMAC(w[1]))
	case word == "apply":
		p.engine.Apply(p.config(rest))
	case word == "control", word == "quiet":
		p.loud = word == "control"
	case word == "count":
		return p.count(strings.Fields(rest))
	case word == "event":
		return p.event(rest)
	case word == "no":
		return !p.happened(strings.TrimPrefix(rest, "event "))
	case word == "health":
		p.health(strings.SplitN(rest, " ", 4))
	case word == "flows":
		return p.flows(strings.Fields(rest))
	case word == "serving":
		return p.serving(rest)
	default:
		p.t.Errorf("%s: unknown word", word)
		return false
	}
	return true
}

// push makes a frame arrive at both queues, as their sockets would.
func (p *player) push(text, notes string) {
	data, err := wire.ParseText(text)
	if err != nil {
		p.t.Fatalf("%s: %v", text, err)
	}
	typ := wire.PacketOtherHost
	switch dst := wire.Ethernet(data).Dst(); {
	case dst == p.machine.MAC:
		typ = wire.PacketHost
	case dst == wire.BroadcastMAC():
		typ = wire.PacketBroadcast
	case dst.IsGroup():
		typ = wire.PacketMulticast
	}
	adjust := func(s *wire.Slot) {
		for n := range strings.SplitSeq(notes, ",") {
			switch {
			case n == "truncated":
				s.Truncated = true
			case n == "type=outgoing":
				s.Type = wire.PacketOutgoing
			}
		}
	}
	p.worker.Push(data, typ, adjust)
	p.control.Push(data, typ, adjust)
	p.settle()
}

// pass lets time go by in steps in which neighbours answer at once.
func (p *player) pass(d time.Duration) {
	const step = 10 * time.Millisecond
	for ; d > 0; d -= step {
		time.Sleep(min(d, step))
		p.settle()
	}
}

// settle waits until every goroutine waits, answers for the neighbours, and
// collects what was sent.
func (p *player) settle() {
	synctest.Wait()
	for _, b := range p.worker.Take() {
		p.sent = append(p.sent, text(p.t, b))
	}
	asked := p.control.Take()
	for _, b := range asked {
		if p.loud || answers(b) {
			p.sent = append(p.sent, text(p.t, b))
		}
		p.answer(b)
	}
	if len(asked) > 0 {
		p.settle()
	}
}

// answers says whether the control goroutine's frame answers one: for a captured
// address, or whose it is in truth.
func answers(b []byte) bool {
	var f wire.Frame
	_ = f.Parse(b)
	return f.Kind == wire.KindARP && f.ARP().Op() == wire.ARPReply || f.IsNeighbourAdvertisement() && f.ND().Flags()&wire.NDSolicited != 0
}

// answer plays the neighbour that a question is for, if it is there.
func (p *player) answer(question []byte) {
	var f wire.Frame
	if f.Parse(question) != wire.DefectNone {
		p.t.Fatalf("the control goroutine sent a defective frame: %x", question)
	}
	target := f.Dst
	if f.IsNeighbourSolicitation() {
		target = f.ND().Target()
	}
	reply, mac := "", p.neighbours[place{f.Tagged, target}]
	switch {
	case mac.IsZero():
		return
	case f.Kind == wire.KindARP && f.Src != f.Dst:
		reply = fmt.Sprintf("%s > %s arp %s is-at %s to %s", mac, p.machine.MAC, target, mac, f.Src)
	case f.IsNeighbourSolicitation():
		reply = fmt.Sprintf("%s > %s icmp6 %s > %s na %s flags=SO tlla=%s", mac, p.machine.MAC, target, f.Src, target, mac)
	default:
		return
	}
	if f.Tagged != 0 {
		reply += fmt.Sprintf(" vlan=%d", f.Tagged)
	}
	p.control.Push(must(wire.ParseText(reply)), wire.PacketHost, nil)
}

func (p *player) expect(want string) bool {
	if len(p.sent) == 0 {
		p.t.Errorf("nothing left, want %s", want)
		return false
	}
	got := p.sent[0]
	p.sent = p.sent[1:]
	want = text(p.t, must(wire.ParseText(want)))
	if diff := cmp.Diff(want, got); diff != "" {
		p.t.Errorf("frame out (-want +got):\n%s", diff)
		return false
	}
	return true
}

// quiet reports whether all that was sent was expected.
func (p *player) quiet() bool {
	for _, s := range p.sent {
		p.t.Errorf("unexpected frame out: %s", s)
	}
	return len(p.sent) == 0
}

func (p *player) count(wants []string) bool {
	p.pass(120 * time.Millisecond) // a snapshot
	snap := p.engine.Snapshot()
	var got []string
	for _, w := range wants {
		word, _, _ := strings.Cut(w, "=")
		for r, n := range snap.Reasons {
			if engine.Reason(r).String() == word {
				got = append(got, fmt.Sprintf("%s=%d", word, n.Frames))
			}
		}
	}
	if diff := cmp.Diff(wants, got); diff != "" {
		p.t.Errorf("counts (-want +got):\n%s", diff)
		return false
	}
	return true
}

// health plays package health.
func (p *player) health(words []string) {
	h := engine.Health{Check: "http"}
	if words[2] != "up" {
		h.State, h.Soft = engine.HealthDown, words[2] == "soft"
	}
	if len(words) > 3 {
		h.Why = words[3]
	}
	h.Last = []engine.Result{{Pass: words[2] == "up", Text: h.Why}}
	for _, srv := range p.service(words[0]).Servers {
		if strconv.Itoa(srv.Number) == words[1] {
			p.engine.SetHealth(words[0], srv.Addr, h)
		}
	}
}

func (p *player) service(name string) engine.ServiceSnapshot {
	p.pass(120 * time.Millisecond) // a snapshot
	services := p.engine.Snapshot().Services
	i := slices.IndexFunc(services, func(s engine.ServiceSnapshot) bool { return s.Name == name })
	if i < 0 {
		p.t.Fatalf("no service %s", name)
	}
	return services[i]
}

func (p *player) flows(words []string) bool {
	svc := p.service(words[0])
	got := "no such server"
	for _, srv := range svc.Servers {
		if strconv.Itoa(srv.Number) == words[1] {
			got = fmt.Sprint(srv.Flows)
		}
	}
	switch {
	case words[1] == "emergency":
		got = fmt.Sprint(svc.Emergency.Flows)
	case words[1] == "abuse":
		got = fmt.Sprint(svc.Abuse.Flows)
	}
	want := strings.Join(words[2:], " ")
	if got != want {
		p.t.Errorf("flows of server %s: %s, want %s", words[1], got, want)
	}
	return got == want
}

func (p *player) serving(words string) bool {
	name, want, _ := strings.Cut(words, " ")
	got := p.service(name).Serving.String()
	if got != want {
		p.t.Errorf("serving %s: %s, want %s", name, got, want)
	}
	return got == want
}

func (p *player) event(words string) bool {
	if !p.happened(words) {
		p.t.Errorf("no such event: %s; there are %v", words, p.pending)
		return false
	}
	return true
}

// happened looks for an event with these words, and forgets what was before it.
func (p *player) happened(words string) bool {
	var fresh []events.Event
	fresh, p.cursor, _ = p.ring.Since(p.cursor)
	p.pending = append(p.pending, fresh...)
	for i, e := range p.pending {
		line := fmt.Sprint(e.Kind, " service=", e.Service, " server=", e.Server, " addr=", e.Addr, " mac=", wire.MAC(e.MAC), " ", e.Text)
		if !slices.ContainsFunc(strings.Fields(words), func(w string) bool { return !strings.Contains(line, w) }) {
			p.pending = slices.Delete(p.pending, 0, i+1)
			return true
		}
	}
	return false
}

func text(t *testing.T, b []byte) string {
	var f wire.Frame
	if d := f.Parse(b); d != wire.DefectNone {
		t.Fatalf("a defective frame was sent (%v): %x", d, b)
	}
	if !f.TransportChecksumOK() {
		t.Fatalf("a frame with a wrong checksum was sent: %s", f.String())
	}
	return f.String()
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
