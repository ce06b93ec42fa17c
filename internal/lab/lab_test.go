// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"errors"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNewRefusesBadNames(t *testing.T) {
	for _, name := range []string{"", "Demo", "9lives", "a-b", "a/b", "..", "fourteenletter"} {
		if l, err := New(name, Options{}); err == nil {
			l.Close()
			t.Errorf("New(%q) gives a lab", name)
		}
	}
}

func TestRunIsForRoot(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("this is root")
	}
	var text strings.Builder
	var want NotRootError
	if err := Run(t.Context(), &text, nil); !errors.As(err, &want) || want.Hint() == "" || text.Len() != 0 {
		t.Errorf("got %v and %q, want %v alone", err, text.String(), want)
	}
}

func TestSplitName(t *testing.T) {
	for _, c := range []struct {
		name string
		lab  string
		pid  int
	}{
		{"cygnet-demo-123-client", "cygnet-demo-123", 123},
		{"cygnet-demo-123", "cygnet-demo-123", 123},
		{"cygnet-demo-123-", "", 0},
		{"cygnet-demo-0-client", "", 0},
		{"cygnet-demo-client", "", 0},
		{"cygnet-demo-99999999999999999999-client", "", 0},
		{"cygnet--1-client", "", 0},
		{"cygnet", "", 0},
		{"demo-123-client", "", 0},
		{"mycygnet-demo-123-client", "", 0},
	} {
		lab, pid, ok := splitName(c.name)
		if !ok {
			lab, pid = "", 0
		}
		if lab != c.lab || pid != c.pid {
			t.Errorf("%s: got %q, %d; want %q, %d", c.name, lab, pid, c.lab, c.pid)
		}
	}
}

func TestAlive(t *testing.T) {
	if !alive(os.Getpid()) || !alive(1) {
		t.Error("we or process 1 are taken for dead")
	}
	if alive(1 << 30) { // above the kernel's highest, 1<<22
		t.Error("a process that cannot be is taken for alive")
	}
}

func TestEngineArgs(t *testing.T) {
	want := []string{
		"-df", "-r",
		"-O", "dsr_if eth1",
		"-O", "secret /d/secret",
		"-O", "socket /d/cygnet.sock",
		"-O", "source 10.77.0.250",
		"-O", "source fd77::250",
		"-O", "check http",
		"-O", "service dns listen 10.77.0.10:53 udp",
		"-O", "service dns roundrobin",
		"-O", "service dns check dns name server.test type TXT",
		"-O", "service dns server 0 address 10.77.0.1",
		"-O", "service dns server 1 address 10.77.0.2",
		"-O", "service dns server 2 address 10.77.0.3",
		"-O", "service web6 listen [fd77::10]:80",
		"-O", "service web6 roundrobin",
		"-O", "service web6 check http",
		"-O", "service web6 server 0 address fd77::1",
		"-O", "service web6 server 1 address fd77::2",
		"-O", "service web6 server 2 address fd77::3",
		"-O", "acl 1 deny 10.77.0.1",
		"-O", "acl 1 deny 10.77.0.2",
		"-O", "acl 1 deny 10.77.0.3",
		"-O", "acl 1 deny 10.77.0.9",
		"-O", "acl 1 deny 10.77.0.100",
		"-O", "acl 1 deny 10.77.0.200",
		"-O", "tarpit_acl 1",
		"10.77.0.10:80", "10.77.0.1", "10.77.0.2", "10.77.0.3",
	}
	if diff := cmp.Diff(want, engineArgs("/d")); diff != "" {
		t.Error(diff)
	}
}

func TestCommandLinesReadBack(t *testing.T) {
	args := engineArgs("/run/demo")
	text := strings.Join(commandLines("cygnet", args), "\n")
	for line := range strings.Lines(text) {
		if len(line) > commandWidth+len(" \\\n") {
			t.Errorf("too wide: %s", line)
		}
	}
	out, err := exec.Command("sh", "-c", `cygnet() { printf '%s\n' "$@"; }; `+text).Output()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Join(args, "\n")+"\n", string(out)); diff != "" {
		t.Error(diff)
	}
}

func TestPictureShowsEveryHost(t *testing.T) {
	got := picture(&Lab{name: "cygnet-demo-1"})
	for _, h := range demoHosts() {
		if a := h.Addrs[0].Addr().String(); !strings.Contains(got, a) {
			t.Errorf("no %s of %s", a, h.Name)
		}
	}
	for line := range strings.Lines(got) {
		if len(line) > 105 {
			t.Errorf("too wide: %s", line)
		}
	}
}

func TestDefaultRoute(t *testing.T) {
	for gw, want := range map[string]string{"10.77.0.254": "0.0.0.0/0", "fd77::fe": "::/0"} {
		if got := defaultRoute(netip.MustParseAddr(gw)).String(); got != want {
			t.Errorf("by %s: got %s, want %s", gw, got, want)
		}
	}
}

func TestLinesAreWholeAndNamed(t *testing.T) {
	var got strings.Builder
	l := &lines{w: &got}
	a, b := l.from("client"), l.from("s1")
	for _, step := range []struct {
		w    int
		text string
	}{{0, "one"}, {1, "three\n"}, {0, " two\nfour\nfi"}, {0, "ve\n"}} {
		if n, err := []interface{ Write([]byte) (int, error) }{a, b}[step.w].Write([]byte(step.text)); n != len(step.text) || err != nil {
			t.Errorf("Write: %d, %v", n, err)
		}
	}
	want := "s1       | three\nclient   | one two\nclient   | four\nclient   | five\n"
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Error(diff)
	}
}

func TestOutputKeepsTheEnd(t *testing.T) {
	var o output
	w := stream{&o, &o.stdout}
	chunk := strings.Repeat("x", 99<<10) + "end"
	for range 30 {
		if n, err := w.Write([]byte(chunk)); n != len(chunk) || err != nil {
			t.Fatalf("Write: %d, %v", n, err)
		}
	}
	got := o.read(&o.stdout)
	if len(got) < tailBytes || len(got) > 2*tailBytes || !strings.HasSuffix(got, "end") {
		t.Errorf("%d bytes are kept, ending in %q", len(got), got[len(got)-10:])
	}
}
