// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// terminalIn is a terminal of tmux, 80 by 24, with a program in it that runs on
// a host of a lab.
type terminalIn struct {
	h      *Host
	socket string
}

// inTmux runs a program there.
func inTmux(t *testing.T, h *Host, program string, args ...string) *terminalIn {
	t.Helper()
	tm := &terminalIn{h, filepath.Join(h.lab.Dir(), "tmux-"+h.Name)}
	line := "exec '" + program + "'"
	for _, a := range args {
		line += " '" + a + "'"
	}
	// Nothing of the operator's own settings, and a locale that has UTF-8. What
	// marks programs of the lab stays: a balancer outlives its terminal.
	must(t, h, "env", "-u", "LC_ALL", "-u", "LC_CTYPE", "-u", "NO_COLOR", "-u", "TMUX", "-u", "SSH_CONNECTION", "LANG=C.UTF-8", "TERM=xterm",
		"tmux", "-S", tm.socket, "-f", "/dev/null", "-u", "new-session", "-d", "-x", "80", "-y", "24", line)
	t.Cleanup(func() {
		p := h.Command("tmux", "-S", tm.socket, "kill-server") // t's context has ended
		if err := p.Start(); err == nil {
			_ = p.Wait() // it may be gone
		}
	})
	return tm
}

// screen is what the terminal shows.
func (tm *terminalIn) screen(t *testing.T) string {
	t.Helper()
	return run(t, tm.h, "tmux", "-S", tm.socket, "capture-pane", "-p").Stdout
}

// press presses keys, by tmux's names.
func (tm *terminalIn) press(t *testing.T, keys ...string) {
	t.Helper()
	must(t, tm.h, "tmux", append([]string{"-S", tm.socket, "send-keys"}, keys...)...)
}

// write types a text and Enter.
func (tm *terminalIn) write(t *testing.T, text string) {
	t.Helper()
	must(t, tm.h, "tmux", "-S", tm.socket, "send-keys", "-l", text)
	tm.press(t, "Enter")
}

// shows waits until the screen shows all of some texts.
func (tm *terminalIn) shows(t *testing.T, texts ...string) {
	t.Helper()
	var last string
	defer func() {
		if t.Failed() {
			t.Logf("the screen:\n%s", last)
		}
	}()
	eventually(t, 10*time.Second, fmt.Sprintf("%q on the screen", texts), func() bool {
		last = tm.screen(t)
		for _, text := range texts {
			if !strings.Contains(last, text) {
				return false
			}
		}
		return true
	})
}

// TestNetnsDashboard works a balancer from its own terminal, while pages are
// fetched through it.
func TestNetnsDashboard(t *testing.T) {
	requireNetns(t, "nginx", "curl", "tmux")
	w := newWorld(t, HostSpec{Addrs: onSegment(9)})
	w.startNginxes(t)
	binary, err := cygnetBinary()
	if err != nil {
		t.Fatal(err)
	}
	own := options("secret "+filepath.Join(w.lab.Dir(), "secret"), "socket "+w.balancer.socket())
	tm := inTmux(t, w.balancer, binary, append(own, penWeb()...)...)
	tm.shows(t, "cygnet  FORWARDING  eth1  vip "+vip, "[1]Overview", "> 10.77.0.1", "UP")
	w.waitWhole(t, 15*time.Second, "s1")
	stop := w.keepFetching(t)
	defer stop()

	tm.press(t, "Space")
	tm.shows(t, "drain 10.77.0.1?", "[y/N]")
	tm.press(t, "Enter")
	tm.shows(t, "nothing was done")
	if got := w.tallyServed(t, 40); got["s1"] < 5 {
		t.Errorf("not confirmed, and yet of 40 pages: %v", got)
	}
	tm.press(t, "Space")
	tm.shows(t, "drain 10.77.0.1?")
	tm.press(t, "y")
	tm.shows(t, "10.77.0.1 drains", "DRAIN~")
	if got := w.tallyServed(t, 40); got["s2"] != 40 {
		t.Errorf("drained, of 40 pages: %v; want all of s2", got)
	}
	tm.press(t, "Space")
	tm.shows(t, "enable 10.77.0.1?")
	tm.press(t, "y")
	tm.shows(t, "10.77.0.1 is enabled")
	if got := w.tallyServed(t, 40); got["s1"] < 5 {
		t.Errorf("enabled again, of 40 pages: %v", got)
	}

	tm.press(t, ":")
	tm.write(t, "acl 0 deny 10.77.0.100")
	tm.shows(t, "ok: acl 0 deny 10.77.0.100", "u undo")
	if got := w.served(t); got != "" {
		t.Errorf("the client is denied, and %s serves it", got)
	}
	tm.press(t, "u")
	tm.shows(t, "undone: ")
	w.waitServed(t, 5*time.Second)

	w.balancer.tell(t, "server 1 weight 3")
	tm.shows(t, "server 1 weight 3", "uid 0")
	tm.press(t, "q")
	tm.shows(t, "keep forwarding")
	tm.press(t, "k")
	eventually(t, 10*time.Second, "the view's end", func() bool { return !strings.Contains(tm.screen(t), "[1]Overview") })
	if got := w.tallyServed(t, 10); got[""] != 0 {
		t.Errorf("the view has ended, of 10 pages: %v", got)
	}
}

// keepFetching fetches pages until it is told to stop.
func (w *world) keepFetching(t *testing.T) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		for ctx.Err() == nil {
			run(t, w.client, "curl", "-s", "-m", "1", "-o", "/dev/null", "http://"+vip+"/who")
		}
	})
	return func() { cancel(); wg.Wait() }
}
