// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"cygnet/internal/config"
)

// downError stands for an error of the machine that knows the way out.
type downError struct{ hint string }

func (e downError) Error() string { return "eth1: administratively down" }
func (e downError) Hint() string  { return e.hint }

// TestFail shows what each kind of error prints, and its exit code.
func TestFail(t *testing.T) {
	tests := []struct {
		name string
		err  error
		code int
		want string
	}{
		{"the machine", errors.New("eth1: no such interface"), 1,
			"cygnet: error: eth1: no such interface\n"},
		{"the machine, with a way out", fmt.Errorf("open eth1: %w", downError{"ip link set eth1 up"}), 1,
			"cygnet: error: open eth1: eth1: administratively down\ncygnet: hint: ip link set eth1 up\n"},
		{"the machine, at a loss", downError{}, 1,
			"cygnet: error: eth1: administratively down\n"},
		{"what was written", writtenError{{What: "-y: unknown flag", Hint: "see: cygnet --help"}}, 2,
			"cygnet: error: -y: unknown flag\ncygnet: hint: see: cygnet --help\n"},
		{"all that was written, a shared hint once", writtenError{
			{What: "a", Hint: "x", Origin: "f:1"}, {What: "b", Hint: "x", Origin: "f:2"}, {What: "c"}}, 2,
			"cygnet: error: f:1: a\ncygnet: error: f:2: b\ncygnet: hint: x\ncygnet: error: c\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b strings.Builder
			if code := fail(&b, tt.err); code != tt.code {
				t.Errorf("exit code = %d, want %d", code, tt.code)
			}
			if b.String() != tt.want {
				t.Errorf("printed %q\n   want %q", b.String(), tt.want)
			}
		})
	}
	if got := (writtenError{&config.Problem{What: "a"}, {What: "b"}}).Error(); got != "a" {
		t.Errorf("Error() = %q", got)
	}
}
