// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"cygnet/internal/command"
	"cygnet/internal/config"
	"cygnet/internal/events"
)

// keptChanges is how many changes can be undone.
const keptChanges = 100

// change is something that an operator did, and how to take it back.
type change struct {
	number uint64
	who    string   // the operator, without the process
	ids    []string // what it was about; see command.Difference
	undo   []string // the inverse lines
	undone bool
}

// changed remembers and tells that cfg is in force now.
func (d *Desk) changed(who command.Who, lines []string, cfg *config.Config, differences []command.Difference) {
	d.number++
	c := change{number: d.number, who: operator(who), undo: command.Delta(cfg, d.cfg)}
	for _, diff := range differences {
		c.ids = append(c.ids, diff.ID)
	}
	if d.changes = append(d.changes, c); len(d.changes) > keptChanges {
		d.changes = slices.Delete(d.changes, 0, 1)
	}
	before := d.cfg
	d.cfg = cfg
	now := time.Now()
	d.opt.Changes.Add(events.Event{
		Kind: events.ConfigChanged, Time: now, Who: who.Name,
		Text: fmt.Sprintf("change %d: %s", d.number, summary(lines)),
	})
	d.tellStates(now, who.Name, before)
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// summary is the lines of a change in one, not without end.
func summary(lines []string) string {
	const most, mostBytes = 8, 1000
	var b strings.Builder
	for i, l := range lines {
		if i > 0 && (i == most || b.Len()+len(l) > mostBytes) {
			fmt.Fprintf(&b, "; and %d more lines", len(lines)-i)
			break
		}
		if i > 0 {
			b.WriteString("; ")
		}
		if len(l) > mostBytes {
			l = strings.ToValidUTF8(l[:mostBytes], "") + "..."
		}
		b.WriteString(l)
	}
	return b.String()
}

// tellStates tells of each server that is wanted in another state than before.
func (d *Desk) tellStates(now time.Time, who string, before *config.Config) {
	byName := before.ByName()
	for i := range d.cfg.Services {
		s := &d.cfg.Services[i]
		was := byName[s.Name]
		if was == nil || slices.Equal(was.Servers, s.Servers) {
			continue
		}
		for _, v := range s.Servers {
			i := slices.IndexFunc(was.Servers, func(o config.Server) bool { return o.Number == v.Number })
			if i < 0 {
				continue
			}
			if a, b := wanted(was.Servers[i]), wanted(v); a != b {
				d.opt.Changes.Add(events.Event{
					Kind: events.ServerState, Time: now, Service: s.Name, Server: v.Label(), Addr: v.Addr, Who: who, Text: b,
				})
			}
		}
	}
}

// wanted is what an operator wants of a server, in one word.
func wanted(v config.Server) string {
	switch {
	case v.State != config.Enable:
		return string(v.State)
	case !v.Out.IsZero():
		return "blacklist"
	}
	return "enable"
}

// operator is who, whatever process or connection they use.
func operator(who command.Who) string {
	if remote, ok := addressOf(who); ok {
		return remote.String()
	}
	name, _, _ := strings.Cut(who.Name, " pid ")
	return name
}

// undo takes back change n, or with 0 the last of who's own.
func (d *Desk) undo(who command.Who, n uint64) (string, error) {
	i := len(d.changes) - 1
	for ; i >= 0; i-- {
		if c := d.changes[i]; c.number == n || n == 0 && c.who == operator(who) && !c.undone {
			break
		}
	}
	const hint = "numbers of changes are in the log: undo N"
	switch {
	case i < 0 && n == 0:
		return "", &config.Problem{What: "undo: nothing of yours to take back", Hint: hint}
	case i < 0:
		return "", &config.Problem{What: fmt.Sprintf("undo %d: no such change among the last %d", n, keptChanges), Hint: hint}
	case d.changes[i].undone:
		return "", &config.Problem{What: fmt.Sprintf("undo %d: it was taken back already", n)}
	}
	c := d.changes[i]
	if problem := overlaid(c, nil, onLists(d.changes[i+1:])); problem != nil {
		return "", problem // its lines tell positions, and no more the same ones
	}
	r := d.read(who, c.undo, true)
	if len(r.Problems) > 0 {
		return refused(r.Problems), nil
	}
	differences := command.Differences(d.cfg, r.Config)
	if len(differences) == 0 {
		d.changes[i].undone = true
		return fmt.Sprintf("note: nothing is left of change %d to take back\n", c.number), nil
	}
	if problem := overlaid(c, differences, d.changes[i+1:]); problem != nil {
		return "", problem
	}
	reply := d.bring(who, c.undo, r, differences)
	if Refused(reply) {
		return reply, nil
	}
	for i := range d.changes { // they may have moved
		if o := &d.changes[i]; o.number == c.number || o.number == d.number {
			o.undone = true
		}
	}
	return "undone by: " + summary(c.undo) + "\n" + reply, nil
}

// overlaid says which later change is about the same as c, or as what taking c
// back would change: a server may have come to the service that c made.
func overlaid(c change, differences []command.Difference, later []change) error {
	about := map[string]bool{}
	for _, id := range c.ids {
		about[id] = true
	}
	for _, diff := range differences {
		about[diff.ID] = true
	}
	for _, o := range later {
		if o.undone {
			continue
		}
		for _, id := range o.ids {
			if about[id] {
				return &config.Problem{
					What: fmt.Sprintf("undo %d: %s was changed since, by %s in change %d", c.number, strings.TrimSpace(id), o.who, o.number),
					Hint: fmt.Sprintf("take that back first: undo %d", o.number),
				}
			}
		}
	}
	return nil
}

// onLists is what of changes is about access lists.
func onLists(changes []change) (all []change) {
	for _, c := range changes {
		c.ids = slices.DeleteFunc(slices.Clone(c.ids), func(id string) bool { return !strings.HasPrefix(id, "acl ") })
		all = append(all, c)
	}
	return all
}

// Run ends blacklistings when their time is over, until ctx ends.
func (d *Desk) Run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-d.wake:
		case <-timer.C:
		}
		if next := d.expire(time.Now()); next.IsZero() {
			timer.Stop()
		} else {
			timer.Reset(max(time.Until(next), time.Millisecond))
		}
	}
}

// expire takes servers in again whose blacklisting is over at now, and returns
// when the next one is.
func (d *Desk) expire(now time.Time) time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	if next := expiry(d.cfg); next.IsZero() || now.Before(next) {
		return next
	}
	cfg := d.cfg.Clone()
	for i := range cfg.Services {
		for j := range cfg.Services[i].Servers {
			if v := &cfg.Services[i].Servers[j]; !now.Before(v.Out) {
				v.Out = time.Time{}
			}
		}
	}
	if _, problems := d.opt.Machine.Apply(cfg); len(problems) > 0 {
		return now.Add(time.Second) // the machine is not ready: again soon
	}
	before := d.cfg
	d.cfg = cfg
	d.tellStates(now, "", before)
	return expiry(cfg)
}

// problemsOf makes problems of an error that may be one.
func problemsOf(err error) []*config.Problem {
	if p, ok := errors.AsType[*config.Problem](err); ok {
		return []*config.Problem{p}
	}
	return []*config.Problem{{What: err.Error()}}
}

func itoa(n int) string { return strconv.Itoa(n) }
