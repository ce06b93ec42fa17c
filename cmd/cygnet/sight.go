// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"time"

	"cygnet/internal/control"
	"cygnet/tui"
)

// remote is the balancer at the other end of a control socket, as the dashboard
// sees it.
type remote struct{ *control.Remote }

// Sight is what is known of it now.
func (r remote) Sight() tui.Sight {
	s := r.Remote.Sight()
	about := aboutOf(s.Hello)
	about.Who, about.Owner = s.Hello.Who, s.Hello.Owner
	return tui.Sight{
		About: about, Snapshot: s.Snapshot, Link: s.Link, LinkUp: s.Up, CPU: s.CPU, Heard: s.Heard, Away: s.Away, LostHits: s.LostHits, Lost: s.Lost,
	}
}

// Sight is what is known of the balancer of this process now.
func (b *dashboard) Sight() tui.Sight {
	link, up := b.d.linkState()
	snap, heard := b.d.engine.Snapshot(), time.Now()
	if !snap.Time.IsZero() {
		heard = snap.Time // an engine that hangs is not heard of, though it is near
	}
	return tui.Sight{
		About: b.about, Snapshot: snap, Link: link, LinkUp: up, CPU: b.d.cpu(), Heard: heard,
	}
}

// Do gives a line to the desk. What is being carried out when ctx ends is
// carried out all the same.
func (b *dashboard) Do(ctx context.Context, line string) (string, error) {
	reply := make(chan string, 1)
	go func() { reply <- control.Script(b.desk, b.who(), line) }() // ends when it is carried out
	select {
	case r := <-reply:
		return r, nil
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

func aboutOf(h control.Hello) tui.About {
	return tui.About{Version: h.Version, Interface: h.Interface, Hostname: h.Hostname, PID: h.PID}
}
