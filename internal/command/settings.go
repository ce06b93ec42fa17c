// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"slices"
	"strconv"
	"strings"
	"time"

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
			run: v.run, act: v.act, asks: v.asks})
		if v.no {
			table = append(table, Command{Name: "no " + v.name, Help: "undo " + v.name, Group: v.group, Mark: v.mark &^ OwnerOnly, run: v.undo})
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

// codec reads and writes the words of a value of type T.
type codec[T any] struct {
	read  func(s *session, what string, args []string) (v T, rest []string, err error)
	write func(T) string
}

// global makes a setting of Cygnet as a whole.
func global[T any](name, args, help string, field func(*config.Config) *T, c codec[T]) setting {
	return setting{
		name: name, args: args, help: help, group: Global,
		set: func(s *session, what string, args []string) error {
			v, rest, err := c.read(s, what, args)
			if err == nil {
				err = done(what+" "+args[0], rest)
			}
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
			v, rest, err := c.read(s, what, args)
			if err == nil {
				err = done(what+" "+args[0], rest)
			}
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

// wholeNumber is a number from low to high.
func wholeNumber(low, high int) codec[int] {
	return codec[int]{
		read: func(_ *session, what string, args []string) (int, []string, error) {
			n, ok := decimal(args[0], high)
			if !ok || n < low {
				return 0, nil, refuse("", "%s %s: not a number from %d to %d", what, quoted(args[0]), low, high)
			}
			return n, args[1:], nil
		},
		write: strconv.Itoa,
	}
}

// oneOf is one of some words.
func oneOf(words ...string) codec[string] {
	return codec[string]{
		read: func(_ *session, what string, args []string) (string, []string, error) {
			if !slices.Contains(words, args[0]) {
				hint := ""
				if near := nearest(args[0], slices.Clone(words)); near != "" {
					hint = "did you mean " + near + "?"
				}
				return "", nil, refuse(hint, "%s %s: expected one of %s", what, quoted(args[0]), strings.Join(words, ", "))
			}
			return args[0], args[1:], nil
		},
		write: func(v string) string { return v },
	}
}

// onOff is on or off.
func onOff() codec[bool] {
	return codec[bool]{
		read: func(s *session, what string, args []string) (bool, []string, error) {
			v, rest, err := oneOf("on", "off").read(s, what, args)
			return v == "on", rest, err
		},
		write: func(v bool) string {
			if v {
				return "on"
			}
			return "off"
		},
	}
}

// path is the name of a file, which is not empty.
func path() codec[string] {
	return codec[string]{
		read: func(_ *session, what string, args []string) (string, []string, error) {
			if args[0] == "" {
				return "", nil, refuse("", "%s \"\": no name", what)
			}
			return args[0], args[1:], nil
		},
		write: func(v string) string {
			if v == "" {
				return ""
			}
			return Quote(v)
		},
	}
}

// maxSeconds is a year: longer is a typing error.
const maxSeconds = 366 * 24 * time.Hour

// seconds is SEC: decimal seconds, or a number with the unit s or ms.
func seconds(low time.Duration) codec[time.Duration] {
	return codec[time.Duration]{
		read: func(_ *session, what string, args []string) (time.Duration, []string, error) {
			d, ok := duration(args[0])
			if !ok || d < low || d > maxSeconds {
				return 0, nil, refuse("seconds are written 30, 0.5, 30s or 500ms",
					"%s %s: not a time from %s to %s seconds", what, quoted(args[0]), inSeconds(low), inSeconds(maxSeconds))
			}
			return d, args[1:], nil
		},
		write: inSeconds,
	}
}

// duration reads SEC, to the millisecond.
func duration(word string) (d time.Duration, ok bool) {
	unit := time.Second
	number, ms := strings.CutSuffix(word, "ms")
	if ms {
		unit = time.Millisecond
	} else {
		number = strings.TrimSuffix(word, "s")
	}
	whole, fraction, point := strings.Cut(number, ".")
	if !isDigits(whole) || point && !isDigits(fraction) || len(number) > 15 {
		return 0, false
	}
	f, err := strconv.ParseFloat(number, 64)
	if err != nil || f > maxSeconds.Seconds()*1000 {
		return 0, false
	}
	return time.Duration(f*float64(unit) + 0.5).Round(time.Millisecond), true
}

// inSeconds writes d as decimal seconds, to the millisecond.
func inSeconds(d time.Duration) string {
	return strconv.FormatFloat(d.Round(time.Millisecond).Seconds(), 'f', -1, 64)
}
