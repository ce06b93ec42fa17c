// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package sched

import "testing"

func TestModeReadsBackFromItsText(t *testing.T) {
	for m := Hash; m <= Prio; m++ {
		text, _ := m.MarshalText()
		got := Mode(99)
		if err := got.UnmarshalText(text); err != nil || got != m {
			t.Errorf("UnmarshalText(%q) = %v, %v; want %v", text, got, err, m)
		}
	}
	if err := new(Mode).UnmarshalText([]byte("fastest")); err == nil {
		t.Error("an unknown mode was taken")
	}
}
