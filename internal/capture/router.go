// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package capture

import "cygnet/internal/wire"

// isVirtualRouter says whether m is an address that routers pass among themselves:
// whoever answers from it is a gateway, and may be silent for long.
func isVirtualRouter(m wire.MAC) bool {
	switch {
	case m[0] == 0x00 && m[1] == 0x00 && m[2] == 0x5e && m[3] == 0x00 && (m[4] == 1 || m[4] == 2):
		return true // VRRP (RFC 9568 section 7.3), CARP
	case m[0] == 0x00 && m[1] == 0x00 && m[2] == 0x0c && m[3] == 0x07 && m[4] == 0xac:
		return true // HSRP (RFC 2281 section 4)
	case m[0] == 0x00 && m[1] == 0x00 && m[2] == 0x0c && m[3] == 0x9f && m[4]&0xf0 == 0xf0:
		return true // HSRP version 2
	case m[0] == 0x00 && m[1] == 0x05 && m[2] == 0x73 && m[3] == 0xa0 && m[4]&0xf0 == 0x00:
		return true // HSRP version 2 for IPv6
	case m[0] == 0x00 && m[1] == 0x07 && m[2] == 0xb4 && m[3] == 0x00:
		return true // GLBP
	}
	return false
}
