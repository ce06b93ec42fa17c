// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package metrics

import (
	"fmt"
	"time"

	"cygnet/engine"
)

// staleAfter is how old the engine's last tick may be. It ticks at least every
// 20 ms, and a snapshot is at most 100 ms old (see engine.Links and
// engine.Engine.Snapshot), so this is some twenty of both missed.
const staleAfter = 2 * time.Second

// whyNot says why nothing is forwarded at the moment, one reason an entry;
// nothing when the engine forwards: it runs, the link is up, and at least one
// service has its address and a server that can serve.
func whyNot(s *engine.Snapshot, linkUp bool, now time.Time) (why []string) {
	switch age := now.Sub(s.Time); {
	case s.Time.IsZero():
		why = append(why, "engine: it has not started yet")
	case age > staleAfter:
		why = append(why, fmt.Sprintf("engine: last tick %d s ago", int(age.Seconds())))
	}
	if !linkUp {
		why = append(why, "link down")
	}
	if s.Standby {
		return append(why, "standby")
	}
	return append(why, whyNoService(s.Services)...)
}

// whyNoService says what each service lacks, unless one lacks nothing.
func whyNoService(services []engine.ServiceSnapshot) (why []string) {
	on := 0
	for i := range services {
		svc := &services[i]
		if svc.Disabled {
			continue
		}
		on++
		lacks := whyNotService(svc)
		if len(lacks) == 0 {
			return nil
		}
		why = append(why, lacks...)
	}
	if on == 0 {
		return []string{"no service is on"}
	}
	return why
}

func whyNotService(svc *engine.ServiceSnapshot) (why []string) {
	name := "service " + svc.Name + ": "
	switch svc.Address.State {
	case engine.Held, engine.Disputedly:
	case engine.Taken:
		why = append(why, fmt.Sprintf("%s%s is taken by %s", name, svc.VIP, svc.Address.Rival))
	default:
		why = append(why, fmt.Sprintf("%sstill asking whether %s is free", name, svc.VIP))
	}
	for i := range svc.Servers {
		if srv := &svc.Servers[i]; srv.State == engine.Enabled && !srv.MAC.IsZero() {
			return why
		}
	}
	return append(why, name+"no server can serve")
}
