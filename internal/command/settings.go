// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"slices"

	"cygnet/internal/config"
)

// setting is a command that has a value: one entry gives the command, its
// `no`, the answer to the question for it, and its line in what `write`
// writes.
type setting struct {
	name, args, help string
	group            Group
	mark             Mark
	late             bool // written behind the lists and services that it refers to
	no               bool // `no NAME` takes it back; else NAME and the default does

	set   func(s *session, what string, args []string) error
	clear func(c *config.Config, service string)

	// Where some words of it are a question about what runs; see Command.
	act  func(a Actor, c Call) (string, error)
	asks func(args []string) bool

	// words is what follows the name when it is written; empty is not set.
	words func(c *config.Config, service string) string
}

// settings is the table of all settings, in the order in which they are
// written.
func settings() []setting {
	return slices.Concat(globalSettings(), tarpitSettings(), listSettings(), serviceSettings())
}

// settingCommands makes the commands of some settings.
func settingCommands(all []setting) []Command {
	var table []Command
	for _, v := range all {
		table = append(table, Command{Name: v.name, Args: v.args, Help: v.help, Group: v.group, Mark: v.mark,
			run: v.run, act: v.act, asks: v.asks, asksAlone: true})
		if v.no {
			table = append(table, Command{Name: "no " + v.name, Help: "undo " + v.name, Group: v.group, Mark: v.mark, run: v.undo})
		}
	}
	return table
}

// run sets the value if there is one, and tells it.
func (v setting) run(s *session, args []string) error {
	if len(args) > 0 {
		if err := v.set(s, s.in("%s", v.name), args); err != nil {
			return err
		}
	}
	s.say("%s", v.answer(s.cfg, s.service))
	return nil
}

func (v setting) undo(s *session, args []string) error {
	if v.group != Service || s.cfg.Service(s.service) != nil {
		v.clear(s.cfg, s.service)
	}
	if err := done(s.in("no %s", v.name), args); err != nil {
		return err
	}
	s.say("%s", v.answer(s.cfg, s.service))
	return nil
}

// answer is the value as a reply.
func (v setting) answer(c *config.Config, service string) string {
	if words := v.words(c, service); words != "" {
		return words
	}
	return "no " + v.name
}

// revert is the line that takes the value back to its default. Where there is
// no such line, it is one that is refused: it must not be taken for a question.
func (v setting) revert(initial string) string {
	if v.no {
		return "no " + v.name
	}
	if initial == "" {
		initial = Quote("")
	}
	return v.name + " " + initial
}

// global makes a setting of Cygnet as a whole.
func global[T any](name, args, help string, field func(*config.Config) *T, c codec[T]) setting {
	return setting{
		name: name, args: args, help: help, group: Global,
		set: func(s *session, what string, args []string) error {
			v, err := c.whole(s, what, args)
			if err == nil {
				*field(s.cfg) = v
			}
			return err
		},
		clear: func(cfg *config.Config, _ string) { *field(cfg) = *field(config.New()) },
		words: func(cfg *config.Config, _ string) string { return c.write(*field(cfg)) },
	}
}

// ofService makes a setting of one service.
func ofService[T any](name, args, help string, field func(*config.Service) *T, c codec[T]) setting {
	return setting{
		name: name, args: args, help: help, group: Service,
		set: func(s *session, what string, args []string) error {
			v, err := c.whole(s, what, args)
			if err == nil {
				*field(s.current()) = v
			}
			return err
		},
		clear: func(cfg *config.Config, service string) {
			initial := config.NewService(service)
			*field(cfg.MakeService(service)) = *field(&initial)
		},
		words: func(cfg *config.Config, service string) string {
			if v := cfg.Service(service); v != nil {
				return c.write(*field(v))
			}
			initial := config.NewService(service)
			return c.write(*field(&initial))
		},
	}
}

// marked gives a setting marks.
func (v setting) marked(m Mark) setting { v.mark |= m; return v }

// undoable gives a setting a `no`.
func (v setting) undoable() setting { v.no = true; return v }

// behind has a setting written behind the lists and services.
func (v setting) behind() setting { v.late = true; return v }
