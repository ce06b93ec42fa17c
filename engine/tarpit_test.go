// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"cygnet/internal/capture"
	"cygnet/internal/holds"
	"cygnet/internal/wire"
)

// trap is a worker that answers for captured addresses.
type trap struct {
	t testing.TB
	e *Engine
	w *worker
}

func newTrap(t testing.TB, change func(*Tarpit)) *trap {
	cfg := testConfig()
	if change != nil {
		change(&cfg.Tarpit)
	}
	e := newTestEngine(t, cfg)
	e.epoch.Store(1_800_000_000_000)
	return &trap{t, e, e.workers[0]}
}

// pass lets time go by.
func (p *trap) pass(d time.Duration) { p.e.clock.Add(int64(d)) }

// take gives it a frame, and returns what it answers, nil if nothing, and why.
func (p *trap) take(b []byte) (answer []byte, why Reason) {
	p.t.Helper()
	var before [reasons]uint64
	for r := range before {
		before[r] = p.w.count.reasons[r].now.Frames
	}
	s := p.w.set(b)
	if err := p.w.step(); err != nil {
		p.t.Fatal(err)
	}
	for r := range before {
		if p.w.count.reasons[r].now.Frames != before[r] {
			why = Reason(r)
		}
	}
	if !s.Send {
		return nil, why
	}
	return bytes.Clone(s.Frame()), why
}

// say gives it a frame from the client, in text, and returns the answer, in text.
func (p *trap) say(text string) (answer string, why Reason) {
	p.t.Helper()
	b, why := p.take(frame(p.t, fromClient+text))
	if b == nil {
		return "", why
	}
	return parse(p.t, b).String(), why
}

func parse(t testing.TB, b []byte) *wire.Frame {
	t.Helper()
	f := new(wire.Frame)
	if d := f.Parse(b); d != wire.DefectNone || !f.TransportChecksumOK() {
		t.Fatalf("% x: defect %v, or a wrong checksum", b, d)
	}
	return f
}

// records drains what was noted for the book.
func (p *trap) records() (all []holds.Record) {
	p.w.catches.drain(func(r *holds.Record) { all = append(all, *r) })
	return all
}

// call connects, and returns our first sequence number and the timestamp of our
// SYN+ACK.
func (p *trap) call(to, options string) (isn, stamp uint32) {
	p.t.Helper()
	b, why := p.take(frame(p.t, fromClient+"tcp "+to+" S seq=1000 win=64240 "+options))
	if why != CapturedSYN {
		p.t.Fatalf("a SYN ends as %v", why)
	}
	tcp := parse(p.t, b).TCP()
	if tcp.Ack() != 1001 || tcp.Flags() != wire.FlagSYN|wire.FlagACK {
		p.t.Fatalf("answer to a SYN: ack %d, flags %x", tcp.Ack(), tcp.Flags())
	}
	p.records()
	return tcp.Seq(), offersOf(tcp.Options()).stamp.value
}

const (
	toSSH   = "10.77.0.9:1234 > 10.77.0.66:22"
	toSSH6  = "[fd77::9]:1234 > [fd77::66:1]:22"
	stamped = "opts=020405b40402080a000000c800000000" + "01030307"
)

