// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package events

import (
	"strings"
	"testing"
)

func TestPortName(t *testing.T) {
	for port, want := range map[uint16]string{
		0: "", 1: "tcpmux", 22: "ssh", 23: "telnet", 80: "http", 443: "https", 445: "microsoft-ds", 3389: "ms-wbt-server",
		5900: "rfb", 8080: "http-alt", 47808: "bacnet", 24: "", 65535: "",
	} {
		if got := PortName(port); got != want {
			t.Errorf("PortName(%d) = %q, want %q", port, got, want)
		}
	}
}

// TestPortNamesAreSorted because the search is binary, and each is a service
// name as RFC 6335 section 5.1 has it.
func TestPortNamesAreSorted(t *testing.T) {
	last := uint16(0)
	for _, p := range portNames {
		if p.port <= last {
			t.Errorf("port %d stands behind %d", p.port, last)
		}
		last = p.port
		if p.name == "" || len(p.name) > 15 || strings.Trim(strings.ToLower(p.name), "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			t.Errorf("port %d: %q is no service name", p.port, p.name)
		}
	}
}
