// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"cygnet/internal/command"
	"cygnet/internal/config"
)

// action is what the command line asks for.
type action uint8

const (
	runBalancer action = iota
	runLab
	runAttach
	runCtl
	runCheck
	runCompletion
	runComplete
	runFiles
	showHelp
	showVersion
	showMan
)

// invocation is a command line, understood but not yet carried out.
type invocation struct {
	action action
	words  []string // of a subcommand: what follows it
	view   viewFlags

	// To balance, or to check: the lines that the command line stands for, in
	// the order in which they count, the files that are read behind them, and
	// what is neither.
	lines      []command.Line
	files      []string // -F
	udp        bool     // -U
	foreground bool     // -f was given; Cygnet never leaves it, and says so without
	mayExit    bool     // -X
	debug      int      // how many -d
	notes      []string // for the operator
}

// initial is the configuration that the lines are applied to.
func (inv *invocation) initial() *config.Config {
	cfg := config.New()
	cfg.UDP = inv.udp
	return cfg
}

// all are the lines of the command line and of its files.
func (inv *invocation) all() []command.Line {
	lines := slices.Clone(inv.lines)
	for _, file := range inv.files {
		lines = append(lines, command.Line{Text: "include " + command.Quote(file), Origin: "-F"})
	}
	return lines
}

// parseArgs understands the arguments after the program's name: Pen's own
// command line, or a subcommand as its first word. Its error is a
// writtenError with every problem found. What the lines say is not looked at.
func parseArgs(args []string) (*invocation, error) {
	if len(args) == 1 && args[0] == "-h" { // with anything else it is Pen's hash
		return &invocation{action: showHelp}, nil
	}
	if len(args) > 0 {
		if inv, ok, err := subcommand(args[0], args[1:]); ok {
			return inv, err
		}
	}
	inv := &invocation{}
	return inv, inv.parse(args)
}

// parse understands flags and the other words of Pen's command line.
func (inv *invocation) parse(args []string) error {
	words, problems := inv.parseFlags(args, flags())
	if inv.action == showHelp || inv.action == showMan {
		return nil
	}
	if len(words) > 0 {
		if p := commandAsVIP(words); p != nil {
			problems = append(problems, p)
			return writtenError(problems)
		}
	}
	lines, more := positionals(words)
	inv.lines = append(inv.lines, lines...)
	if problems = append(problems, more...); len(problems) > 0 {
		return writtenError(problems)
	}
	return nil
}

// commandAsVIP explains a command where a VIP stands: it is meant for a Cygnet
// that runs, or mistyped.
func commandAsVIP(words []string) *config.Problem {
	p := &config.Problem{What: strconv.Quote(words[0]) + ": not an address to answer for"}
	subcommands := []string{"attach", "check", "completion", "ctl", "files", "help", "lab", "version"}
	switch near := command.Nearest(words[0], subcommands); {
	case slices.ContainsFunc(command.Commands(), func(c command.Command) bool { return c.Name == words[0] }):
		p.Hint = "to give a running cygnet a command: cygnet ctl " + strings.Join(words, " ")
	case near != "" && !slices.Contains(subcommands, words[0]):
		p.Hint = "did you mean cygnet " + near + "?"
	default:
		return nil
	}
	return p
}

// subcommand understands a first word that is one; a host of that name is
// written after `--`.
func subcommand(word string, args []string) (inv *invocation, ok bool, err error) {
	inv = &invocation{words: args}
	switch word {
	case "lab":
		inv.action = runLab
		return inv, true, inv.parseView("lab", 0, viewTable())
	case "attach":
		inv.action = runAttach
		return inv, true, inv.parseView("attach", 1, attachTable())
	case "version":
		inv.action = showVersion
	case "help":
		return &invocation{action: showHelp}, true, nil
	case "ctl":
		inv.action = runCtl
	case "check":
		inv.action = runCheck
		if !slices.Contains(args, "--help") {
			return inv, true, inv.parse(args)
		}
	case "completion":
		inv.action = runCompletion
	case "files":
		inv.action = runFiles
	case "__complete": // for the shells' completion
		inv.action = runComplete
		return inv, true, nil
	default:
		return nil, false, nil
	}
	switch {
	case len(args) > 0 && args[0] == "--help":
		return &invocation{action: showHelp}, true, nil
	case len(args) > 0 && inv.action == showVersion:
		return nil, true, writtenError{nothingFollows(word, args[0])}
	}
	return inv, true, nil
}

