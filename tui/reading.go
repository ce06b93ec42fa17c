// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"time"

	"cygnet/engine"
)

// reading is the newest snapshot, and what follows from it and an earlier one.
// State: derived, immutable: a new snapshot makes a new reading, so that one can
// be kept while the view is paused.
type reading struct {
	sight Sight
	now   time.Time // when it was made, by the clock of this process
	snap  *engine.Snapshot

	seconds float64 // since the snapshot before; 0 with the first
	in, out rate
	reasons [engine.Reasons]float64 // frames a second
	dropped float64                 // the sum of those that are drops
	hits    float64                 // of the tarpit, a second
	lost    float64                 // frames that the kernel dropped, a second
	cpu     []float64               // share of a processor, by worker

	services []serviceReading
	servers  []serverReading // of all services, in their order; behind those with a number, emergency and abuse
	before   *engine.Snapshot
	unstored float64 // flows for which there was no room, a second
	pit      pitReading
}

// rate is traffic a second.
type rate struct{ frames, bytes float64 }

// serviceReading is a service as it is shown.
type serviceReading struct {
	*engine.ServiceSnapshot
	rate  rate
	count [states]int // of its servers that have a number
}

// serving is how many of its servers are given new clients.
func (svc *serviceReading) serving() int { return svc.count[up] + svc.count[falling] }

// wanted is how many servers the service has, less those that were removed.
func (svc *serviceReading) wanted() int { return len(svc.Servers) - svc.count[leaving] }

// serverReading is a server as it is shown.
type serverReading struct {
	*engine.ServerSnapshot
	id      serverID
	service *serviceReading
	state   state
	rate    rate
	share   float64 // of its service's frames over the last seconds; negative while there are none
	weight  float64 // its share of the weights of those that are up
	again   retries
}

// retries is how many SYNs to a server were sent again over the last seconds, and
// how many flows began.
type retries struct {
	again, opened uint64
}

// newReading makes a reading of sight. Rates are those since the snapshot in
// last, which may be nil; shares are those since long, an older one.
func newReading(sight Sight, now time.Time, last *reading, long *engine.Snapshot) *reading {
	r := &reading{sight: sight, now: now, snap: sight.Snapshot}
	if last != nil {
		r.before = comparableWith(last.snap, r.snap)
	}
	if r.before != nil {
		r.seconds = r.snap.Time.Sub(r.before.Time).Seconds()
		r.traffic(r.before)
		r.links(last)
	}
	long = comparableWith(long, r.snap)
	r.readServices(long)
	r.readTarpit(last, long)
	return r
}

// comparableWith returns an earlier snapshot that counters can be compared with:
// nil where there is none, or where the balancer was started anew since.
func comparableWith(before, now *engine.Snapshot) *engine.Snapshot {
	if before == nil || !before.Started.Equal(now.Started) || !before.Time.Before(now.Time) {
		return nil
	}
	return before
}

func (r *reading) traffic(before *engine.Snapshot) {
	r.in, r.out = r.since(before.In, r.snap.In), r.since(before.Out, r.snap.Out)
	for i := range r.reasons {
		r.reasons[i] = r.since(before.Reasons[i], r.snap.Reasons[i]).frames
		if engine.Reason(i).Verdict() == engine.Dropped {
			r.dropped += r.reasons[i]
		}
	}
	r.hits = r.reasons[engine.CapturedSYN]
	r.unstored = r.perSecond(before.Flows.Unstored, r.snap.Flows.Unstored)
}

func (r *reading) links(last *reading) {
	r.lost = r.perSecond(last.sight.Link.KernelDrops, r.sight.Link.KernelDrops)
	for i, used := range r.sight.CPU {
		if i < len(last.sight.CPU) {
			r.cpu = append(r.cpu, max((used-last.sight.CPU[i]).Seconds(), 0)/r.seconds)
		}
	}
}

// perSecond is how fast a counter grew; one that began anew did not.
func (r *reading) perSecond(before, now uint64) float64 {
	if now < before || r.seconds <= 0 {
		return 0
	}
	return float64(now-before) / r.seconds
}

func (r *reading) since(before, now engine.Traffic) rate {
	return rate{r.perSecond(before.Frames, now.Frames), r.perSecond(before.Bytes, now.Bytes)}
}

