// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package metrics

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cygnet/engine"
)

func TestWhyNot(t *testing.T) {
	now := time.Unix(1000, 0)
	webAsks := "service web: still asking whether 10.77.0.10 is free"
	webTaken := "service web: 10.77.0.10 is taken by 02:00:00:00:00:09"
	webServers := "service web: no server can serve"
	for _, c := range []struct {
		name   string
		change func(s *engine.Snapshot)
		down   bool
		want   []string
	}{
		{"all is well", func(*engine.Snapshot) {}, false, nil},
		{"disputed still forwards", func(s *engine.Snapshot) { s.Services[0].Address.State = engine.Disputedly }, false, nil},
		{"2 s are not too old", func(s *engine.Snapshot) { s.Time = now.Add(-2 * time.Second) }, false, nil},
		{"older is", func(s *engine.Snapshot) { s.Time = now.Add(-2*time.Second - 1) }, false, []string{"engine: last tick 2 s ago"}},
		{"not started", func(s *engine.Snapshot) { s.Time = time.Time{} }, false, []string{"engine: it has not started yet"}},
		{"link down", func(*engine.Snapshot) {}, true, []string{"link down"}},
		{"standby", func(s *engine.Snapshot) { s.Standby = true; s.Services[0].Address.State = engine.Asking }, false, []string{"standby"}},
		{"no services", func(s *engine.Snapshot) { s.Services = nil }, false, []string{"no service is on"}},
		{"off", func(s *engine.Snapshot) { s.Services[0].Disabled = true }, false, []string{"no service is on"}},
		{"asking", func(s *engine.Snapshot) { s.Services[0].Address.State = engine.Asking }, false, []string{webAsks}},
		{"taken", func(s *engine.Snapshot) {
			s.Services[0].Address.State, s.Services[0].Address.Rival = engine.Taken, mac(9)
		}, false, []string{webTaken}},
		{"no servers", func(s *engine.Snapshot) { s.Services[0].Servers = nil }, false, []string{webServers}},
		{"MAC unknown", func(s *engine.Snapshot) { s.Services[0].Servers[0].MAC = mac(0); s.Services[0].Servers[0].MAC[0] = 0 }, false, []string{webServers}},
		{"drains", func(s *engine.Snapshot) { s.Services[0].Servers[0].State = engine.Draining }, false, []string{webServers}},
		{"second server serves", func(s *engine.Snapshot) {
			s.Services[0].Servers = append([]engine.ServerSnapshot{{}}, s.Services[0].Servers...)
		}, false, nil},
		{"second service serves", func(s *engine.Snapshot) {
			s.Services = append([]engine.ServiceSnapshot{{Service: engine.Service{Name: "dns"}}}, s.Services...)
		}, false, nil},
		{"all at once", func(s *engine.Snapshot) {
			s.Time = now.Add(-time.Minute)
			s.Services[0].Address.State = engine.Asking
			s.Services[0].Servers[0].State = engine.Disabled
			s.Services = append(s.Services, engine.ServiceSnapshot{Service: engine.Service{Name: "off", Disabled: true}})
		}, true, []string{"engine: last tick 60 s ago", "link down", webAsks, webServers}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &engine.Snapshot{Time: now, Services: []engine.ServiceSnapshot{{
				Service: engine.Service{Name: "web", VIP: addr("10.77.0.10"), Port: 80},
				Address: engine.AddressSnapshot{State: engine.Held},
				Servers: []engine.ServerSnapshot{{Server: engine.Server{Number: 1, Addr: addr("10.77.0.1")}, MAC: mac(1)}},
			}}}
			c.change(s)
			if diff := cmp.Diff(c.want, whyNot(s, !c.down, now)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
