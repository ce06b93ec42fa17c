// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"os/exec"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	// The namespace tests of internal/lab run them, too.
	testscript.Main(m, map[string]func(){"cygnet": main, "cygnet-mistaken": mistaken, "cygnet-stopping": stopping})
}

// TestScripts runs testdata/*.txt against the real main. All they show comes
// before a socket is opened, so they need no privilege and no interface.
// Beside testscript's own commands they have
//
//	refused ARGS...   cygnet, run so, exits with 2 and prints to standard error alone
//	error TEXT        the next line it printed is `cygnet: error: TEXT`
//	hint TEXT         the next line it printed is `cygnet: hint: TEXT`
//	line TEXT         the next line it printed is TEXT, indented: a line of a file
//
// A control desk without a machine listens at $WORK/ctl.sock; see serveDesk.
//
// In TEXT, $WORK is the script's folder, and left out where it begins a path.
//
// and all lines must be asked for, so that each script shows the whole answer.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(env *testscript.Env) error {
			serveDesk(t, env)
			said := &answer{}
			env.Values[answerKey{}] = said
			t.Cleanup(func() { // after all scripts: a deferred call of theirs cannot fail them
				if len(said.lines) > 0 {
					t.Errorf("%s: at its end it also said: %q", env.WorkDir, said.lines)
				}
			})
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"refused": refusedScript,
			"error":   func(ts *testscript.TestScript, _ bool, args []string) { nextLine(ts, "error", args) },
			"hint":    func(ts *testscript.TestScript, _ bool, args []string) { nextLine(ts, "hint", args) },
			"line":    func(ts *testscript.TestScript, _ bool, args []string) { nextLine(ts, "line", args) },
		},
	})
}

// answer is what is left of what cygnet said.
type answer struct{ lines []string }

type answerKey struct{}

func refusedScript(ts *testscript.TestScript, _ bool, args []string) {
	said := ts.Value(answerKey{}).(*answer)
	if len(said.lines) > 0 {
		ts.Fatalf("it also said: %q", said.lines)
	}
	err := ts.Exec("cygnet", args...)
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != exitWritten {
		ts.Fatalf("cygnet ended with %v, want exit status %d", err, exitWritten)
	}
	if out := ts.ReadFile("stdout"); out != "" {
		ts.Fatalf("on standard output: %q", out)
	}
	said.lines = strings.Split(strings.TrimSuffix(ts.ReadFile("stderr"), "\n"), "\n")
}

func nextLine(ts *testscript.TestScript, kind string, args []string) {
	said := ts.Value(answerKey{}).(*answer)
	want := "cygnet: " + kind + ": " + strings.Join(args, " ")
	if kind == "line" {
		want = "cygnet:   " + strings.Join(args, " ")
	}
	if len(said.lines) == 0 {
		ts.Fatalf("it said no more, want %q", want)
	}
	work := ts.Getenv("WORK")
	got := strings.ReplaceAll(strings.ReplaceAll(said.lines[0], work+"/", ""), work, "$WORK")
	want = strings.ReplaceAll(want, "$WORK/", "")
	said.lines = said.lines[1:]
	if got != want {
		said.lines = nil
		ts.Fatalf("it said %q\n        want %q", got, want)
	}
}
