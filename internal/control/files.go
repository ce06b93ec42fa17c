// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/diff"

	"cygnet/internal/command"
	"cygnet/internal/config"
)

// sumOf sums a file as it is now.
func sumOf(path string) (s command.Sum) {
	text, err := readFile(path)
	if err != nil {
		return s
	}
	return sha256.Sum256(text)
}

// readFile reads a whole file that is one, and not a pipe or a device, on
// which we would wait.
func readFile(path string) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, cmp.Or(err, errNoFile)
	}
	const most = 1 << 26 // one of lines is far shorter
	return io.ReadAll(io.LimitReader(f, most))
}

var errNoFile = errors.New("not a regular file")

// target is the file that `write` and `diff` are about.
func (d *Desk) target(file string) (string, error) {
	if file == "" && len(d.opt.Files) == 0 {
		return "", &config.Problem{What: "no configuration file: cygnet was started without -F", Hint: "name one: write /etc/cygnet/cygnet.conf"}
	}
	if file == "" {
		file = d.opt.Files[len(d.opt.Files)-1]
	}
	path, err := filepath.Abs(file)
	if err != nil {
		return "", err
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	return path, nil
}

// write writes the configuration in force to a file.
func (d *Desk) write(file string) (string, error) {
	path, err := d.target(file)
	if err != nil {
		return "", err
	}
	if file == "" && d.edited(path) {
		return "", &config.Problem{What: "write " + path + ": it was changed since it was read",
			Hint: "what was changed there would be lost: reload first; or name the file, to write over it: write " + path}
	}
	if err := replaceFile(path, []byte(command.Write(d.cfg, d.base))); err != nil {
		return "", err
	}
	configured, _ := d.target("")
	if path == configured {
		d.saved = d.cfg
	}
	reply := ""
	for known := range d.sums {
		switch real, _ := filepath.EvalSymlinks(known); {
		case real == path:
			d.sums[known] = sumOf(known)
		case path == configured && !slices.Contains(d.opt.Files, known):
			reply = "note: the lines of included files are in " + path + " now\n"
			delete(d.sums, known)
		}
	}
	return path + "\n" + reply, nil
}

// edited says whether somebody changed the file since it was read or written.
func (d *Desk) edited(path string) bool {
	for known, was := range d.sums {
		if real, _ := filepath.EvalSymlinks(known); real == path {
			return sumOf(path) != was
		}
	}
	return false // it is not there, so there is nothing to lose
}

// difference is what write would change of a file. Only the owner sees lines
// of it; others see what was changed since it was read.
func (d *Desk) difference(who command.Who, file string) (string, error) {
	if !who.Owner {
		return strings.Join(append(command.Delta(lasting(d.saved), lasting(d.cfg)), ""), "\n"), nil
	}
	path, err := d.target(file)
	if err != nil {
		return "", err
	}
	old, err := readFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fileProblem("diff", path, err)
	}
	return string(diff.Diff(path, old, path+" (after write)", []byte(command.Write(d.cfg, d.base)))), nil
}

// lasting is c without what is never written.
func lasting(c *config.Config) *config.Config {
	c = c.Clone()
	for i := range c.Services {
		for j := range c.Services[i].Servers {
			c.Services[i].Servers[j].Out = time.Time{}
		}
	}
	return c
}
