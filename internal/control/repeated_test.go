// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import (
	"strings"
	"testing"

	"cygnet/internal/events"
)

func TestWhatIsRepeatedIsLeftOut(t *testing.T) {
	tests := []struct{ name, had, comes, want string }{
		{"at first", "", "abc", "abc"},
		{"nothing is new", "abc", "abc", "abc"},
		{"something is new", "abc", "abcde", "abcde"},
		{"the oldest is forgotten there", "abc", "bcd", "abcd"},
		{"all is forgotten there", "abc", "def", "abcdef"},
		{"of us is more forgotten", "bc", "abcd", "bcad"}, // as after a gap
		{"a gap is filled", "ac", "abcd", "acbd"},
		{"the same again is new", "abc", "abcabc", "abcabc"},
		{"the same many times", "xxx", "xxxx", "xxxx"},
		{"the same as one that is forgotten there", "abc", "bca", "abca"},
		{"nothing comes", "abc", "", "abc"},
		{"of before is as much as is remembered", "ab", "cdefghijab", "abcdefghijab"},
	}
	for _, tt := range tests {
		ring := events.NewRing[rune](100)
		for _, c := range tt.had {
			ring.Add(c)
		}
		r := again(ring, 8)
		for _, c := range tt.comes {
			r.add(c)
		}
		got, _, _ := ring.Since(0)
		if string(got) != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, string(got), tt.want)
		}
	}
	ring := events.NewRing[string](9)
	ring.Add("a")
	r := again(ring, 9)
	r.forget()
	r.add("a")
	if got, _, _ := ring.Since(0); strings.Join(got, "") != "aa" {
		t.Errorf("of another process: %q", got)
	}
}
