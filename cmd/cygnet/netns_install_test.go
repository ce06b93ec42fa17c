// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// installed is where `make install DESTDIR=... PREFIX=/usr` put things.
type installed struct{ root string }

func (in installed) path(name string) string { return filepath.Join(in.root, "usr", name) }

func (in installed) read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(in.path(name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// run runs a program to its end and gives both its outputs.
func (in installed) run(t *testing.T, name string, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	cmd.Env = append(os.Environ(), "PATH="+in.path("sbin")+":"+os.Getenv("PATH"))
	err = cmd.Run()
	return out.String(), errs.String(), err
}

// tree is a folder to run make in: this one's files, and a bin of its own, as
// `make install` takes the binary that is there.
func tree(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for _, name := range []string{"Makefile", "cmd"} {
		from, err := filepath.Abs(filepath.Join("..", "..", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(from, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	build := exec.Command("go", "build", "-o", filepath.Join(dir, "bin", "cygnet"), ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build cygnet: %v\n%s", err, out)
	}
	return dir
}

// TestNetnsInstall installs as a distribution's package does, with a strict
// umask, and looks at all that was put there.
func TestNetnsInstall(t *testing.T) {
	if os.Getenv("REQUIRE_NETNS") != "1" {
		t.Skip("needs make, bash and systemd-analyze: run with REQUIRE_NETNS=1")
	}
	dir, in := tree(t), installed{t.TempDir()}
	mk := func(target string) {
		t.Helper()
		out, err := exec.Command("sh", "-c", `umask 077; exec make -s -C "$0" "$1" DESTDIR="$2" PREFIX=/usr`, dir, target, in.root).CombinedOutput()
		if err != nil || len(out) > 0 {
			t.Fatalf("make %s: %v\n%s", target, err, out)
		}
	}
	mk("install")
	if diff := cmp.Diff(map[string]fs.FileMode{
		"sbin/cygnet":                                 0o755,
		"share/man/man8/cygnet.8":                     0o644,
		"share/bash-completion/completions/cygnet":    0o644,
		"share/zsh/site-functions/_cygnet":            0o644,
		"share/fish/vendor_completions.d/cygnet.fish": 0o644,
		"share/cygnet/grafana.json":                   0o644,
		"lib/systemd/system/cygnet.service":           0o644,
		"lib/systemd/system/cygnet@.service":          0o644,
		"lib/tmpfiles.d/cygnet.conf":                  0o644,
		"lib/sysusers.d/cygnet.conf":                  0o644,
	}, in.files(t)); diff != "" {
		t.Errorf("what is installed (-want +got):\n%s", diff)
	}
	t.Run("texts", func(t *testing.T) { in.texts(t) })
	t.Run("user and folder", func(t *testing.T) { in.accounts(t) })
	t.Run("units", func(t *testing.T) { in.units(t) })
	t.Run("bash completion", func(t *testing.T) { in.completes(t) })
	mk("uninstall")
	if left := in.files(t); len(left) > 0 {
		t.Errorf("uninstall leaves %v", left)
	}
}

// files are all regular files with their modes. Every folder lets everybody in.
func (in installed) files(t *testing.T) map[string]fs.FileMode {
	t.Helper()
	got := map[string]fs.FileMode{}
	err := filepath.WalkDir(in.path(""), func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(in.path(""), path)
		switch {
		case !d.IsDir():
			got[name] = info.Mode()
		case name != "." && info.Mode().Perm() != 0o755:
			t.Errorf("folder %s has mode %v", name, info.Mode())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// texts looks at what other programs read.
func (in installed) texts(t *testing.T) {
	t.Helper()
	page := in.read(t, "share/man/man8/cygnet.8")
	for strings.HasPrefix(page, `.\"`) { // comments come first
		_, page, _ = strings.Cut(page, "\n")
	}
	if !strings.HasPrefix(page, ".TH CYGNET 8 ") {
		t.Errorf("the manual page begins %.60q", page)
	}
	if text := in.read(t, "share/zsh/site-functions/_cygnet"); !strings.HasPrefix(text, "#compdef cygnet\n") {
		t.Errorf("zsh's completion begins %.60q", text)
	}
	if !json.Valid([]byte(in.read(t, "share/cygnet/grafana.json"))) {
		t.Error("grafana.json is not JSON")
	}
}

// accounts has systemd make, in a root of its own, the user that the units run
// as, and then the folder of the sockets for it.
func (in installed) accounts(t *testing.T) {
	t.Helper()
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, "etc"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, words := range [][]string{
		{"systemd-sysusers", "--root=" + root, in.path("lib/sysusers.d/cygnet.conf")},
		{"systemd-tmpfiles", "--root=" + root, "--create", in.path("lib/tmpfiles.d/cygnet.conf")},
	} {
		if _, stderr, err := in.run(t, words[0], words[1:]...); err != nil {
			t.Fatalf("%s: %v\n%s", words[0], err, stderr)
		}
	}
	info, err := os.Stat(filepath.Join(root, "run", "cygnet"))
	if err != nil || info.Mode() != fs.ModeDir|0o750 || info.Sys().(*syscall.Stat_t).Uid == 0 {
		t.Errorf("the folder of the sockets: %+v, %v", info, err)
	}
}

// units asks systemd about the units, with the binary where it is now, and the
// program about the command lines in them.
func (in installed) units(t *testing.T) {
	t.Helper()
	conf := filepath.Join(t.TempDir(), "cygnet.conf")
	for name, text := range map[string]string{
		"cygnet.service":  "dsr_if eth1\nlisten 10.77.0.10:80\nserver 0 address 10.77.0.1\n",
		"cygnet@.service": "listen 10.77.0.10:80\nserver 0 address 10.77.0.1\n",
	} {
		unit := filepath.Join(t.TempDir(), name)
		said := strings.ReplaceAll(in.read(t, "lib/systemd/system/"+name), "/usr/sbin/cygnet", in.path("sbin/cygnet"))
		for path, text := range map[string]string{unit: said, conf: text} {
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if _, stderr, err := in.run(t, "systemd-analyze", "verify", "--man=no", unit); err != nil || stderr != "" {
			t.Errorf("systemd-analyze verify %s: %v\n%s", name, err, stderr)
		}
		words := unitCommand(t, said, "ExecStart", conf)
		if words[0] != in.path("sbin/cygnet") {
			t.Errorf("%s starts %s", name, words[0])
		}
		stdout, stderr, err := in.run(t, words[0], append([]string{"check"}, words[1:]...)...)
		if err != nil || stderr != "" {
			t.Errorf("cygnet check of the command line of %s: %v\n%s%s", name, err, stdout, stderr)
		}
		start, reload := words, unitCommand(t, said, "ExecReload", conf)
		if !slices.Equal(reload[1:], []string{"ctl", start[slices.Index(start, "--socket")+1], "reload"}) {
			t.Errorf("%s is reloaded by %q, and started by %q", name, reload, start)
		}
	}
}

// unitCommand splits a command of a unit into words as systemd does, for the
// instance eth1, with another file in place of the one in /etc.
func unitCommand(t *testing.T, unit, key, conf string) (words []string) {
	t.Helper()
	_, rest, found := strings.Cut(unit, "\n"+key+"=")
	line, _, _ := strings.Cut(rest, "\n")
	if !found {
		t.Fatalf("no %s in\n%s", key, unit)
	}
	for i, part := range strings.Split(strings.ReplaceAll(line, "%i", "eth1"), `"`) {
		if i%2 == 1 { // within quotes
			words = append(words, part)
			continue
		}
		words = append(words, strings.Fields(part)...)
	}
	for i, w := range words {
		if strings.HasPrefix(w, "/etc/cygnet/") {
			words[i] = conf
		}
	}
	return words
}

// completes asks bash, with the installed file and the installed binary.
func (in installed) completes(t *testing.T) {
	t.Helper()
	const script = `source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _cygnet 2>/dev/null; printf '%s\n' "${COMPREPLY[@]}"`
	offers := func(words ...string) []string {
		t.Helper()
		file := in.path("share/bash-completion/completions/cygnet")
		stdout, stderr, err := in.run(t, "bash", append([]string{"--norc", "-c", script, file}, words...)...)
		if err != nil || stderr != "" {
			t.Fatalf("bash: %v\n%s", err, stderr)
		}
		return strings.Fields(stdout)
	}
	for _, c := range []struct {
		words, want []string
	}{
		{[]string{"cygnet", "ctl", ""}, []string{"status", "reload", "server", "acl", "tarpit_acl", "write", "events", "metrics"}},
		{[]string{"cygnet", "ctl", "rel"}, []string{"reload"}},
		{[]string{"cygnet", "ctl", "/run/cygnet/eth1.sock", "stand"}, []string{"standby"}},
		{[]string{"cygnet", "--met"}, []string{"--metrics"}},
	} {
		got := offers(c.words...)
		for _, w := range c.want {
			if !slices.Contains(got, w) {
				t.Errorf("%q: %q is not among %q", c.words, w, got)
			}
		}
	}
}
