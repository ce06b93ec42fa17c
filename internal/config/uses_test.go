// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package config

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cygnet/acl"
	"cygnet/engine"
)

func TestListsTellWhoNamesThem(t *testing.T) {
	c := web()
	c.Lists["0"], c.Lists["1"], c.Lists["office"] = list(), list("+10.77.0.0/24", "-10.77.0.9/32"), list()
	c.List("office").SetDefault(acl.Deny)
	c.TarpitList, c.ControlList = "1", "1"
	c.Services[0].ClientList = "office"
	c.Services[0].Servers[0].List = "office"
	add(c, "web", "10.77.0.11", 80, 6, "10.77.0.1").ClientList = "1"
	c.Service("web").Servers[0].Name = "a"
	c.Service("web").Servers[0].List = "1"
	type told struct {
		Explicit bool
		Dead     []int
		Uses     []string
	}
	want := map[string]told{
		"0":      {false, nil, nil},
		"1":      {false, []int{2}, []string{"tarpit_acl", "control_acl", "client_acl of web", "server a of web"}},
		"office": {true, nil, []string{"client_acl of default", "server 0 of default"}},
	}
	check := func() {
		t.Helper()
		e, _ := c.Engine(eth1(), [16]byte{})
		got := map[string]told{}
		for _, l := range e.Lists {
			got[l.Name] = told{l.Explicit, l.Dead, l.Uses}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("lists (-want +got):\n%s", diff)
		}
	}
	check()

	// What is not served uses nothing.
	served := c.Services[0]
	c.RemoveService(DefaultService)
	c.MakeService(DefaultService).ClientList = "office"
	want["office"] = told{true, nil, nil}
	check()
	c.Services[0] = served
	want["office"] = told{true, nil, []string{"client_acl of default", "server 0 of default"}}

	// With an entry, the list that everybody names by default decides.
	c.Lists["0"] = list("+10.0.0.0/8")
	for n := range 10 {
		c.Services[0].Servers = append(c.Services[0].Servers, Server{Number: 2 + n, Addr: addr(fmt.Sprintf("10.77.0.%d", 100+n)), List: DefaultList})
	}
	c.Services[0].Servers[1].List = DefaultList
	zero := told{Uses: []string{"and 3 more"}}
	for n := range 8 {
		zero.Uses = append(zero.Uses[:n], fmt.Sprintf("server %d of default", n+1), "and 3 more")
	}
	want["0"] = zero
	check()
}

func TestEngineTellsWhenABlacklistingEnds(t *testing.T) {
	c := web()
	out := time.Now().Add(time.Minute)
	c.Services[0].Servers[0].Out = out
	c.Services[0].Servers[1].Out = time.Now().Add(-time.Second)
	e, _ := c.Engine(eth1(), [16]byte{})
	servers := e.Services[0].Servers
	if !servers[0].Until.Equal(out) || servers[0].Until != out.Round(0) || servers[0].State != engine.Blacklisted {
		t.Errorf("out: %+v", servers[0])
	}
	if !servers[1].Until.IsZero() || servers[1].State != engine.Enabled {
		t.Errorf("no more: %+v", servers[1])
	}
}
