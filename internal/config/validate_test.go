// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package config

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cygnet/internal/wire"
)

const (
	vipHint    = "a VIP is a unicast address of the segment that no host has but, on loopback, the servers"
	wantSource = "a source is an unused address of the servers' subnet, for Cygnet alone"
	serverHint = "give the server's own unicast address on the segment"
)

// said is a problem as the operator sees it: what, then the hint.
func said(ps []*Problem) (texts []string) {
	for _, p := range ps {
		texts = append(texts, p.Error(), p.Hint)
	}
	return texts
}

// TestValidate shows each fault of a service and its servers, and what is
// said of it.
func TestValidate(t *testing.T) {
	tests := []struct {
		name  string
		fault func(c *Config)
		want  []string
	}{
		{"without fault", func(*Config) {}, nil},
		{"no interface", func(c *Config) { c.Interface = "" }, []string{
			"no interface: dsr_if is missing", `name the interface of the servers' segment: -O "dsr_if eth1"`}},
		{"nothing at all", func(c *Config) { *c = *New() }, []string{
			"no interface: dsr_if is missing", `name the interface of the servers' segment: -O "dsr_if eth1"`,
			"no VIP: there is nothing to answer for", "name one and its servers: 10.77.0.10:80 10.77.0.1 10.77.0.2"}},
		{"no VIP", func(c *Config) { c.Services[0].VIP = netip.Addr{} }, []string{
			"no VIP: listen is missing", "give it one: listen 10.77.0.10:80"}},
		{"named service without a VIP", func(c *Config) { c.MakeService("dns").Servers = []Server{{Addr: addr("10.77.0.1"), List: "0"}} }, []string{
			"service dns: no VIP: listen is missing", "give it one: service dns listen 10.77.0.10:80"}},
		{"no server", func(c *Config) { c.Services[0].Servers = nil }, []string{
			"no server", "name at least one: server 0 address 10.77.0.1"}},
		{"named service without a server", func(c *Config) { add(c, "dns", "10.77.0.11", 53, wire.ProtoUDP, "10.77.0.1").Servers = nil }, []string{
			"service dns: no server", "name at least one: service dns server 0 address 10.77.0.1"}},
		{"multicast VIP", func(c *Config) { c.Services[0].VIP = addr("224.0.0.10") }, []string{
			"VIP 224.0.0.10: a multicast address", vipHint}},
		{"loopback VIP", func(c *Config) { c.Services[0].VIP = addr("127.0.0.1") }, []string{
			"VIP 127.0.0.1: a loopback address", vipHint}},
		{"unspecified VIP", func(c *Config) { c.Services[0].VIP = addr("0.0.0.0") }, []string{
			"VIP 0.0.0.0: the unspecified address", vipHint}},
		{"broadcast VIP", func(c *Config) { c.Services[0].VIP = addr("255.255.255.255") }, []string{
			"VIP 255.255.255.255: the broadcast address", vipHint}},
		{"link-local IPv6 VIP", func(c *Config) { add(c, "six", "fe80::10", 80, 6, "fe80::1") }, []string{
			"service six: VIP fe80::10: a link-local address, which a server cannot hold on its loopback interface", vipHint}},
		{"link-local IPv6 server", func(c *Config) { add(c, "six", "fd00::10", 80, 6, "fe80::1") }, nil},
		{"VIP is a segment's network address", func(c *Config) {
			c.Segments = prefixes("10.77.0.8/29", "10.77.0.10/31")
			c.Services[0].VIP = addr("10.77.0.8")
		}, []string{
			"VIP 10.77.0.8: the network address of segment 10.77.0.8/29", vipHint}},
		{"VIP is a segment's broadcast address", func(c *Config) { c.Segments = prefixes("10.77.0.0/24"); c.Services[0].VIP = addr("10.77.0.255") }, []string{
			"VIP 10.77.0.255: the broadcast address of segment 10.77.0.0/24", vipHint}},
		{"VIP is an IPv6 segment's anycast address", func(c *Config) { c.Segments = prefixes("fd00::/64"); add(c, "six", "fd00::", 80, 6, "fd00::1") }, []string{
			"service six: VIP fd00::: the subnet-router anycast address of segment fd00::/64", vipHint}},
		{"both ends of a /31", func(c *Config) { c.Segments = prefixes("10.77.0.10/31", "10.77.0.2/31") }, nil},

		{"server without an address", func(c *Config) { c.Services[0].Servers[1].Addr = netip.Addr{} }, []string{
			"server 1: no address", "an address makes a server: server 1 address 10.77.0.1"}},
		{"server of the other family", func(c *Config) { c.Services[0].Servers[1].Addr = addr("fd00::2") }, []string{
			"server 1 fd00::2: the VIP 10.77.0.10 is IPv4", "a service and its servers are of one family; make a second service for the other"}},
		{"IPv4 server of an IPv6 service", func(c *Config) { add(c, "six", "fd00::10", 80, 6, "10.77.0.1") }, []string{
			"service six: server 0 10.77.0.1: the VIP fd00::10 is IPv6", "a service and its servers are of one family; make a second service for the other"}},
		{"port of its own", func(c *Config) { c.Services[0].Servers[1].Port = 8080 }, []string{
			"server 1 10.77.0.2: port 8080 differs from the service's port 80",
			"frames are forwarded unchanged: leave the port out and let the server listen on 80"}},
		{"port under a service for every port", func(c *Config) { c.Services[0].Port = 0; c.Services[0].Servers[1].Port = 8080 }, []string{
			"server 1 10.77.0.2: port 8080 differs from the service's, which is every port",
			"frames are forwarded unchanged: leave the server's port out, or listen on port 8080"}},
		{"port, where the service's is not known yet", func(c *Config) {
			c.Services[0].VIP, c.Services[0].Port = netip.Addr{}, 0
			c.Services[0].Servers[1].Port = 80
		}, []string{
			"no VIP: listen is missing", "give it one: listen 10.77.0.10:80"}},
		{"the service's own port", func(c *Config) { c.Services[0].Servers[1].Port = 80 }, nil},
		{"server is the VIP", func(c *Config) { c.Services[0].Servers[1].Addr = addr("10.77.0.10") }, []string{
			"server 1 10.77.0.10: that is the VIP", "give the server's own address; the VIP belongs on its loopback interface"}},
		{"server is another service's VIP", func(c *Config) { add(c, "dns", "10.77.0.11", 53, 17, "10.77.0.10") }, []string{
			"service dns: server 0 10.77.0.10: that is the VIP of service default", "give the server's own address; the VIP belongs on its loopback interface"}},
		{"one address under two numbers", func(c *Config) { c.Services[0].Servers[1].Addr = addr("10.77.0.1") }, []string{
			"servers 0 and 1: both are 10.77.0.1", "name each server once; a weight gives it a larger share"}},
		{"one address under a name and a number", func(c *Config) {
			s := add(c, "dns", "10.77.0.11", 53, 17, "10.77.0.1")
			s.Servers = append(s.Servers, Server{Number: 1, Name: "b", Addr: addr("10.77.0.1"), List: "0"})
		}, []string{"service dns: servers 0 and b: both are 10.77.0.1", "name each server once; a weight gives it a larger share"}},
		{"one server in two services", func(c *Config) { add(c, "dns", "10.77.0.11", 53, 17, "10.77.0.1") }, nil},
		{"multicast server", func(c *Config) { c.Services[0].Servers[0].Addr = addr("239.1.1.1") }, []string{
			"server 0 239.1.1.1: a multicast address", serverHint}},
		{"loopback server", func(c *Config) { c.Services[0].Servers[0].Addr = addr("127.0.0.1") }, []string{
			"server 0 127.0.0.1: a loopback address", serverHint}},
		{"server is a segment's broadcast address", func(c *Config) {
			c.Segments = prefixes("10.77.0.0/30")
			c.Services[0].Servers[0].Addr = addr("10.77.0.3")
		}, []string{
			"server 0 10.77.0.3: the broadcast address of segment 10.77.0.0/30", serverHint}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := web()
			tt.fault(c)
			if diff := cmp.Diff(tt.want, said(c.Validate())); diff != "" {
				t.Errorf("said (-want +got):\n%s", diff)
			}
		})
	}
}

