// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

// Package noprobe keeps Bubble Tea from asking the terminal for its background
// colour. Bubble Tea v1 does that when it is imported: where a terminal does
// not answer, as a serial line, every run of the program, even one that only
// prints its version, would begin with five seconds of silence and lose what is
// typed meanwhile.
//
// An answer that is there already is not asked for. It must be there before
// Bubble Tea's own init: packages whose imports are ready are initialised in
// the order of their paths (https://go.dev/ref/spec#Program_initialization), and cygnet/... sorts before
// github.com/charmbracelet/bubbletea. A test of cmd/cygnet runs the program on
// a mute terminal.
package noprobe

import "github.com/charmbracelet/lipgloss"

// The one init of ours. The theme does not depend on the background, so the
// answer is never used.
func init() { lipgloss.SetHasDarkBackground(true) }
