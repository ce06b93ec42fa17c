// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package acl

import (
	"encoding/json"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestRulesReadBackFromJSON(t *testing.T) {
	want := []Rule{
		{Action: Permit, Prefix: netip.MustParsePrefix("10.0.0.0/8")},
		{Action: Deny, Country: "NL"},
	}
	b, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	const text = `[{"action":"permit","prefix":"10.0.0.0/8"},{"action":"deny","country":"NL"}]`
	if string(b) != text {
		t.Errorf("written as %s, want %s", b, text)
	}
	var got []Rule
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Prefix{})); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
	if err := json.Unmarshal([]byte(`[{"action":"observe"}]`), &got); err == nil {
		t.Error("an unknown action was taken")
	}
}
