// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"cygnet/internal/command"
)

// requirePenctl skips or fails the test where Debian's penctl cannot run.
func requirePenctl(t *testing.T) string {
	t.Helper()
	if os.Getenv("REQUIRE_NETNS") != "1" {
		t.Skip("needs root and Debian's penctl: run as root with REQUIRE_NETNS=1")
	}
	if os.Geteuid() != 0 {
		t.Fatal("REQUIRE_NETNS=1, but this is not root")
	}
	path, err := exec.LookPath("penctl")
	if err != nil {
		t.Fatalf("REQUIRE_NETNS=1, but penctl is not installed: %v", err)
	}
	return path
}

func TestNetnsPenctl(t *testing.T) {
	penctl := requirePenctl(t)
	// Not t.TempDir: another user has to get there.
	dir, err := os.MkdirTemp("", "cygnet-penctl")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	path := filepath.Join(dir, "s")
	ul, err := ListenUnix(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{os.Chmod(dir, 0o755), os.Chmod(path, 0o666)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	tl, err := ListenTCP("0")
	if err != nil {
		t.Fatal(err)
	}
	s := New(doer(func(who command.Who, lines []string) string {
		return fmt.Sprintf("%s %t %q\n%s", who.Name, who.Owner, lines, strings.Repeat("0 addr 10.0.0.1\n", 20_000))
	}), testFeed(), nil)
	for _, l := range []net.Listener{ul, tl} {
		serve(t, t.Context(), s, l)
	}
	const nobody = 65534
	for _, tt := range []struct {
		uid                     uint32
		address, begins, endsIn string
	}{
		{0, path, "uid 0 pid ", ` true ["server 0 weight 2"]`},
		{nobody, path, "uid 65534 pid ", ` false ["server 0 weight 2"]`},
		{0, tl.Addr().String(), "127.0.0.1:", ` false ["server 0 weight 2"]`},
	} {
		cmd := exec.Command(penctl, tt.address, "server", "0", "weight", "2")
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: tt.uid, Gid: tt.uid}}
		began := time.Now()
		out, err := cmd.CombinedOutput()
		first, rest, _ := strings.Cut(string(out), "\n")
		if err != nil || !strings.HasPrefix(first, tt.begins) || !strings.HasSuffix(first, tt.endsIn) || len(rest) != 320_000 {
			t.Errorf("penctl %s as %d: %v, %q and %d bytes", tt.address, tt.uid, err, first, len(rest))
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("penctl %s took %v", tt.address, took)
		}
	}
}
