// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Programs of others, as servers and clients.

// nginxConf is one process, all of whose files are in one folder. The page
// says who served whom: direct server return must not hide the client.
const nginxConf = `daemon off; master_process off; worker_processes 1;
pid DIR/pid; error_log stderr warn;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path DIR/body; proxy_temp_path DIR/proxy; fastcgi_temp_path DIR/fastcgi;
  uwsgi_temp_path DIR/uwsgi; scgi_temp_path DIR/scgi;
  server {
    listen PORT; listen [::]:PORT;
    root DIR/root;
    location = /who { default_type text/plain; return 200 "NAME $remote_addr\n"; }
  }
}
`

// hugeBytes is the size of /huge: more than the sockets of both ends hold.
const hugeBytes = 16_000_000

// startNginx serves /who, /small (100 bytes), /big (1 024 000 bytes) and /huge.
func startNginx(t *testing.T, h *Host, port int) *Process {
	t.Helper()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "root"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, size := range map[string]int{"small": 100, "big": 1_024_000} {
		if err := os.WriteFile(filepath.Join(dir, "root", name), []byte(strings.Repeat("x", size)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(os.WriteFile(filepath.Join(dir, "root", "huge"), nil, 0o644), os.Truncate(filepath.Join(dir, "root", "huge"), hugeBytes)); err != nil {
		t.Fatal(err)
	}
	conf := strings.NewReplacer("DIR", dir, "PORT", fmt.Sprint(port), "NAME", h.Name).Replace(nginxConf)
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(conf), 0o644); err != nil {
		t.Fatal(err)
	}
	p := start(t, h.Command("nginx", "-c", file, "-p", dir))
	waitListen(t, h, "127.0.0.1", port)
	return p
}

// startDNS runs dnsmasq on the VIP alone, as it has to be behind direct server
// return; it answers every query for TXT of server.test with the host's name.
func startDNS(t *testing.T, h *Host, addresses ...string) {
	t.Helper()
	args := []string{
		"--keep-in-foreground", "--conf-file=/dev/null", "--pid-file=", "--user=root", "--log-facility=-",
		"--no-resolv", "--no-hosts", "--no-poll", "--bind-interfaces", "--port=53",
		"--txt-record=server.test," + h.Name,
	}
	for _, a := range addresses {
		args = append(args, "--listen-address="+a)
	}
	start(t, h.Command("dnsmasq", args...))
	waitListen(t, h, addresses[0], 53)
}

// startSelf runs one of our own roles; it takes TCP connections at port when
// that is not 0.
func startSelf(t *testing.T, h *Host, port int, args ...string) *Process {
	t.Helper()
	p := start(t, h.Self(args...))
	if port != 0 {
		waitListen(t, h, "127.0.0.1", port)
	}
	return p
}

// waitListen waits until something in the host takes TCP connections.
func waitListen(t *testing.T, h *Host, address string, port int) {
	t.Helper()
	target := net.JoinHostPort(address, fmt.Sprint(port))
	eventually(t, 10*time.Second, h.Name+" listens at "+target, func() bool {
		return h.Do(func() error {
			conn, err := net.DialTimeout("tcp", target, time.Second)
			if err == nil {
				conn.Close()
			}
			return err
		}) == nil
	})
}

// curl fetches a URL and gives the body; an error is the empty string.
func curl(t *testing.T, h *Host, url string, args ...string) string {
	t.Helper()
	return run(t, h, "curl", append([]string{"-sS", "-g", "--connect-timeout", "2", "-m", "30", url}, args...)...).Stdout
}

// dig asks the server at address which server it is, over UDP unless told
// otherwise; no answer is the empty string.
func dig(t *testing.T, h *Host, address string, args ...string) string {
	t.Helper()
	r := run(t, h, "dig", append([]string{"@" + address, "server.test", "TXT", "+short", "+time=1", "+tries=1"}, args...)...)
	if r.Code != 0 {
		return ""
	}
	return strings.Trim(strings.TrimSpace(r.Stdout), `"`)
}

// ab runs ApacheBench and fails the test unless every request was answered
// whole and with status 200.
func ab(t *testing.T, h *Host, requests int, url string) {
	t.Helper()
	r := finish(t, h.Command("ab", "-q", "-n", fmt.Sprint(requests), "-c", "20", "-s", "20", url), 3*time.Minute)
	for _, want := range []string{fmt.Sprintf("Complete requests:      %d\n", requests), "Failed requests:        0\n"} {
		if !strings.Contains(r.Stdout, want) {
			t.Fatalf("ab -n %d %s: no %q in\n%s%s", requests, url, want, r.Stdout, r.Stderr)
		}
	}
	if strings.Contains(r.Stdout, "Non-2xx") {
		t.Fatalf("ab %s: not all answers are 2xx:\n%s", url, r.Stdout)
	}
	for line := range strings.Lines(r.Stdout) {
		if strings.HasPrefix(line, "Requests per second") || strings.HasPrefix(line, "Transfer rate") {
			t.Logf("%s: %s", url, strings.TrimSpace(line))
		}
	}
}
