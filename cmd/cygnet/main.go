// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

// Command cygnet is a Layer-2 Direct Server Return balancer with a tarpit.
package main

import (
	"io"
	"os"

	"cygnet/internal/command"
	"cygnet/internal/lab"
	"cygnet/tui"
)

func main() {
	os.Exit(run(os.Args[1:], tui.Run, os.Stdout, os.Stderr))
}

// run does what the arguments say and returns the exit code: 0, 1 when the
// machine is not ready, 2 when what was written is wrong. view is the dashboard.
func run(args []string, view viewer, stdout, stderr io.Writer) int {
	if len(args) > 0 && args[0] == lab.RoleWord {
		return lab.Role(args[1:])
	}
	inv, err := parseArgs(args)
	if err != nil {
		return fail(stderr, err)
	}
	switch inv.action {
	case showHelp:
		return show(stdout, stderr, usage())
	case showVersion:
		return show(stdout, stderr, versionText())
	case showMan:
		return show(stdout, stderr, manPage(version(), flagDocs(), command.Group.Title))
	case runCompletion:
		return printCompletion(inv.words, stdout, stderr)
	case runFiles:
		return printFile(inv.words, stdout, stderr)
	case runComplete:
		return complete(inv.words, stdout)
	case runLab:
		return demo(inv, view, stdout, stderr)
	case runAttach:
		return attach(inv, view, stderr)
	case runCtl:
		return ctl(inv.words, os.Stdin, stdout, stderr)
	case runCheck:
		return check(inv, stdout, stderr)
	}
	return balance(inv, view, stderr)
}

// show prints a text that was asked for.
func show(stdout, stderr io.Writer, text string) int {
	if _, err := io.WriteString(stdout, text); err != nil {
		return fail(stderr, err)
	}
	return 0
}