// The reply table of persist: what a client may say after the handshake, where it is
// in its stream (0 is the first byte after the SYN), and what comes of it.
func TestHeldClient(t *testing.T) {
	p := newTrap(t, nil)
	for _, to := range []string{toSSH, toSSH6} {
		isn, _ := p.call(to, "opts=020405b4")
		for _, tt := range []struct {
			name, flags string
			seq, bytes  int
			ack         uint32 // beyond our isn
			want        Reason
			record      int // a holds.Kind; -1 is none
		}{
			{"handshake", "A", 1001, 0, 1, CapturedVerified, int(holds.Handshake)},
			{"Linux window probe", "A", 1000, 0, 1, CapturedHeld, int(holds.Probe)},
			{"keepalive with a byte of garbage", "A", 1000, 1, 1, CapturedHeld, int(holds.Probe)},
			{"data", "PA", 1001, 300, 1, CapturedHeld, int(holds.Data)},
			{"data and FIN", "FPA", 1001, 300, 1, CapturedHeld, int(holds.Data)},
			{"FIN alone", "FA", 1001, 0, 1, CapturedHeld, int(holds.Data)},
			{"one byte, a window probe of BSD", "A", 1001, 1, 1, CapturedHeld, int(holds.Data)},
			{"the first flight goes on", "A", 1301, 300, 1, CapturedData, int(holds.Data)},
			{"its last byte", "A", 1001 + 65535, 1, 1, CapturedData, int(holds.Data)},
			{"FIN after data", "FA", 1301, 0, 1, CapturedData, int(holds.Data)},
			{"beyond the first flight", "A", 1001 + 65536, 1, 1, CapturedForged, -1},
			{"no data beyond the first byte", "A", 1301, 0, 1, CapturedForged, -1},
			{"too low", "A", 999, 0, 1, CapturedForged, -1},
			{"two bytes below", "A", 1000, 2, 1, CapturedForged, -1},
			{"FIN below", "FA", 1000, 0, 1, CapturedForged, -1},
			{"another acknowledgment", "A", 1001, 0, 5, CapturedForged, -1},
			{"RST with the cookie", "RA", 1001, 0, 1, CapturedEscaped, int(holds.Escaped)},
			{"RST without", "RA", 1001, 0, 77_000_000, CapturedForged, -1},
			{"RST beyond the first flight", "RA", 1001 + 65536, 0, 1, CapturedForged, -1},
			{"RST without an acknowledgment", "R", 1001, 0, 0, CapturedOther, -1},
			{"SYN+ACK", "SA", 1000, 0, 1, CapturedBackscatter, int(holds.Backscatter)},
			{"SYN+FIN", "SF", 1000, 0, 0, CapturedOther, -1},
			{"SYN+RST", "SR", 1000, 0, 0, CapturedOther, -1},
			{"SYN+FIN+ACK", "SFA", 1000, 0, 1, CapturedOther, -1},
			{"FIN", "F", 1001, 0, 0, CapturedOther, -1},
			{"XMAS", "FPU", 1001, 0, 0, CapturedOther, -1},
			{"neither", "P", 1001, 0, 0, CapturedOther, -1},
		} {
			t.Run(strings.Fields(to)[2]+" "+tt.name, func(t *testing.T) {
				p.t = t
				got, why := p.say(fmt.Sprintf("tcp %s %s seq=%d ack=%d win=502 len=%d", to, tt.flags, tt.seq, isn+tt.ack, tt.bytes))
				if why != tt.want {
					t.Errorf("ends as %v, want %v", why, tt.want)
				}
				sent := why == CapturedHeld
				if f := strings.Fields(got); (got != "") != sent {
					t.Errorf("answer %q", got)
				} else if sent && !strings.Contains(got, fmt.Sprintf(" A seq=%d ack=1001 win=0", isn+1)) {
					t.Errorf("answer %v", f)
				}
				records := p.records()
				if len(records) != 1 && tt.record >= 0 || len(records) != 0 && tt.record < 0 || len(records) == 1 && int(records[0].Kind) != tt.record {
					t.Errorf("noted %v, want kind %d", records, tt.record)
				}
			})
		}
		p.t = t
	}
}

// Our first timestamp comes back with each segment, and so tells how long the client
// is held, also to an engine that has not seen the beginning.
func TestHeldTime(t *testing.T) {
	p := newTrap(t, nil)
	isn, stamp := p.call(toSSH, stamped)
	p.pass(90 * time.Second)
	again := newTrap(t, nil)
	again.e.clock.Store(p.e.clock.Load() - int64(time.Hour)) // another start, the same calendar
	again.e.epoch.Store(p.e.epoch.Load() + time.Hour.Milliseconds())
	text := fmt.Sprintf("tcp %s A seq=1000 ack=%d win=502 opts=0101080a000000c9%08x", toSSH, isn+1, stamp)
	first, _ := p.say(text)
	second, why := again.say(text)
	if first != second || why != CapturedHeld {
		t.Errorf("before the restart %q, after it %q, %v", first, second, why)
	}
	if want := fmt.Sprintf("opts=0101080a%08x000000c9", stamp); !strings.Contains(first, want) {
		t.Errorf("answer %q lacks %s", first, want)
	}
	for _, p := range []*trap{p, again} {
		if r := p.records(); len(r) != 1 || r[0].Held != 90_000 {
			t.Errorf("noted %+v, want 90 s", r)
		}
	}
}

// Only who got our SYN+ACK counts as a client: of the segments that are near what its
// own could be, which a forger hits after some thousand guesses, none makes one.
func TestGuessesProveNothing(t *testing.T) {
	for _, mode := range []TarpitMode{Persist, SYNACK, Sink} {
		p := newTrap(t, func(c *Tarpit) { c.Mode = mode })
		isn, _ := p.call(toSSH, "")
		guesses := []string{"PA seq=1002 len=1", "PA seq=60000 len=9", "FA seq=1500", "RA seq=1002", "RA seq=60000"}
		for _, guess := range guesses {
			p.say(fmt.Sprintf("tcp %s %s ack=%d", toSSH, guess, isn+1))
		}
		p.e.book.enter()
		p.e.publish()
		if hits, _, _ := p.e.hits.Since(0); len(hits) != 0 || p.e.Snapshot().Tarpit.Holds.Verified != 0 {
			t.Errorf("mode %d: guesses make a client: %v", mode, hits)
		}
		for _, own := range []string{"A seq=1001", guesses[0], guesses[3]} {
			p.say(fmt.Sprintf("tcp %s %s ack=%d", toSSH, own, isn+1))
		}
		p.e.book.enter()
		p.e.publish()
		if h := p.e.Snapshot().Tarpit.Holds; h.Verified != 1 || h.Escaped != 1 || h.Bytes != 1 {
			t.Errorf("mode %d: of a client the book has %+v", mode, h)
		}
	}
}

