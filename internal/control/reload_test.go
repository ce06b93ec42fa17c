// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"cygnet/internal/command"
	"cygnet/internal/config"
)

func TestReloadKeepsStates(t *testing.T) {
	const file = "server 2 address 10.77.0.3\nserver 3 address 10.77.0.4\n"
	o := open(t, whole, file)
	o.must(alice, "server 0 drain", "server 1 disable", "server 2 blacklist 60", "server 3 drain")
	out := o.Config().Services[0].Servers[2].Out
	o.save(o.file, file+"server 3 enable\ndebug 2\n")
	o.want(root, "reload", "note: discarded, as it was not written: server 3 drain\n")
	var states []config.State
	for _, v := range o.Config().Services[0].Servers {
		states = append(states, v.State)
	}
	if got := fmt.Sprint(states); got != "[drain disable  ]" {
		t.Errorf("states %s", got)
	}
	if got := o.Config().Services[0].Servers[2].Out; !got.Equal(out) {
		t.Errorf("blacklisted until %v, was %v", got, out)
	}
	if !o.Unsaved() {
		t.Error("the drains are in no file, and are taken for saved")
	}
	o.must(alice, "write")
	if o.Unsaved() {
		t.Error("unsaved after write")
	}
	o.expire(time.Now().Add(time.Hour))
	if o.Unsaved() {
		t.Error("the end of a blacklisting is taken for a change to be saved")
	}
	if got := o.text(o.file); !strings.Contains(got, "server 0 drain\n") || strings.Contains(got, "blacklist") {
		t.Errorf("written:\n%s", got)
	}
}

func TestReloadTellsWhatIsLost(t *testing.T) {
	o := open(t, whole, "debug 1\n")
	o.must(alice, "debug 2", "server 0 drain", "acl 5 permit 10.0.0.1", "timeout 2")
	o.Do(alice, []string{"service web listen 10.77.0.11:80", "service web server 0 address 10.77.0.3"})
	o.save(o.file, "debug 1\ntimeout 2\nworkers 2\n")
	got := o.ask(root, "reload")
	const lost = "note: discarded, as it was not written: "
	for _, l := range []string{lost + "debug 2\n", lost + "no acl 5; acl 5 permit 10.0.0.1\n", lost + "service web server 0 address 10.77.0.3\n",
		"note: workers: takes effect at the next start\n"} {
		if !strings.Contains(got, l) {
			t.Errorf("no %q in\n%s", l, got)
		}
	}
	if strings.Contains(got, lost+"\n") || strings.Contains(got, "drain") || strings.Contains(got, "timeout 5") {
		t.Errorf("told too much:\n%s", got)
	}
	if e := o.Recent(99); e[len(e)-2].Who != root.Name {
		t.Errorf("by %q", e[len(e)-2].Who)
	}
	o.want(root, "reload", "")
}

func TestReloadIsAllOrNothing(t *testing.T) {
	o := open(t, whole, "debug 1\n")
	o.must(alice, "debug 2")
	o.save(o.file, "debug 3\nbogus\nserver 0 address 10.77.0.10\nwat\n")
	o.refused(root, o.file+":2: \"bogus\"", "reload")
	o.refused(root, o.file+":4: \"wat\"", "reload")
	o.save(o.file, "debug 3\n")
	o.refuses = &config.Problem{What: "the machine says no"}
	o.refused(root, "the machine says no", "reload")
	o.refuses = nil
	if err := os.Remove(o.file); err != nil {
		t.Fatal(err)
	}
	o.refused(root, "no such file", "reload")
	o.want(alice, "debug", "2\n")
}

// TestReloadWantsFilesThatAreThereAgain: what was once read from a pipe must
// not be taken for an empty file, nor be waited for.
func TestReloadWantsFilesThatAreThereAgain(t *testing.T) {
	o := open(t, whole, "debug 1\n")
	if err := os.Remove(o.file); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(o.file, 0o600); err != nil {
		t.Fatal(err)
	}
	o.refused(root, "not a regular file", "reload")
	o.refused(root, "not a regular file", "write")
	o.refused(root, "not a regular file", "diff")
}

func TestHangup(t *testing.T) {
	o := open(t, whole, "debug 1\n")
	part := filepath.Join(filepath.Dir(o.file), "part")
	quiet := func(when string) {
		t.Helper()
		if before := o.applied; o.Hangup() != "" || o.applied != before {
			t.Errorf("%s: read again", when)
		}
	}
	o.must(alice, "debug 2")
	quiet("nothing changed")
	o.want(alice, "debug", "2\n")

	o.save(part, "timeout 5\n")
	o.save(o.file, "debug 3\ninclude part\n")
	if got := o.Hangup(); !strings.Contains(got, "discarded, as it was not written: debug 2") {
		t.Errorf("got %q", got)
	}
	o.want(alice, "debug", "3\n")
	quiet("read just now")
	o.save(part, "timeout 6\n")
	o.Hangup()
	o.want(alice, "timeout", "6\n")

	o.save(part, "bogus\n")
	if got := o.Hangup(); !strings.HasPrefix(got, "error: "+part+":1: ") {
		t.Errorf("got %q", got)
	}
	quiet("the error is the same")
	if err := os.Remove(part); err != nil {
		t.Fatal(err)
	}
	if got := o.Hangup(); !strings.Contains(got, "no such file") {
		t.Errorf("got %q", got)
	}
	quiet("it is still missing")
	o.save(part, "timeout 7\n")
	o.Hangup()
	o.want(alice, "timeout", "7\n")

	o.must(alice, "debug 5", "write")
	quiet("written by us")
	if o.reopened != 10 {
		t.Errorf("reopened %d times", o.reopened)
	}
	o.failing = fmt.Errorf("disk full")
	if got := o.Hangup(); got != "error: disk full\n" {
		t.Errorf("got %q", got)
	}
}

func TestReloadIsAnnounced(t *testing.T) {
	o := open(t, whole, "debug 1\n")
	var told []string
	o.opt.Reloading = func() func() {
		told = append(told, "begins")
		return func() { told = append(told, "ended") }
	}
	o.must(root, "reload")
	o.save(o.file, "bogus\n")
	o.ask(root, "reload")
	if got := strings.Join(told, " "); got != "begins ended begins ended" {
		t.Error(got)
	}
}

// TestADeskWithoutItsNames starts where a host's name resolves no more.
func TestADeskWithoutItsNames(t *testing.T) {
	o := open(t, whole, "debug 1\n")
	o.opt.Lines = append(o.opt.Lines, command.Line{Text: "server 2 address www1"})
	o.opt.Files = append(o.opt.Files, filepath.Join(t.TempDir(), "other"))
	o.Desk = NewDesk(o.opt)
	o.must(alice, "no server 1", "write")
	if got := o.text(o.opt.Files[1]); !strings.Contains(got, "\nno server 1\n") || !strings.Contains(got, "\ndebug 1\n") {
		t.Errorf("written:\n%s", got)
	}
}
