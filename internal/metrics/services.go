// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package metrics

import (
	"net/netip"
	"strconv"

	"cygnet/engine"
)

func (s scrapeOf) service(svc *engine.ServiceSnapshot) {
	labels := []string{svc.Name, svc.VIP.String(), svc.PortWord(), svc.ProtoWord()}
	s.put(s.serviceEnabled, number(!svc.Disabled), labels...)
	for state := engine.Asking; state <= engine.Disputedly; state++ {
		s.put(s.serviceAddress, number(state == svc.Address.State), append(labels, state.String())...)
	}
	s.putTraffic(s.serviceFrames, s.serviceBytes, svc.Traffic, labels...)
	s.put(s.serviceFlows, float64(svc.Flows), labels...)
	for by := engine.ServingNormally; by <= engine.ServingNobody; by++ {
		s.put(s.serviceServing, number(by == svc.Serving), append(labels, by.String())...)
	}
	for _, srv := range serversOf(svc) {
		s.server(svc.Name, srv, srv != svc.Emergency && srv != svc.Abuse)
	}
}

// servicesOf are the services, less those that are leaving while another has
// their name: two series would be one.
func servicesOf(snap *engine.Snapshot) (all []*engine.ServiceSnapshot) {
	names := map[string]bool{}
	for _, leaving := range []bool{false, true} {
		for i := range snap.Services {
			if svc := &snap.Services[i]; svc.Leaving == leaving && !names[svc.Name] {
				names[svc.Name] = true
				all = append(all, svc)
			}
		}
	}
	return all
}

// serversOf are the servers of a service, those outside its own too, less those
// that are leaving while another has their name and address.
func serversOf(svc *engine.ServiceSnapshot) (all []*engine.ServerSnapshot) {
	type series struct {
		word string
		addr netip.Addr
	}
	known := map[series]bool{}
	add := func(srv *engine.ServerSnapshot) {
		if key := (series{serverWord(srv), srv.Addr}); !known[key] {
			known[key] = true
			all = append(all, srv)
		}
	}
	for i := range svc.Servers { // those that are leaving come last
		add(&svc.Servers[i])
	}
	for _, srv := range []*engine.ServerSnapshot{svc.Emergency, svc.Abuse} {
		if srv != nil {
			add(srv)
		}
	}
	return all
}

// server exports one of a service's own servers, or one outside these, which has
// neither a weight nor a state that anybody chose.
func (s scrapeOf) server(service string, srv *engine.ServerSnapshot, own bool) {
	labels := []string{service, serverWord(srv), srv.Addr.String()}
	s.putTraffic(s.serverFrames, s.serverBytes, srv.Traffic, labels...)
	s.put(s.serverFlows, float64(srv.Flows), labels...)
	s.put(s.serverOpened, float64(srv.Opened), labels...)
	s.put(s.serverRetried, float64(srv.Retried), labels...)
	s.put(s.serverMACKnown, number(!srv.MAC.IsZero()), labels...)
	s.health(&srv.Health, labels)
	if !own {
		return
	}
	s.put(s.serverWeight, float64(max(srv.Weight, 1)), labels...)
	for state := engine.Enabled; state <= engine.Leaving; state++ {
		s.put(s.serverState, number(state == srv.State), append(labels, state.String())...)
	}
}

func (s scrapeOf) health(h *engine.Health, labels []string) {
	s.put(s.serverUp, number(h.State == engine.HealthUp), labels...)
	for state := engine.HealthUp; state <= engine.HealthUnchecked; state++ {
		s.put(s.serverHealth, number(state == h.State), append(labels, state.String())...)
	}
	if n := len(h.Last); n > 0 {
		s.put(s.serverCheck, h.Last[n-1].Took.Seconds(), labels...)
	}
}

func (s scrapeOf) flowTable(t engine.FlowTable) {
	s.put(s.flows, float64(t.Opening), "opening")
	s.put(s.flows, float64(t.Open-min(t.Open, t.Opening+t.Closing)), "established")
	s.put(s.flows, float64(t.Closing), "closing")
	s.put(s.flowsRoom, float64(t.Room))
	s.put(s.clients, float64(t.Clients))
	s.put(s.flowsAdded, float64(t.Added))
	s.put(s.flowsUnstored, float64(t.Unstored))
	s.put(s.flowsAdopted, float64(t.Adopted))
}

// serverWord is what the log calls the server, too.
func serverWord(s *engine.ServerSnapshot) string {
	if s.Name != "" {
		return s.Name
	}
	return strconv.Itoa(s.Number)
}
