// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package privilege

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

var plan = Plan{User: "65534"}

// owner returns whose path is, without following a link, and its mode.
func owner(t *testing.T, path string) (uid, gid int, mode fs.FileMode) {
	t.Helper()
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	stat := info.Sys().(*syscall.Stat_t)
	return int(stat.Uid), int(stat.Gid), info.Mode()
}

// must fails the test for the first error.
func must(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestNetnsHandOver(t *testing.T) {
	requireRoot(t)
	dir := t.TempDir()
	there := filepath.Join(dir, "there")
	must(t,
		os.WriteFile(there, []byte("kept"), 0o604), os.Chmod(there, 0o604),
		os.Mkdir(filepath.Join(dir, "deep"), 0o755), os.Symlink("./deep/../deep", filepath.Join(dir, "link")),
		os.Symlink(filepath.Join(dir, "link"), filepath.Join(dir, "absolute")))
	for path, mode := range map[string]fs.FileMode{
		"new": 0o640, "folder": fs.ModeDir | 0o750, "there": 0o640, "deep/new": 0o600, "link/linked": 0o600, "absolute/deep": fs.ModeDir | 0o700,
	} {
		path = filepath.Join(dir, path)
		for range 2 { // the second finds what the first has made
			if err := plan.HandOver(path, mode); err != nil {
				t.Errorf("%s: %v", path, err)
			}
		}
		if path == there {
			mode = 0o604
		}
		if uid, gid, got := owner(t, path); uid != nobody || gid != nobody || got != mode {
			t.Errorf("%s is %d:%d %v, want %v", path, uid, gid, got, mode)
		}
	}
	for _, path := range []string{dir, dir + "/deep", dir + "/link"} {
		if uid, _, _ := owner(t, path); uid != 0 {
			t.Errorf("%s was given away too", path)
		}
	}
	if b, err := os.ReadFile(there); string(b) != "kept" {
		t.Errorf("what was there is %q, %v", b, err)
	}
	checkRelative(t, dir)
}

// checkRelative fails the test unless a name without a `/` is one here.
func checkRelative(t *testing.T, dir string) {
	t.Helper()
	t.Chdir(dir)
	if err := plan.HandOver("relative", 0o640); err != nil {
		t.Error(err)
	} else if uid, _, _ := owner(t, filepath.Join(dir, "relative")); uid != nobody {
		t.Error("relative was not given")
	}
}

// What somebody plants where they can write must not be given to them.
func TestNetnsHandOverRefusesWhatWasPlanted(t *testing.T) {
	requireRoot(t)
	dir := t.TempDir()
	shadow, etc, theirs, shared := filepath.Join(dir, "shadow"), filepath.Join(dir, "etc"), filepath.Join(dir, "theirs"), filepath.Join(dir, "shared")
	must(t,
		os.WriteFile(shadow, nil, 0o600), os.Mkdir(etc, 0o755), os.WriteFile(filepath.Join(etc, "passwd"), nil, 0o600),
		os.Mkdir(theirs, 0o755), os.Mkdir(shared, 0o755), os.Chmod(shared, 0o777|fs.ModeSticky))
	for _, in := range []string{theirs, shared} {
		must(t,
			os.Symlink(shadow, in+"/symlink"), os.Symlink(in+"/nothing", in+"/dangling"), os.Link(shadow, in+"/hardlink"), os.Symlink(etc, in+"/etc"),
			unix.Mkfifo(in+"/pipe", 0o600), unix.Mknod(in+"/device", unix.S_IFCHR|0o600, int(unix.Mkdev(1, 7))),
			os.WriteFile(in+"/another", nil, 0o600), os.Chown(in+"/another", 1, 1), os.Mkdir(in+"/folder", 0o700))
	}
	must(t, os.Chown(theirs, nobody, nobody), os.Symlink("loop", dir+"/loop"))
	refused := map[string]string{
		shared + ":": "it is a folder for everybody", dir + "/loop/x": "too many levels of symbolic links",
		dir + "/nowhere/x": `folder "nowhere": no such file or directory`, shadow + "/x": `folder "shadow": not a directory`, "/": "that is the root of everything",
	}
	for _, in := range []string{theirs, shared} {
		for name, why := range map[string]string{
			"symlink": "it is a symbolic link", "dangling": "it is a symbolic link", "hardlink": "it has 3 names", "pipe": "expected a regular file",
			"device": "expected a regular file", "another": "it belongs to user 1", "folder": "expected a regular file", "another:": "expected a folder",
			"etc:": "it is a symbolic link", "etc/passwd": `folder "etc": it is a symbolic link, in a folder that others than root can write`, "etc/new": `folder "etc": it is a symbolic link`,
		} {
			refused[in+"/"+name] = why
		}
	}
	before := owners(t, dir)
	for path, why := range refused {
		mode := fs.FileMode(0o640)
		if folder, ok := strings.CutSuffix(path, ":"); ok {
			path, mode = folder, fs.ModeDir|0o750
		}
		if err := plan.HandOver(path, mode); err == nil || !strings.Contains(err.Error(), why) || !strings.HasPrefix(err.Error(), `give "`+path+`" to user "65534": `) {
			t.Errorf("%s: %v, want %s", path, err, why)
		}
	}
	if diff := cmp.Diff(before, owners(t, dir)); diff != "" {
		t.Errorf("something was given or made (-before +after):\n%s", diff)
	}
}

// owners returns whose everything in a folder is.
func owners(t *testing.T, dir string) map[string]int {
	t.Helper()
	all := map[string]int{}
	must(t, filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		all[path], _, _ = owner(t, path)
		return err
	}))
	return all
}

func TestHandOverForNobody(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := (Plan{}).HandOver(path, 0o640); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a user something was made: %v", err)
	}
}
