// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"bytes"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"cygnet/internal/wire"
)

// back turns an answer round, as if whoever sent it were at the other end.
func back(b []byte) []byte {
	b = bytes.Clone(b)
	e := wire.Ethernet(b)
	src, dst := e.Src(), e.Dst()
	e.SetSrc(dst)
	e.SetDst(src)
	return b
}

// checkAnswer checks what holds for every answer: it is no longer than the question,
// or the shortest frame, and nobody who answers like us, with this key or another,
// answers it, whichever end he is.
func checkAnswer(t *testing.T, question, answer []byte, listeners ...*trap) {
	t.Helper()
	if len(answer) > max(len(question), minFrame) {
		t.Errorf("%d bytes answer %d", len(answer), len(question))
	}
	for _, l := range listeners {
		for _, b := range [][]byte{answer, back(answer), swapped(answer)} {
			if again, why := l.take(b); again != nil {
				t.Errorf("our answer\n% x\nis answered, %v:\n% x", b, why, again)
			}
		}
	}
}

// swapped is an answer that comes back to us as if it had been sent to us.
func swapped(b []byte) []byte {
	b = back(b)
	copy(b[0:6], ourMAC[:])
	copy(b[6:12], []byte{2, 0, 0, 0, 0, 9})
	return b
}

// all that the tarpit can be, and one more that captures where clients are.
func traps(t testing.TB) (all []*trap) {
	for mode := Persist; mode <= Sink; mode++ {
		for _, ports := range []TarpitPorts{{}, {Plausible: 5}} {
			all = append(all, newTrap(t, func(c *Tarpit) { c.Mode, c.Ports = mode, ports }))
			all = append(all, newTrap(t, func(c *Tarpit) {
				c.Mode, c.Ports = mode, ports
				c.Captured = append(parsePrefixes("10.77.0.8/31 fd77::8/125"), c.Captured...)
			}))
		}
	}
	return all
}

func FuzzTarpit(f *testing.F) {
	for _, text := range []string{
		"tcp " + toSSH + " S seq=1000 " + stamped, "tcp " + toSSH6 + " S seq=1000", "tcp " + toSSH + " A seq=1000 ack=77 len=1",
		"tcp " + toSSH + " RA seq=1000 ack=1", "udp " + toSSH + " len=9", "icmp 10.77.0.9 > 10.77.0.66 echo-request id=1 seq=1",
		"tcp " + toSSH + " S seq=1000 vlan=0", "tcp " + toSSH + " S seq=1000 vlan=10",
	} {
		f.Add(frame(f, fromClient+text))
	}
	all := traps(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 2000 {
			return
		}
		for _, p := range all {
			p.t = t
		}
		for _, p := range all {
			if answer, why := p.take(b); answer != nil && why >= CapturedSYN && why <= CapturedHeld {
				checkAnswer(t, b, answer, all...)
			}
		}
	})
}

// The same for segments that are right, so that all of the code is met.
func TestAnswersAreNotAnswered(t *testing.T) {
	all := traps(t)
	rapid.Check(t, func(rt *rapid.T) {
		p := all[rapid.IntRange(0, len(all)-1).Draw(rt, "who")]
		to := rapid.SampledFrom([]string{toSSH, toSSH6, "10.77.0.9:22 > 10.77.0.66:1234", "10.77.0.9:7 > 10.77.0.70:7"}).Draw(rt, "to")
		options := rapid.SampledFrom([]string{"", "020405b4", stamped[5:], "0101080a0000000100000002"}).Draw(rt, "options")
		syn, _ := p.take(frame(t, fromClient+"tcp "+to+" S seq=1000 opts="+options))
		if syn != nil {
			checkAnswer(t, frame(t, fromClient+"tcp "+to+" S seq=1000 opts="+options), syn, all...)
		}
		isn := uint32(0)
		if syn != nil {
			isn = parse(t, syn).TCP().Seq()
		}
		question := frame(t, fmt.Sprintf("%stcp %s %s seq=%d ack=%d len=%d opts=%s", fromClient, to,
			rapid.SampledFrom([]string{"A", "PA", "FA", "RA", "R", "SA"}).Draw(rt, "flags"),
			rapid.IntRange(998, 1100).Draw(rt, "seq"), isn+1, rapid.IntRange(0, 3).Draw(rt, "len"), options))
		answer, why := p.take(question)
		if answer == nil {
			return
		}
		if tcp := parse(t, answer).TCP(); tcp.Flags() != wire.FlagACK || len(tcp.Payload()) != 0 && len(answer) > minFrame {
			t.Errorf("%v answers with flags %x", why, tcp.Flags())
		}
		checkAnswer(t, question, answer, all...)
		if again := newTrap(t, func(c *Tarpit) { *c = p.w.t.cfg.Tarpit }); true {
			if other, _ := again.take(question); !bytes.Equal(answer, other) {
				t.Errorf("a fresh engine answers\n% x, not\n% x", other, answer)
			}
		}
	})
}
