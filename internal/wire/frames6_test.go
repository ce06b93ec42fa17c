// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package wire

// Frames of IPv6 as hosts send them, checked with tcpdump -vvv.

const tcp6Hex = `
	0200 0000 0010                                   # to
	0200 0000 0009                                   # from
	86dd                                             # IPv6
	6000 0000                                        # version 6, traffic class, flow label
	0025                                             # payload length 37
	06 40                                            # next header 6, hop limit 64
	fd77 0000 0000 0000 0000 0000 0000 0066          # fd77::66
	fd77 0000 0000 0000 0000 0000 0000 0010          # fd77::10
	cfdc 01bb                                        # ports 53212, 443
	1111 1111                                        # sequence number
	2222 2222                                        # acknowledgment number
	80 18                                            # header 32 bytes, PSH ACK
	01f6                                             # window 502
	fd81                                             # checksum
	0000                                             # urgent pointer
	0101 080a 0000 0001 0000 0002                    # NOP, NOP, timestamps
	6865 6c6c 6f                                     # hello
`

const udp6ExtensionsHex = `
	0200 0000 0010                                   # to
	0200 0000 0009                                   # from
	86dd                                             # IPv6
	6000 0000                                        # version 6, traffic class, flow label
	002c                                             # payload length 44
	00 40                                            # next header 0, hop limit 64
	fd77 0000 0000 0000 0000 0000 0000 0066          # fd77::66
	fd77 0000 0000 0000 0000 0000 0000 0010          # fd77::10
	2b 00 0502 0000 0100                             # hop-by-hop: next 43, 8 bytes, router alert, PadN
	3c 00 02 00 0000 0000                            # routing: next 60, 8 bytes, type 2, no segments left
	11 01 010c 000000000000000000000000              # destination options: next 17, 16 bytes, PadN
	9c40 0035                                        # ports 40000, 53
	000c                                             # length 12
	ca5d                                             # checksum
	dead beef                                        # 4 bytes of payload
`

const firstFragment6Hex = `
	0200 0000 0010                                   # to
	0200 0000 0009                                   # from
	86dd                                             # IPv6
	6000 0000                                        # version 6, traffic class, flow label
	0018                                             # payload length 24
	2c 40                                            # next header 44, hop limit 64
	fd77 0000 0000 0000 0000 0000 0000 0066          # fd77::66
	fd77 0000 0000 0000 0000 0000 0000 0010          # fd77::10
	11 00 0001 0000 beef                             # fragment: next 17, offset 0, more, identification
	9c40 0035                                        # ports 40000, 53
	1f48                                             # length 8008, of all fragments
	1234                                             # checksum, of all fragments
	0000 0000 0000 0000                              # 8 of 8000 bytes
`

const lastFragment6Hex = `
	0200 0000 0010                                   # to
	0200 0000 0009                                   # from
	86dd                                             # IPv6
	6000 0000                                        # version 6, traffic class, flow label
	000b                                             # payload length 11
	2c 40                                            # next header 44, hop limit 64
	fd77 0000 0000 0000 0000 0000 0000 0066          # fd77::66
	fd77 0000 0000 0000 0000 0000 0000 0010          # fd77::10
	11 00 0010 0000 beef                             # fragment: next 17, offset 16, last, identification
	a5a5 a5                                          # the last 3 bytes of the datagram
`

const solicitationHex = `
	3333 ff00 0010                                   # to
	0200 0000 0009                                   # from
	86dd                                             # IPv6
	6000 0000                                        # version 6, traffic class, flow label
	0020                                             # payload length 32
	3a ff                                            # next header 58, hop limit 255
	fd77 0000 0000 0000 0000 0000 0000 0066          # fd77::66
	ff02 0000 0000 0000 0000 0001 ff00 0010          # ff02::1:ff00:10
	87 00                                            # neighbour solicitation
	7c20                                             # checksum
	0000 0000                                        # reserved
	fd77 0000 0000 0000 0000 0000 0000 0010          # target fd77::10
	01 01 0200 0000 0009                             # source link-layer address
`

const dadProbeHex = `
	3333 ff00 0010                                   # to
	0200 0000 0009                                   # from
	86dd                                             # IPv6
	6000 0000                                        # version 6, traffic class, flow label
	0018                                             # payload length 24
	3a ff                                            # next header 58, hop limit 255
	0000 0000 0000 0000 0000 0000 0000 0000          # ::
	ff02 0000 0000 0000 0000 0001 ff00 0010          # ff02::1:ff00:10
	87 00                                            # neighbour solicitation
	7d10                                             # checksum
	0000 0000                                        # reserved
	fd77 0000 0000 0000 0000 0000 0000 0010          # target fd77::10
`

const advertisementHex = `
	0200 0000 0009                                   # to
	0200 0000 0010                                   # from
	86dd                                             # IPv6
	6000 0000                                        # version 6, traffic class, flow label
	0020                                             # payload length 32
	3a ff                                            # next header 58, hop limit 255
	fd77 0000 0000 0000 0000 0000 0000 0010          # fd77::10
	fd77 0000 0000 0000 0000 0000 0000 0066          # fd77::66
	88 00                                            # neighbour advertisement
	1aa6                                             # checksum
	6000 0000                                        # solicited, override
	fd77 0000 0000 0000 0000 0000 0000 0010          # target fd77::10
	02 01 0200 0000 0010                             # target link-layer address
`

const tooBigHex = `
	0200 0000 0010                                   # to
	0200 0000 0009                                   # from
	86dd                                             # IPv6
	6000 0000                                        # version 6, traffic class, flow label
	0038                                             # payload length 56
	3a 40                                            # next header 58, hop limit 64
	fd77 0000 0000 0000 0000 0000 0000 00fe          # fd77::fe
	fd77 0000 0000 0000 0000 0000 0000 0010          # fd77::10
	02 00                                            # packet too big
	7f5a                                             # checksum
	0000 0500                                        # MTU 1280
	6000 0000                                        # quoted: version 6, traffic class, flow label
	05b4                                             # quoted: payload length 1460
	06 3f                                            # quoted: next header 6, hop limit 63
	fd77 0000 0000 0000 0000 0000 0000 0010          # quoted: fd77::10
	fd77 0000 0000 0000 0000 0000 0000 0066          # quoted: fd77::66
	01bb cfdc                                        # quoted: ports 443, 53212
	2222 2222                                        # quoted: sequence number
`

const mldReportHex = `
	3333 0000 0016                                   # to
	0200 0000 0009                                   # from
	86dd                                             # IPv6
	6000 0000                                        # version 6, traffic class, flow label
	0024                                             # payload length 36
	00 01                                            # next header 0, hop limit 1
	fe80 0000 0000 0000 0000 0000 0000 0009          # fe80::9
	ff02 0000 0000 0000 0000 0000 0000 0016          # ff02::16
	3a 00 0502 0000 0100                             # hop-by-hop: next 58, 8 bytes, router alert, PadN
	8f 00                                            # MLDv2 report
	70f0                                             # checksum
	0000 0001                                        # one record
	04 00 0000                                       # change to exclude
	ff02 0000 0000 0000 0000 0001 ff00 0010          # ff02::1:ff00:10
`
