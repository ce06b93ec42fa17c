// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"cygnet/internal/config"
)

// replaceFile makes text a file's content, all or nothing: also after a power
// cut it is the old file or the new one. Owner and mode stay; a new file has
// 0640.
func replaceFile(path string, text []byte) (err error) {
	dir := filepath.Dir(path)
	tmp, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*")
	if err != nil {
		return fileProblem("write", path, err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(tmp.Name())
			err = fileProblem("write", path, err)
		}
	}()
	mode := fs.FileMode(0o640)
	if info, statErr := os.Lstat(path); statErr == nil { // links were followed, but for those that lead nowhere
		if !info.Mode().IsRegular() {
			_ = tmp.Close()
			return errNoFile
		}
		mode = info.Mode().Perm()
		if st, ok := info.Sys().(*syscall.Stat_t); ok {
			err = keepOwner(tmp, st)
		}
	}
	_, writeErr := tmp.Write(text)
	if err = cmp.Or(err, writeErr, tmp.Chmod(mode), tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	if err = os.Rename(tmp.Name(), path); err != nil {
		return err
	}
	// It is replaced: that the folder cannot be synced, as on some network file
	// systems, makes no failure of it.
	if folder, err := os.Open(dir); err == nil {
		_ = folder.Sync()
		_ = folder.Close()
	}
	return nil
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

// fileProblem says what is wrong with a file, without the call that failed.
func fileProblem(what, path string, err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		err = p.Err
	}
	hint := "name a regular file in a folder that is there"
	if what == "write" && errors.Is(err, fs.ErrPermission) {
		hint = "the folder must be writable for the user that cygnet runs as, as a new file takes the place of the old one"
	}
	return &config.Problem{What: fmt.Sprintf("%s %s: %v", what, path, err), Hint: hint}
}
