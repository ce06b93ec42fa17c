// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package metrics

import (
	"strings"
	"testing"
)

func TestAddress(t *testing.T) {
	for _, c := range []struct{ written, want string }{
		{"9100", "127.0.0.1:9100"},
		{"0", "127.0.0.1:0"},
		{":9100", ":9100"},
		{"10.0.0.1:9100", "10.0.0.1:9100"},
		{"[2001:db8::1]:9100", "[2001:db8::1]:9100"},
		{"[fe80::1%eth0]:9100", "[fe80::1%eth0]:9100"},
		{"lb-1.example.net:9100", "lb-1.example.net:9100"},
		{"localhost:65535", "localhost:65535"},

		{"", ""},
		{":", ""},
		{"65536", ""},
		{"-1", ""},
		{"+1", ""},
		{"9100 ", ""},
		{"localhost", ""},
		{"10.0.0.1", ""},
		{"10.0.0.1:", ""},
		{"10.0.0.1:http", ""},
		{"10.0.0.1:65536", ""},
		{"2001:db8::1:9100", ""},
		{"[2001:db8::1]", ""},
		{"[10.0.0.1]:9100", ""},
		{"[]:9100", ""},
		{"[web]:9100", ""},
		{"http://localhost:9100", ""},
		{"local host:9100", ""},
		{"/run/cygnet.sock", ""},
		{"unix:9100:1", ""},
	} {
		got, err := Address(c.written)
		if got != c.want || (err != nil) != (c.want == "") {
			t.Errorf("Address(%q) = %q, %v; want %q", c.written, got, err, c.want)
		}
		if err != nil && !strings.Contains(err.Error(), "expected PORT (on 127.0.0.1), HOST:PORT, [V6]:PORT, or :PORT") {
			t.Errorf("Address(%q): the error does not say the forms: %v", c.written, err)
		}
	}
}
