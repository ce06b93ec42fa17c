// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"fmt"
	"net/netip"
	"strconv"
)

// The demonstration's segment. The addresses are those of the README's
// command lines.
const demoPrefix = "10.77.0.0/24"

// demoVIPs are what the servers hold on lo and the balancer answers for.
func demoVIPs() []netip.Addr {
	return []netip.Addr{netip.MustParseAddr("10.77.0.10"), netip.MustParseAddr("fd77::10")}
}

// demoServers are the names of the hosts behind the services.
func demoServers() []string { return []string{"s1", "s2", "s3"} }

// demoHosts are all hosts of the demonstration.
func demoHosts() []HostSpec {
	var specs []HostSpec
	for i, name := range demoServers() {
		specs = append(specs, HostSpec{Name: name, Addrs: onSegment(i + 1), VIPs: demoVIPs()})
	}
	return append(specs,
		HostSpec{Name: "balancer", Addrs: onSegment(9)},
		HostSpec{Name: "client", Addrs: onSegment(100)},
		HostSpec{Name: "scanner", Addrs: onSegment(200)})
}

// onSegment are the IPv4 and IPv6 address of host n, which read alike.
func onSegment(n int) []netip.Prefix {
	return []netip.Prefix{
		netip.MustParsePrefix(fmt.Sprintf("10.77.0.%d/24", n)),
		netip.MustParsePrefix(fmt.Sprintf("fd77::%d/64", n)),
	}
}

// engineArgs is the balancer's command line: web as Pen's users write it, DNS
// and IPv6 as further services, and a tarpit on every address of the segment
// that no host has. Its secret and its control socket are in folder.
func engineArgs(folder string) []string {
	vips := demoVIPs()
	commands := []string{"dsr_if " + NIC, "secret " + folder + "/secret", "socket " + folder + "/cygnet.sock"}
	for _, p := range onSegment(250) {
		commands = append(commands, "source "+p.Addr().String())
	}
	commands = append(commands, "check http")
	var servers []string
	dns := []string{"service dns listen " + joinPort(vips[0], 53) + " udp", "service dns roundrobin", "service dns check dns name server.test type TXT"}
	web6 := []string{"service web6 listen " + joinPort(vips[1], 80), "service web6 roundrobin", "service web6 check http"}
	for i := range demoServers() {
		a := onSegment(i + 1)
		servers = append(servers, a[0].Addr().String())
		dns = append(dns, fmt.Sprintf("service dns server %d address %s", i, a[0].Addr()))
		web6 = append(web6, fmt.Sprintf("service web6 server %d address %s", i, a[1].Addr()))
	}
	commands = append(append(commands, dns...), web6...)
	for _, h := range demoHosts() {
		commands = append(commands, "acl 1 deny "+h.Addrs[0].Addr().String())
	}
	commands = append(commands, "tarpit_acl 1")

	args := []string{"-df", "-r"}
	for _, c := range commands {
		args = append(args, "-O", c)
	}
	return append(append(args, joinPort(vips[0], 80)), servers...)
}

// joinPort writes address and port as Go and cygnet read them.
func joinPort(a netip.Addr, port uint16) string { return netip.AddrPortFrom(a, port).String() }

// commandWidth is where a command line is broken.
const commandWidth = 96

// commandLines writes a command so that a shell reads it back, over several
// lines that are joined by backslashes.
func commandLines(name string, args []string) []string {
	var lines []string
	line := name
	for i := 0; i < len(args); i++ {
		word := args[i]
		if word == "-O" && i+1 < len(args) {
			i++
			word += " " + strconv.Quote(args[i]) // none has a character that a shell would change
		}
		if len(line)+1+len(word) > commandWidth {
			lines = append(lines, line+" \\")
			line = "   "
		}
		line += " " + word
	}
	return append(lines, line)
}

// picture tells a newcomer what there is and what to try.
func picture(l *Lab) string {
	in := func(host string) string { return "sudo ip netns exec " + l.name + "-" + host + " " }
	return `One Ethernet segment in network namespaces; nothing of this machine is touched.

     client        scanner           s1           s2           s3
  10.77.0.100    10.77.0.200     10.77.0.1    10.77.0.2    10.77.0.3     each holds 10.77.0.10
       |              |              |            |            |         and fd77::10 on lo
  =====+==============+=======+======+============+============+=====    the switch
                              |
                     cygnet, 10.77.0.9    answers ARP for 10.77.0.10 and hands each frame to a
                                          server by its MAC; the server replies to the client itself

The client fetches pages and asks DNS. The scanner tries all 254 addresses: cygnet captures
those that no host has, and there a connection opens and then hangs. In another terminal, try:

  ` + in("client") + `curl http://10.77.0.10/
  ` + in("client") + `curl 'http://[fd77::10]/'
  ` + in("client") + `curl -m 3 http://10.77.0.66/         # captured: hangs
  ` + in("s1") + `ip link set eth1 down            # what becomes of its share?
  ` + in("balancer") + `tcpdump -ni eth1 port 80   # requests, but no replies
  sudo cygnet attach ` + l.Dir() + `/cygnet.sock   # the dashboard of this balancer
  sudo cygnet ctl ` + l.Dir() + `/cygnet.sock servers

Ctrl-C ends it and removes everything.
`
}
