// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package wire

// Frames of IPv4 and ARP as hosts send them, checked with tcpdump -vvv.

const tcpSYNHex = `
	0200 0000 0010                                   # to
	0200 0000 0009                                   # from
	0800                                             # IPv4
	45 00                                            # version 4, header 20 bytes, TOS
	003c                                             # total length 60
	1c46 4000                                        # identification, don't fragment
	40 06                                            # TTL 64, protocol 6
	0991                                             # header checksum
	0a4d 0042                                        # 10.77.0.66
	0a4d 000a                                        # 10.77.0.10
	cfdc 0050                                        # ports 53212, 80
	8a3f 1c20                                        # sequence number
	0000 0000                                        # acknowledgment number
	a0 02                                            # header 40 bytes, SYN
	faf0                                             # window 64240
	5c43                                             # checksum
	0000                                             # urgent pointer
	0204 05b4                                        # MSS 1460
	0402                                             # SACK permitted
	080a 0b1c 5a3e 0000 0000                         # timestamps
	01                                               # NOP
	0303 07                                          # window scale 7
`

const tcpPaddedHex = `
	0200 0000 0009                                   # to
	0200 0000 0010                                   # from
	0800                                             # IPv4
	45 00                                            # version 4, header 20 bytes, TOS
	0028                                             # total length 40
	0000 0000                                        # identification, no flags
	40 06                                            # TTL 64, protocol 6
	652d                                             # header checksum
	0a4d 00c8                                        # 10.77.0.200
	0a4d 0042                                        # 10.77.0.66
	0050 cfdc                                        # ports 80, 53212
	0102 0304                                        # sequence number
	8a3f 1c21                                        # acknowledgment number
	50 12                                            # header 20 bytes, SYN ACK
	0003                                             # window 3
	1f99                                             # checksum
	0000                                             # urgent pointer
	0000 0000 0000                                   # padding to 60 bytes
`

const udpDNSHex = `
	0200 0000 0010                                   # to
	0200 0000 0009                                   # from
	0800                                             # IPv4
	45 00                                            # version 4, header 20 bytes, TOS
	0039                                             # total length 57
	0007 0000                                        # identification, no flags
	40 11                                            # TTL 64, protocol 17
	65c8                                             # header checksum
	0a4d 0042                                        # 10.77.0.66
	0a4d 000a                                        # 10.77.0.10
	9c40 0035                                        # ports 40000, 53
	0025                                             # length 37
	e70e                                             # checksum
	1a2b 0100 0001 0000 0000 0000                    # DNS: id, recursion desired, one question
	0663 7967 6e65 74 04 7465 7374 00                # cygnet.test.
	0001 0001                                        # A, IN
`

const udpTaggedHex = `
	0200 0000 0010                                   # to
	0200 0000 0009                                   # from
	8100 a00a                                        # 802.1Q, priority 5, VID 10
	0800                                             # IPv4
	45 00                                            # version 4, header 20 bytes, TOS
	0039                                             # total length 57
	0007 0000                                        # identification, no flags
	40 11                                            # TTL 64, protocol 17
	65c8                                             # header checksum
	0a4d 0042                                        # 10.77.0.66
	0a4d 000a                                        # 10.77.0.10
	9c40 0035                                        # ports 40000, 53
	0025                                             # length 37
	e70e                                             # checksum
	1a2b 0100 0001 0000 0000 0000                    # DNS: id, recursion desired, one question
	0663 7967 6e65 74 04 7465 7374 00                # cygnet.test.
	0001 0001                                        # A, IN
`

const pingHex = `
	0200 0000 0010                                   # to
	0200 0000 0009                                   # from
	0800                                             # IPv4
	45 00                                            # version 4, header 20 bytes, TOS
	0024                                             # total length 36
	2211 4000                                        # identification, don't fragment
	40 01                                            # TTL 64, protocol 1
	03e3                                             # header checksum
	0a4d 0042                                        # 10.77.0.66
	0a4d 000a                                        # 10.77.0.10
	08 00                                            # echo request
	5435                                             # checksum
	1234 0001                                        # identifier, sequence number
	6162 6364 6566 6768                              # abcdefgh
`

