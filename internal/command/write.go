// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"maps"
	"slices"
	"strings"
	"time"

	"cygnet/internal/config"
)

// Header is the first line of what Write writes: which form of the language
// follows.
const Header = "# cygnet config 1"

// Write returns the lines that make c again when they are read behind those
// that made base (the command line): all that is not default, and what takes
// back what base says and c does not. Comments stand before what they are
// about. A blacklisting is not written: it would begin anew.
func Write(c, base *config.Config) string {
	w := &writer{comments: maps.Clone(c.Comments)}
	w.line(Header)
	items := itemsOf(c, base, time.Time{})
	left := idsOf(items)
	for _, it := range itemsOf(base, nil, time.Time{}) {
		for _, l := range it.reverted(left) {
			w.line(l)
		}
	}
	for _, it := range items {
		w.item(it)
	}
	w.rest()
	return w.b.String()
}

// writer writes items and their comments.
type writer struct {
	b        strings.Builder
	comments map[string][]string // those not yet written
}

func (w *writer) line(text string) { w.b.WriteString(text + "\n") }

func (w *writer) item(it item) {
	w.comment(it.key)
	for _, l := range it.said() {
		if len(w.comments) > 0 {
			w.comment(lineKey(l))
		}
		w.line(l)
	}
}

func (w *writer) comment(key string) {
	for _, c := range w.comments[key] {
		w.line(c)
	}
	delete(w.comments, key)
}

// rest writes the comments whose lines are gone, and those after the last.
func (w *writer) rest() {
	for _, key := range slices.Sorted(maps.Keys(w.comments)) {
		if key != endOfFile {
			w.comment(key)
		}
	}
	w.comment(endOfFile)
}

// lineKey is the key of one line of a list, whose item has many.
func lineKey(line string) string {
	if !strings.HasPrefix(line, "acl ") {
		return ""
	}
	words := strings.Fields(line)
	switch {
	case len(words) > 3 && words[2] == "at":
		words = slices.Delete(words, 2, 4)
	case len(words) > 3 && words[2] == "default":
		words = words[:3]
	}
	return strings.Join(words, " ")
}
