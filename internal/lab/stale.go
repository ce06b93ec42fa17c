// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// markVariable is set in the environment of every program started in a lab,
// to the lab's name: the proof that a process is ours to end.
const markVariable = "CYGNET_LAB"

// labDir holds a folder for every open lab, under its name. It is root's
// own, unlike /tmp, where anybody could plant a folder of that name.
const labDir = "/run/cygnet-lab"

// ourNames splits a lab's name, alone or followed by a host's, and
// gives the process that made it.
var ourNames = regexp.MustCompile(`^(cygnet-[a-z][a-z0-9]*-(\d+))(-[a-z][a-z0-9]*)?$`)

// removeStale removes the namespaces and folders of labs whose process is
// dead, and ends the programs that those labs had started and that are still
// in their namespaces.
func removeStale() error {
	namespaces, err := staleEntries(namespaceDir)
	if err != nil {
		return err
	}
	folders, err := staleEntries(labDir)
	if err != nil {
		return err
	}
	var errs []error
	for lab, names := range namespaces {
		errs = append(errs, endMarked(lab, names))
		for _, name := range names {
			errs = append(errs, deleteNamespace(name))
		}
	}
	for lab := range folders {
		errs = append(errs, os.RemoveAll(filepath.Join(labDir, lab)))
	}
	return errors.Join(errs...)
}

// staleEntries lists, by lab, what a folder holds of labs whose process is dead.
func staleEntries(dir string) (map[string][]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	stale := map[string][]string{}
	for _, e := range entries {
		if lab, pid, ok := splitName(e.Name()); ok && !alive(pid) {
			stale[lab] = append(stale[lab], e.Name())
		}
	}
	return stale, nil
}

// splitName gives the lab that a name belongs to and the process that made
// it; ok is false for names that are not ours.
func splitName(name string) (lab string, pid int, ok bool) {
	m := ourNames.FindStringSubmatch(name)
	if m == nil {
		return "", 0, false
	}
	pid, err := strconv.Atoi(m[2])
	return m[1], pid, err == nil && pid > 0
}

// alive says whether there is a process pid. EPERM would be somebody else's.
func alive(pid int) bool {
	return !errors.Is(unix.Kill(pid, 0), unix.ESRCH)
}

// endMarked kills the processes that are in one of the namespaces and carry
// the lab's mark, until none is left. A shell that somebody opened there with
// `ip netns exec` carries no mark and is left alone.
func endMarked(lab string, namespaces []string) error {
	inodes := namespaceInodes(namespaces)
	deadline := time.Now().Add(2 * time.Second)
	for {
		pids := markedProcesses(lab, inodes)
		if len(pids) == 0 {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("processes %v of lab %s do not die", pids, lab)
		}
		for _, pid := range pids {
			// ESRCH: it ended by itself meanwhile. What else could fail
			// shows when the deadline has passed.
			_ = unix.Kill(pid, unix.SIGKILL)
		}
		time.Sleep(5 * time.Millisecond) // the kernel gives no event for a process that is not our child
	}
}

// namespaceInodes gives the numbers by which the kernel calls the namespaces.
func namespaceInodes(names []string) []string {
	var inodes []string
	for _, name := range names {
		var st unix.Stat_t
		if unix.Stat(filepath.Join(namespaceDir, name), &st) == nil {
			inodes = append(inodes, fmt.Sprintf("net:[%d]", st.Ino))
		}
	}
	return inodes
}

// markedProcesses lists the processes in one of the namespaces that carry the
// lab's mark. The environment of a process elsewhere is never read.
func markedProcesses(lab string, inodes []string) []int {
	dirs, _ := filepath.Glob("/proc/[0-9]*") // the only error is of the pattern
	mark := []byte(markVariable + "=" + lab)
	var pids []int
	for _, dir := range dirs {
		// A process that ends while we look fails here, and is gone.
		inode, err := os.Readlink(dir + "/ns/net")
		if err != nil || !slices.Contains(inodes, inode) {
			continue
		}
		environ, err := os.ReadFile(dir + "/environ")
		if err != nil || !slices.ContainsFunc(bytes.Split(environ, []byte{0}), func(v []byte) bool { return bytes.Equal(v, mark) }) {
			continue
		}
		if pid, err := strconv.Atoi(strings.TrimPrefix(dir, "/proc/")); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}
