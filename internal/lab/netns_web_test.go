// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Pen's first command line, on an interface without an address as Pen wants
// it, and what Pen's author measured with.
func TestNetnsWeb(t *testing.T) {
	requireNetns(t, "nginx", "ab", "curl")
	w := newWorld(t, HostSpec{})
	for _, s := range w.servers {
		startNginx(t, s, 80)
	}
	startCygnet(t, w.balancer, penWeb()...)
	w.waitServed(t, 5*time.Second)

	t.Run("the server sees the client's own address", func(t *testing.T) {
		if got := curl(t, w.client, "http://10.77.0.10/who"); got != "s1 10.77.0.100\n" && got != "s2 10.77.0.100\n" {
			t.Errorf("got %q", got)
		}
	})
	t.Run("both servers serve", func(t *testing.T) {
		got := w.tallyServed(t, 40)
		if got["s1"] < 5 || got["s2"] < 5 || got["s1"]+got["s2"] != 40 {
			t.Errorf("of 40 pages: %v", got)
		}
	})
	t.Run("20000 small pages", func(t *testing.T) { ab(t, w.client, 20000, "http://10.77.0.10/small") })
	t.Run("1000 pages of 1024000 bytes", func(t *testing.T) { ab(t, w.client, 1000, "http://10.77.0.10/big") })
}

// uploadBytes is the size of an upload: 100 MB.
const uploadBytes = 100_000_000

// Where Pen fails: frames whose checksum is not finished, and super-frames
// longer than the MTU.
func TestNetnsUpload(t *testing.T) {
	requireNetns(t, "curl", "tcpdump")
	w := newWorld(t, HostSpec{})
	for _, s := range w.servers {
		startSelf(t, s, 80, "web", s.Name, ":80")
	}
	args := append(penWeb()[:4:4], options(service("web6", "["+vip6+"]:80", "fd77::1", "fd77::2")...)...)
	startCygnet(t, w.balancer, append(args, penWeb()[4:]...)...)
	w.waitServed(t, 5*time.Second)
	file, sum := randomFile(t)

	for _, step := range []struct {
		name    string
		prepare func() error
		merged  bool
	}{
		{"client's offloads on", func() error { return nil }, true},
		{"client's offloads off", func() error { return w.client.SetOffload(TxChecksum, false) }, false},
		{"GRO on the balancer's interface", func() error {
			return errors.Join(w.client.SetOffload(TxChecksum, true), w.balancer.mergeOnArrival())
		}, true},
	} {
		if err := step.prepare(); err != nil {
			t.Fatal(err)
		}
		for _, host := range []string{vip, "[" + vip6 + "]"} {
			t.Run(step.name+", to "+host, func(t *testing.T) {
				if merged := w.upload(t, host, file, sum); merged != step.merged {
					t.Errorf("super-frames seen: %v, want %v: the upload was not what the test is about", merged, step.merged)
				}
			})
		}
	}
}

// mergeOnArrival makes the host receive as from a real card: single frames
// with finished checksums on the wire, super-frames merged by its kernel.
func (h *Host) mergeOnArrival() error {
	return errors.Join(h.SetPortOffload(TxChecksum, false), h.SetOffload(Merging, true))
}

// upload sends the file to a VIP and compares what the server says it got. It
// tells whether frames longer than the MTU came by.
func (w *world) upload(t *testing.T, host, file, sum string) (merged bool) {
	t.Helper()
	dump := start(t, w.balancer.Command("tcpdump", "-n", "-i", NIC, "-Q", "in", "-c", "1", "greater", "2000"))
	waitSays(t, dump, 5*time.Second, "listening on")
	began := time.Now()
	got := curl(t, w.client, "http://"+host+"/", "-T", file)
	took := time.Since(began)
	if want := fmt.Sprintf("%s %d\n", sum, uploadBytes); got != want {
		t.Errorf("the server got %q, want %q", got, want)
	}
	t.Logf("%.2f Gbit/s", uploadBytes*8/took.Seconds()/1e9)
	select {
	case <-dump.Done():
		return true
	case <-time.After(100 * time.Millisecond): // tcpdump's buffer
		dump.Kill()
		return false
	}
}

// randomFile makes the file to upload and gives its SHA-256.
func randomFile(t *testing.T) (path, sum string) {
	t.Helper()
	content := make([]byte, uploadBytes)
	if _, err := rand.NewChaCha8([32]byte{1}).Read(content); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "upload")
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	return path, fmt.Sprintf("%x", sha256.Sum256(content))
}
