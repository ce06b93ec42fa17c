// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package headless

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// StatusFileEvery is the time between two rewrites of a status file.
const StatusFileEvery = 5 * time.Second

// StatusFile keeps a file up to date for a web server or a browser. Who reads
// it sees a whole page at any time: each is written to a temporary file in the
// same folder, which then takes the name (rename(2)).
type StatusFile struct {
	path string
	page func(w io.Writer, stopped bool) error

	mu     sync.Mutex
	err    error // of the newest attempt
	failed uint64
}

// OpenStatusFile writes the file at path once, so that one that cannot be
// written is an error at once. page writes it; stopped says that it is the
// last one. A symbolic link is followed; anything but a regular file is refused,
// since it would be replaced. The caller must call Run.
func OpenStatusFile(path string, page func(w io.Writer, stopped bool) error) (*StatusFile, error) {
	info, err := os.Stat(path)
	switch {
	case err == nil && !info.Mode().IsRegular():
		return nil, fmt.Errorf("write status page %s: not a regular file", path)
	case err == nil:
		path, err = filepath.EvalSymlinks(path)
	case errors.Is(err, fs.ErrNotExist):
		err = nil // of a link that leads nowhere the link is replaced
	}
	if err != nil {
		return nil, fmt.Errorf("write status page: %w", err)
	}
	f := &StatusFile{path: path, page: page}
	if f.rewrite(false); f.err != nil {
		return nil, f.err
	}
	return f, nil
}

// Run rewrites the file now and then until ctx ends, and then once to say that
// cygnet has stopped.
func (f *StatusFile) Run(ctx context.Context) {
	ticker := time.NewTicker(StatusFileEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			f.rewrite(true)
			return
		case <-ticker.C:
			f.rewrite(false)
		}
	}
}

// LastError returns why the newest attempt to write failed; nil if it did not.
func (f *StatusFile) LastError() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}

// Failed returns how many attempts to write failed.
func (f *StatusFile) Failed() uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.failed
}

func (f *StatusFile) rewrite(stopped bool) {
	err := f.replace(stopped)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = err
	if err != nil {
		f.err = fmt.Errorf("write status page %s: %w", f.path, err)
		f.failed++
	}
}

// replace does not wait for the disk (fsync(2)): after a crash the page is of
// no use, and cards wear out.
func (f *StatusFile) replace(stopped bool) error {
	var b bytes.Buffer
	if err := f.page(&b, stopped); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(f.path), "."+filepath.Base(f.path)+".*")
	if err != nil {
		return err
	}
	_, err = tmp.Write(b.Bytes())
	err = errors.Join(err, tmp.Chmod(0o644), tmp.Close()) // for a web server to read
	if err == nil {
		err = os.Rename(tmp.Name(), f.path)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
	}
	return err
}
