// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/netip"
	"path/filepath"
	"testing"
	"time"

	"cygnet/engine"
	"cygnet/internal/wire"
)

const (
	fewOpen  = 1000
	manyOpen = 1_000_000

	// flowRoom is what the tables are made for: what is full to the last entry
	// does not store every flow.
	flowRoom = 1_100_000

	// openRate is how many frames a second open flows: fewer than are lost.
	openRate = 100_000
	// openBlock is how many flows are opened together: their SYNs, then their
	// ACKs, well within the 3 s that a flow may be opening.
	openBlock = 1024
)

// manyFlows measures small frames of a million flows that are in the table
// beside those of a thousand, and what a million take of memory. Each has a
// cygnet of its own, with the same room, so that nothing starts meanwhile. What
// Pen does shows what of the difference is not the table's: Pen has none. The cygnet with
// a million has a large configuration besides.
func (b *bench) manyFlows(t *testing.T) {
	t.Helper()
	lift := b.dropAtServers(t)
	defer lift()
	few, many := b.startFlowTable(t, "few", fewFlowsVIP), b.startFlowTable(t, "many", manyFlowsVIP, largeConfig()...)
	defer few.proc.Stop(2 * time.Second)
	defer many.proc.Stop(2 * time.Second)
	before := rss(t, many.proc)
	heldFew := b.openFlows(t, few, fewOpen)
	heldMany := b.openFlows(t, many, manyOpen)
	after := rss(t, many.proc)

	what := func(flows string) []benchRow {
		of := "TCP, 60-byte frames of " + flows + " flows, saturated: "
		return []benchRow{{what: of + "1000 frames/s forwarded"}, {what: of + "CPU a frame, µs"}}
	}
	rows := b.table.add(append(what("1000"), what("1 000 000")...)...)
	ratio := b.table.add(benchRow{what: "TCP, 60-byte frames: frames/s of 1 000 000 flows (Cygnet: with 1000 services, 1000 servers, 100 000 list entries) : of 1000 flows",
		goals: []benchGoal{atLeast(0.9, "")}})[0]
	t.Logf("measuring: %s", ratio.what)
	ends := map[*benchPath][2]benchEnd{b.cygnet: {few, many}, b.pen: {b.pen.tcp, b.pen.tcp}}
	for round := range b.rounds {
		for i := range b.balancers() {
			p := b.balancers()[(round+i)%2]
			var carried [2]float64
			for j := range carried {
				j = (j + round) % 2
				proto := benchTCP()
				proto.flows = []int{fewOpen, manyOpen}[j]
				values, err := b.flood(ends[p][j], proto, fullSpeed)
				if err != nil {
					t.Fatalf("%s, %d flows: %v", p.name, proto.flows, err)
				}
				t.Logf("%s, %d flows: %.4g", p.name, proto.flows, values)
				carried[j] = values[0]
				for k, row := range rows[2*j : 2*j+2] {
					row.cell(p).values = append(row.cell(p).values, values[k])
				}
			}
			ratio.cell(p).values = append(ratio.cell(p).values, carried[1]/carried[0])
		}
	}
	wantFlows(t, few, fewOpen, heldFew)
	wantFlows(t, many, manyOpen, heldMany)

	memory := b.table.add(
		benchRow{what: "1 000 000 open flows: memory (VmRSS), MB"},
		benchRow{what: "1 000 000 open flows: of that, what they added, MB"})
	memory[0].cell(b.cygnet).values = []float64{after}
	memory[1].cell(b.cygnet).values = []float64{after - before}
}

// startFlowTable starts a cygnet with room for a million flows on the balancer's
// core, and returns when it serves.
func (b *bench) startFlowTable(t *testing.T, name, vip string, lines ...string) benchEnd {
	t.Helper()
	binary, err := cygnetBinary()
	if err != nil {
		t.Fatal(err)
	}
	to := benchEnd{addr: netip.MustParseAddr(vip), host: addHost(t, b.lab, HostSpec{Name: name})}
	args := append([]string{"-df", "-h"}, options("dsr_if "+NIC, "secret "+filepath.Join(b.lab.Dir(), name+".secret"),
		"socket "+to.host.socket(), fmt.Sprintf("conn_max %d", flowRoom))...)
	if len(lines) > 0 {
		file := filepath.Join(b.lab.Dir(), name+".conf")
		writeFile(t, file, lines...)
		b.addThousand(t)
		args = append(args, "-F", file)
	}
	to.proc = b.startBalancer(t, to.host, b.cores[0], binary, append(args, vip, "10.77.0.1", "10.77.0.2")...)
	waitSays(t, to.proc, 15*time.Second, saysHeld)
	eventually(t, 15*time.Second, name+" knows both servers", func() bool {
		servers := to.snapshot(t).Services[0].Servers
		return !servers[0].MAC.IsZero() && !servers[1].MAC.IsZero()
	})
	return to
}

// addThousand gives the servers the addresses of the thousand in largeConfig.
func (b *bench) addThousand(t *testing.T) {
	t.Helper()
	for n := range 1000 {
		s := 256 + n
		addr := netip.AddrFrom4([4]byte{10, 77, byte(s >> 8), byte(s)})
		if err := b.servers[n%2].AddAddr(NIC, netip.PrefixFrom(addr, 32)); err != nil {
			t.Fatal(err)
		}
	}
}

// largeConfig is a thousand services, with a thousand servers, and a
// list of a hundred thousand entries, most of them a client of the benchmark's each.
func largeConfig() (lines []string) {
	for n := range 100_000 {
		lines = append(lines, fmt.Sprintf("acl customers permit 10.%d.%d.%d", 78+n>>16, n>>8&255, n&255))
	}
	lines = append(lines, "acl customers permit 10.77.0.0/16", "client_acl customers")
	return append(lines, thousand()...)
}