// TestValidateTogether shows the faults of settings that do not go together.
func TestValidateTogether(t *testing.T) {
	tests := []struct {
		name  string
		fault func(c *Config)
		want  []string
	}{
		{"two services on one address, protocol and port", func(c *Config) { add(c, "other", "10.77.0.10", 80, 6, "10.77.0.3") }, []string{
			"services default and other: both are tcp 10.77.0.10 port 80", "give one of them another address, port, protocol or VLAN"}},
		{"two services for every port and protocol", func(c *Config) {
			add(c, "a", "10.77.0.11", 0, 0, "10.77.0.3")
			add(c, "b", "10.77.0.11", 0, 0, "10.77.0.3")
		}, []string{"services a and b: both are tcp and udp 10.77.0.11, every port", "give one of them another address, port, protocol or VLAN"}},
		{"two UDP services for every port", func(c *Config) {
			add(c, "a", "10.77.0.11", 0, 17, "10.77.0.3")
			add(c, "b", "10.77.0.11", 0, 17, "10.77.0.3")
		}, []string{"services a and b: both are udp 10.77.0.11, every port", "give one of them another address, port, protocol or VLAN"}},
		{"an exact port and every port", func(c *Config) { add(c, "rest", "10.77.0.10", 0, 6, "10.77.0.3") }, nil},
		{"an exact protocol and both", func(c *Config) { add(c, "rest", "10.77.0.10", 80, 0, "10.77.0.3") }, nil},
		{"TCP and UDP of one port", func(c *Config) { add(c, "quic", "10.77.0.10", 80, 17, "10.77.0.3") }, nil},

		{"client_acl of no list", func(c *Config) { c.Services[0].ClientList = "ofice"; c.Lists["office"] = list("+10.0.0.0/8") }, []string{
			"client_acl ofice: no such list", "lists here are: office"}},
		{"client_acl of a number never mentioned", func(c *Config) { c.Services[0].ClientList = "7" }, nil},
		{"a server's list that does not exist", func(c *Config) { c.Services[0].Servers[0].List = "office" }, []string{
			"server 0 10.77.0.1: acl office: no such list", "no list has entries; add one: acl 1 permit 10.77.0.0/24"}},
		{"a server's list with entries", func(c *Config) { c.Services[0].Servers[0].List = "1"; c.Lists["1"] = list("+10.0.0.0/8") }, nil},
		{"a server's list that nobody wrote", func(c *Config) { c.Services[0].Servers[0].List = "nosuch" }, []string{
			"server 0 10.77.0.1: acl nosuch: no such list", "no list has entries; add one: acl 1 permit 10.77.0.0/24"}},
		{"control on loopback", func(c *Config) { c.Control = []string{"10080", "127.0.0.1:1", "[::1]:1", "/run/x", "localhost:1"} }, nil},
		{"control for everyone", func(c *Config) { c.Control = []string{":10080"} }, []string{
			"control :10080: open to everyone, as control_acl 0 has no entries",
			"bind it to 127.0.0.1, or name a list of those who may: acl 9 permit 10.77.0.5, and control_acl 9"}},
		{"control for some", func(c *Config) {
			c.Control, c.ControlList = []string{"10.77.0.5:10080"}, "9"
			c.Lists["9"] = list("+10.77.0.9/32")
		}, nil},
		{"control_acl of no list", func(c *Config) { c.ControlList = "nosuch" }, []string{
			"control_acl nosuch: no such list", "no list has entries; add one: acl 1 permit 10.77.0.0/24"}},
		{"list 0 of servers and clients", func(c *Config) { c.Lists["0"] = list("+10.0.0.0/8") }, nil},
		{"tarpit_acl of no list", func(c *Config) { c.TarpitList = "nosuch" }, nil}, // captures nothing, and Engine says so

		{"source is a VIP", func(c *Config) { c.Sources = sources(addr("10.77.0.10")) }, []string{
			"source 10.77.0.10: that is the VIP of service default", wantSource}},
		{"source is a server", func(c *Config) { c.Sources = sources(addr("10.77.0.2")) }, []string{
			"source 10.77.0.2: that is server 1 of service default", wantSource}},
		{"source is an emergency server", func(c *Config) {
			c.Services[0].Emergency.Addr, c.Sources = addr("10.77.0.3"), sources(addr("10.77.0.3"))
		}, []string{"source 10.77.0.3: that is emergency of service default", wantSource}},
		{"emergency and abuse on one host", func(c *Config) {
			c.Services[0].Emergency, c.Services[0].Abuse = Host{addr("10.77.0.3"), 80}, Host{addr("10.77.0.3"), 0}
		}, nil},
		{"emergency on another port", func(c *Config) { c.Services[0].Emergency = Host{addr("10.77.0.3"), 81} }, []string{
			"emergency 10.77.0.3: port 81 differs from the service's port 80",
			"frames are forwarded unchanged: leave the port out and let the server listen on 80"}},
		{"emergency is a server", func(c *Config) { c.Services[0].Emergency.Addr = addr("10.77.0.2") }, []string{
			"emergency 10.77.0.2: that is server 1 of the service itself",
			"it serves when all servers are out, and so would be out itself: name another host"}},
		{"abuse is a server", func(c *Config) { c.Services[0].Abuse.Addr = addr("10.77.0.2") }, []string{
			"abuse 10.77.0.2: that is server 1 of the service itself",
			"it is there to keep refused clients away from the servers: name another host"}},
		{"emergency is a server of another service", func(c *Config) {
			add(c, "dns", "10.77.0.11", 53, 17, "10.77.0.3")
			c.Services[0].Emergency.Addr = addr("10.77.0.3")
		}, nil},
		{"abuse is the VIP", func(c *Config) { c.Services[0].Abuse.Addr = addr("10.77.0.10") }, []string{
			"abuse 10.77.0.10: that is the VIP", "give the server's own address; the VIP belongs on its loopback interface"}},
		{"abuse of the other family", func(c *Config) { c.Services[0].Abuse.Addr = addr("fd77::3") }, []string{
			"abuse fd77::3: the VIP 10.77.0.10 is IPv4", "a service and its servers are of one family; make a second service for the other"}},

		{"check arp and none need nothing", func(c *Config) {
			add(c, "dns", "10.77.0.11", 0, 17, "10.77.0.1").Check.Kind = "arp"
			c.Services[0].Check.Kind = "none"
		}, nil},
		{"check http of every port", func(c *Config) {
			s := add(c, "all", "10.77.0.11", 0, 0, "10.77.0.1")
			s.Check.Kind, c.Sources = "http", sources(addr("10.77.0.9"))
		}, nil},
		{"check dns of both protocols", func(c *Config) {
			s := add(c, "dns", "10.77.0.11", 53, 0, "10.77.0.1")
			s.Check.Kind, c.Sources = "dns", sources(addr("10.77.0.9"))
		}, nil},
		{"check tcp of every port", func(c *Config) {
			s := add(c, "all", "10.77.0.11", 0, 6, "10.77.0.1")
			s.Check.Kind, c.Sources = "tcp", sources(addr("10.77.0.9"))
		}, []string{"service all: check tcp: the service takes every port, so which one to try is not known",
			"name the port: service all listen 10.77.0.11:80; or check arp"}},
		{"check http on a VLAN without a source there", func(c *Config) {
			c.Services[0].Check.Kind, c.Services[0].VLAN, c.Sources = "http", 10, sources(addr("10.77.0.9"))
		}, []string{"check http: no source of IPv4 on vlan 10 to send it from",
			"name an unused address of the servers' subnet, a different one on each balancer: source 10.77.0.9 vlan 10"}},
		{"check http without a source", func(c *Config) {
			c.Services[0].Check.Kind, c.Sources = "http", sources(addr("fd77::9"))
		}, []string{"check http: no source of IPv4 to send it from",
			"name an unused address of the servers' subnet, a different one on each balancer: source 10.77.0.9"}},
		{"check https of IPv6 without a source", func(c *Config) {
			add(c, "six", "fd77::10", 443, 6, "fd77::1").Check.Kind = "https"
		}, []string{"service six: check https: no source of IPv6 to send it from",
			"name an unused address of the servers' subnet, a different one on each balancer: source fd77::9"}},
		{"check dns over TCP", func(c *Config) {
			c.Services[0].Check.Kind, c.Sources = "dns", sources(addr("10.77.0.9"))
		}, []string{"check dns: the service takes no udp",
			"the check goes to the VIP as clients do: check arp, tcp, http or https, or listen on udp"}},
		{"check http over UDP", func(c *Config) {
			s := add(c, "dns", "10.77.0.11", 53, 17, "10.77.0.1")
			s.Check.Kind, c.Sources = "http", sources(addr("10.77.0.9"))
		}, []string{"service dns: check http: the service takes no tcp",
			"the check goes to the VIP as clients do: check arp or dns, or listen on tcp"}},
		{"source is multicast", func(c *Config) { c.Sources = sources(addr("ff02::1")) }, []string{
			"source ff02::1: a multicast address", wantSource}},
		{"two sources in one segment", func(c *Config) {
			c.Segments = prefixes("10.77.0.0/24", "fd00::/64")
			c.Sources = sources(addr("10.77.0.8"), addr("fd00::8"), addr("10.77.0.9"))
		}, []string{"source 10.77.0.9: source 10.77.0.8 is in the same subnet 10.77.0.0/24", "one source a subnet is enough: leave one out"}},
		{"settings of the default service, whose services are named", func(c *Config) {
			c.RemoveService(DefaultService)
			add(c, "web", "10.77.0.10", 80, 6, "10.77.0.1")
			c.MakeService(DefaultService).RoundRobin = true
		}, nil},
		{"every problem at once", func(c *Config) {
			c.Interface = ""
			c.Services[0].VIP = addr("224.0.0.1")
			c.Services[0].Servers[0].Addr = addr("127.0.0.1")
			c.Services[0].Servers[1].Port = 1
		}, []string{
			"no interface: dsr_if is missing", `name the interface of the servers' segment: -O "dsr_if eth1"`,
			"VIP 224.0.0.1: a multicast address", vipHint,
			"server 0 127.0.0.1: a loopback address", serverHint,
			"server 1 10.77.0.2: port 1 differs from the service's port 80",
			"frames are forwarded unchanged: leave the port out and let the server listen on 80"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := web()
			tt.fault(c)
			if diff := cmp.Diff(tt.want, said(c.Validate())); diff != "" {
				t.Errorf("said (-want +got):\n%s", diff)
			}
		})
	}
}

