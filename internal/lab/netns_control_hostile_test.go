// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cygnet/internal/control"
)

const (
	hostileClients = 1000
	hostilePages   = 6000
)

// TestNetnsControlHostileClients has a thousand clients at once that want no
// good, half of them over TCP, while pages are fetched through the balancer.
func TestNetnsControlHostileClients(t *testing.T) {
	requireNetns(t, "nginx", "ab", "curl")
	w := newWorld(t, HostSpec{Addrs: onSegment(9)})
	w.startNginxes(t)
	p := startCygnet(t, w.balancer, append([]string{"-C", "10080"}, penWeb()...)...)
	w.waitServed(t, 10*time.Second)
	b := w.balancer

	noneFailed(t, w.startLoad(t, hostilePages), hostilePages)
	usual, memory := b.stat(t, "kernel_drops"), residentKB(t, p)

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	crowd := b.startHostile(ctx, t)
	load := w.startLoad(t, hostilePages)
	slowest := time.Duration(0)
	for asked := 0; !ended(load) || asked < 20; asked++ {
		began := time.Now()
		if reply := b.ask(t, "servers"); !strings.HasPrefix(reply, "0 addr 10.77.0.1 ") {
			t.Fatalf("servers: got %q", reply)
		}
		slowest = max(slowest, time.Since(began))
		time.Sleep(20 * time.Millisecond) // an operator's pace
	}
	noneFailed(t, load, hostilePages)
	// It should be within a second; the crowd itself runs on the same cores.
	if slowest > 2*time.Second {
		t.Errorf("an operator waited %v for a reply", slowest)
	}
	// A few more than without: the machine's cores are shared with the crowd.
	lost := b.stat(t, "kernel_drops") - usual
	if lost > usual+hostilePages/10 {
		t.Errorf("the kernel dropped %d frames, and %d without the crowd", lost, usual)
	}
	t.Logf("slowest reply %v, %d kernel drops after %d, %d kB after %d", slowest, lost, usual, residentKB(t, p), memory)
	cancel()
	if served := crowd(); served > 0 {
		t.Errorf("%d of the hostile clients were not sent away with an error", served)
	}
	eventually(t, 2*time.Minute, "the memory is given back", func() bool { return residentKB(t, p) < memory+20_000 })
}

// startHostile connects all clients before the first of them says anything.
// Those on the Unix socket come again when they are sent away, until ctx ends.
// The function returned waits for their end and counts the replies that were
// no refusals.
func (h *Host) startHostile(ctx context.Context, t *testing.T) (wait func() (served int64)) {
	t.Helper()
	conns := make([]net.Conn, 0, hostileClients)
	err := h.Do(func() error { // TCP from inside; a path is the same everywhere
		for i := range hostileClients {
			network, address := "unix", h.socket()
			if i%2 == 1 {
				network, address = "tcp", "127.0.0.1:10080"
			}
			conn, err := net.DialTimeout(network, address, 5*time.Second)
			if err != nil {
				return fmt.Errorf("client %d: %w", i, err)
			}
			conns = append(conns, conn)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	var served atomic.Int64
	for i, conn := range conns {
		group.Go(func() {
			for err := error(nil); err == nil; conn, err = h.connectAgain(ctx, i) {
				if reply := pester(ctx, conn, hostile(i/2)); reply != "" && !control.Refused(reply) {
					served.Add(1)
				}
			}
		})
	}
	return func() int64 {
		group.Wait()
		return served.Load()
	}
}

// connectAgain connects a client that was sent away, after a second or three.
func (h *Host) connectAgain(ctx context.Context, client int) (net.Conn, error) {
	select {
	case <-ctx.Done():
	case <-time.After(time.Second + rand.N(2*time.Second)):
	}
	if ctx.Err() != nil || client%2 == 1 {
		return nil, net.ErrClosed
	}
	return net.Dial("unix", h.socket())
}

// pester says what it has to say, and is silent until it is sent away or ctx
// ends. It returns what it was told.
func pester(ctx context.Context, conn net.Conn, text []byte) string {
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Now()) })()
	_, _ = conn.Write(text) // it may be sent away meanwhile
	reply, _ := io.ReadAll(conn)
	return string(reply)
}

// hostile is what the n-th pair of clients says before it is silent. The first
// to come say nothing, so that they have the room if they are let.
func hostile(n int) []byte {
	switch n * 5 / (hostileClients / 2) {
	case 0:
		return nil
	case 1:
		return []byte("server 0 addr")
	case 2:
		return []byte("begin\n" + strings.Repeat("acl 1 permit 10.0.0.1\n", 1000))
	case 3:
		random := rand.New(rand.NewPCG(uint64(n), 1))
		garbage := make([]byte, 1000)
		for i := range garbage {
			garbage[i] = byte(1 + random.IntN(255))
		}
		return append(garbage, '\n')
	}
	return []byte(strings.Repeat("x", 1<<20))
}

// residentKB is the memory that a program has, in kB (proc_pid_status(5)).
func residentKB(t *testing.T, p *Process) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.Cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "VmRSS:")
	n, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		t.Fatal(err)
	}
	return n
}
