// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"strings"

	"cygnet/internal/command"
)

// usage is the text of --help: flags and commands come from their tables.
func usage() string {
	return `Cygnet shares the traffic of one address among several servers on the same
Ethernet segment. Requests come through Cygnet, which changes only the MAC
addresses; answers go straight from the server to the client (direct server
return). It can also hold up scanners: it answers for unused addresses (tarpit).

Usage:
  cygnet [FLAGS] VIP[:PORT] SERVER[:PORT[:MAX[:HARD[:WEIGHT[:PRIO]]]]]...
  cygnet attach [SOCKET]           the dashboard of a running cygnet
  cygnet ctl [SOCKET] COMMAND...   give a running cygnet one command
  cygnet check [FLAGS] ...         judge a command line and its files
  cygnet lab                       a demonstration in network namespaces
  cygnet completion bash|fish|zsh  a script that completes command lines
  cygnet files [NAME]              unit files and the like, to be installed
  cygnet version                   which build this is

VIP is the address that clients use. It needs no interface: Cygnet answers for
it, and each server holds it on its loopback interface. Without a port, every
port is balanced. IPv6 is written ADDR, [ADDR] or [ADDR]:PORT.

Flags:
` + flagHelp() + `
Pen's other flags are taken with a note where nothing is the right thing to do,
and refused with the reason where it is not.

Commands, for -O, for files and for cygnet ctl (cygnet --man tells more):
` + commandHelp() + `
Examples:
  Two web servers:
    sudo cygnet -df -r -O "dsr_if eth1" 10.77.0.10:80 10.77.0.1 10.77.0.2

  Two name servers:
    sudo cygnet -df -U -O "dsr_if eth1" -r 10.77.0.10:53 10.77.0.1 10.77.0.2

  A web service, and a tarpit at an unused address:
    sudo cygnet -df -O "acl 1 permit 10.77.0.66" -O "tarpit_acl 1" \
        -O "dsr_if eth1" 10.77.0.10:80 10.77.0.1 10.77.0.2

  The same, with all that no host of the subnet uses, and nothing sent yet:
    sudo cygnet -df -O "acl 1 deny 10.77.0.0/28" -O "tarpit_acl 1" \
        -O "tarpit_policy observe" -O "dsr_if eth1" 10.77.0.10:80 10.77.0.1

Prepare each server, here for 10.77.0.10:
    sysctl -w net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2
    ip addr add 10.77.0.10/32 dev lo
`
}

// flagHelp lists the flags that do something, in the order of their table.
func flagHelp() string {
	var b strings.Builder
	for _, f := range flags() {
		if f.shown() {
			b.WriteString(entry(f.forms(), f.help))
		}
	}
	return b.String() + entry("--help", "this text; so does -h alone")
}

// shown says whether --help lists f: not what is taken for Pen's sake, nor
// what is refused.
func (f flag) shown() bool {
	return !strings.HasPrefix(f.help, "without effect: ") && !strings.HasPrefix(f.help, "refused: ") && f.help != sameAgain
}

// forms are the ways to write f.
func (f flag) forms() string {
	var forms []string
	if f.letter != "" {
		forms = append(forms, "-"+f.letter)
	}
	if len(f.name) > 1 {
		forms = append(forms, "--"+f.name)
	}
	text := strings.Join(forms, ", ")
	if f.arg != "" {
		text += " " + f.arg
	}
	return text
}

// entry is a line of help: what is written, and what that does, in a column of
// its own where there is room.
func entry(form, help string) string {
	const column = 22
	text := command.Wrap(help, column, column)
	if len(form) > column-4 {
		return "  " + form + "\n" + text
	}
	return "  " + form + text[len(form)+2:]
}

// commandHelp lists the commands of each group but Pen's own.
func commandHelp() string {
	var b strings.Builder
	for g := range command.Pen {
		b.WriteString("\n" + g.Title() + ":\n" + command.Help(g))
	}
	return b.String()
}
