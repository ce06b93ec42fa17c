// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package health

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"

	"cygnet/internal/wire"
)

// onVLAN returns a frame without a tag with the tag of that VLAN; 0 is none.
func onVLAN(frame []byte, vlan uint16) []byte {
	if vlan == 0 {
		return frame
	}
	tag := binary.BigEndian.AppendUint16([]byte{0x81, 0}, vlan)
	return slices.Insert(slices.Clone(frame), 12, tag...)
}

// A check on a VLAN is sent there, and hears what comes from there alone.
func TestTCPOnAVLAN(t *testing.T) {
	const silent = "fail no answer from VIP (is it on the server's lo?) after 1s"
	tests := []struct {
		target uint16
		says   string // of the answer's tag
		want   string
	}{
		{10, " vlan=10", "pass connected to VIP after 0s"},
		{10, " vlan=11", silent},
		{10, "", silent},
		{0, " vlan=10", silent},
		{0, " vlan=0", "pass connected to VIP after 0s"},
	}
	for _, tt := range tests {
		for _, flags := range []string{"SA", "icmp"} {
			t.Run(fmt.Sprint(tt.target, tt.says, flags), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := newFake()
					m := New(s)
					s.answers(t, m, func(f *wire.Frame) []string {
						switch {
						case !isSYN(f):
							return nil
						case flags == "icmp":
							return []string{icmp(f, "icmp", "10.77.0.100", 10) + tt.says}
						}
						return []string{words(f, flags) + tt.says}
					})
					target := web("tcp")
					target.VLAN = tt.target
					want := tt.want
					if flags == "icmp" && want != silent {
						want = "fail icmp prohibited from VIP after 0s"
					}
					expect(t, "outcome", s.try(t, m, target, source4), want)
					if s.vlan != tt.target {
						t.Errorf("sent on VLAN %d, want %d", s.vlan, tt.target)
					}
				})
			})
		}
	}
}

func TestHTTPOnAVLAN(t *testing.T) {
	s := newFake()
	r, m := newServer(t, s, vip4)
	r.web(t, netip.AddrPortFrom(vip4, 80), false, page)
	target := web("http")
	target.VLAN, target.Check.Path, target.Check.Status = 10, "/ip", 200
	expect(t, "verdict", s.verdict(t, m, target), "pass http 200")
	if s.lastVLAN() != 10 {
		t.Errorf("sent on VLAN %d, want 10", s.lastVLAN())
	}
}
