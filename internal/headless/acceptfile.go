// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package headless

import (
	"net/netip"
	"strconv"
	"time"

	"cygnet/internal/events"
)

// acceptTime is the time as endlessh writes it, of UTC.
const acceptTime = "2006-01-02T15:04:05.000Z"

// OpenAcceptFile opens a file as OpenEventFile does, but for the lines that
// endlessh writes to its log of clients that it accepts and loses, which
// CrowdSec's and fail2ban's parsers read. Only clients that proved their source are
// in it: banned is nobody whose address somebody else forged. Held returns how many
// are held now, of most.
func OpenAcceptFile(path string, held func() uint64, most int, hits *events.Ring[events.Event]) (*EventFile, error) {
	return openEventFile(path, form{
		what: "tarpit_accept file",
		has:  func(k events.Kind) bool { return k == events.TarpitVerified || k == events.TarpitEscaped },
		append: func(b []byte, e *events.Event) []byte {
			if e.Kind == events.TarpitEscaped {
				return appendClose(b, e)
			}
			return appendAccept(b, e, held(), most)
		},
	}, hits)
}

// appendAccept appends the line of a client that is held from now on. Endlessh
// tells its sockets' numbers; all that we have is one.
func appendAccept(b []byte, e *events.Event, held uint64, most int) []byte {
	b = appendPeer(b, " ACCEPT", e)
	b = append(b, " n="...)
	b = strconv.AppendUint(b, max(held, 1), 10) // the snapshot may be older than this client
	b = append(b, '/')
	return strconv.AppendInt(b, int64(most), 10)
}

// appendClose appends the line of a client that gave up.
func appendClose(b []byte, e *events.Event) []byte {
	b = appendPeer(b, " CLOSE", e)
	b = append(b, " time="...)
	b = strconv.AppendFloat(b, e.Held.Truncate(time.Millisecond).Seconds(), 'f', 3, 64)
	return append(b, " bytes=0"...)
}

// appendPeer appends how each line begins. An IPv4 address stands as it is, and not
// as a mapped one, as endlessh has it: fail2ban looks for it so.
func appendPeer(b []byte, what string, e *events.Event) []byte {
	b = e.Time.UTC().AppendFormat(b, acceptTime)
	b = append(b, what...)
	b = append(b, " host="...)
	b = plainAddr(e.Source).AppendTo(b)
	b = append(b, " port="...)
	b = strconv.AppendUint(b, uint64(e.From), 10)
	return append(b, " fd=4"...)
}

// plainAddr is the address without a zone, which may be any string.
func plainAddr(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }
