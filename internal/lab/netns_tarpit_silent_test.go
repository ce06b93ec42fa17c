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

	"cygnet/engine"
	"cygnet/internal/wire"
)

// TestNetnsTarpitIsSilent sends a captured address all that is no honest wish to
// connect, by scanners and by hand: no frame comes back.
func TestNetnsTarpitIsSilent(t *testing.T) {
	requireNetns(t, "nginx", "curl", "nmap", "hping3")
	w, _ := newPit(t)
	w.captured(t, w.client, pitAddr)
	w.captured(t, w.client, pitAddr6)
	p := newTap(t, w.client)
	silent := func(t *testing.T) {
		t.Helper()
		w.fence(t, p)
		for _, f := range p.fromAddr(inPit) {
			if f.Kind != wire.KindARP && !isAdvertisement(f) { // the scanner's kernel asks who has the address
				t.Errorf("an answer: %v", f)
			}
		}
	}
	for scan, want := range map[string]string{
		"-sS --badsum": "filtered", "-sA": "filtered", "-sM": "open|filtered",
		"-sF": "open|filtered", "-sN": "open|filtered", "-sX": "open|filtered",
	} {
		t.Run("nmap "+scan, func(t *testing.T) {
			p.forget()
			args := append(strings.Fields(scan), "-n", "-Pn", "--disable-arp-ping", "--max-retries", "1", "-p", "80", "-oG", "-", pitAddr)
			if out := must(t, w.client, "nmap", args...); !strings.Contains(out, "80/"+want+"/tcp") {
				t.Errorf("want %s:\n%s", want, out)
			}
			silent(t)
		})
	}
	for name, flags := range map[string]string{
		"SYN+ACK": "-S -A", "RST": "-R", "RST+ACK": "-R -A", "FIN": "-F", "NULL": "", "XMAS": "-F -P -U", "all flags": "-F -S -R -P -A -U",
		"SYN+FIN": "-S -F", "SYN+RST": "-S -R", "ACK": "-A", "FIN+ACK": "-F -A", "data": "-A -P -d 100", "SYN in fragments": "-S -f -d 64",
		"ping": "--icmp", "UDP": "--udp",
	} {
		t.Run("hping3 "+name, func(t *testing.T) {
			p.forget()
			args := append(strings.Fields(flags), "-q", "-c", "3", "-i", "u20000", "-p", "80", pitAddr)
			if r := run(t, w.client, "hping3", args...); !strings.Contains(r.Stdout+r.Stderr, "3 packets transmitted, 0 packets received") {
				t.Errorf("%s%s", r.Stdout, r.Stderr)
			}
			silent(t)
		})
	}
	for _, c := range hostileFrames() {
		t.Run(c.name, func(t *testing.T) {
			p.forget()
			before := w.snapshot(t).Reasons
			to := mac(t, w.balancer)
			if c.to != nil {
				to = c.to
			}
			p.send(t, to, c.text)
			silent(t)
			after := w.snapshot(t).Reasons
			if c.why == engine.NotOurs { // the filter drops it: nothing counts it
				return
			}
			if got := after[c.why].Frames - before[c.why].Frames; got != 1 {
				t.Errorf("%d frames more are counted as %v, want 1; all: %v", got, c.why, grown(before, after))
			}
		})
	}
}

// grown are the reasons by which more frames ended after than before.
func grown(before, after engine.ReasonCounts) string {
	var all []string
	for r := range after {
		if n := after[r].Frames - before[r].Frames; n > 0 {
			all = append(all, fmt.Sprintf("%v %d", engine.Reason(r), n))
		}
	}
	return strings.Join(all, ", ")
}

// fence sends a SYN to another captured address and waits for its answer: all that
// was sent before has had its own by then. Nor is anything late in coming after.
func (w *world) fence(t *testing.T, p *tap) {
	t.Helper()
	after := netip.MustParseAddr("10.77.0.79")
	w.captured(t, w.client, after.String())
	p.send(t, mac(t, w.balancer), fmt.Sprintf("tcp 10.77.0.200:4444 > %v:22 S seq=1", after))
	eventually(t, 5*time.Second, "an answer from "+after.String(), func() bool {
		return len(p.frames(func(f *wire.Frame) bool { return f.Src == after && f.Proto == wire.ProtoTCP && f.DstPort == 4444 })) > 0
	})
	p.mu.Lock()
	defer p.mu.Unlock()
	kept := p.heard[:0]
	for _, b := range p.heard {
		var f wire.Frame
		if f.Parse(b); f.Src != after {
			kept = append(kept, b)
		}
	}
	p.heard = kept
}

