// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"
)

// A Pi has one interface: the balancer's host goes on using it, and its
// kernel, which sees every frame too, never answers for the services.
func TestNetnsHostKeepsItsOwn(t *testing.T) {
	requireNetns(t, "nginx", "ab", "curl")
	for _, c := range []struct {
		name    string
		forward bool
		vipOn   string // the interface of the balancer that holds the VIP too
	}{
		{"an address of its own", false, ""},
		{"forwarding", true, ""},
		{"the VIP on lo", false, "lo"},
		{"the VIP on eth1", false, NIC},
		{"the VIP on lo, and forwarding", true, "lo"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, HostSpec{Addrs: onSegment(9), Forward: c.forward})
			if c.vipOn != "" {
				if err := w.balancer.AddAddr(c.vipOn, netip.MustParsePrefix(vip+"/32")); err != nil {
					t.Fatal(err)
				}
			}
			for _, s := range w.servers {
				startNginx(t, s, 80)
			}
			startSelf(t, w.balancer, 22, "web", "host", ":22")
			w.balanceBesideHost(t, c.vipOn != "")
		})
	}
}

// balanceBesideHost runs the balancer under traffic and ends it, while the
// host's own service is asked all the time.
func (w *world) balanceBesideHost(t *testing.T, holdsVIP bool) {
	t.Helper()
	stop := w.askAllTheTime(t, "10.77.0.9:22")
	p := startCygnet(t, w.balancer, penWeb()...)
	w.waitServed(t, 5*time.Second)
	ab(t, w.client, 1000, "http://10.77.0.10/small")
	if got := w.tallyServed(t, 10); got[""] != 0 {
		t.Errorf("of 10 pages: %v", got)
	}
	if resets := tcpCounters(t, w.client)["EstabResets"]; resets != 0 {
		t.Errorf("%d of the client's connections were reset", resets)
	}
	if holdsVIP {
		// The drop is of the service's port only: another is still the host's.
		if got := w.page(t, "http://10.77.0.10:22/"); !strings.HasPrefix(got, "host ") {
			t.Errorf("the host's own port on the VIP: got %q", got)
		}
	}
	p.Stop(5 * time.Second)
	if holdsVIP {
		// The drop is gone with the balancer: the kernel refuses (exit
		// status 7), where a drop left behind would make curl wait.
		if r := run(t, w.client, "curl", "-s", "-m", "2", "http://10.77.0.10/"); r.Code != 7 {
			t.Errorf("after the end: curl's exit status is %d, want 7", r.Code)
		}
	}
	asked, failed := stop()
	if asked < 20 || len(failed) != 0 {
		t.Errorf("the host's own service was asked %d times and failed %d times: %v", asked, len(failed), failed)
	}
}

// askAllTheTime fetches a page of the host's own from the client until the
// function it returns is called, which tells how that went.
func (w *world) askAllTheTime(t *testing.T, address string) (stop func() (asked int, failed []error)) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var group sync.WaitGroup
	var asked int
	var failed []error
	group.Go(func() {
		for ctx.Err() == nil {
			asked++
			if err := w.client.Do(func() error { return fetchOnce(address) }); err != nil {
				failed = append(failed, err)
			}
		}
	})
	return func() (int, []error) {
		cancel()
		group.Wait()
		return asked, failed
	}
}

// fetchOnce gets one page over a connection that the calling thread opens.
func fetchOnce(address string) error {
	conn, err := net.DialTimeout("tcp", address, 2*time.Second)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(2 * time.Second)); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(conn, "GET / HTTP/1.0\r\n\r\n"); err != nil {
		return err
	}
	answer, err := io.ReadAll(conn)
	if err == nil && !strings.Contains(string(answer), http.StatusText(http.StatusOK)) {
		err = fmt.Errorf("answer %q", answer)
	}
	return err
}
