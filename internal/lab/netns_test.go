// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// The tests named TestNetns... need root and programs of others. They are
// skipped unless REQUIRE_NETNS=1, and then fail for whatever is missing.

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == RoleWord {
		os.Exit(Role(os.Args[2:]))
	}
	if len(os.Args) > 1 && os.Args[1] == crashWord {
		crash()
	}
	code := m.Run()
	os.RemoveAll(buildDir())
	os.Exit(code)
}

// buildDir is for the balancer under test. Its name is known before it
// exists, so that TestMain can remove it.
func buildDir() string {
	return filepath.Join(os.TempDir(), fmt.Sprintf("cygnet-netns-test-%d", os.Getpid()))
}

// cygnetBinary is the program under test: CYGNET_BINARY, or else built from
// this tree as it is shipped.
var cygnetBinary = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("CYGNET_BINARY"); path != "" {
		return path, nil
	}
	// Any user may enter: one test runs it without root.
	if err := os.Mkdir(buildDir(), 0o755); err != nil {
		return "", err
	}
	path := filepath.Join(buildDir(), "cygnet")
	build := exec.Command("go", "build", "-o", path, "cygnet/cmd/cygnet")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build cygnet: %w\n%s", err, out)
	}
	return path, nil
})

// requireNetns skips or fails the test where it cannot run.
func requireNetns(t *testing.T, tools ...string) {
	t.Helper()
	if os.Getenv("REQUIRE_NETNS") != "1" {
		t.Skip("needs root and real network namespaces: run as root with REQUIRE_NETNS=1")
	}
	if os.Geteuid() != 0 {
		t.Fatal("REQUIRE_NETNS=1, but this is not root")
	}
	for _, tool := range tools {
		if (&Host{}).Command(tool).Cmd.Err != nil {
			t.Errorf("REQUIRE_NETNS=1, but %s is not installed", tool)
		}
	}
	if t.Failed() {
		t.FailNow()
	}
}

// eventually polls until cond holds, and fails the test after the deadline.
func eventually(t *testing.T, deadline time.Duration, what string, cond func() bool) {
	t.Helper()
	began := time.Now()
	for !cond() {
		if time.Since(began) > deadline {
			t.Fatalf("not within %v: %s", deadline, what)
		}
		time.Sleep(20 * time.Millisecond) // the pace of polling
	}
}

// newLab opens a lab that is closed with the test and leaves nothing.
func newLab(t *testing.T, opt Options) *Lab {
	t.Helper()
	l, err := New("test", opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Errorf("close the lab: %v", err)
		}
		for _, name := range l.namespaces() {
			if _, err := os.Stat(filepath.Join(namespaceDir, name)); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("namespace %s is still there", name)
			}
		}
	})
	return l
}

// addHost adds a host or fails the test.
func addHost(t *testing.T, l *Lab, spec HostSpec) *Host {
	t.Helper()
	h, err := l.AddHost(spec)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// start starts a program that runs until the test's lab is closed; what it
// said is shown when the test fails.
func start(t *testing.T, p *Process) *Process {
	t.Helper()
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("%s in %s:\n%s", strings.Join(p.Cmd.Args, " "), p.host.Name, p.Output())
		}
	})
	return p
}

// result is what a program that ended has left.
type result struct {
	Stdout, Stderr string
	Code           int
}

// run runs a program to its end, for at most a minute.
func run(t *testing.T, h *Host, name string, args ...string) result {
	t.Helper()
	return finish(t, h.Command(name, args...), time.Minute)
}

// finish runs p to its end, whatever its exit status; one that does not end
// within the limit fails the test.
func finish(t *testing.T, p *Process, limit time.Duration) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	var status *exec.ExitError
	if err := p.Run(ctx); err != nil && !errors.As(err, &status) {
		t.Fatalf("%s: %v\n%s", strings.Join(p.Cmd.Args, " "), err, p.Output())
	}
	return result{p.Stdout(), p.Stderr(), p.ExitCode()}
}

// must runs a program that has to succeed and gives its stdout.
func must(t *testing.T, h *Host, name string, args ...string) string {
	t.Helper()
	r := run(t, h, name, args...)
	if r.Code != 0 {
		t.Fatalf("%s %s in %s: exit status %d\n%s%s", name, strings.Join(args, " "), h.Name, r.Code, r.Stdout, r.Stderr)
	}
	return r.Stdout
}

// world is the segment of most tests: the README's addresses.
type world struct {
	lab              *Lab
	client, balancer *Host
	servers          []*Host
}

// The VIPs that the servers of a world hold.
const (
	vip  = "10.77.0.10"
	vip6 = "fd77::10"
)

// newWorld builds a client (.100), two servers (.1, .2) with the VIPs on lo,
// and the balancer as described; without addresses its name is all it needs.
func newWorld(t *testing.T, balancer HostSpec) *world {
	t.Helper()
	w := &world{lab: newLab(t, Options{})}
	balancer.Name = "balancer"
	vips := []netip.Addr{netip.MustParseAddr(vip), netip.MustParseAddr(vip6)}
	for i, name := range []string{"s1", "s2"} {
		w.servers = append(w.servers, addHost(t, w.lab, HostSpec{Name: name, Addrs: onSegment(i + 1), VIPs: vips}))
	}
	w.balancer = addHost(t, w.lab, balancer)
	w.client = addHost(t, w.lab, HostSpec{Name: "client", Addrs: onSegment(100)})
	return w
}
