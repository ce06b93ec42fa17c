// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package privilege

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

const (
	folderOnly = unix.O_PATH | unix.O_DIRECTORY | unix.O_NOFOLLOW | unix.O_CLOEXEC

	// maxLinks is how many symbolic links may be followed, as in
	// path_resolution(7).
	maxLinks = 40
)

// walk is a path on the way from the root to its last folder.
type walk struct {
	dir   int      // where we are
	rest  []string // what is left to go
	links int      // followed so far
}

// openParent opens the folder that path is in, and returns the name in there.
// Links on the way are followed only out of folders that are root's alone.
func openParent(path string) (dir int, name string, err error) {
	path, err = filepath.Abs(path)
	if err != nil {
		return 0, "", err
	}
	if path == "/" {
		return 0, "", errors.New("that is the root of everything")
	}
	w := &walk{rest: strings.Split(filepath.Dir(path)[1:], "/")}
	if w.dir, err = unix.Open("/", folderOnly, 0); err != nil {
		return 0, "", err
	}
	for len(w.rest) > 0 {
		if err := w.step(); err != nil {
			unix.Close(w.dir)
			return 0, "", err
		}
	}
	return w.dir, filepath.Base(path), nil
}

// step enters the next folder, or puts what a link says in its place.
func (w *walk) step() error {
	name := w.rest[0]
	w.rest = w.rest[1:]
	if name == "" || name == "." {
		return nil
	}
	next, err := unix.Openat(w.dir, name, folderOnly, 0)
	if errors.Is(err, unix.ENOTDIR) { // a link, or no folder at all
		return w.follow(name)
	}
	if err != nil {
		return fmt.Errorf("folder %q: %w", name, err)
	}
	unix.Close(w.dir)
	w.dir = next
	return nil
}

func (w *walk) follow(name string) error {
	buf := make([]byte, unix.PathMax)
	n, err := unix.Readlinkat(w.dir, name, buf)
	if err != nil {
		return fmt.Errorf("folder %q: %w", name, unix.ENOTDIR)
	}
	var stat unix.Stat_t
	if err := unix.Fstat(w.dir, &stat); err != nil {
		return err
	}
	if stat.Uid != 0 || stat.Mode&0o022 != 0 {
		return fmt.Errorf("folder %q: it is a symbolic link, in a folder that others than root can write", name)
	}
	if w.links++; w.links > maxLinks {
		return fmt.Errorf("folder %q: %w", name, unix.ELOOP)
	}
	to := string(buf[:n])
	w.rest = append(strings.Split(to, "/"), w.rest...)
	if !filepath.IsAbs(to) {
		return nil
	}
	root, err := unix.Open("/", folderOnly, 0)
	if err != nil {
		return err
	}
	unix.Close(w.dir)
	w.dir = root
	return nil
}
