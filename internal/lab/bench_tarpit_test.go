// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"cygnet/internal/bpf"
)

const (
	heldClients = 10_000
	heldSources = 10 // addresses of theirs
	holdWatch   = time.Minute
)

// TestBenchTarpit takes about two minutes. CYGNET_BENCH_ROUNDS is as for
// TestBench.
func TestBenchTarpit(t *testing.T) {
	b := &bench{rounds: requireBench(t), cores: twoCores(t)}
	b.buildSegment(t)
	end := b.startTarpit(t)
	rows := b.table.add(
		benchRow{what: "TCP, 60-byte frames, saturated: 1000 SYNs/s answered by the tarpit"},
		benchRow{what: "the same: 1000 frames/s forwarded"},
		benchRow{what: "SYNs answered : frames forwarded"})
	for range b.rounds {
		got := b.answered(t, end)
		t.Logf("thousands a second, answered and forwarded: %.4g", got)
		for i, v := range []float64{got[0], got[1], got[0] / got[1]} {
			rows[i].cell(b.cygnet).values = append(rows[i].cell(b.cygnet).values, v)
		}
	}
	b.holdMany(t, end)
	fmt.Printf("\n%s\n%s\n", machine(b.rounds), &b.table)
}

// startTarpit starts a cygnet on the balancer's core that serves the VIP and captures
// some addresses, answers without limit, and returns when it does both.
func (b *bench) startTarpit(t *testing.T) benchEnd {
	t.Helper()
	binary, err := cygnetBinary()
	if err != nil {
		t.Fatal(err)
	}
	to := b.cygnet.tcp
	commands := []string{
		"dsr_if " + NIC, "secret " + b.lab.Dir() + "/secret", "socket " + to.host.socket(),
		"acl 1 permit 10.77.0.64/28", "tarpit_acl 1", "tarpit_policy immediate", "segment 10.77.0.0/24",
	}
	for _, limit := range []string{"source", "network", "total", "bits"} {
		commands = append(commands, "tarpit_limit "+limit+" off")
	}
	to.proc = b.startBalancer(t, to.host, b.cores[0], binary, append(append([]string{"-df", "-h"}, options(commands...)...), cygnetVIP, "10.77.0.1", "10.77.0.2")...)
	// The switch learns where the client is, to whom the answers go.
	eventually(t, 15*time.Second, "it serves", func() bool {
		out, err := b.try(b.client.Command("curl", "-sS", "-m", "1", b.cygnet.url(pagePort, "who")), 2*time.Second)
		return err == nil && strings.HasPrefix(out, "s")
	})
	return to
}

// answered floods in turns a captured address with SYNs and the VIP with frames of
// flows, and gives how many thousands a second were answered, and forwarded.
func (b *bench) answered(t *testing.T, to benchEnd) (values [2]float64) {
	t.Helper()
	defer b.dropAtServers(t)()
	defer b.dropAtClient(t)()
	syns := benchTCP()
	syns.notation = "tcp %v > %v S seq=1 opts=020405b4 pad=2"
	pit := to
	pit.addr = netip.MustParseAddr(pitAddr)
	for i, f := range []struct {
		to    benchEnd
		proto benchProto
	}{{pit, syns}, {to, benchTCP()}} {
		got, err := b.flood(f.to, f.proto, fullSpeed)
		if err != nil {
			t.Fatal(err)
		}
		values[i] = got[0]
	}
	return values
}

// dropAtClient is dropAtServers for the answers to made-up clients, which come to the
// client's MAC.
func (b *bench) dropAtClient(t *testing.T) (lift func()) {
	t.Helper()
	link, err := b.client.link(NIC)
	if err != nil {
		t.Fatal(err)
	}
	var g *bpf.Guard
	err = b.client.Do(func() error {
		g, err = bpf.Install(link.Attrs().Index, NIC, bpf.Drop{Prefixes: []netip.Prefix{netip.MustParsePrefix("10.78.0.0/16")}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := b.client.Do(g.Close); err != nil {
			t.Error(err)
		}
	}
}

// holdMany opens ten thousand connections to the tarpit, lets each send something, and
// measures what they cost once they only ask whether their window is still closed.
func (b *bench) holdMany(t *testing.T, to benchEnd) {
	t.Helper()
	began := time.Now()
	var all []net.Conn
	defer func() {
		for _, conn := range all {
			abort(conn)
		}
	}()
	for i := range heldSources {
		from := netip.AddrFrom4([4]byte{10, 77, 0, byte(110 + i)})
		if err := b.client.AddAddr(NIC, netip.PrefixFrom(from, 24)); err != nil {
			t.Fatal(err)
		}
		err := b.client.Do(func() error {
			d := net.Dialer{Timeout: 10 * time.Second, LocalAddr: &net.TCPAddr{IP: from.AsSlice()}}
			for n := range heldClients / heldSources {
				conn, err := d.Dial("tcp", joinPort(netip.MustParseAddr(pitAddr), uint16(1+n)))
				if err != nil {
					return err
				}
				all = append(all, conn)
				if _, err := conn.Write(make([]byte, 300)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	opened := time.Since(began)
	memory := rss(t, to.proc)
	rows := b.table.add(
		benchRow{what: "10 000 held clients, their first minute: frames in"},
		benchRow{what: "the same: CPU, % of one core"},
		benchRow{what: "the same: memory (VmRSS), MB"},
		benchRow{what: "the same: of these, held in the book"})
	var marks [2]reading
	for i := range marks {
		if i > 0 {
			time.Sleep(holdWatch) // the measurement itself
		}
		var err error
		if marks[i], err = b.look(to); err != nil {
			t.Fatal(err)
		}
	}
	d := marks[1].since(marks[0])
	held := to.snapshot(t).Tarpit.Holds.Now
	t.Logf("opened in %v; %d in the book; frames in %v: %.0f in, CPU %v; memory before %.1f MB", opened, held, holdWatch, d.sent, d.cpu, memory)
	for i, v := range []float64{d.sent, 100 * d.cpu.Seconds() / d.seconds, rss(t, to.proc), float64(held)} {
		rows[i].cell(b.cygnet).values = []float64{v}
	}
}
