// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// usage is the text of --help: at most 80 columns, commands as written.
func usage() string {
	return `Cygnet shares the traffic of one address among several servers on the same
Ethernet segment. Requests come through Cygnet, which changes only the MAC
addresses; answers go straight from the server to the client (direct server
return). It can also hold up scanners: it answers for unused addresses (tarpit).

Usage:
  cygnet [FLAGS] VIP[:PORT] SERVER[:PORT[:MAX[:HARD[:WEIGHT[:PRIO]]]]]...
  cygnet lab        a demonstration in network namespaces; needs root
  cygnet version    which build this is

VIP is the address that clients use. It needs no interface: Cygnet answers for
it, and each server holds it on its loopback interface. Without a port, every
port is balanced. IPv6 is written ADDR, [ADDR] or [ADDR]:PORT.

What to balance:
  -O COMMAND        a line of the command language; as often as needed
  -U, --udp         UDP instead of TCP
  -h, --hash        choose a server by the client's address (so it is without)
  -r, --roundrobin  choose by the client's address and port
  -W, --weight      choose by the servers' weights
  -s, --stubborn    do not fail over to another server (without effect yet)

How to run:
  -d, --debug       log more; repeat for still more
  -f                stay in the foreground, as Cygnet always does
  --log-format F    text or json
  --no-tui          log only, no dashboard
  --help            this text; so does -h alone

Pen's other flags are taken with a note where nothing is the right thing to do,
and refused with the reason where it is not.

Commands for -O:
  dsr_if IF                                   the interface; always needed
  acl LIST permit|deny ADDR[/LEN]             access lists, 0 to 9 or a name
  client_acl LIST                             who may use the service
  tarpit_acl LIST                             unused addresses to answer for
  service NAME listen VIP[:PORT] [tcp|udp|any]         one more service
  service NAME server ID address ADDR [weight N] ...   and its servers
  source ADDR                                 ask for servers from this address
  segment PREFIX                              where addresses may be captured
  secret FILE                                 key shared with a second balancer

Examples:
  Two web servers:
    sudo cygnet -df -r -O "dsr_if eth1" 10.77.0.10:80 10.77.0.1 10.77.0.2

  Two name servers:
    sudo cygnet -df -U -O "dsr_if eth1" -r 10.77.0.10:53 10.77.0.1 10.77.0.2

  A web service, and a tarpit at an unused address:
    sudo cygnet -df -O "acl 1 permit 10.77.0.66" -O "tarpit_acl 1" \
        -O "dsr_if eth1" 10.77.0.10:80 10.77.0.1 10.77.0.2

Prepare each server, here for 10.77.0.10:
    sysctl -w net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2
    ip addr add 10.77.0.10/32 dev lo
`
}

// versionText tells which build this is, from what the linker wrote down.
func versionText() string {
	version, revision := "(unknown)", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		version = info.Main.Version
		for _, s := range info.Settings {
			switch {
			case s.Key == "vcs.revision":
				revision = " " + s.Value[:min(len(s.Value), 12)]
			case s.Key == "vcs.modified" && s.Value == "true":
				revision += " and local changes"
			}
		}
	}
	return fmt.Sprintf("cygnet %s%s\n%s %s/%s\n", version, revision, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