// snapshot is what the balancer there tells of itself.
func (e benchEnd) snapshot(t *testing.T) (s engine.Snapshot) {
	t.Helper()
	if err := json.Unmarshal([]byte(e.host.tell(t, "snapshot")), &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// openFlows opens flows, in as many passes as it takes, and returns what the table
// holds then.
func (b *bench) openFlows(t *testing.T, to benchEnd, flows int) (held engine.FlowTable) {
	t.Helper()
	proto := benchTCP()
	proto.flows, proto.opens = flows, true
	sender, err := b.startSender(to, proto, openRate, 2*time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	defer sender.Kill()
	eventually(t, 2*time.Minute, fmt.Sprintf("%d flows open", flows), func() bool {
		if ended(sender) {
			t.Fatalf("the sender ended:\n%s", sender.Output())
		}
		held = to.snapshot(t).Flows
		return holds(held, flows)
	})
	return held
}

// holds says whether a table holds flows, established. A few in a million are never
// stored: whose bucket is full, or has another flow of the same tag.
func holds(f engine.FlowTable, flows int) bool {
	return f.Open-f.Opening-f.Closing >= uint64(flows-flows/1000)
}

// wantFlows fails the test unless the table holds the flows that it held before: else
// what was measured is something else.
func wantFlows(t *testing.T, to benchEnd, flows int, before engine.FlowTable) {
	t.Helper()
	f := to.snapshot(t).Flows
	t.Logf("%s: %+v", to.host.Name, f)
	if !holds(f, flows) || f.Added-before.Added > uint64(flows/100) {
		t.Fatalf("%s: %+v, want %d flows that stay; before: %+v", to.host.Name, f, flows, before)
	}
}

// rss is the memory of a process, in MB.
func rss(t *testing.T, p *Process) float64 {
	t.Helper()
	mb, err := memory(p, "VmRSS")
	if err != nil {
		t.Fatal(err)
	}
	return mb
}

// flowFrames makes frames of TCP those of many flows: of up to 65 536 clients, and
// then of another port of each. It takes the flows in random order, as the order
// in which they came is that of their entries in a table; or opens them, in their
// order, over and over.
type flowFrames struct {
	flows int
	opens bool
	sent  int
	dice  uint32
}

// fill makes a batch the next frames.
func (f *flowFrames) fill(b *wire.Batch) {
	for i := range b.N {
		number, flags, seq := 0, uint8(wire.FlagACK), uint32(1)
		if f.opens {
			number = (f.sent/(2*openBlock)*openBlock + f.sent%openBlock) % f.flows
			if f.sent/openBlock%2 == 0 {
				flags, seq = wire.FlagSYN, 0
			}
			f.sent++
		} else {
			f.dice = f.dice*1664525 + 1013904223 // Numerical Recipes' generator: its high bits are good enough
			number = int(uint64(f.dice) * uint64(f.flows) >> 32)
		}
		setFlow(b.Slots[i].Frame(), number, flags, seq)
	}
}

// setFlow makes a frame one of the flow of that number.
func setFlow(frame []byte, number int, flags uint8, seq uint32) {
	ip := wire.IPv4(frame[14:]) // behind an Ethernet header without a tag
	src := [4]byte{10, 78}
	binary.BigEndian.PutUint16(src[2:], uint16(number))
	ip.SetSrc(netip.AddrFrom4(src))
	ip.UpdateChecksum()
	tcp := wire.TCP(ip[ip.IHL():ip.TotalLen()])
	tcp.SetSrcPort(uint16(20000 + number>>16))
	tcp.SetFlags(flags)
	tcp.SetSeq(seq)
	tcp.UpdateChecksum(ip.Src(), ip.Dst())
}

func TestFlowFramesAreOfAsManyFlowsAsTheySay(t *testing.T) {
	const flows = 70_000 // more than there are clients
	to := netip.AddrPortFrom(netip.MustParseAddr(vip), pagePort)
	proto := benchTCP()
	job := senderJob{Notation: "02:00:00:00:00:01 > 02:00:00:00:00:02 " + proto.notation, To: to, Rate: fullSpeed}
	batches, err := job.batches()
	if err != nil {
		t.Fatal(err)
	}
	for _, opens := range []bool{true, false} {
		f := flowFrames{flows: flows, opens: opens}
		seen := map[netip.AddrPort]uint8{} // the flags, in their order
		for range 15 * flows / wire.BatchSize {
			f.fill(batches[0])
			for _, slot := range batches[0].Slots {
				var p wire.Frame
				if d := p.Parse(slot.Frame()); d != wire.DefectNone || slot.Len != 60 || !p.TransportChecksumOK() {
					t.Fatalf("%v: defect %v", &p, d)
				}
				from := netip.AddrPortFrom(p.Src, p.SrcPort)
				if flags := p.TCP().Flags(); opens && seen[from] == 0 && flags != wire.FlagSYN {
					t.Fatalf("%v begins with flags %x", from, flags)
				}
				seen[from] |= p.TCP().Flags()
			}
		}
		if len(seen) != flows {
			t.Errorf("opens=%v: %d flows, want %d", opens, len(seen), flows)
		}
		for from, flags := range seen {
			if want := map[bool]uint8{true: wire.FlagSYN | wire.FlagACK, false: wire.FlagACK}[opens]; flags != want {
				t.Fatalf("opens=%v: %v had flags %x", opens, from, flags)
			}
		}
	}
}
