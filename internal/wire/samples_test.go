// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package wire

// samples4 says what is in frames4_test.go.
func samples4() []sample {
	client, vip := addr("10.77.0.66"), addr("10.77.0.10")
	return []sample{{
		name: "TCP SYN with options", hex: tcpSYNHex,
		want: Frame{Kind: KindIPv4, L3: 14, L4: 34, End: 74, Proto: ProtoTCP, Src: client, Dst: vip,
			SrcPort: 53212, DstPort: 80, Ports: true},
		text: macs + "tcp 10.77.0.66:53212 > 10.77.0.10:80 S seq=2319391776 win=64240 " +
			"opts=020405b40402080a0b1c5a3e0000000001030307 id=7238 df=1",
	}, {
		name: "TCP SYN ACK padded to the minimum frame", hex: tcpPaddedHex,
		want: Frame{Kind: KindIPv4, L3: 14, L4: 34, End: 54, Proto: ProtoTCP, Src: addr("10.77.0.200"), Dst: client,
			SrcPort: 80, DstPort: 53212, Ports: true},
		text: "02:00:00:00:00:10 > 02:00:00:00:00:09 tcp 10.77.0.200:80 > 10.77.0.66:53212 SA " +
			"seq=16909060 ack=2319391777 win=3 pad=6",
	}, {
		name: "DNS query", hex: udpDNSHex, lossy: true,
		want: Frame{Kind: KindIPv4, L3: 14, L4: 34, End: 71, Proto: ProtoUDP, Src: client, Dst: vip,
			SrcPort: 40000, DstPort: 53, Ports: true},
		text: macs + "udp 10.77.0.66:40000 > 10.77.0.10:53 len=29 id=7",
	}, {
		name: "DNS query with a tag in the frame", hex: udpTaggedHex, lossy: true,
		want: Frame{Kind: KindIPv4, L3: 18, L4: 38, End: 75, Tagged: 10, Proto: ProtoUDP, Src: client, Dst: vip,
			SrcPort: 40000, DstPort: 53, Ports: true},
		text: macs + "udp 10.77.0.66:40000 > 10.77.0.10:53 len=29 id=7 vlan=10",
	}, {
		name: "ping", hex: pingHex, lossy: true,
		want: Frame{Kind: KindIPv4, L3: 14, L4: 34, End: 50, Proto: ProtoICMP, Src: client, Dst: vip},
		text: macs + "icmp 10.77.0.66 > 10.77.0.10 echo-request id=4660 seq=1 len=8 ipid=8721 df=1",
	}, {
		name: "ARP request padded to the minimum frame", hex: arpRequestHex,
		want: Frame{Kind: KindARP, L3: 14, L4: 42, End: 42, Src: client, Dst: vip},
		text: "02:00:00:00:00:09 > ff:ff:ff:ff:ff:ff arp who-has 10.77.0.10 tell 10.77.0.66 pad=18",
	}, {
		name: "ARP reply", hex: arpReplyHex,
		want: Frame{Kind: KindARP, L3: 14, L4: 42, End: 42, Src: vip, Dst: client},
		text: "02:00:00:00:00:10 > 02:00:00:00:00:09 arp 10.77.0.10 is-at 02:00:00:00:00:10 to 10.77.0.66",
	}, {
		name: "first fragment", hex: firstFragmentHex, lossy: true,
		want: Frame{Kind: KindIPv4, L3: 14, L4: 34, End: 58, Proto: ProtoUDP, Src: client, Dst: vip,
			SrcPort: 40000, DstPort: 53, Ports: true, Part: FirstFragment, FragID: 1234},
		text: macs + "udp 10.77.0.66:40000 > 10.77.0.10:53 len=16 ulen=8008 id=1234 frag=0+",
	}, {
		name: "last fragment", hex: lastFragmentHex, lossy: true,
		want: Frame{Kind: KindIPv4, L3: 14, L4: 34, End: 39, Proto: ProtoUDP, Src: client, Dst: vip,
			Part: LaterFragment, FragID: 1234},
		text: macs + "ip 10.77.0.66 > 10.77.0.10 proto=17 len=5 id=1234 frag=24",
	}, {
		name: "IPv4 options", hex: igmpOptionsHex, lossy: true,
		want: Frame{Kind: KindIPv4, L3: 14, L4: 38, End: 46, Proto: 2, Src: client, Dst: addr("224.0.0.251"), Options: true},
		text: "02:00:00:00:00:09 > 01:00:5e:00:00:fb ip 10.77.0.66 > 224.0.0.251 proto=2 len=8 ttl=1 df=1 ipopts=94040000",
	}, {
		name: "fragmentation needed", hex: fragNeededHex, lossy: true,
		want: Frame{Kind: KindIPv4, L3: 14, L4: 34, End: 70, Proto: ProtoICMP, Src: addr("10.77.0.254"), Dst: vip},
		text: macs + "icmp 10.77.0.254 > 10.77.0.10 unreachable mtu=1400 " +
			"inner=(tcp 10.77.0.10:80 > 10.77.0.66:53212) code=4 tos=192 ipid=1",
	}, {
		name: "LLDP", hex: lldpHex,
		want: Frame{Kind: KindOther, L3: 14, L4: 14, End: 25},
		text: "02:00:00:00:00:09 > 01:80:c2:00:00:0e hex 88cc 0207040200000000090000",
	}, {
		name: "spanning tree, with a length for a type", hex: stpHex,
		want: Frame{Kind: KindOther, L3: 14, L4: 14, End: 21},
		text: "02:00:00:00:00:09 > 01:80:c2:00:00:00 hex 0007 42420300000202",
	}}
}

