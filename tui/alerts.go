// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"fmt"

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
	return all
}

// serviceAlerts says what is wrong with addresses and servers; while something
// is forwarded, also which services are not served, as else was said already.
func (r *reading) serviceAlerts(forwards bool) (all []alert) {
	if r.snap.Standby {
		return nil
	}
	dead, first := 0, ""
	for i := range r.servers {
		if srv := &r.servers[i]; srv.state == down {
			if dead++; dead == 1 {
				first = label(srv.ServerSnapshot) + " of " + srv.service.Name
			}
		}
	}
	for i := range r.services {
		svc := &r.services[i]
		switch svc.Address.State {
		case engine.Disputedly:
			all = append(all, alert{true, fmt.Sprintf("%s answers for %s, too", svc.Address.Rival, svc.VIP)})
		case engine.Taken:
			all = append(all, alert{true, fmt.Sprintf("service %s: %s is taken by %s", svc.Name, svc.VIP, svc.Address.Rival)})
		}
		if forwards && !svc.Disabled && len(svc.Servers) > 0 && svc.count[up] == 0 {
			all = append(all, alert{true, "service " + svc.Name + ": no server is up"})
		}
	}
	switch {
	case dead == 1:
		all = append(all, alert{true, "server " + first + " is down: it does not answer"})
	case dead > 1:
		all = append(all, alert{true, fmt.Sprintf("%d servers are down: %s and others do not answer", dead, first)})
	}
	return unique(all)
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
