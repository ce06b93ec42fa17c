// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package link

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestErrorsSayWhatAndHint(t *testing.T) {
	type hinted interface {
		error
		Hint() string
	}
	tests := []struct {
		name, err, hint string
		e               hinted
	}{
		{
			name: "absent", e: &NotFoundError{Name: "eth9", Interfaces: []string{"eth0", "lo"}},
			err: "eth9: no such interface", hint: "interfaces here are: eth0, lo",
		},
		{
			name: "down", e: &DownError{Name: "eth1"},
			err: "eth1: the interface is administratively down", hint: "ip link set eth1 up",
		},
		{
			name: "loopback", e: &NotEthernetError{Name: "lo", Type: "loopback"},
			err:  "lo: not an Ethernet interface (loopback)",
			hint: "frames are forwarded by their MAC addresses, so this takes the Ethernet interface that the servers are on",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.e.Error(); got != tt.err {
				t.Errorf("Error() = %q, want %q", got, tt.err)
			}
			if got := tt.e.Hint(); got != tt.hint {
				t.Errorf("Hint() = %q, want %q", got, tt.hint)
			}
		})
	}
}

func TestOffloadWarnings(t *testing.T) {
	on := map[string]bool{"rx-lro": true, "rx-gro": true, "rx-gro-hw": false, "rx-gro-list": true, "rx-vlan-filter": true}
	want := []string{
		"large receive offload is on for eth1 and merged frames are lost: ethtool -K eth1 lro off",
		"GRO by fragment list is on for eth1 and merged frames are lost: ethtool -K eth1 rx-gro-list off",
	}
	if diff := cmp.Diff(want, warnings("eth1", on, false)); diff != "" {
		t.Error(diff)
	}
	want = append(want, "the VLAN filter of eth1 is on and drops frames of VLANs that this host has no interface on: ethtool -K eth1 rx-vlan-filter off")
	if diff := cmp.Diff(want, warnings("eth1", on, true)); diff != "" {
		t.Error(diff)
	}
}

func TestOffloadsOfNothing(t *testing.T) {
	if got := Offloads("no-such-if", true); got != nil {
		t.Errorf("Offloads of an absent interface = %q, want none", got)
	}
}

func TestInspectRefuses(t *testing.T) {
	_, err := Inspect("no-such-if")
	if e, ok := errors.AsType[*NotFoundError](err); !ok || e.Name != "no-such-if" || len(e.Interfaces) == 0 {
		t.Errorf("Inspect of an absent interface: %#v", err)
	}
	_, err = Inspect("lo")
	if diff := cmp.Diff(error(&NotEthernetError{Name: "lo", Type: "loopback"}), err); diff != "" {
		t.Errorf("Inspect of lo: %s", diff)
	}
}
