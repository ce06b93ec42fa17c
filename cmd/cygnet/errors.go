// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"fmt"
	"io"

	"cygnet/internal/config"
)

// How Cygnet speaks on the command line:
//
//   - one line a message: `cygnet: error: what, on what, why`, `cygnet: hint:`
//     for the way out, `cygnet: note:` for what stops nothing;
//   - no capital, no full stop, no stack; what the operator wrote is quoted;
//   - where it was written comes first: `argument 2: server 0: ...`; of a file,
//     the line itself comes below;
//   - every error at once, not one a run; a hint that several share, once;
//   - all on standard error; standard output is for what was asked for.

// Exit codes. A script can tell what the operator must change: the line that
// was written, or the machine.
const (
	exitMachine = 1 // not ready: interface, privilege, socket
	exitWritten = 2 // what was written is wrong
)

// writtenError is all that is wrong with what was written; never empty.
type writtenError []*config.Problem

// Error returns the first problem, as errors that are not shown to the
// operator need no more.
func (e writtenError) Error() string { return e[0].What }

// hinter is an error that knows the way out.
type hinter interface {
	error
	Hint() string
}

// hintedError is one of those that know no more than their words.
type hintedError struct{ what, hint string }

func (e *hintedError) Error() string { return e.what }

// Hint says what to do.
func (e *hintedError) Hint() string { return e.hint }

// fail prints why Cygnet cannot go on and returns the code to exit with.
func fail(w io.Writer, err error) int {
	if written, ok := errors.AsType[writtenError](err); ok {
		return refuse(w, written)
	}
	fmt.Fprintln(w, "cygnet: error:", err)
	if h, ok := errors.AsType[hinter](err); ok && h.Hint() != "" {
		fmt.Fprintln(w, "cygnet: hint:", h.Hint())
	}
	return exitMachine
}

// refuse prints what is wrong with what was written and returns the code to
// exit with.
func refuse(w io.Writer, problems []*config.Problem) int {
	for i, p := range problems {
		what := p.What
		if p.Origin != "" {
			what = p.Origin + ": " + what
		}
		fmt.Fprintln(w, "cygnet: error:", what)
		if p.Line != "" {
			fmt.Fprintln(w, "cygnet:  ", p.Line)
		}
		if shared := i+1 < len(problems) && problems[i+1].Hint == p.Hint; p.Hint != "" && !shared {
			fmt.Fprintln(w, "cygnet: hint:", p.Hint)
		}
	}
	return exitWritten
}
