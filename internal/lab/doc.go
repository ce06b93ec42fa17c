// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

// Package lab builds one bridged Ethernet segment out of network namespaces:
// for `cygnet lab`, which shows a newcomer the balancer at work, and for the
// integration tests.
//
//	 client        server        balancer       namespaces cygnet-LAB-PID-HOST
//	+------+      +------+       +------+
//	| eth1 |      | eth1 |       | eth1 |       each with lo and eth1
//	+--|---+      +--|---+       +--|---+
//	   |             |              |           veth pairs
//	+--|-------------|--------------|---+
//	| p-client    p-server    p-balancer|       namespace cygnet-LAB-PID-switch
//	|              bridge br0           |
//	+-----------------------------------+
//
// Only netlink and the calls of the kernel are used, no program such as ip(8).
// The namespace of the machine itself is never touched. The namespaces are
// named, so `ip netns exec NAME curl ...` works while a lab is open.
//
// A host's programs are children of this process, started inside its
// namespace, and die with it. What a killed run could not take away itself,
// the names in /run/netns, the next New takes away.
package lab