func TestSYNACKMode(t *testing.T) {
	p := newTrap(t, func(c *Tarpit) { c.Mode = SYNACK })
	isn, _ := p.call(toSSH, "")
	for _, text := range []string{"A seq=1001 len=9", "A seq=1000", "A seq=1001", "FA seq=1001"} {
		if got, why := p.say(fmt.Sprintf("tcp %s %s ack=%d", toSSH, text, isn+1)); got != "" {
			t.Errorf("%s: answer %q, %v", text, got, why)
		}
	}
}

func TestSinkMode(t *testing.T) {
	p := newTrap(t, func(c *Tarpit) { c.Mode = Sink })
	isn, _ := p.call(toSSH, "")
	for _, tt := range []struct {
		text string
		ack  uint32 // 0 is no answer
	}{
		{"A seq=1001", 0},
		{"PA seq=1001 len=100", 1101},
		{"PA seq=1101 len=1000", 2101},
		{"FPA seq=2101 len=10", 2111}, // its FIN is never acknowledged
		{"FA seq=2111", 2111},
		{"A seq=2110", 2111}, // a keepalive
		{"A seq=1000", 1001},
		{"PA seq=1049577 len=1", 1049578},
		{"PA seq=1049578 len=1", 0},
		{"PA seq=900 len=1", 0},
	} {
		got, why := p.say(fmt.Sprintf("tcp %s %s ack=%d", toSSH, tt.text, isn+1))
		if want := fmt.Sprintf(" A seq=%d ack=%d win=502 ", isn+1, tt.ack); (got != "") != (tt.ack != 0) || got != "" && !strings.Contains(got, want) {
			t.Errorf("%s: %q, %v; want%s", tt.text, got, why, want)
		}
	}
}

func TestObserveSendsNothing(t *testing.T) {
	p := newTrap(t, nil)
	isn, _ := p.call(toSSH, "")
	p = newTrap(t, func(c *Tarpit) { c.Policy = capture.Observe; c.Ports = TarpitPorts{Ranges: []PortRange{{22, 22}}} })
	for _, text := range []string{"22 S seq=1000", "23 S seq=1000", fmt.Sprintf("22 A seq=1000 ack=%d", isn+1)} {
		if got, why := p.say("tcp 10.77.0.9:1234 > 10.77.0.66:" + text); got != "" || why != CapturedObserved {
			t.Errorf("%s: %q, %v", text, got, why)
		}
	}
}

// A SYN waits until nobody is known to hold the address, and has it asked for; who
// is held already does not.
func TestVerifyWaits(t *testing.T) {
	p := newTrap(t, nil)
	isn, _ := p.call(toSSH, "")
	p = newTrap(t, func(c *Tarpit) { c.Policy = capture.Verify })
	if got, why := p.say("tcp " + toSSH + " S seq=1000"); got != "" || why != CapturedWaits {
		t.Errorf("a SYN: %q, %v", got, why)
	}
	if n := p.w.suspects.written.Load(); n != 1 {
		t.Errorf("%d addresses to ask for", n)
	}
	if _, why := p.say(fmt.Sprintf("tcp %s A seq=1000 ack=%d", toSSH, isn+1)); why != CapturedHeld {
		t.Errorf("a held client: %v", why)
	}
}

func TestIgnored(t *testing.T) {
	p := newTrap(t, func(c *Tarpit) {
		c.Ignore = []Ignore{
			{From: parsePrefixes("10.77.0.8/32")[0]},
			{From: parsePrefixes("10.77.0.9/32")[0], To: parsePrefixes("10.77.0.67/32")[0], Port: 22},
			{Port: 443},
		}
	})
	for text, want := range map[string]Reason{
		"tcp 10.77.0.9:1234 > 10.77.0.66:22 S":  CapturedSYN,
		"tcp 10.77.0.8:1234 > 10.77.0.66:22 S":  CapturedIgnored,
		"tcp 10.77.0.9:1234 > 10.77.0.67:22 S":  CapturedIgnored,
		"tcp 10.77.0.9:1234 > 10.77.0.67:23 S":  CapturedSYN,
		"tcp 10.77.0.9:1234 > 10.77.0.66:443 S": CapturedIgnored,
	} {
		if _, why := p.say(text); why != want {
			t.Errorf("%s: %v, want %v", text, why, want)
		}
	}
}

// Nobody sends us segments from where nobody is, and servers have no business here.
func TestCapturedHasHonestSources(t *testing.T) {
	p := newTrap(t, nil)
	for _, from := range []string{"10.77.0.1", "10.77.0.10", "10.77.0.4", "10.77.0.66", "10.77.0.67", "10.77.0.0", "10.77.0.255", "127.0.0.1", "224.0.0.1", "240.0.0.1"} {
		if got, why := p.say("tcp " + from + ":1234 > 10.77.0.66:22 S"); got != "" || why != BadSource {
			t.Errorf("from %s: %q, %v", from, got, why)
		}
	}
	if n := p.w.suspects.written.Load(); n != 2 {
		t.Errorf("%d captured addresses are suspected, want 2", n)
	}
}
