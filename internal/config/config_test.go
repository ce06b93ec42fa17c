// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package config

import (
	"net/netip"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cygnet/acl"
	"cygnet/internal/wire"
)

var compare = cmp.Options{
	cmp.Comparer(func(a, b netip.Addr) bool { return a == b }),
	cmp.Comparer(func(a, b netip.Prefix) bool { return a == b }),
	cmp.Comparer(func(a, b *acl.List) bool { return cmp.Equal(a.Rules(), b.Rules(), cmp.Comparer(samePrefix)) }),
}

func samePrefix(a, b netip.Prefix) bool { return a == b }

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

// sources are sources on the untagged network.
func sources(addrs ...netip.Addr) (all []Source) {
	for _, a := range addrs {
		all = append(all, Source{Addr: a})
	}
	return all
}

func prefixes(words ...string) (ps []netip.Prefix) {
	for _, w := range words {
		ps = append(ps, netip.MustParsePrefix(w))
	}
	return ps
}

// list makes a list of entries written "+prefix" (permit) and "-prefix".
func list(entries ...string) *acl.List {
	l := &acl.List{}
	for _, e := range entries {
		a := acl.Deny
		if e[0] == '+' {
			a = acl.Permit
		}
		l.Append(acl.Rule{Action: a, Prefix: netip.MustParsePrefix(e[1:])})
	}
	return l
}

// web is the web service of the README, without fault.
func web() *Config {
	c := New()
	c.Interface = "eth1"
	s := c.MakeService(DefaultService)
	s.VIP, s.Port, s.Proto = addr("10.77.0.10"), 80, wire.ProtoTCP
	s.Servers = []Server{
		{Number: 0, Addr: addr("10.77.0.1"), List: DefaultList},
		{Number: 1, Addr: addr("10.77.0.2"), List: DefaultList},
	}
	return c
}

// add puts a second service beside web's.
func add(c *Config, name, vip string, port uint16, proto uint8, server string) *Service {
	s := c.MakeService(name)
	s.VIP, s.Port, s.Proto = addr(vip), port, proto
	s.Servers = []Server{{Addr: addr(server), List: DefaultList}}
	return s
}

func TestCloneSharesNothing(t *testing.T) {
	c := web()
	c.Sources = sources(addr("10.77.0.9"))
	c.Segments = prefixes("10.77.0.0/24")
	c.Lists["1"] = list("+10.77.0.0/24")
	c.Gone, c.Services[0].Gone = []string{"old"}, []int{7}
	before := c.Clone()
	n := c.Clone()
	n.Gone[0], n.Services[0].Gone[0] = "new", 8
	n.Sources[0].Addr = addr("10.77.0.8")
	n.Segments[0] = netip.MustParsePrefix("10.78.0.0/24")
	n.Lists["1"] = list("-10.77.0.0/24")
	n.Lists["2"] = list("-10.77.0.0/24")
	n.Services[0].Port = 81
	n.Services[0].Servers[0].Weight = 7
	n.MakeService("other")
	if diff := cmp.Diff(before, c, compare); diff != "" {
		t.Errorf("a change of the copy reached the original (-want +got):\n%s", diff)
	}
}

// A setting that Equal forgets would be changed without anything happening.
func TestEqualSeesEveryField(t *testing.T) {
	s := NewService("web")
	s.Servers, s.Gone = []Server{{}}, []int{1}
	for i := range reflect.TypeFor[Service]().NumField() {
		o := s
		o.Servers, o.Gone = slices.Clone(s.Servers), slices.Clone(s.Gone)
		if !s.Equal(&o) {
			t.Fatal("a copy is not equal")
		}
		f := reflect.ValueOf(&o).Elem().Field(i)
		switch v := f.Addr().Interface().(type) {
		case *string:
			*v += "x"
		case *bool:
			*v = !*v
		case *netip.Addr:
			*v = addr("10.77.0.99")
		case *Idle:
			v.UDP++
		case *Host:
			v.Port++
		case *Check:
			v.Rise++
		case *[]Server:
			(*v)[0].Weight++
		case *[]int:
			(*v)[0]++
		default:
			if f.CanInt() {
				f.SetInt(f.Int() + 1)
			} else {
				f.SetUint(f.Uint() + 1)
			}
		}
		if s.Equal(&o) {
			t.Errorf("services that differ in %s are equal", reflect.TypeFor[Service]().Field(i).Name)
		}
	}
}

func TestMakeServicePutsTheDefaultFirst(t *testing.T) {
	c := New()
	c.MakeService("b")
	c.MakeService("a")
	c.MakeService(DefaultService)
	c.MakeService("a").Port = 80
	var names []string
	for _, s := range c.Services {
		names = append(names, s.Name)
	}
	if diff := cmp.Diff([]string{"default", "b", "a"}, names); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	if got := c.Service("a").ClientList; got != DefaultList {
		t.Errorf("client list of a new service = %q, want %q", got, DefaultList)
	}
	c.RemoveService("b")
	c.RemoveService("b")
	if c.Service("b") != nil || len(c.Services) != 2 {
		t.Errorf("b is still there: %v", c.Services)
	}
}
