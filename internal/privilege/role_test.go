// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package privilege

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// The tests of what root does run this binary as another process, in a role.
// They are skipped unless REQUIRE_NETNS=1, and then fail without root.

const (
	roleVar = "CYGNET_TEST_ROLE"
	planVar = "CYGNET_TEST_PLAN"
	fileVar = "CYGNET_TEST_FILE" // that only root may read

	nobody = 65534 // by the number, in every passwd(5)
)

func TestMain(m *testing.M) {
	role := os.Getenv(roleVar)
	if role == "" {
		os.Exit(m.Run())
	}
	if err := play(role); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// report is what a process finds itself to be.
type report struct {
	Threads             int
	Status              map[string]string // of every thread, the same
	Args                []string
	Home, User, Logname string
	Name                string
	Packet, Low, Secret string // errors, or nothing
	Root                []string
	Escape              string
	Child               map[string]string // the status of a program it starts
}

func play(role string) error {
	if role == "status" {
		s, _, err := status()
		return write(report{Status: s}, err)
	}
	var p Plan
	if err := json.Unmarshal([]byte(os.Getenv(planVar)), &p); err != nil {
		return err
	}
	manyThreads()
	if err := Become(p); err != nil {
		return err
	}
	r, err := look()
	if err != nil {
		return err
	}
	switch role {
	case "chroot":
		err = r.chroot(p.Chroot)
	case "disinherit":
		err = r.disinherit()
	}
	return write(r, err)
}

func write(r report, err error) error {
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(r)
}

// manyThreads starts some that stay.
func manyThreads() {
	up := make(chan bool)
	for range 8 {
		go func() {
			runtime.LockOSThread()
			up <- true
			select {}
		}()
		<-up
	}
}

// status returns what proc_pid_status(5) says, if it says the same of each thread.
func status() (map[string]string, int, error) {
	paths, err := filepath.Glob("/proc/self/task/*/status")
	if err != nil || len(paths) == 0 {
		return nil, 0, fmt.Errorf("no threads: %w", err)
	}
	all := map[string]string{}
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, 0, err
		}
		for line := range strings.Lines(string(b)) {
			name, value, _ := strings.Cut(line, ":")
			value = strings.Join(strings.Fields(value), " ")
			switch name {
			case "Uid", "Gid", "Groups", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs":
				if old, ok := all[name]; ok && old != value {
					return nil, 0, fmt.Errorf("threads differ in %s: %s and %s", name, old, value)
				}
				all[name] = value
			}
		}
	}
	return all, len(paths), nil
}

// look returns what we are, and what we may.
func look() (report, error) {
	s, n, err := status()
	if err != nil {
		return report{}, err
	}
	comm, err := os.ReadFile("/proc/self/comm")
	r := report{
		Threads: n, Status: s, Args: os.Args[1:], Name: strings.TrimSpace(string(comm)),
		Home: os.Getenv("HOME"), User: os.Getenv("USER"), Logname: os.Getenv("LOGNAME"),
	}
	fd, err2 := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW, 0)
	r.Packet = text(err2)
	unix.Close(fd)
	fd, err2 = unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err2 == nil {
		r.Low = text(unix.Bind(fd, &unix.SockaddrInet4{Port: 1, Addr: [4]byte{127, 0, 0, 77}}))
		unix.Close(fd)
	}
	_, err2 = os.ReadFile(os.Getenv(fileVar))
	r.Secret = text(err2)
	return r, err
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// chroot goes into dir and tries to get out again. /proc is not in there, so
// the folder of it that was opened before tells of the threads.
func (r *report) chroot(dir string) error {
	proc, err := os.OpenRoot("/proc/self/task")
	if err != nil {
		return err
	}
	defer proc.Close()
	if err := Chroot(dir); err != nil {
		return err
	}
	if r.Root, err = names("/"); err != nil {
		return err
	}
	r.Escape = text(syscall.Chroot("/"))
	tasks, err := proc.Open(".")
	if err != nil {
		return err
	}
	defer tasks.Close()
	ids, err := tasks.Readdirnames(-1)
	if err != nil {
		return err
	}
	r.Threads = len(ids)
	for _, id := range ids {
		b, err := proc.ReadFile(id + "/status")
		if err != nil {
			return err
		}
		for line := range strings.Lines(string(b)) {
			if name, value, _ := strings.Cut(strings.TrimSpace(line), ":\t"); strings.HasPrefix(name, "Cap") && name != "CapBnd" {
				r.Status[name+" of "+value] = ""
			}
		}
	}
	return nil
}

func names(dir string) (all []string, err error) {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all, err
}

// disinherit starts a program and returns what it may.
func (r *report) disinherit() error {
	if err := Disinherit(); err != nil {
		return err
	}
	cmd := exec.Command(self)
	cmd.Env = []string{roleVar + "=status"}
	out, err := cmd.Output()
	if err != nil {
		return err
	}
	var child report
	err = json.Unmarshal(out, &child)
	r.Child = child.Status
	return err
}
