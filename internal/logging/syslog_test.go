// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package logging

import (
	"fmt"
	"net"
	"os"
	"regexp"
	"strings"
	"testing"
)

// checkSyslog fails the test unless every level has its severity, and the
// facility is daemon: RFC 3164 section 4.1.1. The header has a host name, or
// none on this machine.
func checkSyslog(t *testing.T, l *Log, server net.Conn, host string) {
	t.Helper()
	log := l.Logger().With("service", "web")
	log.Debug("a")
	log.Info("b")
	log.Warn("c")
	log.Error("d \x1b\n")
	header := `\w{3} [ \d]\d [\d:]{8} `
	if host != "" {
		header = `\d{4}-\S+ ` + host + ` `
	}
	for i, want := range []string{
		"level=DEBUG msg=a service=web\n", "level=INFO msg=b service=web\n",
		"level=WARN msg=c service=web\n", `level=ERROR msg="d \x1b\n" service=web` + "\n",
	} {
		priority := []int{3<<3 | 7, 3<<3 | 6, 3<<3 | 4, 3<<3 | 3}[i]
		re := regexp.MustCompile(fmt.Sprintf(`^<%d>%scygnet\[%d\]: %s$`, priority, header, os.Getpid(), regexp.QuoteMeta(want)))
		if got, _ := receive(t, server); !re.MatchString(got) {
			t.Errorf("got %q, want %s", got, re)
		}
	}
}

func TestSyslogServer(t *testing.T) {
	server, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	name, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	l := open(t, Target{To: server.LocalAddr().String(), Debug: 2})
	checkSyslog(t, l, server, regexp.QuoteMeta(name))

	l.Logger().Info(strings.Repeat("é", 40_000)) // more than a datagram holds
	if got, _ := receive(t, server); len(got) < 8000 || len(got) > 8192 || strings.Count(got, "\n") != 1 {
		t.Errorf("a long line is cut to %d bytes", len(got))
	}
	if err := l.Use(Target{To: server.LocalAddr().String(), Format: "json"}); err != nil {
		t.Fatal(err)
	}
	l.Logger().Info("as JSON")
	if got, _ := receive(t, server); !strings.HasSuffix(got, `: {"level":"INFO","msg":"as JSON"}`+"\n") {
		t.Errorf("got %q", got)
	}
}
