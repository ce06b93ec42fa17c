// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
)

// actionCommands are what is done at once, while Cygnet runs.
func actionCommands() []Command {
	action := func(name, args, help string, m Mark, act func(a Actor, c Call) (string, error)) Command {
		return Command{Name: name, Args: args, Help: help, Group: Action, Mark: m, act: act}
	}
	return []Command{
		action("write", "[FILE]", "write what is in force into the configuration file, or another", OwnerOnly,
			withFile(func(a Actor, c Call, file string) (string, error) { return a.Write(c.Who, file) })),
		action("diff", "[FILE]", "show what `write` would change", OwnerOnly,
			withFile(func(a Actor, c Call, file string) (string, error) { return a.Diff(c.Who, file) })),
		action("reload", "", "read the configuration file anew", 0,
			alone(func(a Actor, c Call) (string, error) { return a.Reload(c.Who) })),
		action("reopen", "", "open the files of log and events anew", 0,
			alone(func(a Actor, _ Call) (string, error) { return "", a.Reopen() })),
		action("preview", "COMMAND...", "tell what a command would do, and do nothing; alone in place of `commit`: what all since `begin` would", 0, preview),
		action("undo", "[N]", "take back your last change, or change N, unless the same was changed since", 0, undo),
		action("begin", "", "collect lines up to `commit`, and do them all or none; up to `preview`, and do nothing", 0, onlyOnConnections),
		action("commit", "", "do what was collected since `begin`", 0, commitAlone),
		action("watch", "[HZ [brief]]", "go on telling what happens, as JSON lines, until the connection ends; brief: services and lists as numbers while no setting changes", 0, onlyOnConnections),
		{Name: "servers", Help: "a line a server, in Pen's form, then ours; of one service, or of all", Group: Service, act: showServers},
		action("services", "", "a line a service", 0, alone(showServices)),
		action("status", "", "the status page, HTML", 0,
			alone(func(a Actor, _ Call) (string, error) { return a.Page() })),
		action("stats", "", "all counters", 0, alone(showStats)),
		action("snapshot", "", "all counters and states, as JSON", 0, alone(func(a Actor, _ Call) (string, error) {
			text, err := json.Marshal(a.Snapshot())
			return string(text) + "\n", err
		})),
		action("flows", "[N]", "the busiest flows of late", 0, showFlows),
		action("clients", "[N]", "the busiest clients of late", 0, showClients),
		action("recent", "[SEC]", "the clients of the last seconds, 300 unless said, the latest first; in Pen's form, then ours", 0, showRecent),
		action("tarpit", "[json]", "what the tarpit did", 0, showTarpit),
		action("pid", "", "the process id", 0,
			alone(func(Actor, Call) (string, error) { return fmt.Sprintln(os.Getpid()), nil })),
		action("help", "[COMMAND]", "what there is to say, or one command", 0, help),
		action("version", "", "which build this is", 0,
			alone(func(a Actor, _ Call) (string, error) { return a.Version(), nil })),
		action("exit", "", "end Cygnet; only if it was started with -X", 0,
			alone(func(a Actor, _ Call) (string, error) { return "", a.Exit() })),
	}
}

// alone is an action that takes no words.
func alone(act func(a Actor, c Call) (string, error)) func(Actor, Call) (string, error) {
	return func(a Actor, c Call) (string, error) {
		if len(c.Args) > 0 {
			return "", done(c.Name, c.Args)
		}
		return act(a, c)
	}
}

// withFile is an action that takes the name of a file or none.
func withFile(act func(a Actor, c Call, file string) (string, error)) func(Actor, Call) (string, error) {
	return func(a Actor, c Call) (string, error) {
		if len(c.Args) == 0 {
			return act(a, c, "")
		}
		if c.Args[0] == "" {
			return "", missing(c.Name, "FILE")
		}
		if err := done(c.Name+" "+quoted(c.Args[0]), c.Args[1:]); err != nil {
			return "", err
		}
		return act(a, c, c.Args[0])
	}
}

func preview(a Actor, c Call) (string, error) {
	if len(c.Args) == 0 {
		return "", missing("preview", "COMMAND")
	}
	return a.Preview(c.Who, behindFirst(c.Line))
}

// behindFirst is a line, which was read already, without its first word.
func behindFirst(line string) string {
	start := 0
	for isBlank(line[start]) {
		start++
	}
	_, next, _ := lexWord(line, start)
	return strings.TrimSpace(line[next:])
}

func undo(a Actor, c Call) (string, error) {
	if len(c.Args) == 0 {
		return a.Undo(c.Who, 0)
	}
	n, ok := decimal(c.Args[0], math.MaxInt32)
	if !ok || n == 0 {
		return "", refuse("numbers of changes are in the log: see `events`", "undo %s: not the number of a change", quoted(c.Args[0]))
	}
	if err := done("undo "+c.Args[0], c.Args[1:]); err != nil {
		return "", err
	}
	return a.Undo(c.Who, uint64(n))
}

func onlyOnConnections(Actor, Call) (string, error) {
	return "", refuse("", "only at the start of a control connection")
}

func commitAlone(Actor, Call) (string, error) {
	return "", refuse("it ends lines on the same connection that begin with `begin`", "commit: there was no `begin`")
}
