// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// eventLine is a line of an events file, as a program of others reads it.
type eventLine struct {
	Time                  time.Time
	Event, Severity       string
	Service, Server, Addr string
	Source                string
	Port                  int
	PortName              string `json:"port_name"`
	Who, Text             string
	Count                 int // of events_lost
}

// readEvents reads the whole lines of an events file.
func readEvents(t *testing.T, path string) []eventLine {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return parseEvents(t, string(text))
}

func parseEvents(t *testing.T, text string) (all []eventLine) {
	t.Helper()
	text = text[:strings.LastIndexByte(text, '\n')+1]
	for line := range strings.Lines(text) {
		var e eventLine
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("not JSON: %q: %v", line, err)
		}
		if e.Time.IsZero() || e.Event == "" || e.Severity == "" {
			t.Fatalf("no time, no word or no severity: %q", line)
		}
		all = append(all, e)
	}
	return all
}

// wantEvent waits for a line of the file that is as wanted.
func wantEvent(t *testing.T, path, what string, is func(e eventLine) bool) {
	t.Helper()
	eventually(t, 10*time.Second, what+" in "+path, func() bool {
		return slices.ContainsFunc(readEvents(t, path), is)
	})
}

// What happens is in the events file, in a form that programs read.
func TestNetnsCitizenEvents(t *testing.T) {
	requireNetns(t, "nginx", "curl", "nmap")
	w := newWorld(t, HostSpec{Addrs: onSegment(9)})
	for _, s := range w.servers {
		startNginx(t, s, 80)
	}
	file := filepath.Join(t.TempDir(), "events")
	commands := options("acl 1 permit 10.77.0.66", "tarpit_acl 1")
	p := startCygnet(t, w.balancer, append(append(commands, "--events", file), penWeb()...)...)
	w.waitServed(t, 10*time.Second)

	t.Run("the start", func(t *testing.T) {
		for server, addr := range map[string]string{"0": "10.77.0.1", "1": "10.77.0.2"} {
			wantEvent(t, file, "server "+server+" resolved", func(e eventLine) bool {
				return e.Event == "server_resolved" && e.Service == "default" && e.Server == server && e.Addr == addr
			})
		}
		wantEvent(t, file, "the VIP announced", func(e eventLine) bool { return e.Event == "address_announced" && e.Addr == vip })
	})
	t.Run("a command", func(t *testing.T) {
		ctl(t, w.balancer, w.balancer.socket(), "server", "0", "drain")
		wantEvent(t, file, "who changed what", func(e eventLine) bool {
			return e.Event == "config_changed" && strings.HasPrefix(e.Who, "uid 0 pid ") && strings.Contains(e.Text, "server 0 drain")
		})
		wantEvent(t, file, "the server's state", func(e eventLine) bool {
			return e.Event == "server_state" && e.Service == "default" && e.Server == "0" && strings.Contains(e.Text, "drain")
		})
	})
	t.Run("a scan", func(t *testing.T) {
		began := time.Now()
		must(t, w.client, "nmap", "-n", "-sS", "-p", "22,80", "10.77.0.66")
		for port, name := range map[int]string{22: "ssh", 80: "http"} {
			wantEvent(t, file, "a hit of "+name, func(e eventLine) bool {
				return e.Event == "tarpit_hit" && e.Source == "10.77.0.100" && e.Addr == "10.77.0.66" && e.Port == port && e.PortName == name &&
					e.Time.After(began.Add(-time.Second)) && e.Time.Before(time.Now().Add(time.Second))
			})
		}
	})
	t.Run("the interface", func(t *testing.T) {
		for _, step := range []struct {
			do   func(string) error
			want string
		}{{w.balancer.LinkDown, "link_down"}, {w.balancer.LinkUp, "link_up"}} {
			if err := step.do(NIC); err != nil {
				t.Fatal(err)
			}
			wantEvent(t, file, step.want, func(e eventLine) bool { return e.Event == step.want })
		}
	})
	t.Run("rotated", func(t *testing.T) { w.rotatesEvents(t, p, file) })
	t.Run("off and elsewhere", func(t *testing.T) { w.switchesEvents(t, file) })
}

// changeWeight changes something, to be told as an event.
func (w *world) changeWeight(t *testing.T, weight string) (told func(e eventLine) bool) {
	t.Helper()
	ctl(t, w.balancer, w.balancer.socket(), "server", "0", "weight", weight)
	return func(e eventLine) bool {
		return e.Event == "config_changed" && strings.Contains(e.Text, "server 0 weight "+weight)
	}
}

// rotatesEvents does what logrotate does.
func (w *world) rotatesEvents(t *testing.T, p *Process, file string) {
	t.Helper()
	before := w.changeWeight(t, "2")
	wantEvent(t, file, "what came before", before)
	if err := os.Rename(file, file+".1"); err != nil {
		t.Fatal(err)
	}
	if err := p.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	eventually(t, 10*time.Second, "a new file", func() bool { _, err := os.Stat(file); return err == nil })
	after := w.changeWeight(t, "3")
	wantEvent(t, file, "what came after", after)
	for _, e := range readEvents(t, file) {
		if before(e) {
			t.Error("what came before the rename is in the new file")
		}
	}
	for _, e := range readEvents(t, file+".1") {
		if after(e) {
			t.Error("what came after is in the old file")
		}
	}
}

// switchesEvents turns events off, and on again in another file.
func (w *world) switchesEvents(t *testing.T, file string) {
	t.Helper()
	at := w.balancer.socket()
	ctl(t, w.balancer, at, "no", "events")
	off := w.changeWeight(t, "4")
	other := file + ".other"
	if got := ctl(t, w.balancer, at, "events", other); got != other+"\n" {
		t.Errorf("the command events prints %q", got)
	}
	wantEvent(t, other, "what came after", w.changeWeight(t, "5"))
	for _, path := range []string{file, other} {
		for _, e := range readEvents(t, path) {
			if off(e) {
				t.Errorf("what came while events were off is in %s", path)
			}
		}
	}
	r := tryCtl(t, w.balancer, at, "events", filepath.Join(file, "no", "folder"))
	if r.Code != 1 || !strings.HasPrefix(r.Stderr, "error: ") {
		t.Errorf("a file that cannot be: exit status %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
	wantEvent(t, other, "what came after a refusal", w.changeWeight(t, "6"))
}
