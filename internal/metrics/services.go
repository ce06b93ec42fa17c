// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package metrics

import (
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
	for i := range svc.Servers {
		s.server(svc.Name, &svc.Servers[i])
	}
}

func (s scrapeOf) server(service string, srv *engine.ServerSnapshot) {
	labels := []string{service, serverWord(srv), srv.Addr.String()}
	s.putTraffic(s.serverFrames, s.serverBytes, srv.Traffic, labels...)
	s.put(s.serverFlows, float64(srv.Flows), labels...)
	s.put(s.serverWeight, float64(max(srv.Weight, 1)), labels...)
	for state := engine.Enabled; state <= engine.Disabled; state++ {
		s.put(s.serverState, number(state == srv.State), append(labels, state.String())...)
	}
	s.put(s.serverMACKnown, number(!srv.MAC.IsZero()), labels...)
}

// serverWord is what the log calls the server, too.
func serverWord(s *engine.ServerSnapshot) string {
	if s.Name != "" {
		return s.Name
	}
	return strconv.Itoa(s.Number)
}
