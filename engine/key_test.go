// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cygnet/internal/sched"
	"cygnet/internal/wire"
)

// An engine that is given another key decides in everything as one that was
// made with it.
func TestAnotherKey(t *testing.T) {
	one, other := farm(4), farm(4)
	other.Key = sched.Key{9}
	e, fresh := newFarm(t, one), newFarm(t, other)
	before, want := ask(t, e), ask(t, fresh)
	if before == want {
		t.Fatal("both keys choose alike: this test tells nothing")
	}
	e.Apply(other)
	if diff := cmp.Diff(want, ask(t, e)); diff != "" {
		t.Errorf("choices (-made with the key +given it):\n%s", diff)
	}
	syn := frame(t, fromClient+"tcp 10.77.0.9:1234 > 10.77.0.66:22 S")
	answer := func(e *Engine) []byte {
		s := e.workers[0].set(syn)
		_ = e.workers[0].step()
		return slices.Clone(s.Frame())
	}
	if diff := cmp.Diff(answer(fresh), answer(e)); diff != "" {
		t.Errorf("SYN+ACK (-made with the key +given it):\n%s", diff)
	}
	e.Apply(one)
	if diff := cmp.Diff(before, ask(t, e)); diff != "" {
		t.Errorf("choices (-before +with the first key again):\n%s", diff)
	}
}

// Fragments are found by the key in force. Those of a datagram that began under
// another are lost; under the same key, Apply loses none.
func TestFragmentsOverApply(t *testing.T) {
	const first, later = "udp 10.77.0.9:1234 > 10.77.0.10:53 id=7 frag=0+ len=1472", "ip 10.77.0.9 > 10.77.0.10 proto=17 frag=1480 id=7 len=100"
	cfg := testConfig()
	e := newTestEngine(t, cfg)
	w := e.workers[0]
	send := func(text string) bool {
		s := w.set(frame(t, fromClient+text))
		_ = w.step()
		return s.Send && wire.Ethernet(s.Frame()).Dst() == serverMAC
	}
	if !send(first) || !send(later) {
		t.Fatal("a fragment was not forwarded")
	}
	e.Apply(cfg)
	if !send(later) {
		t.Error("a later fragment was not forwarded after Apply")
	}
	cfg.Key = sched.Key{9}
	e.Apply(cfg)
	if send(later) {
		t.Error("a fragment of a datagram that began under another key was forwarded")
	}
	if !send(first) || !send(later) {
		t.Error("a fragment was not forwarded under the new key")
	}
}
