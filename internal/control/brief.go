// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"cygnet/engine"
	"cygnet/internal/wire"
)

// Counts are what may change of a snapshot's services and lists while its
// generation stays. `watch HZ brief` sends them in place of both, once it has
// sent the whole: with a thousand servers and ten thousand rules, which are the
// same each time, writing and reading these takes a tenth of the work.
type Counts struct {
	Services []ServiceCounts `json:"services"` // in the order of the whole snapshot
	Lists    []numbers       `json:"lists"`    // likewise: the misses, then the hits by position

	// Census says that the busiest flows and clients, and the latest, are those
	// of the snapshot before: the workers take their time to look for them.
	Census bool `json:"census,omitempty"`
}

// ServiceCounts are those of one service.
type ServiceCounts struct {
	Address engine.AddressSnapshot `json:"address"`
	Traffic engine.Traffic         `json:"traffic"`
	Serving engine.Serving         `json:"serving"`
	Flows   uint64                 `json:"flows"`
	Servers numbers                `json:"servers"` // of each in turn: frames, bytes, flows, opened, retried, and the MAC as one number
	Health  []HealthCounts         `json:"health,omitempty"`
}

// perServer is how many numbers of Servers are one server's.
const perServer = 6

// numbers are read by hand: there are many, and reflection takes its time for
// each.
type numbers []uint64

// UnmarshalJSON reads an array of whole numbers, or null.
func (n *numbers) UnmarshalJSON(b []byte) error {
	*n = nil
	if string(b) == "null" {
		return nil
	}
	rest, ok := bytes.CutPrefix(b, []byte("["))
	if string(rest) == "]" {
		return nil
	}
	*n = make(numbers, 0, bytes.Count(b, []byte(","))+1)
	for ok {
		var one uint64
		if one, rest, ok = cutNumber(rest); !ok || len(rest) == 0 {
			break
		}
		*n = append(*n, one)
		if rest[0] == ']' && len(rest) == 1 {
			return nil
		}
		rest, ok = bytes.CutPrefix(rest, []byte(","))
	}
	return fmt.Errorf("counts: %s: expected whole numbers", shortened(b))
}

// sameShape says whether Counts of s would fit last: a server that was leaving
// may have left while the generation stayed.
func sameShape(last, s *engine.Snapshot) bool {
	if last.Generation != s.Generation || len(last.Services) != len(s.Services) {
		return false
	}
	for i := range s.Services {
		was, is := serversOf(&last.Services[i]), serversOf(&s.Services[i])
		same := func(a, b *engine.ServerSnapshot) bool { return a.Number == b.Number && a.State == b.State }
		if last.Services[i].Name != s.Services[i].Name || !slices.EqualFunc(was, is, same) {
			return false
		}
	}
	return true
}

// serversOf are all servers of a service, those outside its own last.
func serversOf(v *engine.ServiceSnapshot) []*engine.ServerSnapshot {
	all := make([]*engine.ServerSnapshot, 0, len(v.Servers)+2)
	for i := range v.Servers {
		all = append(all, &v.Servers[i])
	}
	for _, srv := range []*engine.ServerSnapshot{v.Emergency, v.Abuse} {
		if srv != nil {
			all = append(all, srv)
		}
	}
	return all
}

// shorten splits a snapshot into what Counts hold and the rest. It has the same
// shape as last, which the peer has.
func shorten(s, last *engine.Snapshot) (*engine.Snapshot, *Counts) {
	rest, c := *s, &Counts{}
	rest.Services, rest.Lists = nil, nil
	if c.Census = sameRows(s.TopFlows, last.TopFlows) && sameRows(s.TopClients, last.TopClients) && sameRows(s.LatestClients, last.LatestClients); c.Census {
		rest.TopFlows, rest.TopClients, rest.LatestClients = nil, nil, nil
	}
	for i := range s.Services {
		v, was := &s.Services[i], serversOf(&last.Services[i])
		one := ServiceCounts{Address: v.Address, Traffic: v.Traffic, Serving: v.Serving, Flows: v.Flows, Servers: make(numbers, 0, perServer*len(was))}
		for j, srv := range serversOf(v) {
			one.Servers = append(one.Servers, srv.Traffic.Frames, srv.Traffic.Bytes, srv.Flows, srv.Opened, srv.Retried, number(srv.MAC))
			if h, changed := healthChange(&was[j].Health, &srv.Health); changed {
				h.Server = j
				one.Health = append(one.Health, h)
			}
		}
		c.Services = append(c.Services, one)
	}
	for _, l := range s.Lists {
		c.Lists = append(c.Lists, append(numbers{l.Misses}, l.Hits...))
	}
	return &rest, c
}

// errNotWhole is that counts came which no snapshot came before.
var errNotWhole = errors.New("counts without the snapshot that they belong to")

// restore makes rest whole again, with whole, the last whole one, which stays
// as it is. It fails where counts and snapshot do not belong together.
func (c *Counts) restore(rest, whole *engine.Snapshot) error {
	if whole == nil || rest.Generation != whole.Generation || len(c.Services) != len(whole.Services) || len(c.Lists) != len(whole.Lists) {
		return errNotWhole
	}
	rest.Services, rest.Lists = slices.Clone(whole.Services), slices.Clone(whole.Lists)
	if c.Census {
		rest.TopFlows, rest.TopClients, rest.LatestClients = whole.TopFlows, whole.TopClients, whole.LatestClients
	}
	for i := range rest.Services {
		if err := c.Services[i].restore(&rest.Services[i]); err != nil {
			return err
		}
	}
	for i, n := range c.Lists {
		l := &rest.Lists[i]
		if len(n) != len(l.Rules)+1 {
			return fmt.Errorf("list %q: counts of %d rules, not of %d", l.Name, len(n)-1, len(l.Rules))
		}
		l.Misses, l.Hits = n[0], n[1:]
	}
	return nil
}

func (c *ServiceCounts) restore(v *engine.ServiceSnapshot) error {
	v.Servers, v.Emergency, v.Abuse = slices.Clone(v.Servers), clone(v.Emergency), clone(v.Abuse)
	servers := serversOf(v)
	if want := perServer * len(servers); len(c.Servers) != want {
		return fmt.Errorf("service %q: %d numbers for its servers, not %d", v.Name, len(c.Servers), want)
	}
	v.Address, v.Traffic, v.Serving, v.Flows = c.Address, c.Traffic, c.Serving, c.Flows
	for i, srv := range servers {
		n := c.Servers[perServer*i:]
		srv.Traffic, srv.Flows, srv.Opened, srv.Retried, srv.MAC = engine.Traffic{Frames: n[0], Bytes: n[1]}, n[2], n[3], n[4], macOf(n[5])
	}
	for _, h := range c.Health {
		if h.Server < 0 || h.Server >= len(servers) {
			return fmt.Errorf("service %q: health of a server that it has not", v.Name)
		}
		if err := h.restore(&servers[h.Server].Health); err != nil {
			return fmt.Errorf("service %q: %w", v.Name, err)
		}
	}
	return nil
}

func clone(s *engine.ServerSnapshot) *engine.ServerSnapshot {
	if s == nil {
		return nil
	}
	n := *s
	return &n
}

// sameRows says whether two snapshots share rows.
func sameRows[T any](a, b []T) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

// number is a MAC address as one.
func number(m wire.MAC) uint64 {
	var b [8]byte
	copy(b[2:], m[:])
	return binary.BigEndian.Uint64(b[:])
}

func macOf(n uint64) wire.MAC {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], n)
	return wire.MAC(b[2:])
}
