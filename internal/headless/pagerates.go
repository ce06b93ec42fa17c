// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package headless

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"cygnet/engine"
)

// interval is the time between two snapshots, over which rates are.
type interval struct {
	now, last *engine.Snapshot // last is empty for the time since the start
	seconds   float64          // 0 when there are no rates to tell
	over      string           // which time, in words
}

func newInterval(now, last *engine.Snapshot) *interval {
	v := &interval{now: now, last: last, over: "since the page before"}
	if last == nil || last.Time.IsZero() || last.Started != now.Started {
		v.last, v.over = &engine.Snapshot{Time: now.Started}, "since the start"
	}
	v.seconds = max(0, now.Time.Sub(v.last.Time).Seconds())
	return v
}

// rate is that of a counter, in units a second.
func (v *interval) rate(now, last uint64) float64 {
	if v.seconds == 0 || now < last {
		return 0
	}
	return float64(now-last) / v.seconds
}

func (v *interval) traffic(now, last engine.Traffic) pageRate {
	return pageRate{quantity(v.rate(now.Frames, last.Frames)), quantity(8 * v.rate(now.Bytes, last.Bytes))}
}

func (v *interval) rates() *pageRates {
	if v.seconds == 0 {
		return nil
	}
	return &pageRates{
		Over: fmt.Sprintf("%s, %s", v.over, span(v.now.Time.Sub(v.last.Time))),
		In:   v.traffic(v.now.In, v.last.In), Out: v.traffic(v.now.Out, v.last.Out),
		Drops: v.traffic(v.now.Dropped(), v.last.Dropped()),
	}
}

func (v *interval) tarpit() pageTarpit {
	t := v.now.Tarpit
	c := caughtIn(v.now)
	p := pageTarpit{
		List: t.List, Addresses: t.Addresses, Hits: v.now.TarpitHits(), HitsLost: t.HitsLost,
		Held: c.now, Verified: c.verified, Escaped: c.escaped,
	}
	if t.Holds != nil && t.Holds.Total > 0 {
		p.HeldFor = span(t.Holds.Total)
	}
	if r := v.rate(p.Hits, v.last.TarpitHits()); r > 0 {
		p.Rate = quantity(r)
	}
	return p
}

func (v *interval) service(s *engine.ServiceSnapshot) pageService {
	p := pageService{
		Name: s.Name, VIP: s.VIP.String() + s.VLANWord(), Port: s.PortWord(), Proto: s.ProtoWord(), Mode: s.Mode.String(),
		State: stateWords(s, v.now.Standby), Bad: !s.Address.Rival.IsZero() || s.Serving == engine.ServingNobody && !s.Disabled,
		Serving: servingWords(s.Serving), Flows: s.Flows,
	}
	if s.Leaving {
		p.State = engine.Leaving.String()
	}
	for _, srv := range serversOf(s) {
		before := v.trafficBefore(s.Name, srv)
		p.Servers = append(p.Servers, pageServer{
			Number: numberWord(srv), Name: srv.Name, Addr: srv.Addr.String(), State: srv.State.String(), MAC: macWord(*srv),
			Health: healthWord(srv), Why: whyDown(srv),
			Weight: max(srv.Weight, 1), Flows: srv.Flows, Frames: srv.Traffic.Frames,
			Bits: v.traffic(srv.Traffic, before).Bits,
			Bad:  srv.State == engine.Enabled && (srv.MAC.IsZero() || srv.Health.State == engine.HealthDown),
		})
	}
	return p
}

// numberWord is a server's number; one outside a service's own has none.
func numberWord(s *engine.ServerSnapshot) string {
	if s.Number < 0 {
		return ""
	}
	return strconv.Itoa(s.Number)
}

func whyDown(s *engine.ServerSnapshot) string {
	if s.Health.State == engine.HealthUp {
		return ""
	}
	return s.Health.Why
}

// trafficBefore is what the server had counted in the last snapshot; nothing if
// it was not there, or another host had its number.
func (v *interval) trafficBefore(service string, srv *engine.ServerSnapshot) engine.Traffic {
	for i := range v.last.Services {
		if v.last.Services[i].Name != service {
			continue
		}
		for _, old := range serversOf(&v.last.Services[i]) {
			if old.Number == srv.Number && old.Addr == srv.Addr {
				return old.Traffic
			}
		}
	}
	return engine.Traffic{}
}

// quantity writes at least two digits that count, with a decimal prefix.
func quantity(n float64) string {
	prefixes := []string{"", " k", " M", " G", " T"}
	for n >= 999.5 && len(prefixes) > 1 {
		n /= 1000
		prefixes = prefixes[1:]
	}
	digits := 0
	if n < 99.95 {
		digits = 1
	}
	return strings.TrimSuffix(strconv.FormatFloat(n, 'f', digits, 64), ".0") + prefixes[0]
}

// span writes a time in its two largest units.
func span(d time.Duration) string {
	s := int64(max(d, 0).Round(time.Second) / time.Second)
	switch {
	case s < 60:
		return fmt.Sprintf("%d s", s)
	case s < 3600:
		return fmt.Sprintf("%d min %d s", s/60, s%60)
	case s < 24*3600:
		return fmt.Sprintf("%d h %d min", s/3600, s/60%60)
	}
	return fmt.Sprintf("%d d %d h", s/86400, s/3600%24)
}
