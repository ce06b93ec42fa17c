// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package wire

import (
	"encoding/binary"
	"net/netip"
)

// The ports of DHCP (RFC 2131, 4.1).
const (
	dhcpServerPort = 67
	dhcpClientPort = 68
)

const (
	dhcpFixedLen   = 236        // RFC 2131, 2: what BOOTP has before its options
	dhcpClientAddr = 12         // ciaddr
	dhcpCookie     = 0x63825363 // RFC 2131, 3
	dhcpFromClient = 1          // RFC 2131, 2: op
	dhcpFromServer = 2

	dhcpPad         = 0 // RFC 2132, 3.1
	dhcpRouters     = 3
	dhcpDNSServers  = 6
	dhcpRequested   = 50 // RFC 2132, 9.1
	dhcpMessageType = 53 // RFC 2132, 9.6
	dhcpServerIdent = 54
	dhcpEnd         = 255
	dhcpOffer       = 2 // message types, RFC 2132, 9.6
	dhcpRequest     = 3
	dhcpDecline     = 4
	dhcpAck         = 5
	dhcpRelease     = 7
	dhcpInform      = 8
)

// DHCP is the payload of a datagram between a DHCP server and a client (RFC 2131, 2).
type DHCP []byte

// IsDHCP reports whether f may be a whole message of a DHCP server to a client.
func (f *Frame) IsDHCP() bool {
	return f.Kind == KindIPv4 && f.Proto == ProtoUDP && f.Ports && f.Part == Whole &&
		f.SrcPort == dhcpServerPort && f.DstPort == dhcpClientPort
}

// IsDHCPFromClient reports whether f may be a whole message of a DHCP client.
func (f *Frame) IsDHCPFromClient() bool {
	return f.Kind == KindIPv4 && f.Proto == ProtoUDP && f.Ports && f.Part == Whole &&
		f.SrcPort == dhcpClientPort && f.DstPort == dhcpServerPort
}

// DHCP returns the payload of f, for which IsDHCP or IsDHCPFromClient is true; nil if
// its length is wrong.
func (f *Frame) DHCP() DHCP {
	n, ok := udpLengthIn(f.UDP())
	if !ok {
		return nil
	}
	return DHCP(f.Data[f.L4+udpLen : f.L4+n])
}

// Servers hands to each the addresses of machines that an offer or an
// acknowledgment names: of the server itself, of routers and of DNS servers (RFC
// 2132, 9.7, 3.5 and 3.8). Of anything else, and of a message of which one octet is
// not as it must be, it hands out none. What stands in an overloaded field (RFC
// 2132, 9.3) is not read.
func (d DHCP) Servers(each func(netip.Addr)) {
	if kind := d.messageType(dhcpFromServer); kind != dhcpOffer && kind != dhcpAck {
		return
	}
	d.options(func(code byte, value []byte) bool {
		if code == dhcpServerIdent || code == dhcpRouters || code == dhcpDNSServers {
			for ; len(value) >= 4; value = value[4:] {
				each(netip.AddrFrom4([4]byte(value)))
			}
		}
		return true
	})
}

// FromClient returns what a client's message tells of others and itself: the server
// that it chose, gives its address back to, or turns down (RFC 2131, 4.3.2 to 4.3.4),
// and the address that it asks for, found in use (4.4.4) or uses. Either is invalid
// where the message does not name it. A mere wish, in a DISCOVER, is not told, nor the
// address that a RELEASE gives back. Of a message of which one octet is not as it must
// be, nothing is.
func (d DHCP) FromClient() (server, taken netip.Addr) {
	kind := d.messageType(dhcpFromClient)
	if kind != dhcpRequest && kind != dhcpDecline && kind != dhcpRelease && kind != dhcpInform {
		return server, taken
	}
	if uses := netip.AddrFrom4([4]byte(d[dhcpClientAddr:])); !uses.IsUnspecified() && (kind == dhcpRequest || kind == dhcpInform) {
		taken = uses
	}
	d.options(func(code byte, value []byte) bool {
		switch {
		case code == dhcpServerIdent:
			server = netip.AddrFrom4([4]byte(value))
		case code == dhcpRequested && (kind == dhcpRequest || kind == dhcpDecline):
			taken = netip.AddrFrom4([4]byte(value))
		}
		return true
	})
	return server, taken
}

// messageType returns the type of a message of that side that is right as a whole,
// else 0.
func (d DHCP) messageType(op byte) (kind byte) {
	if len(d) < dhcpFixedLen+4 || d[0] != op || binary.BigEndian.Uint32(d[dhcpFixedLen:]) != dhcpCookie {
		return 0
	}
	right := d.options(func(code byte, value []byte) bool {
		switch code {
		case dhcpMessageType:
			if kind != 0 || len(value) != 1 {
				return false
			}
			kind = value[0]
		case dhcpServerIdent, dhcpRequested:
			return len(value) == 4
		case dhcpRouters, dhcpDNSServers:
			return len(value) > 0 && len(value)%4 == 0
		}
		return true
	})
	if !right {
		return 0
	}
	return kind
}

// options hands each option to each until that says false, and reports whether
// it never did and the end was where it must be.
func (d DHCP) options(each func(code byte, value []byte) bool) bool {
	for o := d[dhcpFixedLen+4:]; len(o) > 0; {
		switch {
		case o[0] == dhcpEnd:
			return true
		case o[0] == dhcpPad:
			o = o[1:]
			continue
		case len(o) < 2 || len(o) < 2+int(o[1]):
			return false
		}
		n := 2 + int(o[1])
		if !each(o[0], o[2:n]) {
			return false
		}
		o = o[n:]
	}
	return false
}
