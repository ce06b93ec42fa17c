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

	"github.com/google/go-cmp/cmp"

	"cygnet/internal/command"
)

// begin is what every file that is written here begins with.
const begin = command.Header + "\n"

func TestWrite(t *testing.T) {
	o := open(t, whole+"\ndebug 1", "# to be kept\ntimeout 5\n# the rest\n")
	o.must(alice, "timeout 6", "no server 1", "debug 0")
	o.want(alice, "write", o.file+"\n")
	got := o.text(o.file)
	for _, l := range []string{"no server 1\n", "debug 0\n", "# to be kept\ntimeout 6\n", "# the rest\n"} {
		if !strings.Contains(got, l) {
			t.Errorf("no %q in\n%s", l, got)
		}
	}
	before := o.Config()
	o.want(root, "diff", "")
	o.must(root, "reload")
	if d := command.Delta(before, o.Config()); d != nil {
		t.Errorf("read back: %q", d)
	}
	o.must(root, "write")
	if diff := cmp.Diff(got, o.text(o.file)); diff != "" {
		t.Errorf("written again (-first +second):\n%s", diff)
	}
}

func TestWriteKeepsOwnerModeAndLinks(t *testing.T) {
	o := open(t, whole, "debug 1\n")
	dir := filepath.Dir(o.file)
	real := filepath.Join(dir, "real")
	if err := os.Rename(o.file, real); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("real", o.file); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(real, 0o604); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 {
		if err := os.Chown(real, 12, 13); err != nil {
			t.Fatal(err)
		}
	}
	before, _ := os.Stat(real)
	o.must(alice, "debug 2")
	o.want(alice, "write", real+"\n")
	after, err := os.Stat(real)
	if err != nil {
		t.Fatal(err)
	}
	if after.Mode() != before.Mode() || !strings.Contains(o.text(real), "\ndebug 2\n") {
		t.Errorf("mode %v, was %v:\n%s", after.Mode(), before.Mode(), o.text(real))
	}
	if os.SameFile(before, after) {
		t.Error("written in place: half a file, should the power fail")
	}
	if uid(after) != uid(before) {
		t.Errorf("owner %s, was %s", uid(after), uid(before))
	}
	if info, _ := os.Lstat(o.file); info.Mode()&os.ModeSymlink == 0 {
		t.Error("the link is gone")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
	if got := o.Hangup(); got != "" {
		t.Errorf("read again what we wrote: %q", got)
	}
}

func TestWriteElsewhere(t *testing.T) {
	o := open(t, whole, "debug 1\n")
	other := filepath.Join(t.TempDir(), "a b")
	o.must(root, "debug 2")
	o.want(root, `write "`+other+`"`, other+"\n")
	if info, err := os.Stat(other); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("a new file: %v, %v", info, err)
	}
	if !o.Unsaved() || o.text(o.file) != "debug 1\n" {
		t.Error("a copy is taken for the configuration")
	}
	o.want(root, "write "+o.file, o.file+"\n")
	if o.Unsaved() {
		t.Error("the configured file, named, is taken for another")
	}
	none := filepath.Join(t.TempDir(), "none", "file")
	o.refused(root, "write "+none+": no such file or directory", "write "+none)
	o.refused(root, "not a regular file", "write "+t.TempDir())
	o.refused(root, "FILE is missing", `write ""`)
	o.refused(root, "one word too many", "write a b")
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink("nothing", link); err != nil {
		t.Fatal(err)
	}
	o.refused(root, "not a regular file", "write "+link)

	o = open(t, whole, "")
	o.refused(root, "started without -F", "write")
	o.refused(root, "started without -F", "diff")
	o.must(root, "write "+command.Quote(other))
}

func TestWriteFlattensIncludes(t *testing.T) {
	o := open(t, whole, "debug 1\n")
	part := filepath.Join(filepath.Dir(o.file), "part")
	o.save(part, "# of the part\ntimeout 5\n")
	o.save(o.file, "# what follows\ninclude part\ndebug 2\n")
	if got := o.ask(root, "reload"); !strings.Contains(got, "note: "+part+" is included: `write` puts its lines into the one file\n") {
		t.Errorf("got %s", got)
	}
	o.want(root, "write", o.file+"\nnote: the lines of included files are in "+o.file+" now\n")
	if got := o.text(o.file); !strings.Contains(got, "# of the part\ntimeout 5\n") || !strings.Contains(got, "# what follows\n") || strings.Contains(got, "include") {
		t.Errorf("written:\n%s", got)
	}
	o.save(part, "timeout 6\n")
	if got := o.Hangup(); got != "" {
		t.Errorf("the part is no part any more: %q", got)
	}
	o.want(root, "write", o.file+"\n")
}

