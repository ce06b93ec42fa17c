// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cygnet/internal/command"
	"cygnet/internal/config"
	"cygnet/internal/events"
)

// owner is who gives the lines of the command line and of its files.
var owner = command.Who{Name: "-F", Owner: true}

// Hangup is SIGHUP: it opens the files of log and events anew, and reads the
// configuration anew if one of its files is another than when it was last read
// or written.
func (d *Desk) Hangup() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	reply := ""
	if err := d.opt.Machine.Reopen(); err != nil {
		reply = refused(problemsOf(err))
	}
	for path, was := range d.sums {
		if sumOf(path) != was {
			again, err := d.reload(command.Who{Name: "SIGHUP", Owner: true})
			if err != nil {
				again = refused(problemsOf(err))
			}
			return reply + again
		}
	}
	return reply
}

// reload makes the configuration of the command line and its files the one in
// force, but for the states that operators gave servers and no file names.
func (d *Desk) reload(who command.Who) (reply string, err error) {
	if wait := othersReload - time.Since(d.reloaded); !who.Owner && wait > 0 {
		return "", &config.Problem{What: fmt.Sprintf("reload: the last one was less than %d s ago", othersReload/time.Second),
			Hint: fmt.Sprintf("ask again in %d s", 1+wait/time.Second)}
	}
	d.reloaded = time.Now()
	if len(d.opt.Files) == 0 {
		defer func() { reply += "note: cygnet was started without -F, so this is the command line\n" }()
	}
	if d.opt.Reloading != nil {
		defer d.opt.Reloading()()
	}
	r := d.opt.Parser.Run(command.Request{Base: d.opt.Initial, Lines: d.written(d.opt.Files), Who: owner, Again: true})
	d.sums = r.Files // a file with an error is not read again at each SIGHUP, either
	if len(r.Problems) > 0 {
		if !who.Owner {
			for _, p := range r.Problems { // which quote words of the file's lines
				*p = config.Problem{Origin: p.Origin, What: "not valid; why is for root and Cygnet's own user to see"}
			}
		}
		return refused(r.Problems), nil
	}
	read := r.Config.Clone()
	keepStates(r.Config, d.cfg, r.States)
	differences := command.Differences(d.cfg, r.Config)
	notices, problems := d.opt.Machine.Apply(r.Config)
	if len(problems) > 0 {
		return refused(problems), nil
	}
	for _, name := range command.Deferred(d.cfg, r.Config) {
		r.Notes = append(r.Notes, name+": takes effect at the next start")
	}
	discarded := d.discarded(who, r.Config)
	d.saved = read
	d.readBase()
	if len(differences) > 0 {
		var all []string
		for _, diff := range differences {
			all = append(all, diff.Lines...)
		}
		d.changed(who, append([]string{"reload"}, all...), r.Config, differences)
	}
	d.cfg = r.Config // its comments, too
	return discarded + notes(r.Notes, notices), nil
}

// othersReload is how often others than the owner may have the files read anew:
// that may take time, and everyone else waits.
const othersReload = 10 * time.Second

// written are the lines of the command line, and then those files.
func (d *Desk) written(files []string) []command.Line {
	lines := slices.Clone(d.opt.Lines)
	for _, file := range files {
		lines = append(lines, command.Line{Text: "include " + command.Quote(file), Origin: "-F"})
	}
	return lines
}

// readBase finds out what is said before the last file of -F, which is the one
// that is written. Should that fail, as when a host's name resolves no more,
// it stays what it was: at first the whole that is in force, so that more is
// taken back in the file than need be.
func (d *Desk) readBase() {
	before := d.opt.Files[:max(0, len(d.opt.Files)-1)]
	r := d.opt.Parser.Run(command.Request{Base: d.opt.Initial, Lines: d.written(before), Who: owner, Part: true, Again: true})
	if r.Config != nil {
		d.base = r.Config
	}
}

// keepStates gives the servers of cfg the state that they have in running,
// unless it was named for them.
func keepStates(cfg, running *config.Config, named map[string]bool) {
	for i := range cfg.Services {
		s := &cfg.Services[i]
		was := running.Service(s.Name)
		for j := range s.Servers {
			v := &s.Servers[j]
			if was == nil || named[config.SubjectServer(s.Name, v.Label())] {
				continue
			}
			if k := slices.IndexFunc(was.Servers, func(o config.Server) bool { return o.Addr == v.Addr }); k >= 0 {
				v.State, v.Out = was.Servers[k].State, was.Servers[k].Out
			}
		}
	}
}

// discarded tells, and logs, which changes were never written and are lost as
// cfg takes the place of what is in force.
func (d *Desk) discarded(who command.Who, cfg *config.Config) string {
	lost := map[string]bool{}
	for _, diff := range command.Differences(cfg, d.cfg) {
		lost[diff.ID] = true
	}
	var b strings.Builder
	for _, diff := range command.Differences(d.saved, d.cfg) {
		if !lost[diff.ID] || len(diff.Lines) == 0 {
			continue
		}
		text := "discarded, as it was not written: " + summary(diff.Lines)
		b.WriteString("note: " + text + "\n")
		d.opt.Changes.Add(events.Event{Kind: events.ConfigChanged, Time: time.Now(), Who: who.Name, Text: text})
	}
	return b.String()
}