// parseFlags reads the flags of a table, turning into lines those that are lines, and
// returns the other words. Flags may stand anywhere, as getopt lets Pen's.
func (inv *invocation) parseFlags(args []string, table []flag) (words []string, problems []*config.Problem) {
	fs := pflag.NewFlagSet("cygnet", pflag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.Usage = func() {}
	for i := range table {
		f := fs.VarPF(ignored{}, table[i].name, table[i].letter, "")
		if table[i].arg == "" {
			f.NoOptDefVal = noValue
		}
	}
	if i := slices.IndexFunc(args, isGoTestFlag); i >= 0 {
		return nil, []*config.Problem{unknownFlag(args[i], table)}
	}
	err := fs.ParseAll(args, func(f *pflag.Flag, value string) error {
		i := slices.IndexFunc(table, func(t flag) bool { return t.name == f.Name })
		if table[i].arg == "" {
			if value != noValue {
				problems = append(problems, &config.Problem{What: table[i].String() + " " + strconv.Quote(value) + ": it takes no value"})
				return nil
			}
			value = ""
		}
		if p := table[i].run(inv, value); p != nil {
			problems = append(problems, p)
		}
		return nil
	})
	switch {
	case errors.Is(err, pflag.ErrHelp):
		inv.action = showHelp
	case err != nil:
		problems = append(problems, flagProblem(err, args, table))
	}
	return fs.Args(), problems
}

// noValue is what pflag hands on for a flag without a value. No one types it.
const noValue = "\x00"

// ignored is a pflag.Value that is never set: ParseAll's function sees each
// flag in its turn, and keeps their order.
type ignored struct{}

func (ignored) String() string   { return "" }
func (ignored) Set(string) error { return nil }
func (ignored) Type() string     { return "string" }

// isGoTestFlag finds what pflag passes over in silence, for `go test`.
func isGoTestFlag(arg string) bool { return strings.HasPrefix(arg, "-test.") }

// flagProblem puts pflag's errors in our words.
func flagProblem(err error, args []string, table []flag) *config.Problem {
	var unknown *pflag.NotExistError
	var lacking *pflag.ValueRequiredError
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() == "":
		return unknownFlag("--"+unknown.GetSpecifiedName(), table)
	case errors.As(err, &unknown):
		name, rest := "-"+unknown.GetSpecifiedName(), unknown.GetSpecifiedShortnames()
		for _, cluster := range args { // rest is only its end
			if cluster != name && strings.HasPrefix(cluster, "-") && strings.HasSuffix(cluster, rest) {
				return unknownFlag(name+" in "+cluster, table)
			}
		}
		return unknownFlag(name, table)
	case errors.As(err, &lacking):
		i := slices.IndexFunc(table, func(t flag) bool { return t.name == lacking.GetFlag().Name })
		return &config.Problem{What: table[i].String() + ": its value is missing", Hint: seeHelp}
	}
	return &config.Problem{What: err.Error(), Hint: seeHelp}
}

const seeHelp = "see: cygnet --help"

func unknownFlag(name string, table []flag) *config.Problem {
	hint := seeHelp
	if name == "--version" || name == "-v" || name == "-V" {
		hint = "it is written: cygnet version"
	}
	for _, f := range table {
		if long := "--" + f.name; len(f.name) > 1 && len(name) > 4 && (strings.HasPrefix(long, name) || strings.HasPrefix(name, long)) {
			hint = "did you mean " + long + "?"
		}
	}
	return &config.Problem{What: name + ": unknown flag", Hint: hint}
}
