// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"cygnet/engine"
)

// endlessh is what CrowdSec's parser of endlessh's log looks for
// (hub, parsers/s01-parse/crowdsecurity/endlessh-logs.yaml).
var endlessh = regexp.MustCompile(`(?m)^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z ACCEPT host=10\.77\.0\.100 port=\d+ fd=\d+ n=\d+/\d+$`)

// TestNetnsTarpitTellsOfVerified lets a scanner open connections halfway, which
// anybody could do in its name, and then whole ones: only of these tells the file,
// and the hook is run for their source, once.
func TestNetnsTarpitTellsOfVerified(t *testing.T) {
	requireNetns(t, "nginx", "curl", "nmap")
	dir := openFolder(t, 0)
	accept, told := filepath.Join(dir, "accept"), filepath.Join(dir, "told")
	hook := filepath.Join(dir, "hook")
	if err := os.WriteFile(hook, []byte("#!/bin/sh\necho \"$CYGNET_SOURCE $CYGNET_CAPTURED $CYGNET_PORT\" >>"+told+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	w, _ := newPit(t, "tarpit_accept "+accept, "tarpit_hook "+hook)
	scan := func(how, ports string) {
		t.Helper()
		if out := must(t, w.client, "nmap", "-n", how, "-p", ports, pitAddr); !strings.Contains(out, "open") {
			t.Fatalf("nothing is open:\n%s", out)
		}
	}
	lines := func() int { return len(endlessh.FindAllString(readFile(t, accept), -1)) }

	scan("-sS", "22,23,80")
	eventually(t, 5*time.Second, "3 hits", func() bool { return w.snapshot(t).Reasons[engine.CapturedSYN].Frames >= 3 })
	scan("-sT", "2222")
	eventually(t, 5*time.Second, "a line of the verified client", func() bool { return lines() > 0 })
	if text := readFile(t, accept); lines() != 1 || strings.Count(text, "ACCEPT") != 1 {
		t.Errorf("not one line, for the client that connected:\n%s", text)
	}
	scan("-sT", "8022,8080")
	eventually(t, 5*time.Second, "3 lines", func() bool { return lines() == 3 })
	fileSays(t, told, "10.77.0.100 "+pitAddr+" 2222\n")
	if text := readFile(t, told); strings.Count(text, "\n") != 1 {
		t.Errorf("the hook was run more than once:\n%s", text)
	}
}