// TestWriteBehindAnotherFile has two -F: the last one is written, and must take
// back what the first says.
func TestWriteBehindAnotherFile(t *testing.T) {
	o := open(t, whole, "timeout 5\nsegment 10.77.0.0/24\n")
	last := filepath.Join(t.TempDir(), "last")
	o.save(last, "debug 1\n")
	o.opt.Files = append(o.opt.Files, last)
	o.Desk = NewDesk(o.opt)
	o.must(root, "reload", "no segment", "timeout 1", "write")
	before := o.Config()
	o.must(root, "reload")
	if d := command.Delta(before, o.Config()); d != nil {
		t.Errorf("read back: %q\n%s", d, o.text(last))
	}
}

// TestOddValuesReadBack writes what would be something else without quotes.
func TestOddValuesReadBack(t *testing.T) {
	for _, value := range []string{"#x", "a b", "a\tb", `a\b`, `a\`, `\`, `a "b" c`, `"`, `a\" b`, "é ü", "--x", "no", "a#b", " "} {
		o := open(t, whole+"\nsource 10.77.0.9", "# empty\n")
		o.must(root, "web_stats "+command.Quote(value), "check http path "+command.Quote(value)+" body "+command.Quote(value), "pidfile "+command.Quote(value))
		o.must(root, "write")
		before := o.Config()
		o.must(root, "debug 1", "reload")
		v := o.Config().Services[0].Check
		if d := command.Delta(before, o.Config()); d != nil || o.Config().WebStats != value || v.Path != value || v.Body != value {
			t.Errorf("%q: read back as %q, %q, %q\n%s", value, o.Config().WebStats, v.Path, v.Body, o.text(o.file))
		}
	}
}

// TestCommentsSurvive writes and reads a file three times, and changes a line
// in between.
func TestCommentsSurvive(t *testing.T) {
	const text = begin + `# who
dsr_if eth1
# how much
debug 1
source 10.77.0.9
# of the list
no acl 1
# the boss
acl 1 permit 10.0.0.1
# all else
acl 1 default deny
# the rest
no acl office
# all of the office
acl office permit 10.0.0.0 255.0.0.0
# where
listen 10.77.0.10:80
# how
roundrobin
# health
check http path /ip
# off
disable
# the first
server 0 address 10.77.0.1
# tired
server 0 drain
# by name
server a address 10.77.0.2
# tired, too
server a disable
# a service
service web listen 10.77.0.11:80
service web server 0 address 10.77.0.1
# captured
tarpit_acl 1
# clients
client_acl office
# the end
`
	o := open(t, "debug 0", text)
	for n := range 3 {
		o.must(root, "write")
		if diff := cmp.Diff(text, o.text(o.file)); diff != "" {
			t.Fatalf("round %d (-want +got):\n%s", n, diff)
		}
		o.must(root, "debug 5", "acl 1 permit 10.0.0.2", "reload")
	}
	o.must(root, "no acl office", "no client_acl", "write")
	if got := o.text(o.file); !strings.Contains(got, "# all of the office\n") {
		t.Errorf("the comments of what is gone are gone:\n%s", got)
	}
}

// uid is who owns a file.
func uid(info os.FileInfo) string {
	st := info.Sys().(*syscall.Stat_t)
	return fmt.Sprintf("%d:%d", st.Uid, st.Gid)
}

// TestWriteLosesNothingOfOthers has somebody edit the file between two writes.
func TestWriteLosesNothingOfOthers(t *testing.T) {
	o := open(t, whole, "debug 1\n")
	o.must(root, "debug 2")
	o.save(o.file, "debug 1\nblacklist 7\n")
	o.refused(root, "it was changed since it was read", "write")
	if got := o.text(o.file); got != "debug 1\nblacklist 7\n" {
		t.Errorf("refused, and yet written: %q", got)
	}
	o.must(root, "reload", "debug 3", "write")
	if got := o.text(o.file); !strings.Contains(got, "blacklist 7\n") || !strings.Contains(got, "debug 3\n") {
		t.Errorf("after reload and write: %q", got)
	}
	o.save(o.file, "debug 1\n")
	o.must(root, "write "+o.file) // who names it means it
	o.must(root, "debug 4", "write")
}
