// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import (
	"encoding/json"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"cygnet/acl"
	"cygnet/engine"
	"cygnet/internal/wire"
)

// fill sets everything in v, of the same length with every seed, and of another
// value.
func fill(v reflect.Value, seed byte) {
	switch v.Addr().Interface().(type) {
	case *netip.Addr:
		v.Set(reflect.ValueOf(netip.AddrFrom4([4]byte{10, 0, 0, seed})))
		return
	case *netip.Prefix:
		v.Set(reflect.ValueOf(netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, 0, seed}), 32)))
		return
	case *time.Time:
		v.Set(reflect.ValueOf(time.Unix(int64(seed), 0).UTC()))
		return
	case *netip.AddrPort:
		v.Set(reflect.ValueOf(netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, seed}), uint16(seed))))
		return
	case *engine.Service: // its servers, and who is gone, JSON leaves out
		defer func() {
			s := v.Addr().Interface().(*engine.Service)
			s.Clients, s.Servers, s.Emergency, s.Abuse, s.Gone = nil, nil, nil, nil, nil
		}()
	case **engine.List:
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[acl.Rule]() {
			v.Set(reflect.ValueOf(acl.Rule{Action: acl.Permit, Prefix: netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, 0, seed}), 32)}))
			return
		}
		for _, field := range v.Fields() {
			fill(field, seed)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fallthrough
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i), seed)
		}
	case reflect.Uint8: // often a word's number
		v.SetUint(uint64(seed % 2))
	case reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(uint64(seed))
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(seed))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), seed)
	case reflect.Bool:
		v.SetBool(seed%2 == 1)
	case reflect.String:
		v.SetString(string('a' + rune(seed)))
	default:
		panic(v.Type())
	}
}

// filled are two snapshots of one generation in which all is different that may
// be. The next field of a snapshot is either in Counts, or here.
func filled() (whole, next engine.Snapshot) {
	fill(reflect.ValueOf(&whole).Elem(), 1)
	fill(reflect.ValueOf(&next).Elem(), 2)
	next.Generation = whole.Generation
	for i := range whole.Services {
		was, is := &whole.Services[i], &next.Services[i]
		is.Service = was.Service
		for j, srv := range serversOf(is) {
			srv.Server = serversOf(was)[j].Server
		}
	}
	for i := range whole.Lists {
		was, is := &whole.Lists[i], &next.Lists[i]
		is.Name, is.Rules, is.Default, is.Explicit, is.Dead, is.Uses = was.Name, was.Rules, was.Default, was.Explicit, was.Dead, was.Uses
	}
	return whole, next
}

var plain = cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{}, netip.AddrPort{})

func TestCountsMakeASnapshotWhole(t *testing.T) {
	whole, next := filled()
	before, _ := filled()
	rest, counts := shorten(&next, &whole)
	line, err := json.Marshal(Message{Type: TypeSnapshot, Snapshot: rest, Counts: counts})
	if err != nil {
		t.Fatal(err)
	}
	m, err := decode(line)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Counts.restore(m.Snapshot, &whole); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(next, *m.Snapshot, plain); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(before, whole, plain); diff != "" {
		t.Errorf("the one before was changed:\n%s", diff)
	}
	if n := number(wire.MAC{0x02, 1, 2, 3, 4, 5}); n != 0x020102030405 {
		t.Errorf("a MAC is %#x", n)
	}
}

