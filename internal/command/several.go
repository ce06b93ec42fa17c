// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"net/netip"
	"slices"
	"strings"

	"cygnet/internal/config"
)

// several is a setting that may have any number of values: each line adds
// one, and `no NAME [VALUE]` takes one or all back.
type several struct {
	name, args, help string
	mark             Mark

	add    func(s *session, what string, args []string) error
	remove func(s *session, what string, args []string) error
	clear  func(c *config.Config)
	all    func(c *config.Config) []string // the words of each value
}

// severals is the table of them, in the order in which they are written.
func severals() []several {
	return []several{
		severalOf("control", "[ADDR]", "one more control socket: HOST:PORT, PORT on loopback, or a path",
			func(c *config.Config) *[]string { return &c.Control }, controlAddress()).marked(OwnerOnly | NextStart),
		severalOf("source", "[ADDR [vlan VID]]", "an unused address to ask for servers and check them from, one a family and subnet, on a VLAN one a family, and another on each balancer",
			func(c *config.Config) *[]config.Source { return &c.Sources }, sourceAddress()),
		severalOf("segment", "[PREFIX]", "where addresses may be captured, instead of the subnets of dsr_if",
			func(c *config.Config) *[]netip.Prefix { return &c.Segments }, prefixes()),
		severalOf("tarpit_exclude", "[PREFIX]", "addresses that are never captured",
			func(c *config.Config) *[]netip.Prefix { return &c.Tarpit.Exclude }, prefixes()),
		severalOf("tarpit_ignore", "[from PREFIX] [to PREFIX] [port P]", "whom and what the tarpit never answers",
			func(c *config.Config) *[]config.Ignore { return &c.Tarpit.Ignore }, ignored()),
	}
}

func severalOf[T comparable](name, args, help string, field func(*config.Config) *[]T, c codec[T]) several {
	read := func(s *session, what string, args []string) (T, error) {
		v, err := c.whole(s, what, args)
		if err == nil {
			s.key = name + " " + c.write(v)
		}
		return v, err
	}
	return several{
		name: name, args: args, help: help,
		add: func(s *session, what string, args []string) error {
			v, err := read(s, what, args)
			if all := field(s.cfg); err == nil && !slices.Contains(*all, v) {
				*all = append(*all, v)
			}
			return err
		},
		remove: func(s *session, what string, args []string) error {
			v, err := read(s, what, args)
			if err == nil {
				all := field(s.cfg)
				*all = without(*all, v)
			}
			return err
		},
		clear: func(cfg *config.Config) { *field(cfg) = nil },
		all: func(cfg *config.Config) (words []string) {
			for _, v := range *field(cfg) {
				words = append(words, c.write(v))
			}
			return words
		},
	}
}

// without returns all but v; nil when nothing is left.
func without[T comparable](all []T, v T) []T {
	left := slices.DeleteFunc(slices.Clone(all), func(o T) bool { return o == v })
	if len(left) == 0 {
		return nil
	}
	return left
}

func (v several) marked(m Mark) several { v.mark |= m; return v }

func (v several) commands() []Command {
	return []Command{
		{Name: v.name, Args: v.args, Help: v.help, Group: Global, Mark: v.mark, run: v.run, asksAlone: true},
		{Name: "no " + v.name, Args: v.args, Help: "take one back, or all", Group: Global, Mark: v.mark, run: v.undo},
	}
}

func severalCommands() (table []Command) {
	for _, v := range severals() {
		table = append(table, v.commands()...)
	}
	return table
}

func (v several) run(s *session, args []string) error {
	if len(args) > 0 {
		if err := v.add(s, v.name, args); err != nil {
			return err
		}
	}
	v.answer(s)
	return nil
}

func (v several) undo(s *session, args []string) error {
	if len(args) == 0 {
		v.clear(s.cfg)
	} else if err := v.remove(s, "no "+v.name, args); err != nil {
		return err
	}
	v.answer(s)
	return nil
}

// answer tells all values, one a line.
func (v several) answer(s *session) {
	all := v.all(s.cfg)
	if len(all) == 0 {
		s.say("no %s", v.name)
		return
	}
	s.say("%s", strings.Join(all, "\n"))
}

func sourceAddress() codec[config.Source] {
	return codec[config.Source]{
		read: func(s *session, what string, args []string) (v config.Source, rest []string, err error) {
			if v.Addr, err = address(what, args[0]); err == nil {
				v.VLAN, rest, err = s.vlan(what, args[1:])
			}
			s.mark(config.SubjectSource(v.String()))
			return v, rest, err
		},
		write: config.Source.String,
	}
}

// prefixes is PREFIX. It is written in Pen's form: with a mask if it is of
// IPv4 and no host, with the length if it is of IPv6.
func prefixes() codec[netip.Prefix] {
	return codec[netip.Prefix]{
		read: func(s *session, what string, args []string) (netip.Prefix, []string, error) {
			return s.prefix(what, args)
		},
		write: prefixWords,
	}
}

func prefixWords(p netip.Prefix) string {
	switch {
	case p.IsSingleIP():
		return p.Addr().String()
	case p.Addr().Is4():
		return p.Addr().String() + " " + mask(p.Bits())
	}
	return p.String()
}

// mask is the dotted mask of so many ones.
func mask(ones int) string {
	m := ^uint32(0) << (32 - ones)
	return netip.AddrFrom4([4]byte{byte(m >> 24), byte(m >> 16), byte(m >> 8), byte(m)}).String()
}
