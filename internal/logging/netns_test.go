// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package logging

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The sockets of the journal and of syslog have names that the libraries know,
// so what speaks to them is tested in a mount namespace of its own, where /run
// and /dev are empty. That needs root: such a test is skipped unless
// REQUIRE_NETNS=1, and then fails for what is missing.

const inside = "CYGNET_TEST_INSIDE"

// inNamespace runs the test that calls it again as a process in a namespace of
// its own, with stderr, and returns false; in there it returns true.
func inNamespace(t *testing.T, stderr *os.File, env ...string) bool {
	t.Helper()
	if os.Getenv(inside) == t.Name() {
		for _, dir := range []string{"/run", "/dev"} {
			if err := syscall.Mount("cygnet-test", dir, "tmpfs", 0, "size=1m"); err != nil {
				t.Fatalf("mount on %s: %v", dir, err)
			}
		}
		return true
	}
	if os.Getenv("REQUIRE_NETNS") != "1" {
		t.Skip("needs root and a mount namespace: run as root with REQUIRE_NETNS=1")
	}
	if os.Geteuid() != 0 {
		t.Fatal("REQUIRE_NETNS=1, but this is not root")
	}
	cmd := exec.Command("/proc/self/exe", "-test.run=^"+t.Name()+"$", "-test.v", "-test.timeout=30s")
	cmd.Env = append(append(os.Environ(), inside+"="+t.Name()), env...)
	// Unshareflags also keeps its mounts from those of everybody else.
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if stderr != nil {
		cmd.Stderr = stderr
	}
	if err := cmd.Run(); err != nil || !strings.Contains(out.String(), "--- PASS: "+t.Name()) {
		t.Errorf("in the namespace: %v\n%s", err, out.String())
	}
	return false
}