// TestCountsOfHealth: what did not change is not sent, and of results only the
// new ones are.
func TestCountsOfHealth(t *testing.T) {
	result := func(n int64) engine.Result { return engine.Result{Time: time.Unix(n, 0).UTC(), Text: "http 200"} }
	results := func(from, to int64) (all []engine.Result) {
		for n := from; n <= to; n++ {
			all = append(all, result(n))
		}
		return all
	}
	tests := []struct {
		name         string
		was, is      engine.Health
		changed      bool
		kept, resent int
	}{
		{"nothing", engine.Health{}, engine.Health{}, false, 0, 0},
		{"the same", engine.Health{Last: results(1, 5)}, engine.Health{Last: results(1, 5)}, false, 5, 0},
		{"the first", engine.Health{State: engine.HealthUnchecked}, engine.Health{Last: results(1, 1)}, true, 0, 1},
		{"one more", engine.Health{Last: results(1, 4)}, engine.Health{Last: results(1, 5)}, true, 4, 1},
		{"one more, one forgotten", engine.Health{Last: results(1, 5)}, engine.Health{Last: results(2, 6)}, true, 4, 1},
		{"one forgotten", engine.Health{Last: results(1, 5)}, engine.Health{Last: results(2, 5)}, true, 4, 0},
		{"all others", engine.Health{Last: results(1, 5)}, engine.Health{Last: results(7, 9)}, true, 0, 3},
		{"none any more", engine.Health{Last: results(1, 5)}, engine.Health{}, true, 0, 0},
		{"damped", engine.Health{Last: results(1, 5)}, engine.Health{Last: results(1, 5), Held: time.Unix(9, 0).UTC()}, true, 5, 0},
		{"another turn", engine.Health{Turn: 1}, engine.Health{Turn: 2}, true, 0, 0},
	}
	for _, tt := range tests {
		h, changed := healthChange(&tt.was, &tt.is)
		if changed != tt.changed || h.Kept != tt.kept || len(h.Health.Last) != tt.resent {
			t.Errorf("%s: changed %t, kept %d, sent %d; want %t, %d, %d", tt.name, changed, h.Kept, len(h.Health.Last), tt.changed, tt.kept, tt.resent)
		}
		got := tt.was
		if err := h.restore(&got); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		if diff := cmp.Diff(tt.is, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// TestCountsOfTheSameCensus: rows are sent once.
func TestCountsOfTheSameCensus(t *testing.T) {
	whole, next := filled()
	next.TopFlows, next.TopClients, next.LatestClients = whole.TopFlows, whole.TopClients, whole.LatestClients
	rest, c := shorten(&next, &whole)
	if rest.TopFlows != nil || rest.TopClients != nil || rest.LatestClients != nil {
		t.Error("rows are sent again")
	}
	if err := c.restore(rest, &whole); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(next, *rest, plain); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestSameShape: Counts are sent of the same servers only.
func TestSameShape(t *testing.T) {
	for what, change := range map[string]func(s *engine.Snapshot){
		"a generation":       func(s *engine.Snapshot) { s.Generation++ },
		"a service less":     func(s *engine.Snapshot) { s.Services = s.Services[:1] },
		"another service":    func(s *engine.Snapshot) { s.Services[1].Name = "other" },
		"a server left":      func(s *engine.Snapshot) { s.Services[1].Servers = s.Services[1].Servers[:1] },
		"a server leaves":    func(s *engine.Snapshot) { s.Services[1].Servers[0].State = engine.Leaving },
		"another server":     func(s *engine.Snapshot) { s.Services[1].Servers[0].Number++ },
		"no abuse server":    func(s *engine.Snapshot) { s.Services[0].Abuse = nil },
		"a lonely emergency": func(s *engine.Snapshot) { s.Services[0].Servers = nil },
	} {
		whole, next := filled()
		if !sameShape(&whole, &next) {
			t.Fatal("numbers make another shape")
		}
		if change(&next); sameShape(&whole, &next) {
			t.Errorf("%s: the same shape", what)
		}
	}
}

func TestCountsThatDoNotFit(t *testing.T) {
	for what, spoil := range map[string]func(whole, rest *engine.Snapshot, c *Counts){
		"without the snapshot":   func(_, rest *engine.Snapshot, _ *Counts) { rest.Generation++ },
		"belong to":              func(_, _ *engine.Snapshot, c *Counts) { c.Services = nil },
		"they belong to":         func(_, _ *engine.Snapshot, c *Counts) { c.Lists = c.Lists[:1] },
		"7 numbers for its":      func(_, _ *engine.Snapshot, c *Counts) { c.Services[1].Servers = c.Services[1].Servers[:7] },
		"health of a server":     func(_, _ *engine.Snapshot, c *Counts) { c.Services[1].Health[3].Server = 4 },
		"a server that it has":   func(_, _ *engine.Snapshot, c *Counts) { c.Services[1].Health[3].Server = -1 },
		"not there are kept":     func(_, _ *engine.Snapshot, c *Counts) { c.Services[1].Health[0].Kept = 3 },
		"were not there":         func(_, _ *engine.Snapshot, c *Counts) { c.Services[1].Health[0].Kept = -1 },
		"counts of 1 rules, not": func(_, _ *engine.Snapshot, c *Counts) { c.Lists[1] = c.Lists[1][:2] },
		"counts of -1 rules":     func(_, _ *engine.Snapshot, c *Counts) { c.Lists[0] = nil },
	} {
		whole, next := filled()
		rest, c := shorten(&next, &whole)
		spoil(&whole, rest, c)
		if err := c.restore(rest, &whole); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := new(Counts).restore(&engine.Snapshot{}, nil); err == nil {
		t.Error("taken without a snapshot before it")
	}
}

func TestNumbers(t *testing.T) {
	for in, want := range map[string]numbers{"null": nil, "[]": nil, "[0]": {0}, "[1,18446744073709551615]": {1, 1<<64 - 1}} {
		got := numbers{9}
		if err := json.Unmarshal([]byte(in), &got); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v, %v", in, got, err)
		}
	}
	for _, in := range []string{"7", "{}", `"a"`, "[", "[1", "[1,", "[1,]", "[-1]", "[1.5]", "[18446744073709551616]", "[[1]]", "[1]]", "[1];"} {
		if err := new(numbers).UnmarshalJSON([]byte(in)); err == nil {
			t.Errorf("%s was taken", in)
		}
	}
}