// samples6 says what is in frames6_test.go.
func samples6() []sample {
	client, vip, group := addr("fd77::66"), addr("fd77::10"), addr("ff02::1:ff00:10")
	return []sample{{
		name: "TCP over IPv6", hex: tcp6Hex, lossy: true,
		want: Frame{Kind: KindIPv6, L3: 14, L4: 54, End: 91, Proto: ProtoTCP, Src: client, Dst: vip,
			SrcPort: 53212, DstPort: 443, Ports: true},
		text: macs + "tcp [fd77::66]:53212 > [fd77::10]:443 PA seq=286331153 ack=572662306 win=502 " +
			"opts=0101080a0000000100000002 len=5",
	}, {
		name: "UDP after three extension headers", hex: udp6ExtensionsHex, lossy: true,
		want: Frame{Kind: KindIPv6, L3: 14, L4: 86, End: 98, Proto: ProtoUDP, Src: client, Dst: vip,
			SrcPort: 40000, DstPort: 53, Ports: true, Options: true},
		text: macs + "udp [fd77::66]:40000 > [fd77::10]:53 len=4 " +
			"ext=0:2b000502000001003c000200000000001101010c000000000000000000000000",
	}, {
		name: "first fragment over IPv6", hex: firstFragment6Hex, lossy: true,
		want: Frame{Kind: KindIPv6, L3: 14, L4: 62, End: 78, Proto: ProtoUDP, Src: client, Dst: vip,
			SrcPort: 40000, DstPort: 53, Ports: true, Part: FirstFragment, FragID: 0xbeef, Options: true},
		text: macs + "udp [fd77::66]:40000 > [fd77::10]:53 len=8 ulen=8008 id=48879 frag=0+",
	}, {
		name: "last fragment over IPv6", hex: lastFragment6Hex, lossy: true,
		want: Frame{Kind: KindIPv6, L3: 14, L4: 62, End: 65, Proto: ProtoUDP, Src: client, Dst: vip,
			Part: LaterFragment, FragID: 0xbeef, Options: true},
		text: macs + "ip fd77::66 > fd77::10 proto=17 len=3 id=48879 frag=16",
	}, {
		name: "neighbour solicitation", hex: solicitationHex,
		want: Frame{Kind: KindIPv6, L3: 14, L4: 54, End: 86, Proto: ProtoICMPv6, Src: client, Dst: group},
		text: "02:00:00:00:00:09 > 33:33:ff:00:00:10 icmp6 fd77::66 > ff02::1:ff00:10 ns fd77::10 slla=02:00:00:00:00:09",
	}, {
		name: "duplicate address probe", hex: dadProbeHex,
		want: Frame{Kind: KindIPv6, L3: 14, L4: 54, End: 78, Proto: ProtoICMPv6, Src: addr("::"), Dst: group},
		text: "02:00:00:00:00:09 > 33:33:ff:00:00:10 icmp6 :: > ff02::1:ff00:10 ns fd77::10",
	}, {
		name: "neighbour advertisement", hex: advertisementHex,
		want: Frame{Kind: KindIPv6, L3: 14, L4: 54, End: 86, Proto: ProtoICMPv6, Src: vip, Dst: client},
		text: "02:00:00:00:00:10 > 02:00:00:00:00:09 icmp6 fd77::10 > fd77::66 na fd77::10 flags=SO tlla=02:00:00:00:00:10",
	}, {
		name: "packet too big", hex: tooBigHex, lossy: true,
		want: Frame{Kind: KindIPv6, L3: 14, L4: 54, End: 110, Proto: ProtoICMPv6, Src: addr("fd77::fe"), Dst: vip},
		text: macs + "icmp6 fd77::fe > fd77::10 too-big mtu=1280 inner=(tcp [fd77::10]:443 > [fd77::66]:53212)",
	}, {
		name: "MLD report after a router alert", hex: mldReportHex, lossy: true,
		want: Frame{Kind: KindIPv6, L3: 14, L4: 62, End: 90, Proto: ProtoICMPv6, Src: addr("fe80::9"), Dst: addr("ff02::16"), Options: true},
		text: "02:00:00:00:00:09 > 33:33:00:00:00:16 icmp6 fe80::9 > ff02::16 type=143 len=20 ttl=1 ext=0:3a00050200000100",
	}}
}
