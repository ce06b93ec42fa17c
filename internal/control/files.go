// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import (
	"crypto/sha256"
	"errors"
	"fmt"
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
	"cygnet/internal/events"
)

// owner is who gives the lines of the command line and of its files.
var owner = command.Who{Name: "-F", Owner: true}

// sum tells whether a file is still what it was.
type sum [sha256.Size]byte

// sumsOf sums files; of one that cannot be read the sum is zero.
func sumsOf(paths []string) map[string]sum {
	sums := map[string]sum{}
	for _, path := range paths {
		sums[path] = sumOf(path)
	}
	return sums
}

func sumOf(path string) (s sum) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return s
	}
	defer f.Close()
	h := sha256.New()
	const most = 1 << 26 // of a file; one of lines is far shorter
	if _, err := io.Copy(h, io.LimitReader(f, most)); err != nil {
		return s
	}
	return sum(h.Sum(nil))
}

// Hangup is SIGHUP: it opens the files of log and events anew, and reads the
// configuration anew if one of its files is another than when it was last read
// or written.
func (d *Desk) Hangup() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	reply := ""
	if err := d.opt.Machine.Reopen(); err != nil {
		reply = refused(problemsOf(err))
	}
	for path, was := range d.sums {
		if sumOf(path) != was {
			again, err := d.reload(command.Who{Name: "SIGHUP", Owner: true})
			if err != nil {
				again = refused(problemsOf(err))
			}
			return reply + again
		}
	}
	return reply
}

// reload makes the configuration of the command line and its files the one in
// force, but for the states that operators gave servers and no file names.
func (d *Desk) reload(who command.Who) (string, error) {
	if d.opt.Reloading != nil {
		defer d.opt.Reloading()()
	}
	lines := slices.Clone(d.opt.Lines)
	for _, file := range d.opt.Files {
		lines = append(lines, command.Line{Text: "include " + command.Quote(file), Origin: "-F"})
	}
	r := d.opt.Parser.Run(command.Request{Base: d.opt.Initial, Lines: lines, Who: command.Who{Name: owner.Name, Owner: true}})
	d.sums = sumsOf(r.Files) // a file with an error is not read again at each SIGHUP, either
	if len(r.Problems) > 0 {
		if !who.Owner {
			for _, p := range r.Problems {
				p.Line = ""
			}
		}
		return refused(r.Problems), nil
	}
	keepStates(r.Config, d.cfg, r.States)
	differences := command.Differences(d.cfg, r.Config)
	notices, problems := d.opt.Machine.Apply(r.Config)
	if len(problems) > 0 {
		return refused(problems), nil
	}
	discarded := d.discarded(r.Config)
	d.saved = r.Config
	if len(differences) > 0 {
		var all []string
		for _, diff := range differences {
			all = append(all, diff.Lines...)
		}
		d.changed(who, append([]string{"reload"}, all...), r.Config, differences)
	}
	d.cfg = r.Config // its comments, too
	return discarded + notes(r.Notes, notices), nil
}

// keepStates gives the servers of cfg the state that they have in running,
// unless it was named for them.
func keepStates(cfg, running *config.Config, named map[string]bool) {
	for i := range cfg.Services {
		s := &cfg.Services[i]
		was := running.Service(s.Name)
		for j := range s.Servers {
			v := &s.Servers[j]
			if was == nil || named[config.SubjectServer(s.Name, v.Label())] {
				continue
			}
			if k := slices.IndexFunc(was.Servers, func(o config.Server) bool { return o.Addr == v.Addr }); k >= 0 {
				v.State, v.Out = was.Servers[k].State, was.Servers[k].Out
			}
		}
	}
}

// discarded tells, and logs, which changes were never written and are lost as
// cfg takes the place of what is in force.
func (d *Desk) discarded(cfg *config.Config) string {
	lost := map[string]bool{}
	for _, diff := range command.Differences(cfg, d.cfg) {
		lost[diff.ID] = true
	}
	var b strings.Builder
	for _, diff := range command.Differences(d.saved, d.cfg) {
		if !lost[diff.ID] {
			continue
		}
		text := "discarded, as it was not written: " + summary(diff.Lines)
		b.WriteString("note: " + text + "\n")
		d.opt.Changes.Add(events.Event{Kind: events.ConfigChanged, Time: time.Now(), Who: owner.Name, Text: text})
	}
	return b.String()
}

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
	if err := replaceFile(path, []byte(command.Write(d.cfg, d.base))); err != nil {
		return "", err
	}
	if file == "" {
		d.saved = d.cfg
	}
	reply := ""
	for known := range d.sums {
		switch real, _ := filepath.EvalSymlinks(known); {
		case real == path:
			d.sums[known] = sumOf(known)
		case file == "" && !slices.Contains(d.opt.Files, known):
			reply = "note: the lines of included files are in " + path + " now\n"
			delete(d.sums, known)
		}
	}
	return path + "\n" + reply, nil
}

// difference is what write would change of a file. Only the owner sees lines
// of it; others see what was changed since it was read.
func (d *Desk) difference(who command.Who, file string) (string, error) {
	if !who.Owner {
		return strings.Join(append(command.Delta(d.saved, d.cfg), ""), "\n"), nil
	}
	path, err := d.target(file)
	if err != nil {
		return "", err
	}
	old, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	return string(diff.Diff(path, old, path+" (after write)", []byte(command.Write(d.cfg, d.base)))), nil
}

// replaceFile makes text a file's content, all or nothing: also after a power
// cut it is the old file or the new one. Owner and mode stay; a new file has
// 0640.
func replaceFile(path string, text []byte) (err error) {
	dir := filepath.Dir(path)
	tmp, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*")
	if err != nil {
		return writeProblem(path, err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(tmp.Name())
			err = writeProblem(path, err)
		}
	}()
	mode := fs.FileMode(0o640)
	if info, statErr := os.Stat(path); statErr == nil {
		if !info.Mode().IsRegular() {
			err = errors.New("not a regular file")
			_ = tmp.Close()
			return err
		}
		mode = info.Mode().Perm()
		if st, ok := info.Sys().(*syscall.Stat_t); ok {
			err = keepOwner(tmp, st)
		}
	}
	_, writeErr := tmp.Write(text)
	if err = errors.Join(err, writeErr, tmp.Chmod(mode), tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	if err = os.Rename(tmp.Name(), path); err != nil {
		return err
	}
	folder, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Sync()
}

// keepOwner gives tmp to the owner of the file that it replaces.
func keepOwner(tmp *os.File, st *syscall.Stat_t) error {
	var mine syscall.Stat_t
	if err := syscall.Fstat(int(tmp.Fd()), &mine); err != nil {
		return err
	}
	if mine.Uid == st.Uid && mine.Gid == st.Gid {
		return nil
	}
	if err := tmp.Chown(int(st.Uid), int(st.Gid)); err != nil {
		return fmt.Errorf("its owner cannot be kept: %w", err)
	}
	return nil
}

func writeProblem(path string, err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	hint := ""
	if errors.Is(err, fs.ErrPermission) {
		hint = "the folder must be writable for the user that cygnet runs as, as a new file takes the place of the old one"
	}
	return &config.Problem{What: fmt.Sprintf("write %s: %v", path, err), Hint: hint}
}
