// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import (
	"fmt"
	"slices"
	"strings"

	"cygnet/engine"
)

// fate is what a change would do to open flows, as many as the snapshot has.
type fate struct {
	move uint64 // at once, to another server
	end  uint64 // nothing serves them any more
	stay uint64 // on a server that is given no new ones, until they are over
}

// fateOf tells the fate of flows when after takes the place of before.
func fateOf(before, after engine.Config, snap *engine.Snapshot) fate {
	var f fate
	for i := range snap.Services {
		running := &snap.Services[i]
		was, is := serviceIn(before, running.Name), serviceIn(after, running.Name)
		switch {
		case is == nil && slices.Contains(after.Gone, running.Name) && !slices.Contains(before.Gone, running.Name):
			f.end += running.Flows
		case was == nil: // it is leaving, and goes on to
		case is == nil:
			f.stay += running.Flows
		case !covers(is, was), is.Disabled && !was.Disabled: // no frame of theirs is taken any more
			f.end += running.Flows
		default:
			for j := range running.Servers {
				f.server(was, is, &running.Servers[j])
			}
		}
	}
	return f
}

func (f *fate) server(was, is *engine.Service, running *engine.ServerSnapshot) {
	n := running.Number
	before, after := serverIn(was, n), serverIn(is, n)
	switch {
	case after == nil && slices.Contains(is.Gone, n) && !slices.Contains(was.Gone, n):
		f.move += running.Flows
	case before == nil: // it is leaving, and goes on to
	case after == nil, after.State == engine.Draining && before.State == engine.Enabled:
		f.stay += running.Flows
	case keepsFlows(before.State) && !keepsFlows(after.State):
		f.move += running.Flows
	}
}

func keepsFlows(s engine.ServerState) bool { return s == engine.Enabled || s == engine.Draining }

// covers says whether is takes the frames that was took.
func covers(is, was *engine.Service) bool {
	return is.VLAN == was.VLAN && is.VIP == was.VIP && (is.Port == was.Port || is.Port == 0) && (is.Proto == was.Proto || is.Proto == 0)
}

func serviceIn(c engine.Config, name string) *engine.Service {
	if i := slices.IndexFunc(c.Services, func(s engine.Service) bool { return s.Name == name }); i >= 0 {
		return &c.Services[i]
	}
	return nil
}

func serverIn(s *engine.Service, number int) *engine.Server {
	if i := slices.IndexFunc(s.Servers, func(v engine.Server) bool { return v.Number == number }); i >= 0 {
		return &s.Servers[i]
	}
	return nil
}

// String is for the operator.
func (f fate) String() string {
	var words []string
	for _, part := range []struct {
		n    uint64
		what string
	}{
		{f.move, "move now"}, {f.end, "end now"}, {f.stay, "stay on their server until they are over"},
	} {
		if part.n > 0 {
			words = append(words, fmt.Sprintf("%d %s", part.n, part.what))
		}
	}
	if len(words) == 0 {
		return "none move"
	}
	return strings.Join(words, ", ")
}