const arpRequestHex = `
	ffff ffff ffff                                   # to
	0200 0000 0009                                   # from
	0806                                             # ARP
	0001 0800 06 04                                  # Ethernet, IPv4, address lengths
	0001                                             # request
	0200 0000 0009                                   # sender MAC
	0a4d 0042                                        # sender 10.77.0.66
	0000 0000 0000                                   # target MAC: unknown
	0a4d 000a                                        # target 10.77.0.10
	0000 0000 0000 0000 0000 0000 0000 0000 0000     # padding to 60 bytes
`

const arpReplyHex = `
	0200 0000 0009                                   # to
	0200 0000 0010                                   # from
	0806                                             # ARP
	0001 0800 06 04                                  # Ethernet, IPv4, address lengths
	0002                                             # reply
	0200 0000 0010                                   # sender MAC
	0a4d 000a                                        # sender 10.77.0.10
	0200 0000 0009                                   # target MAC
	0a4d 0042                                        # target 10.77.0.66
`

const firstFragmentHex = `
	0200 0000 0010                                   # to
	0200 0000 0009                                   # from
	0800                                             # IPv4
	45 00                                            # version 4, header 20 bytes, TOS
	002c                                             # total length 44
	04d2 2000                                        # identification, more fragments, offset 0
	40 11                                            # TTL 64, protocol 17
	410a                                             # header checksum
	0a4d 0042                                        # 10.77.0.66
	0a4d 000a                                        # 10.77.0.10
	9c40 0035                                        # ports 40000, 53
	1f48                                             # length 8008, of all fragments
	beef                                             # checksum, of all fragments
	0000000000000000 0000000000000000                # 16 of 8000 bytes
`

const lastFragmentHex = `
	0200 0000 0010                                   # to
	0200 0000 0009                                   # from
	0800                                             # IPv4
	45 00                                            # version 4, header 20 bytes, TOS
	0019                                             # total length 25
	04d2 0003                                        # identification, offset 24
	40 11                                            # TTL 64, protocol 17
	611a                                             # header checksum
	0a4d 0042                                        # 10.77.0.66
	0a4d 000a                                        # 10.77.0.10
	a5a5 a5a5 a5                                     # the last 5 bytes of the datagram
`

const igmpOptionsHex = `
	0100 5e00 00fb                                   # to
	0200 0000 0009                                   # from
	0800                                             # IPv4
	46 00                                            # version 4, header 24 bytes, TOS
	0020                                             # total length 32
	0000 4000                                        # identification, don't fragment
	01 02                                            # TTL 1, protocol 2
	f94d                                             # header checksum
	0a4d 0042                                        # 10.77.0.66
	e000 00fb                                        # 224.0.0.251
	9404 0000                                        # router alert option
	16 00                                            # membership report, version 2
	0904                                             # checksum
	e000 00fb                                        # 224.0.0.251
`

const fragNeededHex = `
	0200 0000 0010                                   # to
	0200 0000 0009                                   # from
	0800                                             # IPv4
	45 c0                                            # version 4, header 20 bytes, TOS
	0038                                             # total length 56
	0001 0000                                        # identification, no flags
	40 01                                            # TTL 64, protocol 1
	6463                                             # header checksum
	0a4d 00fe                                        # 10.77.0.254
	0a4d 000a                                        # 10.77.0.10
	03 04                                            # destination unreachable, fragmentation needed
	e2f0                                             # checksum
	0000 0578                                        # unused, next-hop MTU 1400
	45 00                                            # quoted: version 4, header 20 bytes, TOS
	05dc                                             # quoted: total length 1500
	0099 4000                                        # quoted: identification, don't fragment
	3f 06                                            # quoted: TTL 63, protocol 6
	209e                                             # quoted: header checksum
	0a4d 000a                                        # quoted: 10.77.0.10
	0a4d 0042                                        # quoted: 10.77.0.66
	0050 cfdc                                        # quoted: ports 80, 53212
	1122 3344                                        # quoted: sequence number
`

const lldpHex = `
	0180 c200 000e                                   # to
	0200 0000 0009                                   # from
	88cc                                             # LLDP
	0207 0402 0000 0000 09                           # chassis ID TLV
	0000                                             # end of LLDPDU
`

const stpHex = `
	0180 c200 0000                                   # to
	0200 0000 0009                                   # from
	0007                                             # length 7: IEEE 802.3
	42 42 03                                         # LLC: spanning tree
	0000 02 02                                       # BPDU
`
