// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"fmt"
	"slices"

	"cygnet/engine"
)

// alert is something that is wrong now, in words.
type alert struct {
	bad  bool // service is not given, or will not be; else it only wants a look
	text string
}

// alerts says what is wrong, the worst first. Of many alike it names the first.
func (r *reading) alerts() (all []alert) {
	if r.snap == nil {
		return nil
	}
	why := r.snap.WhyNot(r.sight.LinkUp, r.snap.Time)
	for _, w := range why {
		if w != "standby" {
			all = append(all, alert{true, w})
		}
	}
	all = append(all, r.serviceAlerts(len(why) == 0)...)
	if n := r.lost; n > 0 {
		all = append(all, alert{true, fmt.Sprintf("the kernel drops %s frames/s: the receive buffer is full", short(n))})
	}
	if n := r.reasons[engine.NoServer]; n > 0 {
		all = append(all, alert{true, fmt.Sprintf("%s frames/s find no server", short(n))})
	}
	if n := r.reasons[engine.Loop]; n > 0 {
		all = append(all, alert{true, fmt.Sprintf("%s frames/s come back: a server lacks the VIP on lo, see the log", short(n))})
	}
	if n := r.unstored; n > 0 {
		all = append(all, alert{false, fmt.Sprintf("flow table full (%s of %s): %s flows/s are not stored and may move when servers change; raise conn_max", short(float64(r.snap.Flows.Open)), short(float64(r.snap.Flows.Room)), short(n))})
	}
	slices.SortStableFunc(all, func(a, b alert) int {
		switch {
		case a.bad == b.bad:
			return 0
		case a.bad:
			return -1
		}
		return +1
	})
	return all
}

// serviceAlerts says what is wrong with addresses and servers; while something
// is forwarded, also which services are not served, as else was said already.
func (r *reading) serviceAlerts(forwards bool) (all []alert) {
	if r.snap.Standby {
		return nil
	}
	for i := range r.services {
		svc := &r.services[i]
		switch svc.Address.State {
		case engine.Disputedly:
			all = append(all, alert{true, fmt.Sprintf("%s answers for %s%s, too", svc.Address.Rival, svc.VIP, svc.VLANWord())})
		case engine.Taken:
			all = append(all, alert{true, fmt.Sprintf("service %s: %s%s is taken by %s", svc.Name, svc.VIP, svc.VLANWord(), svc.Address.Rival)})
		}
		if a, bad := svc.servingAlert(); bad && (forwards || svc.Serving != engine.ServingNobody) {
			all = append(all, a)
		}
	}
	all = append(all, r.deadAlert()...)
	return unique(append(all, r.retriedAlert()...))
}

// servingAlert says that others than the servers that are up serve a service, or
// nobody, and what to do about it.
func (svc *serviceReading) servingAlert() (a alert, bad bool) {
	if svc.Disabled || svc.Leaving || len(svc.Servers) == 0 {
		return a, false
	}
	name := "service " + svc.Name + ": "
	switch svc.Serving {
	case engine.ServingEmergency:
		where := ""
		if svc.Emergency != nil {
			where = " " + svc.Emergency.Addr.String()
		}
		return alert{true, name + "no server can serve: new flows go to the emergency server" + where + "; enter on a server tells why"}, true
	case engine.ServingFailOpen:
		return alert{true, name + "fail open: no server is up, so new flows go to those that answer ARP; look at the servers, or at the check itself"}, true
	case engine.ServingPanic:
		return alert{true, fmt.Sprintf("%spanic: %s, under %d %%, so health is ignored; bring servers up, or change panic", name, svc.upWords(), svc.Panic)}, true
	case engine.ServingNobody:
		return alert{true, name + "no server can serve: new flows are dropped; enable one, or set emergency"}, true
	}
	return a, false
}

// deadAlert says which servers are wanted and down; of many it names the first.
func (r *reading) deadAlert() []alert {
	dead, first := 0, (*serverReading)(nil)
	for i := range r.servers {
		if srv := &r.servers[i]; srv.state == down || srv.state == rising {
			if dead++; dead == 1 {
				first = srv
			}
		}
	}
	switch dead {
	case 0:
		return nil
	case 1:
		return []alert{{true, fmt.Sprintf("server %s of %s is down: %s", first.label(), first.service.Name, downWords(first))}}
	}
	return []alert{{true, fmt.Sprintf("%d servers are down: %s of %s: %s, and %s", dead, first.label(), first.service.Name, downWords(first), plural(dead-1, "other"))}}
}

func downWords(srv *serverReading) string {
	if srv.Health.Why == "" && srv.MAC.IsZero() {
		return "it does not answer"
	}
	return whyDown(srv)
}

// When SYNs that are sent again are an alert: so many of a server's in the last
// longAgo, and one in so many; as the engine, which tells of it in an event.
const (
	retriesLeast = 20
	retriesShare = 5
)

// retriedAlert says to which server many SYNs are sent again.
func (r *reading) retriedAlert() (all []alert) {
	for i := range r.servers {
		srv := &r.servers[i]
		n, syns := srv.again.again, srv.again.again+srv.again.opened
		if n >= retriesLeast && n*retriesShare > syns {
			all = append(all, alert{false, fmt.Sprintf("server %s of %s: %d of %d SYNs were sent again in %d s: does it answer? there, look at `ss -ltn` (full backlog) and `ip addr` (VIP)",
				srv.label(), srv.service.Name, n, syns, int(longAgo.Seconds()))})
		}
	}
	const most = 3
	if more := len(all) - most; more > 0 {
		all = append(all[:most], alert{false, "SYNs are sent again to " + plural(more, "other server") + ", too"})
	}
	return all
}

// unique leaves out what was said before.
func unique(all []alert) (once []alert) {
	seen := map[string]bool{}
	for _, a := range all {
		if !seen[a.text] {
			seen[a.text] = true
			once = append(once, a)
		}
	}
	return once
}
