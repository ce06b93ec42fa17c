// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"cygnet/acl"
	"cygnet/internal/events"
	"cygnet/internal/wire"
)

// modelRule is a rule of a list and what it counted: the model moves both
// together.
type modelRule struct {
	rule acl.Rule
	hits uint64
}

// model is a list that is edited while frames come, told slowly.
type model struct {
	rules    []modelRule
	fallback acl.Action
	misses   uint64
}

// list returns the model's list, as an operator would enter it anew.
func (m *model) list() *List {
	var l acl.List
	for _, r := range m.rules {
		l.Append(r.rule)
	}
	l.SetDefault(m.fallback)
	return &List{Name: "users", Rules: l.Rules(), Table: l.Compile(nil)}
}

// look counts for the first rule that matches a.
func (m *model) look(a netip.Addr) {
	for i := range m.rules {
		if m.rules[i].rule.Prefix.Contains(a) {
			m.rules[i].hits++
			return
		}
	}
	m.misses++
}

// edit changes the list. Of equal rules it only takes out the last: which one
// of them is gone nobody can see, and the counts are the first ones'.
func (m *model) edit(t *rapid.T) {
	rule := acl.Rule{
		Action: rapid.SampledFrom([]acl.Action{acl.Deny, acl.Permit}).Draw(t, "action"),
		Prefix: netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 77, 1, byte(rapid.IntRange(0, 3).Draw(t, "host"))}), rapid.IntRange(29, 32).Draw(t, "bits")).Masked(),
	}
	same := func(r modelRule) bool { return r.rule == rule }
	switch pos := rapid.IntRange(0, len(m.rules)).Draw(t, "at"); rapid.IntRange(0, 3).Draw(t, "edit") {
	case 0:
		if first := slices.IndexFunc(m.rules, same); first < 0 || pos > first {
			m.rules = slices.Insert(m.rules, pos, modelRule{rule: rule})
		}
	case 1:
		if pos < len(m.rules) && !slices.ContainsFunc(m.rules[pos+1:], func(r modelRule) bool { return r.rule == m.rules[pos].rule }) {
			m.rules = slices.Delete(m.rules, pos, pos+1)
		}
	case 2:
		m.fallback = rule.Action
	default:
		m.rules = append(m.rules, modelRule{rule: rule})
	}
}

func (m *model) snapshot() ListSnapshot {
	s := ListSnapshot{Misses: m.misses, Hits: []uint64{}}
	for _, r := range m.rules {
		s.Hits = append(s.Hits, r.hits)
	}
	return s
}

// Counters belong to rules: an edit that moves them takes their counts along.
func TestHitsFollowTheirRules(t *testing.T) {
	cfg := farm(1)
	rapid.Check(t, func(t *rapid.T) {
		m := &model{}
		apply := func(e *Engine) {
			cfg := cfg.clone()
			users := m.list()
			cfg.Services[0].Clients = users
			cfg.Lists = []*List{users, cfg.Lists[0]}
			e.Apply(cfg)
		}
		e := New(cfg, Links{Workers: []Queue{idle{}, idle{}}, Control: idle{}}, events.NewRing[events.Event](1), events.NewRing[events.Event](1))
		apply(e)
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			client := byte(rapid.IntRange(0, 9).Draw(t, "client"))
			w := e.workers[rapid.IntRange(0, 1).Draw(t, "worker")]
			b, err := wire.ParseText(fromClient + fmt.Sprintf("tcp 10.77.1.%d:1000 > 10.77.0.10:80 S", client))
			if err != nil {
				t.Fatal(err)
			}
			w.set(b)
			_ = w.step()
			m.look(netip.AddrFrom4([4]byte{10, 77, 1, client}))
			if rapid.Bool().Draw(t, "apply") {
				m.edit(t)
				apply(e)
			}
			e.publish()
			got := e.Snapshot().Lists[0]
			if diff := cmp.Diff(m.snapshot(), ListSnapshot{Hits: got.Hits, Misses: got.Misses}); diff != "" {
				t.Fatalf("hits of %v (-want +got):\n%s", got.Rules, diff)
			}
		}
	})
}

// A batch may meet more rules than a usual one: nothing grows, and each counts.
func TestManyRulesInOneBatch(t *testing.T) {
	const servers, rules = 8, 64
	cfg := farm(servers)
	for n := range servers {
		var deny []string
		for i := range rules {
			deny = append(deny, fmt.Sprintf("deny 10.77.1.%d/32", i))
		}
		l := newList(fmt.Sprint("l", n), deny...)
		cfg.Services[0].Servers[n].Clients = l
		cfg.Lists = append(cfg.Lists, l)
	}
	e := newFarm(t, cfg)
	w := e.workers[0]
	var frames [rules][]byte
	for i := range frames {
		frames[i] = frame(t, fromClient+fmt.Sprintf("tcp 10.77.1.%d:1000 > 10.77.0.10:80 S", i))
	}
	room := cap(w.count.rules)
	const runs = 10
	allocs := testing.AllocsPerRun(runs-1, func() { // which runs it once more
		for i, b := range frames {
			w.batch.Slots[i].Set(b)
		}
		w.batch.N = rules
		_ = w.step()
	})
	if allocs != 0 || cap(w.count.rules) != room {
		t.Errorf("%v allocations a batch, room for %d rules became %d", allocs, room, cap(w.count.rules))
	}
	e.publish()
	for _, l := range e.Snapshot().Lists[1:] {
		if want := slices.Repeat([]uint64{runs}, rules); !slices.Equal(l.Hits, want) {
			t.Errorf("list %s: hits %v, want %d each", l.Name, l.Hits, runs)
		}
	}
}

// What the configuration says of a list, a snapshot says too.
func TestListSnapshot(t *testing.T) {
	cfg := farm(1)
	l := *cfg.Lists[0]
	l.Explicit, l.Dead, l.Uses = true, []int{1}, []string{"tarpit_acl"}
	cfg.Lists = []*List{&l}
	e := New(cfg, Links{Workers: []Queue{idle{}}, Control: idle{}}, events.NewRing[events.Event](1), events.NewRing[events.Event](1))
	got := e.Snapshot().Lists[0]
	if !got.Explicit || !slices.Equal(got.Dead, l.Dead) || !slices.Equal(got.Uses, l.Uses) || got.Name != l.Name {
		t.Errorf("got %+v of %+v", got, l)
	}
}
