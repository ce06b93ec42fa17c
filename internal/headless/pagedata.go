// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package headless

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"cygnet/engine"
	"cygnet/internal/wire"
)

// pageRules is how many rules of a list a page shows: a country alone may be
// thousands.
const pageRules = 50

// pageData is what a page shows, in its order.
type pageData struct {
	PageInfo
	Condition string // whether it forwards, in words
	Bad       bool   // and an operator would want it to
	Refresh   int    // seconds; 0 is never
	Uptime    string // empty before the engine's first tick
	Standby   bool
	Rates     *pageRates // nil when no time has passed
	Services  []pageService
	Tarpit    pageTarpit
	Lists     []pageList
	Flows     engine.FlowTable
	Dropped   []pageCount
	Lost      []pageCount
	Made      string // when, in RFC 3339; empty before the engine's first tick
}

type (
	pageRates struct {
		Over           string // which time
		In, Out, Drops pageRate
	}
	pageRate    struct{ Frames, Bits string } // a second
	pageService struct {
		Name, VIP, Port, Proto, Mode, State string
		Serving                             string // empty where all is well
		Flows                               uint64
		Bad                                 bool
		Servers                             []pageServer
	}
	pageServer struct {
		Number                       string // empty for one outside the service's own
		Name, Addr, State, MAC, Bits string
		Health, Why                  string
		Weight                       int
		Flows, Frames                uint64
		Bad                          bool
	}
	pageTarpit struct {
		List                      string
		Addresses, Hits, HitsLost uint64
		Rate                      string // of hits; empty when there are none now
		Held, Verified, Escaped   uint64
		HeldFor                   string // all together; empty where nobody ever was
	}
	pageList struct {
		Name string
		Rows []pageRow
	}
	pageRow struct {
		Position, Entry string
		Hits            uint64
	}
	pageCount struct {
		Word  string
		Count uint64
	}
)

// newPageData prepares a page; last is the snapshot of the one before, or nil.
func newPageData(s, last *engine.Snapshot, more PageInfo) *pageData {
	since := newInterval(s, last)
	d := &pageData{
		PageInfo: more, Refresh: int(math.Ceil(max(more.Every, 0).Seconds())), Standby: s.Standby,
		Rates: since.rates(), Tarpit: since.tarpit(),
		Flows: s.Flows, Dropped: dropped(s), Lost: lost(more.Link),
	}
	d.Condition, d.Bad = condition(s, more)
	if !s.Time.IsZero() {
		d.Uptime = span(s.Time.Sub(s.Started))
		d.Made = s.Time.UTC().Format(time.RFC3339)
	}
	for i := range s.Services {
		d.Services = append(d.Services, since.service(&s.Services[i]))
	}
	for _, l := range s.Lists {
		d.Lists = append(d.Lists, pageList{Name: l.Name, Rows: listRows(l)})
	}
	return d
}

// condition says whether frames are forwarded, and whether it is bad if not.
func condition(s *engine.Snapshot, more PageInfo) (words string, bad bool) {
	forwarding := 0
	for i := range s.Services {
		if forwards(&s.Services[i]) {
			forwarding++
		}
	}
	switch all := len(s.Services); {
	case more.Stopped:
		return "stopped", true
	case !more.LinkUp:
		return "not forwarding, the link is down", true
	case s.Time.IsZero():
		return "starting", false
	case s.Standby:
		return "standing by, answers for no service", false
	case all == 0 && s.Tarpit.List != "":
		return "a tarpit alone, there is no service", false
	case all == 0:
		return "idle, there is no service", false
	case forwarding == all:
		return "forwarding", false
	case forwarding == 0:
		return "not forwarding, no service has both its address and a server", true
	default:
		return fmt.Sprintf("forwarding for %d of %d services", forwarding, all), true
	}
}

// forwards reports whether a new flow to the service would find a server.
func forwards(s *engine.ServiceSnapshot) bool {
	if s.Disabled || !answered(s.Address.State) || s.Serving == engine.ServingNobody {
		return false
	}
	if s.Serving == engine.ServingEmergency {
		return true
	}
	for i := range s.Servers {
		// Where too few are up, those serve that are not.
		srv := &s.Servers[i]
		if up := srv.Health.State == engine.HealthUp; srv.State == engine.Enabled && !srv.MAC.IsZero() && (up || s.Serving != engine.ServingNormally) {
			return true
		}
	}
	return false
}

// servingWords say who serves where it is not those who should.
func servingWords(s engine.Serving) string {
	switch s {
	case engine.ServingNormally:
		return ""
	case engine.ServingEmergency:
		return "no server is up, the emergency server serves"
	case engine.ServingFailOpen:
		return "no server is up, those that answer ARP serve all the same"
	case engine.ServingPanic:
		return "too few servers are up, health is ignored"
	}
	return "nobody serves"
}

func answered(s engine.AddressState) bool { return s == engine.Held || s == engine.Disputedly }

// stateWords say whether we answer for the service, and who else does.
func stateWords(s *engine.ServiceSnapshot, standby bool) string {
	words := s.Address.State.String()
	switch {
	case s.Disabled:
		words = engine.Disabled.String()
	case standby:
		words = "standby"
	}
	if !s.Address.Rival.IsZero() {
		words += ", " + s.Address.Rival.String() + " answers for it"
	}
	return words
}

// listRows are a list's rules, the first of very many, and what an address gets
// that matches none.
func listRows(l engine.ListSnapshot) (rows []pageRow) {
	var rest uint64
	for i, r := range l.Rules {
		var hits uint64
		if i < len(l.Hits) {
			hits = l.Hits[i]
		}
		if i >= pageRules {
			rest += hits
			continue
		}
		what := "country " + r.Country
		if r.Country == "" {
			what = r.Prefix.String()
		}
		rows = append(rows, pageRow{strconv.Itoa(i + 1), r.Action.String() + " " + what, hits})
	}
	if n := len(l.Rules) - pageRules; n > 0 {
		rows = append(rows, pageRow{"", fmt.Sprintf("and %d more", n), rest})
	}
	return append(rows, pageRow{"", "default " + l.Default.String(), l.Misses})
}

// dropped are the reasons for which frames were dropped.
func dropped(s *engine.Snapshot) (counts []pageCount) {
	for r, n := range s.Reasons {
		if n.Frames > 0 && engine.Reason(r).Verdict() == engine.Dropped {
			counts = append(counts, pageCount{engine.Reason(r).String(), n.Frames})
		}
	}
	return counts
}

// lost is what the link lost, and why.
func lost(l wire.LinkStats) (counts []pageCount) {
	for _, c := range []pageCount{
		{"receive buffer full", l.KernelDrops}, {"receiving failed", l.RecvErrors}, {"longer than the MTU", l.SendTooLong},
		{"send queue full", l.SendFull}, {"link down", l.SendDown}, {"sending failed", l.SendOther},
	} {
		if c.Count > 0 {
			counts = append(counts, c)
		}
	}
	return counts
}
