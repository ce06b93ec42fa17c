// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package geoip

import (
	"fmt"
	"net/netip"
	"os"
	"sync"

	"github.com/oschwald/maxminddb-golang/v2"
)

// Locator tells in which country single addresses are. It keeps the database mapped,
// so that of a large one little is in memory, and the file may be out of reach
// later, as under chroot. It is safe for concurrent use.
type Locator struct {
	path string
	was  os.FileInfo // the file, as it was opened

	mu sync.Mutex
	db *maxminddb.Reader // nil once closed
}

// Open opens the database at path. It fails as Load does, but for what only all of
// its networks can tell.
func Open(path string) (*Locator, error) {
	l := &Locator{path: path}
	err := guarded(func() (err error) {
		was, statErr := os.Stat(path) // first: should it be replaced meanwhile, it is stale
		if l.db, err = open(path); err == nil {
			l.was, err = was, statErr
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("geoip %s: %w", path, err)
	}
	return l, nil
}

// Country returns the two capital letters of a's country (ISO 3166-1 alpha-2); empty
// if the database has none, if what it has cannot be read, and once it is closed.
func (l *Locator) Country(a netip.Addr) (code string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.db == nil {
		return ""
	}
	err := guarded(func() error {
		found := l.db.Lookup(a.Unmap())
		if !found.Found() {
			return found.Err()
		}
		var r record
		if err := found.Decode(&r); err != nil {
			return err
		}
		code = r.code()
		return nil
	})
	if err != nil {
		return ""
	}
	return code
}

// Stale says whether the file at the path is another than when it was opened. Where
// nobody can say, it is not.
func (l *Locator) Stale() bool {
	now, err := os.Stat(l.path)
	return err == nil && !(os.SameFile(l.was, now) && l.was.Size() == now.Size() && l.was.ModTime().Equal(now.ModTime()))
}

// Close closes the database. A second time, and of nil, it does nothing.
func (l *Locator) Close() {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.db != nil {
		_ = l.db.Close() // unmapping what is mapped does not fail
		l.db = nil
	}
}