// hostileFrame is one that must get no answer, and what the engine counts it as;
// NotOurs where it is dropped before anything counts.
type hostileFrame struct {
	name, text string
	why        engine.Reason
	to         net.HardwareAddr // nil is the balancer
}

func hostileFrames() []hostileFrame {
	const syn = "tcp 10.77.0.200:4000 > 10.77.0.66:22 S seq=1000"
	from := func(a string) string { return "tcp " + a + ":4000 > 10.77.0.66:22 S seq=1000" }
	from6 := func(a string) string { return "tcp [" + a + "]:4000 > [fd77::66]:22 S seq=1000" }
	somebody := net.HardwareAddr{2, 0x99, 0, 0, 0, 1}
	all := []hostileFrame{
		{"a wrong TCP checksum", syn + " csum=bad", engine.Checksum, nil},
		{"a wrong TCP checksum over IPv6", from6("fd77::200") + " csum=bad", engine.Checksum, nil},
		{"a wrong IP checksum", syn + " ipcsum=bad", engine.Checksum, nil},
		{"the first of fragments", syn + " frag=0+", engine.CapturedOther, nil},
		{"a later fragment", "ip 10.77.0.200 > 10.77.0.66 proto=6 frag=1480 len=40", engine.CapturedOther, nil},
		{"a fragment header", from6("fd77::200") + " id=7 frag=0+", engine.CapturedOther, nil},
		{"IP options", syn + " ipopts=01010100", engine.CapturedOther, nil},
		{"an extension header", from6("fd77::200") + " ext=60:0600010400000000", engine.CapturedOther, nil},
		{"another host's MAC", syn, engine.NotOurs, somebody},
		{"broadcast", syn, engine.NotOurs, net.HardwareAddr{255, 255, 255, 255, 255, 255}},
		{"a VLAN", syn + " vlan=7", engine.Tagged, nil},
		{"from nowhere", from("0.0.0.0"), engine.BadSource, nil},
		{"from loopback", from("127.0.0.1"), engine.BadSource, nil},
		{"from multicast", from("224.0.0.5"), engine.BadSource, nil},
		{"from reserved space", from("240.0.0.1"), engine.BadSource, nil},
		{"from all", from("255.255.255.255"), engine.BadSource, nil},
		{"from the segment's broadcast address", from("10.77.0.255"), engine.BadSource, nil},
		{"from itself", from("10.77.0.66"), engine.BadSource, nil},
		{"from another captured address", from("10.77.0.70"), engine.BadSource, nil},
		{"from the balancer", from("10.77.0.9"), engine.BadSource, nil},
		{"from the VIP", from(vip), engine.BadSource, nil},
		{"from a server", from("10.77.0.1"), engine.BadSource, nil},
		{"from nowhere over IPv6", from6("::"), engine.BadSource, nil},
		{"from loopback over IPv6", from6("::1"), engine.BadSource, nil},
		{"from multicast over IPv6", from6("ff02::1"), engine.BadSource, nil},
		{"from itself over IPv6", from6("fd77::66"), engine.BadSource, nil},
	}
	for flags, why := range map[string]engine.Reason{
		"": engine.CapturedOther, "FPU": engine.CapturedOther, "SF": engine.CapturedOther, "SR": engine.CapturedOther, "F": engine.CapturedOther,
		"R": engine.CapturedOther, "SA": engine.CapturedBackscatter, "A": engine.CapturedForged, "RA": engine.CapturedForged, "FA": engine.CapturedForged,
	} {
		all = append(all, hostileFrame{"flags " + flags, "tcp 10.77.0.200:4000 > 10.77.0.66:22 " + flags + " seq=1000 ack=77", why, nil})
	}
	return all
}
