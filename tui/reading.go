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
	servers  []serverReading // of all services, in their order
	before   *engine.Snapshot
}

// rate is traffic a second.
type rate struct{ frames, bytes float64 }

// serviceReading is a service as it is shown.
type serviceReading struct {
	*engine.ServiceSnapshot
	rate  rate
	count [states]int // of its servers
}

// serverReading is a server as it is shown.
type serverReading struct {
	*engine.ServerSnapshot
	id      serverID
	service *serviceReading
	state   state
	rate    rate
	share   float64 // of its service's frames over the last seconds; negative while there are none
	weight  float64 // its share of the weights of those that are up
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
	r.readServices(comparableWith(long, r.snap))
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
		total += len(r.snap.Services[i].Servers)
	}
	r.services = make([]serviceReading, len(r.snap.Services))
	r.servers = make([]serverReading, 0, total)
	before, earlier := matcher(r.before), matcher(long)
	for i := range r.snap.Services {
		svc := &r.services[i]
		svc.ServiceSnapshot = &r.snap.Services[i]
		if b := before.service(i, svc.Name); b != nil {
			svc.rate = r.since(b.Traffic, svc.Traffic)
		}
		first := len(r.servers)
		for j := range svc.Servers {
			r.servers = append(r.servers, r.server(svc, j, before.service(i, svc.Name)))
		}
		shares(r.servers[first:], earlier.service(i, svc.Name))
	}
}

func (r *reading) server(svc *serviceReading, j int, before *engine.ServiceSnapshot) serverReading {
	srv := serverReading{ServerSnapshot: &svc.Servers[j], service: svc, share: -1}
	srv.id = serverID{svc.Name, srv.Number}
	srv.state = stateOf(svc.ServiceSnapshot, srv.ServerSnapshot)
	svc.count[srv.state]++
	if b := serverIn(before, j, srv.Number); b != nil {
		srv.rate = r.since(b.Traffic, srv.Traffic)
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
		if b := serverIn(before, j, srv.Number); b != nil && srv.Traffic.Frames >= b.Traffic.Frames {
			grown[j] = float64(srv.Traffic.Frames - b.Traffic.Frames)
			frames += grown[j]
		}
		if srv.state == up {
			weight += float64(max(srv.Weight, 1))
		}
	}
	for j := range servers {
		srv := &servers[j]
		if frames > 0 {
			srv.share = grown[j] / frames
		}
		if srv.state == up {
			srv.weight = float64(max(srv.Weight, 1)) / weight
		}
	}
}

// earlier finds a snapshot's services again, which nearly always stand where
// they stood.
type earlier struct{ snap *engine.Snapshot }

func matcher(s *engine.Snapshot) earlier { return earlier{s} }

func (e earlier) service(i int, name string) *engine.ServiceSnapshot {
	if e.snap == nil {
		return nil
	}
	all := e.snap.Services
	if i < len(all) && all[i].Name == name {
		return &all[i]
	}
	for k := range all {
		if all[k].Name == name {
			return &all[k]
		}
	}
	return nil
}

func serverIn(svc *engine.ServiceSnapshot, j, number int) *engine.ServerSnapshot {
	if svc == nil {
		return nil
	}
	if j < len(svc.Servers) && svc.Servers[j].Number == number {
		return &svc.Servers[j]
	}
	for k := range svc.Servers {
		if svc.Servers[k].Number == number {
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
