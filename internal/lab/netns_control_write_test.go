// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"cygnet/internal/control"
)

// TestNetnsControlWriteRoundTrip changes a balancer at work, has it write its
// configuration, and starts it anew with the same command line.
func TestNetnsControlWriteRoundTrip(t *testing.T) {
	requireNetns(t)
	w := newWorld(t, HostSpec{Addrs: onSegment(9)})
	file := writeFile(t, filepath.Join(t.TempDir(), "cygnet.conf"), "# Who is captured.", "acl 1 permit 10.77.0.66", "server 1 weight 5")
	args := []string{"-df", "-r", "-O", "dsr_if eth1", "-O", "tarpit_acl 1", "-F", file, "10.77.0.10:80", "10.77.0.1", "10.77.0.2"}
	p := startCygnet(t, w.balancer, args...)
	waitSays(t, p, 10*time.Second, "control socket")
	w.balancer.tell(t,
		"no roundrobin", "weight", "server 0 weight 3 prio 1", "server 1 drain", "server third address 10.77.0.3", "server third disable",
		"acl 1 at 1 permit 10.77.0.70", "acl 1 permit 10.77.0.80 255.255.255.248", "acl 1 default deny", "acl office permit fd77::/64",
		"client_acl office", "blacklist 45",
		"begin\nservice dns listen 10.77.0.10:53 any\nservice dns server 0 address 10.77.0.1\nservice dns server 1 address 10.77.0.2\ncommit",
		"service dns server 1 disable",
		"begin\nservice web6 listen [fd77::10]:80\nservice web6 server 4 address fd77::1\nservice web6 disable\ncommit")
	state := func() string {
		all := ""
		for _, c := range []string{"servers", "mode", "service dns mode", "acl 1", "acl office", "client_acl", "blacklist", "tarpit_acl", "services"} {
			all += c + ":\n" + uncounted(w.balancer.tell(t, c))
		}
		return all
	}
	// Of the six servers' addresses only that of `third` has no host.
	settled := func() bool {
		s := state()
		return !strings.Contains(s, "state asking") && strings.Count(s, " mac 02:") == 5
	}
	eventually(t, 15*time.Second, "all addresses are decided on", settled)
	before := state()
	if got := w.balancer.tell(t, "write"); got != file+"\n" {
		t.Errorf("write: got %q", got)
	}
	if got := w.balancer.tell(t, "diff"); got != "" {
		t.Errorf("diff after write:\n%s", got)
	}
	p.Stop(5 * time.Second)

	p = startCygnet(t, w.balancer, args...)
	waitSays(t, p, 10*time.Second, "control socket")
	eventually(t, 15*time.Second, "all addresses are decided on again", settled)
	if after := state(); after != before {
		t.Errorf("after the restart: got\n%swant\n%s\nfile:\n%s", after, before, readFile(t, file))
	}
	if got := readFile(t, file); !strings.Contains(got, "# Who is captured.\n") {
		t.Errorf("the comment is lost:\n%s", got)
	}
}

// TestNetnsControlWriteKeepsTheFile looks at the file that is replaced: through
// a link, with its owner and mode, and whole whatever happens.
func TestNetnsControlWriteKeepsTheFile(t *testing.T) {
	requireNetns(t)
	w := newWorld(t, HostSpec{})
	real, linked := t.TempDir(), t.TempDir()
	file := writeFile(t, filepath.Join(real, "real.conf"), "# mine", "blacklist 40")
	link := filepath.Join(linked, "cygnet.conf")
	for _, err := range []error{os.Chown(file, 1234, 4321), os.Chmod(file, 0o604), os.Symlink(file, link)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	p := startCygnet(t, w.balancer, append([]string{"-F", link}, penWeb()...)...)
	waitSays(t, p, 10*time.Second, "control socket")
	w.balancer.tell(t, "blacklist 50")
	if got := w.balancer.tell(t, "write"); got != file+"\n" {
		t.Errorf("write: got %q, want the file that the link is to", got)
	}
	var st unix.Stat_t
	if err := unix.Lstat(file, &st); err != nil {
		t.Fatal(err)
	}
	if st.Uid != 1234 || st.Gid != 4321 || st.Mode != unix.S_IFREG|0o604 {
		t.Errorf("owner %d:%d, mode %o; want those of before", st.Uid, st.Gid, st.Mode)
	}
	if to, err := os.Readlink(link); err != nil || to != file {
		t.Errorf("the link: %q, %v", to, err)
	}
	if got := readFile(t, file); !strings.Contains(got, "# mine\nblacklist 50\n") {
		t.Errorf("written:\n%s", got)
	}
	if got := filesIn(t, real); !slices.Equal(got, []string{"real.conf"}) {
		t.Errorf("the folder holds %v", got)
	}
}

// TestNetnsControlWriteOnAFullDisk has no room for the new file.
func TestNetnsControlWriteOnAFullDisk(t *testing.T) {
	requireNetns(t)
	w := newWorld(t, HostSpec{})
	dir := t.TempDir()
	if err := unix.Mount("cygnet-test", dir, "tmpfs", 0, "size=64k"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	file := writeFile(t, filepath.Join(dir, "cygnet.conf"), "# mine", "blacklist 40")
	before := readFile(t, file)
	p := startCygnet(t, w.balancer, append([]string{"-F", file}, penWeb()...)...)
	waitSays(t, p, 10*time.Second, "control socket")
	filler := filepath.Join(dir, "filler")
	if err := os.WriteFile(filler, bytes.Repeat([]byte("x"), 128<<10), 0o600); err == nil {
		t.Fatal("the disk is not full")
	}
	w.balancer.tell(t, "blacklist 50")
	got := w.balancer.ask(t, "write")
	if !strings.HasPrefix(got, "error: write "+file+": ") || !strings.Contains(got, "no space left on device") {
		t.Errorf("write: got %q", got)
	}
	if after := readFile(t, file); after != before {
		t.Errorf("the old file is now %q", after)
	}
	if got := filesIn(t, dir); !slices.Equal(got, []string{"cygnet.conf", "filler"}) {
		t.Errorf("the folder holds %v", got)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	if w.balancer.tell(t, "write"); !strings.Contains(readFile(t, file), "blacklist 50\n") {
		t.Error("with room again, nothing was written")
	}
}

// TestNetnsControlWriteWhereItMayNot is a folder of root's for a balancer that
// is not.
func TestNetnsControlWriteWhereItMayNot(t *testing.T) {
	requireNetns(t)
	w := newWorld(t, HostSpec{})
	dir := openFolder(t, 0)
	file := writeFile(t, filepath.Join(dir, "cygnet.conf"), "blacklist 40")
	if err := os.Chown(file, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	p := w.asNobody(t, unix.CAP_NET_RAW)
	p.Cmd.Args = append(p.Cmd.Args, "-F", file, "-C", "10080")
	start(t, p)
	waitListen(t, w.balancer, "127.0.0.1", 10080)
	ask := func(line string) (reply string) {
		err := w.balancer.Do(func() (err error) {
			reply, err = control.Do(t.Context(), "127.0.0.1:10080", line)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return reply
	}
	ask("blacklist 50")
	want := "error: write " + file + ": permission denied\nhint: the folder must be writable for the user that cygnet runs as, as a new file takes the place of the old one\n"
	if got := ask("write"); got != want {
		t.Errorf("write: got %q, want %q", got, want)
	}
	if got := readFile(t, file); got != "blacklist 40\n" {
		t.Errorf("the file is now %q", got)
	}
}
