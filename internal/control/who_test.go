// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cygnet/internal/command"
)

// TestOnlyTheOwnerNamesFiles tries every command that does, as somebody else.
func TestOnlyTheOwnerNamesFiles(t *testing.T) {
	file := filepath.Join(t.TempDir(), "made")
	o := open(t, whole, "debug 1\n")
	tried := 0
	for _, cmd := range command.Commands() {
		if cmd.Mark&command.OwnerOnly == 0 {
			continue
		}
		tried++
		o.refused(alice, "only root and Cygnet's own user may", cmd.Name+" "+file)
		o.refused(alice, "error: ", "debug 2", cmd.Name+" "+file)
		o.refused(alice, "error: ", "begin", cmd.Name+" "+file)
	}
	if tried < 12 {
		t.Errorf("only %d commands were tried", tried)
	}
	for _, line := range []string{"preview include " + file, "preview log " + file} {
		o.refused(alice, "only root", line)
	}
	if made, _ := filepath.Glob(filepath.Dir(file) + "/*"); made != nil {
		t.Errorf("made %q", made)
	}
	// What names none is for everyone.
	o.must(alice, "events 5", "events", "write", "diff", "reload", "log", "debug 3")
	o.must(root, "log syslog")
	for _, line := range []string{"no log", "no events", "no secret", "no control"} { // nor may they end what others read
		o.refused(alice, "only root", line)
	}
}

// TestOthersSeeNoLinesOfFiles has them reload a file that is wrong.
func TestOthersSeeNoLinesOfFiles(t *testing.T) {
	o := open(t, whole, "debug 1\n")
	o.save(o.file, "debug my own secret\n")
	shown := o.ask(root, "reload")
	if !strings.Contains(shown, o.file+":1: ") || !strings.Contains(shown, "\n  debug my own secret\n") {
		t.Errorf("root sees %q", shown)
	}
	o.refused(alice, "reload: the last one was less than 10 s ago", "reload")
	o.reloaded = time.Time{}
	if hidden := o.ask(alice, "reload"); !strings.HasPrefix(hidden, "error: "+o.file+":1: ") || strings.Contains(hidden, "my") || strings.Contains(hidden, "secret") {
		t.Errorf("others see %q", hidden)
	}
	o.save(o.file, "# a comment\ndebug 1\n")
	o.must(root, "reload")
	o.must(bob, "debug 2")
	o.want(alice, "diff", "debug 2\n")
	if got := o.ask(root, "diff"); !strings.Contains(got, " # a comment\n-debug 1\n+debug 2\n") {
		t.Errorf("root's diff: %s", got)
	}
}
