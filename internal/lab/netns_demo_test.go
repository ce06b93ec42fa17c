// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// The demonstration shows each of its hosts at work, and leaves nothing.
func TestNetnsDemo(t *testing.T) {
	requireNetns(t)
	binary, err := cygnetBinary()
	if err != nil {
		t.Fatal(err)
	}
	r, out := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	finished := make(chan error)
	go func() {
		err := (&demo{out: &lines{w: out}, engine: binary}).run(ctx)
		out.Close()
		finished <- err
	}()
	// Whoever reads decides when it has seen enough; a reader that gives up
	// reads on, or the demonstration could not write its last lines.
	text := make(chan string)
	go func() {
		text <- readUntil(r, time.Minute, cancel, "cygnet   | ", "client   | ", "DNS answers", "scanner  | walk 1")
	}()
	got := <-text
	if err := <-finished; err != nil {
		t.Fatalf("%v\n%s", err, got)
	}
	t.Log(got)
	for _, want := range []string{
		"ip netns exec cygnet-demo-",
		`client   \| \d+ pages/s from s1 \d+%, s2 \d+%, s3 \d+%; median [0-9.]+ ms, slowest [0-9.]+ ms\n`,
		`client   \| \d+ DNS answers/s from s1 \d+%, s2 \d+%, s3 \d+%; median [0-9.]+ ms, slowest [0-9.]+ ms\n`,
		// s1 to s3 and the VIP answer; the balancer, the client and the scanner refuse;
		// the address that checks come from says nothing.
		"253 addresses look alive, of which 4 answer, 3 refuse and 246 only hold the connection; 1 silent",
		"everything is removed",
	} {
		if !regexp.MustCompile(want).MatchString(got) {
			t.Errorf("it never says %q", want)
		}
	}
	noDemoLeft(t)
}

// noDemoLeft checks that nothing of a demonstration of ours is there.
func noDemoLeft(t *testing.T) {
	t.Helper()
	for _, dir := range []string{namespaceDir, labDir} {
		left, _ := filepath.Glob(fmt.Sprintf("%s/cygnet-demo-%d*", dir, os.Getpid())) // the pattern is good
		if len(left) != 0 {
			t.Errorf("%v are still there", left)
		}
	}
}

// readUntil reads everything, and calls enough once all the words came or the
// time is over.
func readUntil(r io.Reader, limit time.Duration, enough func(), words ...string) string {
	timer := time.AfterFunc(limit, enough)
	defer timer.Stop()
	var text strings.Builder
	buf := make([]byte, 4096)
	for {
		n, err := r.Read(buf)
		text.Write(buf[:n])
		if err != nil {
			return text.String()
		}
		missing := false
		for _, w := range words {
			missing = missing || !strings.Contains(text.String(), w)
		}
		if !missing {
			enough()
		}
	}
}

// A demonstration whose balancer cannot start says so, and leaves nothing.
func TestNetnsDemoEndsWithItsBalancer(t *testing.T) {
	requireNetns(t, "false")
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	err := (&demo{out: &lines{w: io.Discard}, engine: "false"}).run(ctx)
	if err == nil || !strings.Contains(err.Error(), "false in balancer ended: exit status 1") {
		t.Errorf("got %v", err)
	}
	noDemoLeft(t)
}
