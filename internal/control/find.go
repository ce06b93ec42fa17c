// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Find returns the sockets of all cygnets on this machine that we may connect
// to and that somebody listens on, sorted. It asks them nothing.
func Find() (live []string) { return find(runFolder, userFolder()) }

func find(folders ...string) (live []string) {
	for _, folder := range folders {
		entries, err := os.ReadDir(folder)
		if err != nil {
			continue // none, or none for us
		}
		for _, e := range entries {
			path := filepath.Join(folder, e.Name())
			if e.Type() == fs.ModeSocket && strings.HasSuffix(path, ".sock") && listens(path) {
				live = append(live, path)
			}
		}
	}
	slices.Sort(live)
	return slices.Compact(live)
}

// listens tells whether somebody listens on a socket, be they busy.
func listens(path string) bool {
	conn, err := net.DialTimeout("unix", path, 250*time.Millisecond)
	if err != nil {
		return errors.Is(err, unix.EAGAIN)
	}
	conn.Close()
	return true
}
