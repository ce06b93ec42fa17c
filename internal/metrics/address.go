// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package metrics

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// Address reads where to serve: a bare PORT is on 127.0.0.1 only; HOST:PORT,
// [V6]:PORT and :PORT, which is on all addresses, are taken as written. It
// returns the address as net.Listen takes it. Whether HOST exists, Listen finds
// out.
func Address(written string) (string, error) {
	if isPort(written) {
		return net.JoinHostPort("127.0.0.1", written), nil
	}
	host, port, err := net.SplitHostPort(written)
	// Joined again, it differs if brackets were put around what needs none.
	if err != nil || !isPort(port) || host != "" && !isHost(host) || net.JoinHostPort(host, port) != written {
		return "", fmt.Errorf("metrics, address %q: expected PORT (on 127.0.0.1), HOST:PORT, [V6]:PORT, or :PORT (on all addresses)", written)
	}
	return written, nil
}

func isPort(s string) bool {
	_, err := strconv.ParseUint(s, 10, 16)
	return err == nil
}

// isHost takes what may be an address, with its zone, or a name; the resolver
// will know. It is here for clear messages about what can be neither.
func isHost(s string) bool {
	if _, err := netip.ParseAddr(s); err == nil {
		return true
	}
	return !strings.ContainsFunc(s, func(c rune) bool {
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		return !letter && (c < '0' || c > '9') && !strings.ContainsRune(".-_", c)
	})
}
