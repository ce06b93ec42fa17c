// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package capture

import (
	"testing"
	"time"

	"cygnet/internal/wire"
)

// Whatever frame comes, there is at most one answer, which says something only to a
// question for a free address.
func FuzzLearn(f *testing.F) {
	for _, text := range []string{
		whoHas, solicits, announces, probes, repaired, isAt, advertises, question,
		owner + " > " + group6 + " icmp6 :: > ff02::1:ff00:50 ns " + free6,
		owner + " > 33:33:00:00:00:01 icmp6 fe80::5 > ff02::1 na " + free6 + " flags=O tlla=" + owner,
		asking + " > " + us + " icmp6 " + client6 + " > " + free6 + " ns " + free6 + " ndopts=0101020000000009",
		asking + " > " + us + " tcp 10.77.0.9:1 > " + free4 + ":80 S",
	} {
		for p := range uint8(3) {
			f.Add(p, frame(f, text))
		}
	}
	f.Fuzz(func(t *testing.T, p uint8, b []byte) {
		var in wire.Frame
		if in.Parse(b) != wire.DefectNone {
			return
		}
		s := newSegment(t, policy(Policy(p%3)))
		s.hear(whoHas)
		s.hear(solicits)
		s.pass(1200 * time.Millisecond)
		s.hear(whoHas)
		s.hear(solicits)
		s.changes = nil

		answers := 0
		s.Learn(&in, s.now, func(out []byte) {
			f := parsed(t, out)
			target, says, kind := meaning(f)
			if s.cfg.Policy == Observe {
				t.Errorf("observed, but sent %s", f)
			}
			if f.Kind == wire.KindARP && len(out) != 60 || f.Kind == wire.KindIPv6 && len(out) != 86 {
				t.Errorf("%d bytes: %s", len(out), f)
			}
			if kind == "question" {
				return
			}
			if !f.Ethernet().Dst().IsUnicast() {
				t.Errorf("to many: %s", f)
			}
			if says != us {
				return // a repair
			}
			answers++
			if in.Src.IsUnspecified() || in.Src == in.Dst || in.Ethernet().Src() == mac(us) || in.Tagged != 0 ||
				in.Kind == wire.KindARP && in.ARP().SenderMAC() != in.Ethernet().Src() || s.States().Of(addr(target), s.now) != Free {
				t.Errorf("%s\nanswered %s", &in, f)
			}
		})
		if answers > 1 {
			t.Errorf("%d answers to %s", answers, &in)
		}
		s.pass(4 * time.Second)
	})
}