// listen returns a socket as the journal and syslog have one.
func listen(t *testing.T, path string) *net.UnixConn {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// receive returns the next datagram and the file that came with it, if any.
func receive(t *testing.T, c net.Conn) (string, *os.File) {
	t.Helper()
	if err := c.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	b, oob := make([]byte, 1<<16), make([]byte, 64)
	local, ok := c.(*net.UnixConn)
	if !ok {
		n, err := c.Read(b)
		if err != nil {
			t.Fatal(err)
		}
		return string(b[:n]), nil
	}
	n, oobn, _, _, err := local.ReadMsgUnix(b, oob)
	if err != nil {
		t.Fatal(err)
	}
	if oobn == 0 {
		return string(b[:n]), nil
	}
	msgs, err := syscall.ParseSocketControlMessage(oob[:oobn])
	if err != nil {
		t.Fatal(err)
	}
	fds, err := syscall.ParseUnixRights(&msgs[0])
	if err != nil {
		t.Fatal(err)
	}
	return string(b[:n]), os.NewFile(uintptr(fds[0]), "entry")
}

// journalFields reads an entry: systemd.io/JOURNAL_NATIVE_PROTOCOL.
func journalFields(t *testing.T, entry string) map[string]string {
	t.Helper()
	got := map[string]string{}
	for entry != "" {
		line, rest, _ := strings.Cut(entry, "\n")
		name, value, ok := strings.Cut(line, "=")
		if !ok {
			size := int(binary.LittleEndian.Uint64([]byte(rest[:8])))
			value, rest = rest[8:8+size], rest[8+size+1:]
		}
		got[name] = value
		entry = rest
	}
	return got
}

func TestNetnsStandardErrorThatIsTheJournal(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	defer write.Close()
	var stat syscall.Stat_t
	if err := syscall.Fstat(int(write.Fd()), &stat); err != nil {
		t.Fatal(err)
	}
	if !inNamespace(t, write, fmt.Sprintf("JOURNAL_STREAM=%d:%d", stat.Dev, stat.Ino)) {
		write.Close()
		b, err := io.ReadAll(read)
		if diff := cmp.Diff("<3>level=ERROR msg=chrooted n=1\n", string(b)); diff != "" || err != nil {
			t.Errorf("on standard error (-want +got):\n%s%v", diff, err)
		}
		return
	}
	sock := listen(t, "/run/systemd/journal/socket")
	l, err := Open(Target{Format: "json"}, os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	l.Logger().With("service", "web", "UNIT", "sshd.service").WithGroup("in").Warn("a \x1b[2J\nb", "frames-s", 3, "", "no name", "why", errors.New("x\ny"), strings.Repeat("n", 80), "long")
	entry, _ := receive(t, sock)
	want := map[string]string{
		"PRIORITY": "4", "SYSLOG_IDENTIFIER": "cygnet",
		"CYGNET_SERVICE": "web", "CYGNET_UNIT": "sshd.service", "CYGNET_IN_FRAMES_S": "3", "CYGNET_IN_WHY": `x\u000ay`,
		"CYGNET_IN_" + strings.Repeat("N", 64-len("CYGNET_IN_")): "long",
		"MESSAGE": `level=WARN msg="a \x1b[2J\nb" service=web UNIT=sshd.service in.frames-s=3 "in."="no name" in.why="x\ny" in.` + strings.Repeat("n", 80) + "=long",
	}
	if diff := cmp.Diff(want, journalFields(t, entry)); diff != "" {
		t.Errorf("entry (-want +got):\n%s", diff)
	}
	checkLargeEntry(t, l, sock)

	// Where the socket cannot be found, as in a chroot.
	sock.Close()
	if err := os.Remove("/run/systemd/journal/socket"); err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	l.Logger().Error("chrooted", "n", 1)
	l.Close(10 * time.Second)
	if l.Lost() != 0 {
		t.Errorf("%d lines lost", l.Lost())
	}
}

// checkLargeEntry fails the test unless a line that no datagram holds arrives.
func checkLargeEntry(t *testing.T, l *Log, sock *net.UnixConn) {
	t.Helper()
	if err := os.Mkdir("/dev/shm", 0o777); err != nil {
		t.Fatal(err)
	}
	large := strings.Repeat("x", 300_000)
	l.Logger().Info(large)
	_, f := receive(t, sock)
	if f == nil {
		t.Fatal("no file came with the entry")
	}
	defer f.Close()
	b, err := io.ReadAll(io.NewSectionReader(f, 0, 1<<20))
	if got := journalFields(t, string(b)); err != nil || got["MESSAGE"] != "level=INFO msg="+large {
		t.Errorf("a large entry has %d bytes of message, %v", len(got["MESSAGE"]), err)
	}
}

func TestNetnsLocalSyslog(t *testing.T) {
	if !inNamespace(t, nil) {
		return
	}
	if l, err := Open(Target{To: "syslog"}, os.Stderr); l != nil || err == nil || !strings.Contains(err.Error(), "nothing listens at /dev/log") {
		t.Errorf("without a daemon: %v", err)
	}
	sock := listen(t, "/dev/log")
	l := open(t, Target{To: "syslog", Debug: 2})
	checkSyslog(t, l, sock, "")

	// The daemon is restarted.
	sock.Close()
	_ = os.Remove("/dev/log")
	l.Logger().Info("while it is away")
	eventually(t, "a lost line", func() bool { return l.Lost() == 1 })
	sock = listen(t, "/dev/log")
	l.Logger().Info("back")
	for _, want := range []string{"level=INFO msg=back\n", `count=1` + "\n"} {
		if got, _ := receive(t, sock); !strings.HasSuffix(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// A disk that fills in the middle of a line, and has room again.
func TestNetnsFullDisk(t *testing.T) {
	if !inNamespace(t, nil) {
		return
	}
	l := open(t, Target{To: "/run/log"})
	long := strings.Repeat("x", 5000)
	logged := 0
	for ; l.Lost() == 0; logged++ {
		l.Logger().Info(long)
		if logged > 10_000 {
			t.Fatal("1 MiB does not fill")
		}
	}
	eventually(t, "every line was tried", func() bool {
		return strings.Count(contents(t, "/run/log"), long+"\n")+int(l.Lost()) == logged
	})
	if err := syscall.Mount("cygnet-test", "/run", "tmpfs", syscall.MS_REMOUNT, "size=16m"); err != nil {
		t.Fatal(err)
	}
	l.Logger().Info("room")
	l.Close(10 * time.Second)
	lines := strings.Split(strings.TrimSpace(contents(t, "/run/log")), "\n")
	got := lines[len(lines)-2:]
	want := []string{"level=INFO msg=room", fmt.Sprintf(`level=WARN msg="log lines lost: they could not be written, or not fast enough" count=%d`, l.Lost())}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
