// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The tests of netns_citizen_*_test.go run the balancer as a system runs it:
// as another user, in another root, watched by a service manager, and with its
// files in a folder that is theirs alone.

// openFolder makes a folder that any user may enter and only its owner may
// write in: not t.TempDir, whose parent only root may enter.
func openFolder(t *testing.T, owner int) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "cygnet-netns-citizen-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(dir, owner, owner); err != nil {
		t.Fatal(err)
	}
	return dir
}

// prepareCygnet prepares the balancer with these arguments and no others.
func prepareCygnet(t *testing.T, h *Host, args ...string) *Process {
	t.Helper()
	binary, err := cygnetBinary()
	if err != nil {
		t.Fatal(err)
	}
	p := h.Command(binary, args...)
	p.Cmd.Dir = "/"
	return p
}

// ctl gives the balancer at a socket one command; it must be obeyed, and is
// asked again while nobody listens there yet.
func ctl(t *testing.T, h *Host, socket string, words ...string) string {
	t.Helper()
	eventually(t, 10*time.Second, "a socket at "+socket, func() bool {
		info, err := os.Stat(socket)
		return err == nil && info.Mode().Type() == os.ModeSocket
	})
	r := tryCtl(t, h, socket, words...)
	if r.Code != 0 {
		t.Fatalf("ctl %s: exit status %d\n%s%s", strings.Join(words, " "), r.Code, r.Stdout, r.Stderr)
	}
	return r.Stdout
}

// tryCtl gives the balancer at a socket one command, whatever comes of it.
func tryCtl(t *testing.T, h *Host, socket string, words ...string) result {
	t.Helper()
	return finish(t, prepareCygnet(t, h, append([]string{"ctl", socket}, words...)...), time.Minute)
}

// ends asks the balancer to end, which it must do well and soon.
func ends(t *testing.T, p *Process) {
	t.Helper()
	if err := p.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	eventually(t, 10*time.Second, "the end", func() bool { return ended(p) })
	if err := p.Wait(); err != nil {
		t.Errorf("it ended with %v", err)
	}
}

// fileSays waits until a file contains the text.
func fileSays(t *testing.T, path, text string) {
	t.Helper()
	eventually(t, 10*time.Second, fmt.Sprintf("%q in %s", text, path), func() bool {
		b, err := os.ReadFile(path)
		return err == nil && strings.Contains(string(b), text)
	})
}

// threadStatus are lines of /proc/PID/task/*/status of every thread.
func threadStatus(t *testing.T, p *Process) (all []map[string]string) {
	t.Helper()
	paths, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", p.Cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			continue // that thread has ended
		}
		status := map[string]string{}
		for line := range strings.Lines(string(b)) {
			name, value, _ := strings.Cut(line, ":")
			status[name] = strings.Join(strings.Fields(value), " ")
		}
		all = append(all, status)
	}
	if len(all) < 2 {
		t.Fatalf("%d threads, want several", len(all))
	}
	return all
}

// sameThreads checks what every thread's status says.
func sameThreads(t *testing.T, p *Process, want map[string]string) {
	t.Helper()
	for _, status := range threadStatus(t, p) {
		for name, value := range want {
			if status[name] != value {
				t.Errorf("thread %s: %s is %q, want %q", status["Pid"], name, status[name], value)
			}
		}
	}
}

// capabilityMask is how /proc shows capabilities.
func capabilityMask(capabilities ...uint) string {
	var mask uint64
	for _, c := range capabilities {
		mask |= 1 << c
	}
	return fmt.Sprintf("%016x", mask)
}
