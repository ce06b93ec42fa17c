// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"slices"
	"strings"

	"cygnet/internal/command"
)

// completeFlags completes Pen's command line: flags, their values, addresses.
func completeFlags(words []string, flags []flagDoc, names command.Names) []string {
	var open *flagDoc // the flag whose value comes next
	bare := false     // after --
	last := words[len(words)-1]
	for _, w := range words[:len(words)-1] {
		switch {
		case open != nil:
			open = nil
		case w == "--":
			bare = true
		case !bare:
			open = flagWaiting(w, flags)
		}
	}
	switch {
	case open != nil:
		return completeValue(*open, last, names)
	case bare || !strings.HasPrefix(last, "-"):
		return []string{completeHosts}
	}
	if name, value, ok := strings.Cut(last, "="); ok {
		return completeAttached(name, value, flags, names)
	}
	found := []string{"--help"}
	for _, f := range flags {
		if f.letter != "" {
			found = append(found, "-"+f.letter)
		}
		if f.isLong() {
			found = append(found, "--"+f.name)
		}
	}
	return found
}

// flagWaiting returns the flag of a word, or the last of a cluster as -df,
// whose value is the next word.
func flagWaiting(word string, flags []flagDoc) *flagDoc {
	if name, ok := strings.CutPrefix(word, "--"); ok {
		i := slices.IndexFunc(flags, func(f flagDoc) bool { return f.name == name && f.isLong() && f.arg != "" })
		return flagAt(flags, i)
	}
	letters, ok := strings.CutPrefix(word, "-")
	for i := 0; ok && i < len(letters); i++ {
		j := slices.IndexFunc(flags, func(f flagDoc) bool { return f.letter == letters[i:i+1] && f.arg != "" })
		switch {
		case j >= 0 && i == len(letters)-1:
			return flagAt(flags, j)
		case j >= 0:
			return nil // what follows the letter is its value
		}
	}
	return nil
}

func flagAt(flags []flagDoc, i int) *flagDoc {
	if i < 0 {
		return nil
	}
	return &flags[i]
}

// completeValue completes what a flag takes.
func completeValue(f flagDoc, typed string, names command.Names) []string {
	if f.isLine() {
		return completeLine(typed, names)
	}
	return valuesOf(f.arg, names)
}

// completeAttached completes --name=VALUE. No shell offers files for that.
func completeAttached(name, value string, flags []flagDoc, names command.Names) []string {
	f := flagWaiting(name, flags)
	if f == nil {
		return nil
	}
	var found []string
	for _, v := range completeValue(*f, value, names) {
		if !strings.HasPrefix(v, ":") {
			found = append(found, name+"="+v)
		}
	}
	return found
}
