// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"cygnet/internal/command"
	"cygnet/internal/control"
)

// ctlPatience is how long a reply may take: a reload may load a database of
// countries.
const ctlPatience = 30 * time.Second

// ctl gives one command to a running Cygnet and prints its reply. `begin` takes
// the lines of a transaction from standard input.
func ctl(words []string, stdin io.Reader, stdout, stderr io.Writer) int {
	socket := ""
	if len(words) > 0 && isSocket(words[0]) {
		socket, words = words[0], words[1:]
	}
	switch {
	case len(words) == 0:
		return fail(stderr, noCommand(control.Find()))
	case strings.HasPrefix(words[0], "-"):
		return fail(stderr, writtenError{{What: "ctl " + strconv.Quote(words[0]) + ": no flags are known here", Hint: "a socket is written first: cygnet ctl PATH COMMAND..."}})
	}
	if socket == "" {
		found, err := onlySocket(control.Find(), "ctl", " COMMAND")
		if err != nil {
			return fail(stderr, err)
		}
		socket = found
	}
	line := ctlLine(words)
	switch {
	case words[0] == "watch":
		return watch(socket, words[1:], stdout, stderr)
	case line == "begin":
		lines, err := io.ReadAll(io.LimitReader(stdin, mostLines))
		if err != nil {
			return fail(stderr, err)
		}
		line += "\n" + strings.TrimSuffix(string(lines), "\n")
	}
	ctx, cancel := context.WithTimeout(context.Background(), ctlPatience)
	defer cancel()
	reply, err := control.Do(ctx, socket, line)
	if err != nil {
		return fail(stderr, ctlError(err))
	}
	if control.Refused(reply) {
		return show(stderr, stderr, reply) + exitMachine
	}
	return show(stdout, stderr, reply)
}

// mostLines is how much of standard input is sent: a little more than the
// other side takes, for it to say so.
const mostLines = 9 << 20

// noCommand lists the sockets that could be asked.
func noCommand(found []string) error {
	hint := "it is written: cygnet ctl [SOCKET] COMMAND...; see: cygnet ctl help"
	if len(found) > 0 {
		hint += "; running: " + strings.Join(found, " ")
	}
	return writtenError{{What: "ctl: a command is missing", Hint: hint}}
}

// isSocket says whether the first argument names a socket: a path, or HOST:PORT.
// A whole line in one word may have an address in it.
func isSocket(word string) bool {
	return strings.ContainsAny(word, "/:") && !strings.ContainsAny(word, " \t\n")
}

// ctlLine joins words to a line. One word that has blanks is a whole line, as
// in `cygnet ctl "acl 1 permit 10.77.0.1"`; of several, each stays one word.
func ctlLine(words []string) string {
	if len(words) == 1 {
		return words[0]
	}
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = command.Quote(w)
	}
	return strings.Join(quoted, " ")
}

// watch prints what is streamed, until the other side ends or standard output
// is closed.
func watch(socket string, args []string, stdout, stderr io.Writer) int {
	hz := 2.0
	if len(args) > 0 {
		var err error
		if hz, err = strconv.ParseFloat(args[0], 64); err != nil || len(args) > 1 {
			return fail(stderr, writtenError{{What: "ctl watch: HZ is a number of snapshots a second, from 0.1 to 10"}})
		}
	}
	out := json.NewEncoder(stdout)
	err := control.Watch(context.Background(), socket, hz, func(m control.Message) error { return out.Encode(m) })
	return fail(stderr, ctlError(err))
}

// onlySocket is the one socket that there is, for a subcommand that is followed
// by such words.
func onlySocket(found []string, subcommand, words string) (string, error) {
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return "", &hintedError{"no running cygnet was found", "name its socket: cygnet " + subcommand + " /run/cygnet/eth1.sock" + words}
	}
	return "", &hintedError{"several are running: " + strings.Join(found, " "), "name the one that is meant: cygnet " + subcommand + " " + found[0] + words}
}

func ctlError(err error) error {
	hint := ""
	switch {
	case errors.Is(err, os.ErrPermission):
		hint = "the socket is for root, Cygnet's own user and its group"
	case errors.Is(err, os.ErrNotExist):
		hint = "no running cygnet was found in the usual places"
		if found := control.Find(); len(found) > 0 {
			hint = "running: " + strings.Join(found, " ")
		}
	}
	return &hintedError{err.Error(), hint}
}
