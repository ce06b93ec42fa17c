// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"cmp"
	"math"
	"slices"

	"cygnet/internal/config"
)

func serverCommands() []Command {
	return []Command{
		{"server", "ID [address HOST|port P|max N|hard N|weight N|prio N|acl LIST]...",
			"a server, by number or name; an address makes it", Service, runServer},
		{"no server", "ID", "forget a server; the numbers of the others stay", Service, runNoServer},
	}
}

// unnumbered is the number of a named server until the transaction's end: a
// later line of it may ask for any number.
const unnumbered = -1

func runServer(s *session, args []string) error {
	if len(args) == 0 {
		return missing(s.in("server"), "ID")
	}
	id := args[0]
	if err := s.serverID(s.in("server"), id); err != nil {
		return err
	}
	what := s.in("server %s", id)
	if len(args) == 1 {
		return missing(what, "a setting")
	}
	v := s.server(id)
	for args = args[1:]; len(args) > 0; args = args[2:] {
		if notYet(args[0]) {
			return notBuilt(what + " " + args[0])
		}
		if len(args) == 1 {
			return missing(what+" "+quoted(args[0]), "a value")
		}
		if err := s.setServer(v, what, args[0], args[1]); err != nil {
			return err
		}
	}
	s.mark(config.SubjectServer(s.service, v.Label()))
	return nil
}

// notYet reports whether word is a setting or state of a server that a later
// version has.
func notYet(word string) bool {
	return slices.Contains([]string{"blacklist", "enable", "drain", "disable"}, word)
}

// setServer sets one value of server v. subject is how messages call v.
func (s *session) setServer(v *config.Server, subject, key, word string) (err error) {
	what := subject + ": " + key
	switch key {
	case "address":
		v.Addr, err = s.host(what, word, s.current().VIP)
	case "port":
		v.Port, err = port(what, word, network(s.serviceProtocol()))
	case "acl":
		v.List, err = s.listName(what, word)
	case "max":
		v.Max, err = number(what, word, math.MaxInt32)
	case "hard":
		v.Hard, err = number(what, word, math.MaxInt32)
	case "weight":
		v.Weight, err = number(what, word, config.MaxWeight)
	case "prio":
		v.Prio, err = number(what, word, config.MaxPrio)
	default:
		keys := []string{"address", "port", "acl", "max", "hard", "weight", "prio"}
		hint := ""
		if near := nearest(key, keys); near != "" {
			hint = "did you mean " + near + "?"
		}
		return refuse(hint, "%s %s: no such setting of a server", subject, quoted(key))
	}
	return err
}

// serviceProtocol is that of the current service, or what its `listen` would
// take.
func (s *session) serviceProtocol() uint8 {
	if v := s.current(); v.VIP.IsValid() {
		return v.Proto
	}
	return s.defaultProtocol()
}

func (s *session) serverID(what, id string) error {
	if isDigits(id) {
		_, err := number(what, id, config.MaxNumber)
		return err
	}
	return s.name(what, id)
}

// server returns the current service's server of that ID, made if need be.
// The pointer is good until another is made.
func (s *session) server(id string) *config.Server {
	v := s.current()
	if i := indexServer(v, id); i >= 0 {
		return &v.Servers[i]
	}
	n := config.Server{Number: unnumbered, Name: id, List: config.DefaultList}
	if num, ok := decimal(id, config.MaxNumber); ok {
		n.Number, n.Name = num, ""
	}
	v.Servers = append(v.Servers, n)
	return &v.Servers[len(v.Servers)-1]
}

// indexServer finds a server by number or name, or returns -1.
func indexServer(v *config.Service, id string) int {
	num, isNumber := decimal(id, config.MaxNumber)
	return slices.IndexFunc(v.Servers, func(o config.Server) bool {
		if isNumber {
			return o.Number == num
		}
		return o.Name == id
	})
}

func runNoServer(s *session, args []string) error {
	if len(args) == 0 {
		return missing(s.in("no server"), "ID")
	}
	if err := s.serverID(s.in("no server"), args[0]); err != nil {
		return err
	}
	if len(args) > 1 {
		return done(s.in("no server %s", args[0]), args[1:])
	}
	v := s.cfg.Service(s.service)
	if v == nil {
		return nil
	}
	if i := indexServer(v, args[0]); i >= 0 {
		v.Servers = slices.Delete(v.Servers, i, i+1)
	}
	return nil
}

// numberServers gives new named servers the lowest free numbers, in the order
// they were named, and sorts all by number.
func (s *session) numberServers() {
	for i := range s.cfg.Services {
		servers := s.cfg.Services[i].Servers
		taken := map[int]bool{}
		for _, v := range servers {
			taken[v.Number] = true
		}
		next := 0
		for j := range servers {
			if servers[j].Number != unnumbered {
				continue
			}
			for taken[next] {
				next++
			}
			servers[j].Number = next
			next++
		}
		slices.SortFunc(servers, func(a, b config.Server) int { return cmp.Compare(a.Number, b.Number) })
	}
}
