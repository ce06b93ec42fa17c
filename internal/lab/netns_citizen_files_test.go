// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

// The status page and the pid file, from the start to the end.
func TestNetnsCitizenPageAndPID(t *testing.T) {
	requireNetns(t, "nginx", "curl")
	w := newWorld(t, HostSpec{Addrs: onSegment(9)})
	for _, s := range w.servers {
		startNginx(t, s, 80)
	}
	dir := t.TempDir()
	page, pid := filepath.Join(dir, "status.html"), filepath.Join(dir, "pid")
	p := startCygnet(t, w.balancer, append([]string{"-w", page, "-p", pid}, penWeb()...)...)
	w.waitServed(t, 10*time.Second)
	fileSays(t, pid, fmt.Sprintln(p.Cmd.Process.Pid))

	first := readPage(t, page)
	eventually(t, 20*time.Second, "another page that says that it forwards", func() bool {
		now := readPage(t, page)
		return now != first && pageTitle(t, now) == "eth1: forwarding - cygnet"
	})
	// Elsewhere while it runs: the old one says that it is the last.
	other := filepath.Join(dir, "other.html")
	ctl(t, w.balancer, w.balancer.socket(), "web_stats", other)
	eventually(t, 5*time.Second, "the page that was says that it is the last", func() bool {
		return pageTitle(t, readPage(t, page)) == "eth1: stopped - cygnet"
	})
	ends(t, p)
	if got := pageTitle(t, readPage(t, other)); got != "eth1: stopped - cygnet" {
		t.Errorf("at the end, the page's title is %q", got)
	}
	if _, err := os.Stat(pid); err == nil {
		t.Error("at the end, the pid file is still there")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 2 {
		t.Errorf("at the end there is more than two pages: %v, %v", left, err)
	}
}

// readPage reads a status page, which is sound at any time: each element is
// closed where it should be.
func readPage(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var open []string
	for z := html.NewTokenizer(bytes.NewReader(text)); ; {
		switch z.Next() {
		case html.ErrorToken:
			if !errors.Is(z.Err(), io.EOF) || len(open) > 0 || len(text) == 0 {
				t.Fatalf("the page ends with %v and %q open:\n%s", z.Err(), open, text)
			}
			return string(text)
		case html.StartTagToken:
			if tag := z.Token().Data; tag != "meta" {
				open = append(open, tag)
			}
		case html.EndTagToken:
			tag := z.Token().Data
			if len(open) == 0 || open[len(open)-1] != tag {
				t.Fatalf("</%s> closes %q:\n%s", tag, open, text)
			}
			open = open[:len(open)-1]
		}
	}
}

// pageTitle is a page's title.
func pageTitle(t *testing.T, page string) string {
	t.Helper()
	_, rest, found := strings.Cut(page, "<title>")
	title, _, closed := strings.Cut(rest, "</title>")
	if !found || !closed {
		t.Fatalf("no title in\n%s", page)
	}
	return html.UnescapeString(title)
}

// The log goes to a file, to the terminal and back, and to a syslog server.
func TestNetnsCitizenLog(t *testing.T) {
	requireNetns(t)
	w := newWorld(t, HostSpec{Addrs: onSegment(9)})
	file := filepath.Join(t.TempDir(), "log")
	p := startCygnet(t, w.balancer, append([]string{"-l", file}, penWeb()...)...)
	at := w.balancer.socket()
	fileSays(t, file, saysHeld)
	if out := p.Output(); out != "" {
		t.Errorf("with a log file, it says to the terminal:\n%s", out)
	}

	weight := func(n int) (text string) {
		text = fmt.Sprintf("server 0 weight %d", n)
		ctl(t, w.balancer, at, strings.Fields(text)...)
		return text
	}
	ctl(t, w.balancer, at, "log", "-")
	onTerminal := weight(2)
	waitSays(t, p, 10*time.Second, onTerminal)
	ctl(t, w.balancer, at, "log", file)
	inFile := weight(3)
	fileSays(t, file, inFile)
	if text, err := os.ReadFile(file); err != nil || strings.Contains(string(text), onTerminal) {
		t.Errorf("the file has what went to the terminal, or %v:\n%s", err, text)
	}
	if strings.Contains(p.Output(), inFile) {
		t.Errorf("the terminal has what went to the file:\n%s", p.Output())
	}

	server := newSyslogServer(t, w.balancer)
	ctl(t, w.balancer, at, "log", server.addr)
	server.hears(t, weight(4), p.Cmd.Process.Pid)
	ends(t, p)
	server.hears(t, saysTotals, p.Cmd.Process.Pid)
}

// syslogServer takes log lines over UDP.
type syslogServer struct {
	conn net.PacketConn
	addr string
	got  []string
}

func newSyslogServer(t *testing.T, h *Host) *syslogServer {
	t.Helper()
	s := &syslogServer{}
	err := h.Do(func() (err error) {
		s.conn, err = net.ListenPacket("udp", "127.0.0.1:0")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.conn.Close() })
	s.addr = s.conn.LocalAddr().String()
	return s
}

// hears waits for a line with that text; all have the form of RFC 3164.
func (s *syslogServer) hears(t *testing.T, text string, pid int) {
	t.Helper()
	form := regexp.MustCompile(fmt.Sprintf(`(?s)^<\d+>\S.* cygnet\[%d\]: .+`, pid))
	has := func(line string) bool { return strings.Contains(line, text) }
	buf := make([]byte, 64<<10)
	for began := time.Now(); !slices.ContainsFunc(s.got, has); {
		if time.Since(began) > 10*time.Second {
			t.Fatalf("no %q at the syslog server, but %q", text, s.got)
		}
		if err := s.conn.SetReadDeadline(time.Now().Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		n, _, err := s.conn.ReadFrom(buf)
		if err != nil {
			continue // nothing within that second
		}
		line := string(buf[:n])
		if !form.MatchString(line) {
			t.Errorf("not a line of syslog: %q", line)
		}
		s.got = append(s.got, line)
	}
}