// TestValidateOn shows what only the machine can tell.
func TestValidateOn(t *testing.T) {
	m := Machine{
		Name:      "eth1",
		Addrs:     prefixes("10.77.0.5/24", "10.78.0.1/31", "fd00::5/64"),
		Gateways:  []netip.Addr{addr("10.77.0.254"), addr("fd00::fe")},
		HostAddrs: []netip.Addr{addr("127.0.0.1"), addr("10.77.0.5"), addr("10.78.0.1"), addr("fd00::5"), addr("192.0.2.7")},
	}
	tests := []struct {
		name  string
		fault func(c *Config)
		want  []string
	}{
		{"without fault", func(*Config) {}, nil},
		{"VIP is a gateway", func(c *Config) { c.Services[0].VIP = addr("10.77.0.254") }, []string{
			"VIP 10.77.0.254: a gateway of eth1", "a VIP is an address that no other host answers for"}},
		{"VIP is the network address", func(c *Config) { c.Services[0].VIP = addr("10.77.0.0") }, []string{
			"VIP 10.77.0.0: the network address of 10.77.0.0/24 on eth1", "a VIP is a host's address"}},
		{"VIP is the broadcast address", func(c *Config) { c.Services[0].VIP = addr("10.77.0.255") }, []string{
			"VIP 10.77.0.255: the broadcast address of 10.77.0.0/24 on eth1", "a VIP is a host's address"}},
		{"VIP on the other end of a /31", func(c *Config) { c.Services[0].VIP = addr("10.78.0.0") }, nil},
		{"VIP held by the host, one port", func(c *Config) { c.Services[0].VIP = addr("10.77.0.5") }, nil},
		{"VIP held by the host, every port", func(c *Config) { c.Services[0].VIP = addr("10.77.0.5"); c.Services[0].Port = 0 }, []string{
			"VIP 10.77.0.5 for every port: an address of eth1 itself", "name the port, so that the host keeps the others: listen 10.77.0.5:80"}},
		{"IPv6 VIP held by the host, every port", func(c *Config) { add(c, "six", "fd00::5", 0, 0, "fd00::1") }, []string{
			"service six: VIP fd00::5 for every port: an address of eth1 itself", "name the port, so that the host keeps the others: service six listen [fd00::5]:80"}},
		{"VIP held on another interface, every port", func(c *Config) { c.Services[0].VIP = addr("192.0.2.7"); c.Services[0].Port = 0 }, nil},
		{"server is the interface's address", func(c *Config) { c.Services[0].Servers[1].Addr = addr("10.77.0.5") }, []string{
			"server 1 10.77.0.5: an address of this host", "a server is another host on the segment: frames sent to ourselves do not come back"}},
		{"server is another interface's address", func(c *Config) { c.Services[0].Servers[1].Addr = addr("192.0.2.7") }, []string{
			"server 1 192.0.2.7: an address of this host", "a server is another host on the segment: frames sent to ourselves do not come back"}},
		{"server is the broadcast address", func(c *Config) { c.Services[0].Servers[1].Addr = addr("10.77.0.255") }, []string{
			"server 1 10.77.0.255: the broadcast address of 10.77.0.0/24 on eth1", serverHint}},
		{"server on a VLAN has the interface's address", func(c *Config) {
			c.Services[0].VLAN, c.Services[0].Servers[1].Addr = 10, addr("10.77.0.5")
		}, nil},
		{"emergency is an address of the host", func(c *Config) { c.Services[0].Emergency.Addr = addr("192.0.2.7") }, []string{
			"emergency 192.0.2.7: an address of this host", "a server is another host on the segment: frames sent to ourselves do not come back"}},
		{"abuse is the broadcast address", func(c *Config) { c.Services[0].Abuse.Addr = addr("10.77.0.255") }, []string{
			"abuse 10.77.0.255: the broadcast address of 10.77.0.0/24 on eth1", serverHint}},
		{"source is the host's own", func(c *Config) { c.Sources = sources(addr("10.77.0.5")) }, []string{
			"source 10.77.0.5: an address of this host", "leave source out: Cygnet asks from the interface's own address by itself"}},
		{"source is a gateway", func(c *Config) { c.Sources = sources(addr("10.77.0.254")) }, []string{
			"source 10.77.0.254: a gateway of eth1", wantSource}},
		{"source is the network address", func(c *Config) { c.Sources = sources(addr("10.77.0.0")) }, []string{
			"source 10.77.0.0: the network address of 10.77.0.0/24 on eth1", wantSource}},
		{"two sources in one subnet", func(c *Config) { c.Sources = sources(addr("10.77.0.8"), addr("fd00::8"), addr("10.77.0.9")) }, []string{
			"source 10.77.0.9: source 10.77.0.8 is in the same subnet 10.77.0.0/24", "one source a subnet is enough: leave one out"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := web()
			tt.fault(c)
			if ps := c.Validate(); ps != nil {
				t.Fatalf("not valid on any machine: %q", said(ps))
			}
			if diff := cmp.Diff(tt.want, said(c.ValidateOn(m))); diff != "" {
				t.Errorf("said (-want +got):\n%s", diff)
			}
		})
	}
}

// TestSourcesOnVLANs: of a VLAN no subnets are known, so that a second source of a
// family would leave it to chance from which one its servers are asked.
func TestSourcesOnVLANs(t *testing.T) {
	c := web()
	c.Sources = []Source{{addr("10.78.0.8"), 10}, {addr("fd78::8"), 10}, {addr("10.78.0.8"), 11}}
	if ps := c.Validate(); ps != nil {
		t.Errorf("one of each family: %q", said(ps))
	}
	c.Sources = append(c.Sources, Source{addr("10.79.0.8"), 10})
	want := []string{"source 10.79.0.8 vlan 10: source 10.78.0.8 vlan 10 is on the same VLAN", "one source of a family is enough on a VLAN: leave one out"}
	if diff := cmp.Diff(want, said(c.ValidateOn(Machine{Name: "eth1"}))); diff != "" {
		t.Error(diff)
	}
}
