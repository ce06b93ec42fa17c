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
}

// ServiceCounts are those of one service.
type ServiceCounts struct {
	Address engine.AddressSnapshot `json:"address"`
	Traffic engine.Traffic         `json:"traffic"`
	Servers numbers                `json:"servers"` // of each in turn: frames, bytes, flows, and the MAC as one number
}

// perServer is how many numbers of Servers are one server's.
const perServer = 4

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

// shorten splits a snapshot into what Counts hold and the rest.
func shorten(s *engine.Snapshot) (*engine.Snapshot, *Counts) {
	rest, c := *s, &Counts{}
	rest.Services, rest.Lists = nil, nil
	for _, v := range s.Services {
		one := ServiceCounts{Address: v.Address, Traffic: v.Traffic, Servers: make(numbers, 0, perServer*len(v.Servers))}
		for i := range v.Servers {
			srv := &v.Servers[i]
			one.Servers = append(one.Servers, srv.Traffic.Frames, srv.Traffic.Bytes, srv.Flows, number(srv.MAC))
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
	if want := perServer * len(v.Servers); len(c.Servers) != want {
		return fmt.Errorf("service %q: %d numbers for its servers, not %d", v.Name, len(c.Servers), want)
	}
	v.Address, v.Traffic, v.Servers = c.Address, c.Traffic, slices.Clone(v.Servers)
	for i := range v.Servers {
		srv, n := &v.Servers[i], c.Servers[perServer*i:]
		srv.Traffic, srv.Flows, srv.MAC = engine.Traffic{Frames: n[0], Bytes: n[1]}, n[2], macOf(n[3])
	}
	return nil
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
