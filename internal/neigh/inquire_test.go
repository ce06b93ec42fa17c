// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package neigh

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"cygnet/internal/wire"
)

// Whether anybody holds an address is asked from an address of ours, or not at all:
// from 0.0.0.0 the question would be a claim (RFC 5227 section 2.1.1).
func TestInquire(t *testing.T) {
	somebody, six := netip.MustParseAddr("10.77.0.66"), netip.MustParseAddr("fd77::66")
	source := netip.MustParseAddr("10.77.0.5")
	for _, tt := range []struct {
		name string
		host Host
		wait time.Duration
		ask  netip.Addr
		want string // empty: it cannot be asked
	}{
		{"from the interface's address", Host{Addrs: []netip.Prefix{netip.MustParsePrefix("10.77.0.4/24")}}, 0, somebody, "who-has 10.77.0.66 tell 10.77.0.4"},
		{"without an address", Host{}, 0, somebody, ""},
		{"while the source is being claimed", Host{Sources: []netip.Addr{source}}, 0, somebody, ""},
		{"from the source", Host{Sources: []netip.Addr{source}}, 2 * time.Second, somebody, "who-has 10.77.0.66 tell 10.77.0.5"},
		{"IPv6", Host{}, 0, six, "fe80::ff:fe00:ff > ff02::1:ff00:66 ns fd77::66 slla=02:00:00:00:00:ff"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSegment(t)
			tt.host.MAC = us
			s.Configure(tt.host, nil, nil, nil)
			s.pass(tt.wait)
			got := ""
			ok := s.Inquire(tt.ask, func(b []byte) {
				var f wire.Frame
				if d := f.Parse(b); d != wire.DefectNone {
					t.Fatalf("defect %v", d)
				}
				got = f.String()
			})
			if ok != (tt.want != "") || !strings.Contains(got, tt.want) || !ok && got != "" {
				t.Errorf("%v, %q; want %q", ok, got, tt.want)
			}
		})
	}
}