// readServices reads services and servers; long is what shares are taken since.
func (r *reading) readServices(long *engine.Snapshot) {
	total := 0
	for i := range r.snap.Services {
		total += len(r.snap.Services[i].Servers) + 2
	}
	r.services = make([]serviceReading, len(r.snap.Services))
	r.servers = make([]serverReading, 0, total)
	before, earlier := matcher(r.before), matcher(long)
	for i := range r.snap.Services {
		svc := &r.services[i]
		svc.ServiceSnapshot = &r.snap.Services[i]
		was, long := before.service(i, svc.ServiceSnapshot), earlier.service(i, svc.ServiceSnapshot)
		if was != nil {
			svc.rate = r.since(was.Traffic, svc.Traffic)
		}
		first := len(r.servers)
		for j := range svc.Servers {
			srv := r.server(svc, &svc.Servers[j], serverIn(was, j, &svc.Servers[j]), serverIn(long, j, &svc.Servers[j]))
			svc.count[srv.state]++
			r.servers = append(r.servers, srv)
		}
		shares(r.servers[first:], long)
		r.aside(svc, was, long)
	}
}

// aside reads the servers that a service has beside those with a number.
func (r *reading) aside(svc *serviceReading, was, long *engine.ServiceSnapshot) {
	add := func(number int, of func(s *engine.ServiceSnapshot) *engine.ServerSnapshot) {
		now := of(svc.ServiceSnapshot)
		if now == nil {
			return
		}
		earlier := func(s *engine.ServiceSnapshot) *engine.ServerSnapshot {
			if s == nil {
				return nil
			}
			return of(s)
		}
		srv := r.server(svc, now, earlier(was), earlier(long))
		srv.id = serverID{service: svc.Name, number: number, leaving: svc.Leaving}
		r.servers = append(r.servers, srv)
	}
	add(emergencyNumber, func(s *engine.ServiceSnapshot) *engine.ServerSnapshot { return s.Emergency })
	add(abuseNumber, func(s *engine.ServiceSnapshot) *engine.ServerSnapshot { return s.Abuse })
}

// server reads a server; was is what it was in the snapshot before, and long in
// an older one.
func (r *reading) server(svc *serviceReading, now, was, long *engine.ServerSnapshot) serverReading {
	srv := serverReading{ServerSnapshot: now, service: svc, share: -1}
	srv.id = serverID{svc.Name, srv.Number, srv.State == engine.Leaving}
	srv.state = stateOf(svc.ServiceSnapshot, now)
	if was != nil {
		srv.rate = r.since(was.Traffic, now.Traffic)
	}
	if long != nil && now.Retried >= long.Retried && now.Opened >= long.Opened {
		srv.again = retries{again: now.Retried - long.Retried, opened: now.Opened - long.Opened}
	}
	return srv
}

// shares works out who had how much of a service's frames since before, and
// who should have had.
func shares(servers []serverReading, before *engine.ServiceSnapshot) {
	var frames, weight float64
	grown := make([]float64, len(servers))
	for j := range servers {
		srv := &servers[j]
		if b := serverIn(before, j, srv.ServerSnapshot); b != nil && srv.Traffic.Frames >= b.Traffic.Frames {
			grown[j] = float64(srv.Traffic.Frames - b.Traffic.Frames)
			frames += grown[j]
		}
		if srv.state.serves() {
			weight += float64(max(srv.Weight, 1))
		}
	}
	for j := range servers {
		srv := &servers[j]
		if frames > 0 {
			srv.share = grown[j] / frames
		}
		if srv.state.serves() {
			srv.weight = float64(max(srv.Weight, 1)) / weight
		}
	}
}

// earlier finds a snapshot's services again, which nearly always stand where
// they stood.
type earlier struct{ snap *engine.Snapshot }

func matcher(s *engine.Snapshot) earlier { return earlier{s} }

func (e earlier) service(i int, is *engine.ServiceSnapshot) *engine.ServiceSnapshot {
	if e.snap == nil {
		return nil
	}
	all := e.snap.Services
	if i < len(all) && all[i].Name == is.Name && all[i].Leaving == is.Leaving {
		return &all[i]
	}
	for k := range all {
		if all[k].Name == is.Name {
			return &all[k]
		}
	}
	return nil
}

// serverIn finds a server again. One that is leaving may have been removed only
// since, and its number may be that of another one.
func serverIn(svc *engine.ServiceSnapshot, j int, is *engine.ServerSnapshot) *engine.ServerSnapshot {
	if svc == nil {
		return nil
	}
	same := func(was *engine.ServerSnapshot) bool {
		return was.Number == is.Number && (was.Addr == is.Addr || was.State != engine.Leaving && is.State != engine.Leaving)
	}
	if j < len(svc.Servers) && same(&svc.Servers[j]) {
		return &svc.Servers[j]
	}
	for k := range svc.Servers {
		if same(&svc.Servers[k]) {
			return &svc.Servers[k]
		}
	}
	return nil
}

// find returns the server of that ID; nil when it is gone.
func (r *reading) find(id serverID) *serverReading {
	for i := range r.servers {
		if r.servers[i].id == id {
			return &r.servers[i]
		}
	}
	return nil
}
