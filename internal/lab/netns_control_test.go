// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"cygnet/internal/control"
)

// What the tests of the control socket share.

// ctlPatience is how long a reply may take on a busy machine.
const ctlPatience = 20 * time.Second

// ask gives the balancer on h a line and returns its reply, whatever it is.
func (h *Host) ask(t *testing.T, line string) string {
	t.Helper()
	return askAt(t, h.socket(), line)
}

// askAt is ask where the socket is another one.
func askAt(t *testing.T, socket, line string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), ctlPatience)
	defer cancel()
	reply, err := control.Do(ctx, socket, line)
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return reply
}

// tell gives lines that must not be refused and returns the last one's reply.
func (h *Host) tell(t *testing.T, lines ...string) (reply string) {
	t.Helper()
	for _, line := range lines {
		if reply = h.ask(t, line); control.Refused(reply) {
			t.Fatalf("%s: %s", line, reply)
		}
	}
	return reply
}

// ctlAs runs `cygnet ctl` as another user, from anywhere on the segment.
func ctlAs(t *testing.T, h *Host, uid uint32, words ...string) result {
	t.Helper()
	binary, err := cygnetBinary()
	if err != nil {
		t.Fatal(err)
	}
	p := h.Command(binary, append([]string{"ctl"}, words...)...)
	p.Cmd.Dir = "/"
	p.Cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
	return finish(t, p, ctlPatience)
}

// writeFile makes a file of lines and returns its path.
func writeFile(t *testing.T, path string, lines ...string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// readFile is a file's text.
func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// filesIn lists what a folder holds.
func filesIn(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, filepath.Base(e.Name()))
	}
	return names
}

// counted finds what grows in a reply while frames come.
var counted = regexp.MustCompile(`\b(conn|sx|hits|frames|bytes|flows) \d+`)

// uncounted is a reply without its counters, so that two can be compared.
func uncounted(reply string) string { return counted.ReplaceAllString(reply, "$1 N") }

// startNginxes has both servers serve pages.
func (w *world) startNginxes(t *testing.T) {
	t.Helper()
	for _, s := range w.servers {
		startNginx(t, s, 80)
	}
}
