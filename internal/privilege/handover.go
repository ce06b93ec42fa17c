// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package privilege

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// HandOver gives the plan's user a file or a folder that it must write after
// Become, and makes it first where there is none: a folder if mode has
// fs.ModeDir, with mode's permissions less the umask. Those of one that is
// there stay, and so do the folders above. Without a user, or as another one
// than root, it does nothing.
//
// Where others can write, they can plant a link to what we must not give
// away. So only a regular file or a folder is given, that has no other name
// and is root's or that user's already; and a link on the way to it counts
// only where nobody but root can have made it.
func (p Plan) HandOver(path string, mode fs.FileMode) error {
	if p.User == "" || os.Geteuid() != 0 {
		return nil
	}
	who, err := lookup(p.User)
	if err != nil {
		return err
	}
	if err := handOver(who, path, mode); err != nil {
		return fmt.Errorf("give %q to user %q: %w", path, p.User, err)
	}
	return nil
}

func handOver(who *account, path string, mode fs.FileMode) error {
	dir, name, err := openParent(path)
	if err != nil {
		return err
	}
	defer unix.Close(dir)
	if err := create(dir, name, mode); err != nil {
		return err
	}
	// O_PATH touches nothing, not even a device; the owner is changed through it.
	fd, err := unix.Openat(dir, name, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	var stat unix.Stat_t
	if err := unix.Fstat(fd, &stat); err != nil {
		return err
	}
	if err := mayGive(&stat, who, mode.IsDir()); err != nil {
		return err
	}
	return unix.Fchownat(fd, "", who.uid, who.gid, unix.AT_EMPTY_PATH)
}

// create makes a file or a folder, where nothing has that name.
func create(dir int, name string, mode fs.FileMode) error {
	var err error
	if perm := uint32(mode.Perm()); mode.IsDir() {
		err = unix.Mkdirat(dir, name, perm)
	} else {
		var fd int
		fd, err = unix.Openat(dir, name, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW|unix.O_CLOEXEC, perm)
		if err == nil {
			err = unix.Close(fd)
		}
	}
	if errors.Is(err, unix.EEXIST) {
		return nil
	}
	return err
}

// mayGive tells why something must not be given to that user.
func mayGive(stat *unix.Stat_t, who *account, folder bool) error {
	switch kind := stat.Mode & unix.S_IFMT; {
	case kind == unix.S_IFLNK:
		return errors.New("it is a symbolic link, which may lead anywhere")
	case folder && kind != unix.S_IFDIR:
		return errors.New("expected a folder")
	case !folder && kind != unix.S_IFREG:
		return errors.New("expected a regular file")
	case !folder && stat.Nlink != 1: // a folder has one for each in it
		return fmt.Errorf("it has %d names, and may be somebody else's file by another", stat.Nlink)
	case folder && stat.Mode&0o002 != 0:
		return errors.New("it is a folder for everybody")
	case stat.Uid != 0 && int(stat.Uid) != who.uid:
		return fmt.Errorf("it belongs to user %d", stat.Uid)
	}
	return nil
}
