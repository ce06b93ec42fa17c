// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cygnet/internal/wire"
)

func TestWhyNot(t *testing.T) {
	now := time.Unix(1000, 0)
	webAsks := "service web: still asking whether 10.77.0.10 is free"
	webTaken := "service web: 10.77.0.10 is taken by 02:00:00:00:00:09"
	webServers := "service web: no server can serve"
	for _, c := range []struct {
		name   string
		change func(s *Snapshot)
		down   bool
		want   []string
	}{
		{"all is well", func(*Snapshot) {}, false, nil},
		{"disputed still forwards", func(s *Snapshot) { s.Services[0].Address.State = Disputedly }, false, nil},
		{"2 s are not too old", func(s *Snapshot) { s.Time = now.Add(-2 * time.Second) }, false, nil},
		{"older is", func(s *Snapshot) { s.Time = now.Add(-2*time.Second - 1) }, false, []string{"engine: last tick 2 s ago"}},
		{"not started", func(s *Snapshot) { s.Time = time.Time{} }, false, []string{"engine: it has not started yet"}},
		{"link down", func(*Snapshot) {}, true, []string{"link down"}},
		{"standby", func(s *Snapshot) { s.Standby = true; s.Services[0].Address.State = Asking }, false, []string{"standby"}},
		{"no services", func(s *Snapshot) { s.Services = nil }, false, []string{"no service is on"}},
		{"off", func(s *Snapshot) { s.Services[0].Disabled = true }, false, []string{"no service is on"}},
		{"asking", func(s *Snapshot) { s.Services[0].Address.State = Asking }, false, []string{webAsks}},
		{"taken", func(s *Snapshot) {
			s.Services[0].Address.State, s.Services[0].Address.Rival = Taken, wire.MAC{2, 0, 0, 0, 0, 9}
		}, false, []string{webTaken}},
		{"nobody can serve", func(s *Snapshot) { s.Services[0].Serving = ServingNobody }, false, []string{webServers}},
		{"the emergency server serves", func(s *Snapshot) { s.Services[0].Serving = ServingEmergency }, false, nil},
		{"second service serves", func(s *Snapshot) {
			s.Services = append([]ServiceSnapshot{{Service: Service{Name: "dns"}}}, s.Services...)
		}, false, nil},
		{"all at once", func(s *Snapshot) {
			s.Time = now.Add(-time.Minute)
			s.Services[0].Address.State = Asking
			s.Services[0].Serving = ServingNobody
			s.Services = append(s.Services, ServiceSnapshot{Service: Service{Name: "off", Disabled: true}})
		}, true, []string{"engine: last tick 60 s ago", "link down", webAsks, webServers}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &Snapshot{Time: now, Services: []ServiceSnapshot{{
				Service: Service{Name: "web", VIP: netip.MustParseAddr("10.77.0.10"), Port: 80},
				Address: AddressSnapshot{State: Held},
				Servers: []ServerSnapshot{{Server: Server{Number: 1, Addr: netip.MustParseAddr("10.77.0.1")}, MAC: wire.MAC{2, 0, 0, 0, 0, 1}}},
			}}}
			c.change(s)
			if diff := cmp.Diff(c.want, s.WhyNot(!c.down, now)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
