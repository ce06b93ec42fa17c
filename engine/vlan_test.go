// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"bytes"
	"slices"
	"testing"

	"cygnet/internal/wire"
)

// onVLAN10 returns cfg with every service on VLAN 10.
func onVLAN10(cfg Config) Config {
	cfg = cfg.clone()
	for i := range cfg.Services {
		cfg.Services[i].VLAN = 10
	}
	return cfg
}

// withTag returns a frame without a tag with one of VLAN 10 and priority 5.
func withTag(b []byte) []byte { return slices.Insert(slices.Clone(b), 12, 0x81, 0, 0xa0, 10) }

// Whatever comes on a VLAN ends as it would on the untagged network, if the services
// were there, and what leaves has the tag of what came.
func FuzzTagged(f *testing.F) {
	for _, c := range common {
		f.Add(frame(f, c.text))
	}
	cfg := testConfig()
	cfg.Addrs, cfg.Tarpit = nil, Tarpit{}
	cfg.Services = cfg.Services[:5]
	plain := newTestEngine(f, cfg).workers[0]
	tagged := newTestEngine(f, onVLAN10(cfg)).workers[0]
	end := func(w *worker, b []byte) (r Reason, out []byte) {
		var before [reasons]uint64
		for r := range before {
			before[r] = w.count.reasons[r].now.Frames
		}
		s := w.set(b)
		if err := w.step(); err != nil {
			f.Fatal(err)
		}
		for i := range before {
			if w.count.reasons[i].now.Frames != before[i] {
				r = Reason(i)
			}
		}
		if s.Send {
			out = slices.Clone(s.Frame())
		}
		return r, out
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) < 14 || len(b) > 2000 || wire.Ethernet(b).Type() == wire.EtherTypeVLAN {
			return
		}
		want, plainOut := end(plain, b)
		got, taggedOut := end(tagged, withTag(b))
		if got != want || (plainOut == nil) != (taggedOut == nil) {
			t.Fatalf("ends as %s, and with a tag as %s: % x", want, got, b)
		}
		if plainOut == nil {
			return
		}
		if !bytes.Equal(taggedOut[12:16], []byte{0x81, 0, 0xa0, 10}) {
			t.Fatalf("without its tag: % x", taggedOut)
		}
		bare := slices.Delete(taggedOut, 12, 16)
		n := min(len(bare), len(plainOut)) // padding counts the tag
		if !bytes.Equal(bare[:n], plainOut[:n]) || len(bytes.Trim(bare[n:], "\x00"))+len(bytes.Trim(plainOut[n:], "\x00")) > 0 {
			t.Fatalf("untagged\n% x\ntagged\n% x", plainOut, bare)
		}
	})
}

// A VLAN that is no more leaves nothing behind: servers there are unknown.
func TestAVLANThatIsNoMore(t *testing.T) {
	e := newTestEngine(t, testConfig())
	table := e.neighbours.table(10)
	n := table.Neighbour(testConfig().Services[5].Servers[0].Addr)
	claim := table.Claim(vipAddr)
	if !n.Known() || !claim.Held() {
		t.Fatal("the server is not known, or the VIP not held")
	}
	e.neighbours.tick(e.clock.Load(), func(uint16, []byte) {})
	table.AskSoon(n.Addr(), e.clock.Load()) // only on the VLAN is something to do so soon
	if due := e.neighbours.due(); due != table.Due() || due >= e.neighbours.table(0).Due() {
		t.Errorf("due at %d, on the VLAN at %d, untagged at %d", due, table.Due(), e.neighbours.table(0).Due())
	}
	cfg := testConfig()
	cfg.Services = cfg.Services[:5]
	e.Apply(cfg)
	if n.Known() || claim.Held() || e.neighbours.table(10) != nil || len(e.table.Load().vlans) != 0 {
		t.Error("something of the VLAN is left")
	}
	// While the link is down, a new one knows it.
	e.SetLink(false)
	e.Apply(testConfig())
	e.neighbours.tick(e.clock.Load(), func(vlan uint16, _ []byte) { t.Errorf("VLAN %d: sent on a dead link", vlan) })
}

// A service that is moved to another VLAN has other hosts behind the same
// addresses: what checks found of the ones before says nothing of them.
func TestServersOfAnotherVLANAreOthers(t *testing.T) {
	cfg := testConfig()
	cfg.Services = cfg.Services[:1]
	cfg.Services[0].Servers[0].Checked = true
	e := newTestEngine(t, cfg)
	e.SetHealth("web", cfg.Services[0].Servers[0].Addr, Health{})
	srv := func() *server { return e.table.Load().services[0].servers[0] }
	if !srv().usable() {
		t.Fatal("the server cannot serve to begin with")
	}
	cfg = onVLAN10(cfg)
	e.Apply(cfg)
	if h := srv().member.health.Load(); srv().neighbour.Known() || h.State != HealthUnchecked {
		t.Errorf("known %v, health %v; want a server of which nothing is known", srv().neighbour.Known(), h.State)
	}
}

// What is on one VLAN stands in nobody's way on another.
func TestClashesAreOfOneVLAN(t *testing.T) {
	cfg := testConfig()
	web := cfg.Services[0]
	if !cfg.clashes(web) {
		t.Error("a service does not clash with itself")
	}
	web.VLAN = 20
	if cfg.clashes(web) {
		t.Error("a service clashes with one of another VLAN")
	}
	cfg.Sources = []Source{{web.VIP, 20}}
	if !cfg.clashes(web) {
		t.Error("a service does not clash with a source of its VLAN")
	}
}
