// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// In a root of its own, as root and as nobody: nothing of the file system is
// there any more, and everything that was opened before goes on.
func TestNetnsCitizenChroot(t *testing.T) {
	requireNetns(t, "nginx", "curl", "ab")
	w := userWorld(t)
	for _, c := range []struct {
		name string
		args []string
	}{
		{"as root", nil},
		{"as nobody", []string{"-u", "nobody"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, root := newUserFiles(t), openFolder(t, 0)
			p := start(t, prepareCygnet(t, w.balancer, append(append(append(f.args(), "-j", root), c.args...), penWeb()...)...))
			w.waitServed(t, 10*time.Second)
			eventually(t, 10*time.Second, "another root", func() bool {
				got, err := os.Readlink(fmt.Sprintf("/proc/%d/root", p.Cmd.Process.Pid))
				return err == nil && got == root
			})
			withoutChroot(t, p)

			ctl(t, w.balancer, f.sock, "server", "0", "weight", "3")
			fileSays(t, f.log, "configuration changed")
			fileSays(t, f.events, "server 0 weight 3")
			if got := ctl(t, w.balancer, f.sock, "status"); !strings.HasSuffix(strings.TrimSpace(got), "</html>") {
				t.Errorf("the command status: %q", got)
			}
			// The log cannot be made anew in there, and goes on.
			if err := p.Signal(syscall.SIGHUP); err != nil {
				t.Fatal(err)
			}
			fileSays(t, f.log, "SIGHUP: ")

			w.interfaceReturns(t, f)
			withoutChroot(t, p)
			ends(t, p)
			fileSays(t, f.log, saysTotals)
		})
	}
}

// withoutChroot checks that no thread could leave its root.
func withoutChroot(t *testing.T, p *Process) {
	t.Helper()
	for _, status := range threadStatus(t, p) {
		for _, set := range []string{"CapEff", "CapPrm", "CapInh", "CapAmb"} {
			mask, err := strconv.ParseUint(status[set], 16, 64)
			if err != nil || mask&(1<<unix.CAP_SYS_CHROOT) != 0 {
				t.Errorf("thread %s: %s is %s: CAP_SYS_CHROOT is there, or %v", status["Pid"], set, status[set], err)
			}
		}
	}
}

// interfaceReturns takes the balancer's interface away and gives it another:
// it serves again, and its host's kernel is kept silent there too.
func (w *world) interfaceReturns(t *testing.T, f userFiles) {
	t.Helper()
	if err := w.balancer.DeleteNIC(); err != nil {
		t.Fatal(err)
	}
	fileSays(t, f.log, "interface vanished")
	if err := w.balancer.AddNIC(net.HardwareAddr{2, 0, 0, 0, 0x5e, 9}); err != nil {
		t.Fatal(err)
	}
	w.waitServed(t, 20*time.Second)
	w.noResets(t)
}
