// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import (
	"fmt"
	"strings"

	"cygnet/internal/command"
)

// How long a transaction may be.
const (
	mostLines = 100_000
	mostBytes = 8 << 20 // with each line's end
)

// previewWord ends the lines of a transaction that are only to be previewed.
const previewWord = "preview"

// transaction is what was said on one connection from `begin` on, as a Doer
// takes it.
type transaction struct {
	lines       []string
	size        int
	most, bytes int
}

// newTransaction starts one; args are what stands behind the word.
func newTransaction(args []string, most, bytes int) (*transaction, error) {
	if len(args) > 0 {
		return nil, fmt.Errorf("begin: %q: nothing was expected after it", args[0])
	}
	return &transaction{lines: []string{"begin"}, most: most, bytes: bytes}, nil
}

// take adds a line, and reports whether it was the last: `commit`, or `preview`
// alone, which stays among the lines to say what is wanted.
func (t *transaction) take(line string) (ended bool, err error) {
	switch verb, args := words(line); {
	case verb == "commit" && len(args) > 0:
		return false, fmt.Errorf("commit: %q: nothing was expected after it; nothing was done", args[0])
	case verb == "commit":
		return true, nil
	case verb == previewWord && len(args) == 0:
		t.lines = append(t.lines, previewWord)
		return true, nil
	}
	t.size += len(line) + 1
	if len(t.lines) > t.most || t.size > t.bytes { // `begin` is one of the lines
		return false, cutOff(fmt.Sprintf("begin: at most %d lines and %d bytes until commit; nothing was done", t.most, t.bytes))
	}
	t.lines = append(t.lines, line)
	return false, nil
}

// Script has doer carry out a text as if it had come over a control socket:
// one line, of which what follows is not read, or `begin`, lines and `commit`,
// or `preview` in its place. The reply is what a peer would read, except that
// there is no stream here for `watch`. It is safe for concurrent use.
func Script(doer Doer, who command.Who, text string) (reply string) {
	var t *transaction
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
		if len(line) > maxLine {
			return string(refusal(errLongLine))
		}
		var ended bool
		var err error
		switch verb, args := words(line); {
		case t != nil:
			ended, err = t.take(line)
		case verb == "begin":
			t, err = newTransaction(args, mostLines, mostBytes)
		default:
			return doer.Do(who, []string{line})
		}
		if err != nil {
			return string(refusal(err))
		}
		if ended {
			return doer.Do(who, t.lines)
		}
	}
	if t != nil {
		return string(refusal(errAborted))
	}
	return ""
}
