// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"io"
	"net"
	"strings"
	"time"

	"cygnet/internal/command"
	"cygnet/internal/config"
	"cygnet/internal/control"
)

// namesFor is how long a shell waits for the names that a running Cygnet knows.
const namesFor = 300 * time.Millisecond

// flagDocs are the flags for the manual page and completion.
func flagDocs() []flagDoc { return docsOf(flags()) }

func docsOf(table []flag) (docs []flagDoc) {
	for _, f := range table {
		docs = append(docs, flagDoc{f.letter, f.name, f.arg, f.help})
	}
	return docs
}

// printCompletion prints the script for a shell.
func printCompletion(words []string, stdout, stderr io.Writer) int {
	shell := strings.Join(words, " ")
	script, err := completionScript(shell)
	if err != nil {
		return fail(stderr, writtenError{{What: err.Error(), Hint: "for this shell alone: source <(cygnet completion bash)"}})
	}
	return show(stdout, stderr, script)
}

// complete prints what the last of words may become, one a line. It is what
// the shells' scripts ask, so it never fails.
func complete(words []string, stdout io.Writer) int {
	for _, w := range completeArgs(words, flagDocs(), names()) {
		_, _ = io.WriteString(stdout, w+"\n")
	}
	return 0
}

// names are the interfaces of this machine and what the running Cygnet knows,
// if there is one, and just one.
func names() command.Names {
	n := command.Names{Server: func(string) []string { return nil }}
	if all, err := net.Interfaces(); err == nil {
		for _, ifi := range all {
			n.Interfaces = append(n.Interfaces, ifi.Name)
		}
	}
	found := control.Find()
	if len(found) != 1 {
		return n
	}
	ask := func(line string) []string {
		ctx, cancel := context.WithTimeout(context.Background(), namesFor)
		defer cancel()
		reply, err := control.Do(ctx, found[0], line)
		if err != nil || control.Refused(reply) {
			return nil
		}
		return strings.Split(strings.TrimSpace(reply), "\n")
	}
	for _, line := range ask("services") {
		name, _, _ := strings.Cut(line, " ")
		n.Services = append(n.Services, name)
	}
	n.Server = func(service string) []string { return serverIDs(service, ask("service "+service+" servers")) }
	return n
}

// serverIDs reads the IDs out of the reply to `servers`: numbers, and names.
func serverIDs(service string, lines []string) (ids []string) {
	for _, line := range lines {
		words := strings.Fields(line)
		if len(words) == 0 || service == config.DefaultService && strings.Contains(line, " service ") {
			continue
		}
		ids = append(ids, words[0])
		for i := range words[:len(words)-1] {
			if words[i] == "name" {
				ids = append(ids, words[i+1])
			}
		}
	}
	return ids
}
