// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"math"
	"slices"
	"strconv"
	"time"

	"cygnet/internal/config"
)

func serverCommands() []Command {
	return []Command{
		{Name: "server", Args: "ID [address HOST|name NAME|port P|max N|hard N|weight N|prio N|acl LIST|blacklist SEC]..., or server ID enable|drain|disable, or server ID",
			Help: "a server, by number or name: an address makes it; drain: open flows stay, it is given no new ones; disable: its flows move now; alone it shows it", Group: Service,
			run: runServer, act: showServer, asks: func(args []string) bool { return len(args) == 1 }},
		{Name: "no server", Args: "ID [now]", Help: "forget a server: open flows stay until they are over; now: they move at once; the numbers of the others stay", Group: Service, run: runNoServer},
	}
}

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
	if isState(args[1]) {
		return s.setState(what, id, args[1], args[2:])
	}
	s.numberNamed(id, args[1:])
	v := s.server(id)
	for args = args[1:]; len(args) > 0; args = args[2:] {
		if !slices.Contains(serverKeys(), args[0]) {
			return noSetting(what, args[0])
		}
		if len(args) == 1 {
			return missing(what+" "+quoted(args[0]), "a value")
		}
		if err := s.setServer(v, what, args[0], args[1]); err != nil {
			return err
		}
	}
	s.key = serverKey(s.service, v)
	s.mark(config.SubjectServer(s.service, v.Label()))
	return nil
}

func isState(word string) bool { return word == "enable" || word == "drain" || word == "disable" }

// setState says what an operator wants of a server. A state makes no server:
// a mistyped name would be one without an address.
func (s *session) setState(what, id, word string, rest []string) error {
	if err := done(what+" "+word, rest); err != nil {
		return err
	}
	i := -1
	service := s.cfg.Service(s.service)
	if service != nil {
		i = indexServer(service, id)
	}
	if i < 0 {
		return refuse("see: servers", "%s: no such server", what)
	}
	v := &service.Servers[i]
	v.State = config.State(word)
	if word == "enable" {
		v.State, v.Out = config.Enable, time.Time{}
	}
	if s.snapshot != nil && v.State == config.Drain {
		s.note("%sserver %s draining: %s left", s.scope(), v.Label(), flowsWord(s.openFlows(v.Number)))
	}
	s.key = serverKey(s.service, v) + " state"
	s.states[config.SubjectServer(s.service, v.Label())] = true
	return nil
}

// setServer sets one value of server v: key is one of serverKeys. subject is how
// messages call v.
func (s *session) setServer(v *config.Server, subject, key, word string) (err error) {
	what := subject + ": " + key
	switch key {
	case "address":
		v.Addr, err = s.host(what, word, s.current().VIP)
	case "name":
		if err = s.name(what, word); err == nil {
			v.Name, err = word, s.nameFree(v, what, word)
		}
	case "port":
		if v.Port, err = port(what, word, network(s.serviceProtocol())); v.Port != 0 && v.Port == s.penPort {
			s.note("%s %d: the control port of the Pen that wrote the file; taken as the service's", what, v.Port)
			v.Port = 0
		}
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
	case "blacklist":
		err = s.blacklist(v, what, word)
	}
	return err
}

// serverKeys are the words of a server that a value follows.
func serverKeys() []string {
	return []string{"address", "name", "port", "acl", "max", "hard", "weight", "prio", "blacklist"}
}

func noSetting(subject, key string) error {
	hint := ""
	if near := Nearest(key, append(serverKeys(), "enable", "drain", "disable")); near != "" {
		hint = "did you mean " + near + "?"
	}
	return refuse(hint, "%s %s: no such setting of a server", subject, quoted(key))
}

// blacklist takes a server out for a time; 0 puts it back.
func (s *session) blacklist(v *config.Server, what, word string) error {
	d, _, err := seconds(0).read(s, what, []string{word})
	if err != nil {
		return err
	}
	v.Out = time.Time{}
	if d > 0 {
		v.Out = s.now.Add(d)
	}
	s.states[config.SubjectServer(s.service, v.Label())] = true
	return nil
}

// serviceProtocol is that of the current service, or what its `listen` would
// take.
func (s *session) serviceProtocol() uint8 {
	if v := s.current(); v.VIP.IsValid() {
		return v.Proto
	}
	return s.defaultProtocol()
}

func runNoServer(s *session, args []string) error {
	if len(args) == 0 {
		return missing(s.in("no server"), "ID")
	}
	if err := s.serverID(s.in("no server"), args[0]); err != nil {
		return err
	}
	rest := args[1:]
	now := len(rest) > 0 && rest[0] == "now"
	if now {
		rest = rest[1:]
	}
	if err := done(s.in("no server %s", args[0]), rest); err != nil {
		return err
	}
	s.key = s.scope() + "server " + args[0]
	v := s.cfg.Service(s.service)
	if v == nil {
		return nil
	}
	number, known := s.leavingNumber(args[0])
	if i := indexServer(v, args[0]); i >= 0 {
		s.key = serverKey(s.service, &v.Servers[i])
		number, known = v.Servers[i].Number, v.Servers[i].Number != unnumbered
		if n := s.openFlows(number); n > 0 && !now {
			s.noteLeaving("server "+v.Servers[i].Label(), n)
		}
		v.Servers = slices.Delete(v.Servers, i, i+1)
	}
	if now && known && !slices.Contains(v.Gone, number) {
		v.Gone = append(v.Gone, number)
	}
	return nil
}

// serverPairs are the words of a server's line behind its ID: its address,
// and all that is not the default, or that over, the same server as it would
// be without the line, says otherwise.
func serverPairs(v, over *config.Server) []string {
	if over == nil {
		over = &config.Server{List: config.DefaultList}
	}
	words := []string{"address", v.Addr.String()}
	pair := func(key string, value, initial, other int) {
		if value != initial || value != other {
			words = append(words, key, strconv.Itoa(value))
		}
	}
	pair("port", int(v.Port), 0, int(over.Port))
	pair("max", v.Max, 0, over.Max)
	pair("hard", v.Hard, 0, over.Hard)
	pair("weight", v.Weight, 0, over.Weight)
	pair("prio", v.Prio, 0, over.Prio)
	if v.List != config.DefaultList || v.List != over.List {
		words = append(words, "acl", v.List)
	}
	return words
}
