// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package privilege

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// requireRoot skips or fails the test where it cannot run.
func requireRoot(t *testing.T) {
	t.Helper()
	if os.Getenv("REQUIRE_NETNS") != "1" {
		t.Skip("changes users: run as root with REQUIRE_NETNS=1")
	}
	if os.Geteuid() != 0 {
		t.Fatal("REQUIRE_NETNS=1, but this is not root")
	}
}

// static returns this test as a binary without cgo, as cygnet is shipped.
func static(t *testing.T) string {
	t.Helper()
	if _, _, errno := syscall.AllThreadsSyscall(syscall.SYS_GETPPID, 0, 0, 0); errno == 0 {
		return self // it is one
	}
	path := filepath.Join(t.TempDir(), "static")
	build := exec.Command("go", "test", "-c", "-o", path, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}

// playAs runs a binary in a role, as root, and returns what it reports.
func playAs(t *testing.T, binary, role string, p Plan, attr *syscall.SysProcAttr) (report, error) {
	t.Helper()
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	plan, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary, "an argument")
	cmd.Args[0] = "/usr/sbin/cygnet"
	cmd.Env = append(os.Environ(), roleVar+"="+role, planVar+"="+string(plan), fileVar+"="+secret, "HOME=/root", "USER=root")
	cmd.SysProcAttr = attr
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return report{}, errors.New(strings.TrimSpace(stderr.String()))
	}
	var r report
	if err := json.Unmarshal(out, &r); err != nil {
		t.Fatalf("%v: %s%s", err, out, stderr.String())
	}
	return r, nil
}

const (
	packetCaps = "0000008000003000" // NET_ADMIN 12, NET_RAW 13, BPF 39
	lowCaps    = "0000008000003400" // and NET_BIND_SERVICE 10
	rootCaps   = "0000008000043000" // or SYS_CHROOT 18
	noCaps     = "0000000000000000"
)

func caps(set string) map[string]string {
	return map[string]string{
		"Uid": "65534 65534 65534 65534", "Gid": "65534 65534 65534 65534", "Groups": "65534", "NoNewPrivs": "1",
		"CapInh": set, "CapPrm": set, "CapEff": set, "CapBnd": set, "CapAmb": set,
	}
}

func TestNetnsBecome(t *testing.T) {
	requireRoot(t)
	who, err := user.LookupId("65534")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		plan Plan
		set  string
	}{
		{Plan{User: "65534"}, packetCaps},
		{Plan{User: who.Username, Low: true}, lowCaps},
		{Plan{User: "65534", Chroot: "/"}, rootCaps},
	} {
		// As from a login of root's: with a group that must not stay.
		r, err := playAs(t, self, "become", tt.plan, &syscall.SysProcAttr{Credential: &syscall.Credential{Groups: []uint32{0, 4}}})
		if err != nil {
			t.Errorf("%+v: %v", tt.plan, err)
			continue
		}
		if diff := cmp.Diff(caps(tt.set), r.Status); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", tt.plan, diff)
		}
		if r.Threads < 9 || !strings.Contains(r.Secret, "permission denied") || r.Packet != "" || (r.Low == "") != tt.plan.Low {
			t.Errorf("%+v: %+v", tt.plan, r)
		}
		want := report{Args: []string{"an argument"}, Home: who.HomeDir, User: who.Username, Logname: who.Username, Name: "cygnet"}
		if diff := cmp.Diff(want, report{Args: r.Args, Home: r.Home, User: r.User, Logname: r.Logname, Name: r.Name}); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", tt.plan, diff)
		}
	}
}

func TestNetnsBecomeWithLessThanRoot(t *testing.T) {
	requireRoot(t)
	// As in a container that has no CAP_BPF. The bounding set is the thread's.
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and not unlocked: it ends with this
		if err := unix.Prctl(unix.PR_CAPBSET_DROP, unix.CAP_BPF, 0, 0, 0); err != nil {
			t.Error(err)
			return
		}
		r, err := playAs(t, self, "become", Plan{User: "65534"}, nil)
		if diff := cmp.Diff(caps("0000000000003000"), r.Status); diff != "" || err != nil {
			t.Errorf("(-want +got):\n%s%v", diff, err)
		}
	}()
	<-done
}

func TestNetnsChroot(t *testing.T) {
	requireRoot(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "inside"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for up := dir; up != "/" && up != os.TempDir(); up = filepath.Dir(up) {
		if err := os.Chmod(up, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	binary := static(t)
	r, err := playAs(t, binary, "chroot", Plan{User: "65534", Chroot: dir}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := caps(rootCaps)
	for _, set := range []string{"CapInh of " + noCaps, "CapAmb of " + noCaps, "CapPrm of " + packetCaps, "CapEff of " + packetCaps} {
		want[set] = "" // of every thread
	}
	if diff := cmp.Diff(want, r.Status); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if r.Threads < 9 || !slices.Equal(r.Root, []string{"inside"}) || r.Escape != "operation not permitted" {
		t.Errorf("%d threads, root %q, out again: %q", r.Threads, r.Root, r.Escape)
	}
	_, err = playAs(t, binary, "chroot", Plan{User: "65534", Chroot: filepath.Join(dir, "inside")}, nil)
	if err == nil || err.Error() != `chroot to "`+filepath.Join(dir, "inside")+`": not a directory` {
		t.Errorf("into a file: %v", err)
	}
	if binary == self {
		return
	}
	_, err = playAs(t, self, "chroot", Plan{User: "65534", Chroot: dir}, nil)
	if err == nil || !strings.Contains(err.Error(), "build with CGO_ENABLED=0") {
		t.Errorf("with cgo: %v", err)
	}
}

func TestNetnsProgramsThatWeStartMayNothing(t *testing.T) {
	requireRoot(t)
	r, err := playAs(t, static(t), "disinherit", Plan{User: "65534"}, nil)
	want := caps(noCaps)
	want["CapInh"], want["CapBnd"] = packetCaps, packetCaps
	if diff := cmp.Diff(want, r.Child); diff != "" || err != nil {
		t.Errorf("(-want +got):\n%s%v", diff, err)
	}
}

func TestNetnsOnlyRootBecomesAnother(t *testing.T) {
	requireRoot(t)
	_, err := playAs(t, self, "become", Plan{User: "65534"}, &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 1, Gid: 1}})
	if err == nil || err.Error() != `run as user "65534": only root can, and this is user 1` {
		t.Errorf("as user 1: %v", err)
	}
}

func TestUsersThatCannotBe(t *testing.T) {
	for name, want := range map[string]string{
		"root": "that is root", "0": "that is root", "no-such-user": "there is no such user",
		"4294967295": "there is no such user", "-1": "there is no such user", "00000": "run as user", "a:b": "there is no such user",
	} {
		err := Become(Plan{User: name})
		e, ok := errors.AsType[*Error](err)
		if !ok || !strings.Contains(e.Error(), want) || e.Hint() == "" {
			t.Errorf("%q: %v", name, err)
		}
	}
	if err := Become(Plan{}); err != nil {
		t.Errorf("no user: %v", err)
	}
}

func TestHintNamesTheCapabilities(t *testing.T) {
	p := Plan{Low: true, Chroot: "/"}
	want := "CAP_NET_BIND_SERVICE CAP_NET_ADMIN CAP_NET_RAW CAP_SYS_CHROOT CAP_BPF"
	if got := p.capabilities().String(); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := capabilities(1<<40 | 1<<12).String(); got != "CAP_NET_ADMIN capability 40" {
		t.Error(got)
	}
}
