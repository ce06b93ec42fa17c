// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"fmt"
	"time"
)

// staleAfter is how old the engine's last tick may be. It ticks at least every
// 250 ms, and a snapshot is at most 100 ms old (see restTick and
// Engine.Snapshot), so this is some of both missed.
const staleAfter = 2 * time.Second

// WhyNot says why nothing is forwarded at now, one reason an entry; nothing
// when the engine forwards: it runs, the link is up, and at least one service
// has its address and a server that can serve.
func (s *Snapshot) WhyNot(linkUp bool, now time.Time) (why []string) {
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
func whyNoService(services []ServiceSnapshot) (why []string) {
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

func whyNotService(svc *ServiceSnapshot) (why []string) {
	name := "service " + svc.Name + ": "
	switch svc.Address.State {
	case Held, Disputedly:
	case Taken:
		why = append(why, fmt.Sprintf("%s%s%s is taken by %s", name, svc.VIP, svc.VLANWord(), svc.Address.Rival))
	default:
		why = append(why, fmt.Sprintf("%sstill asking whether %s%s is free", name, svc.VIP, svc.VLANWord()))
	}
	if svc.Serving == ServingNobody {
		return append(why, name+"no server can serve")
	}
	return why
}
