// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cygnet/engine"
	"cygnet/internal/wire"
)

// TestNetnsTarpitIsSilent sends a captured address all that is no honest wish to
// connect, by scanners and by hand: no frame comes back.
func TestNetnsTarpitIsSilent(t *testing.T) {
	requireNetns(t, "nginx", "curl", "nmap", "hping3")
	w, _ := newPit(t)
	for _, a := range []string{pitAddr, pitAddr6, fenceAddr} {
		w.captured(t, w.client, a)
	}
	p := newTap(t, w.client)

	t.Run("nmap", func(t *testing.T) {
		var all []*Process
		for scan, want := range map[string]string{
			"-sS --badsum": "80/filtered/tcp", "-sA": "80/filtered/tcp", "-sM": "80/open|filtered/tcp", "-sF": "80/open|filtered/tcp",
			"-sN": "80/open|filtered/tcp", "-sX": "80/open|filtered/tcp", "-sU": "80/open|filtered/udp",
		} {
			args := append(strings.Fields(scan), "-n", "-Pn", "--disable-arp-ping", "--max-retries", "1", "-p", "80", "-oG", "-", pitAddr)
			all = append(all, w.startUntil(t, want, "nmap", args...))
		}
		w.silent(t, p, all...)
	})
	t.Run("hping3", func(t *testing.T) {
		var all []*Process
		for _, flags := range []string{
			"-S -A", "-R", "-R -A", "-F", "-F -A", "-A", "", "-F -P -U", "-F -S -R -P -A -U", "-S -F", "-S -R",
			"-A -P -d 100", "-S -f -d 64", "--icmp", "--udp",
		} {
			args := append(strings.Fields(flags), "-q", "-c", "3", "-i", "u20000", "-p", "80", pitAddr)
			all = append(all, w.startUntil(t, "3 packets transmitted, 0 packets received", "hping3", args...))
		}
		w.silent(t, p, all...)
	})
	for why, frames := range hostileFrames() {
		t.Run("frames "+why.String(), func(t *testing.T) {
			before := w.snapshot(t).Reasons
			for _, f := range frames {
				p.send(t, mac(t, w.balancer), f)
			}
			w.silent(t, p)
			// A snapshot lags behind by what the engine counts at a time.
			got, want := map[engine.Reason]int{}, map[engine.Reason]int{why: len(frames)}
			for deadline := time.Now().Add(3 * time.Second); got[why] < want[why] && time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
				got = grown(before, w.snapshot(t).Reasons)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("frames by how they ended (-want +got):\n%s", diff)
			}
		})
	}
	t.Run("frames for others", func(t *testing.T) {
		for _, to := range []string{"02:99:00:00:00:01", "ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:01"} {
			to, err := net.ParseMAC(to)
			if err != nil {
				t.Fatal(err)
			}
			p.send(t, to, "tcp 10.77.0.200:4000 > 10.77.0.66:22 S seq=1000")
		}
		w.silent(t, p)
	})
}

// grown is how many frames ended for which reason between two moments, ARP,
// neighbour discovery and answers, which silent asks for, left out.
func grown(before, after engine.ReasonCounts) map[engine.Reason]int {
	all := map[engine.Reason]int{}
	for r := range after {
		n := int(after[r].Frames - before[r].Frames)
		switch r := engine.Reason(r); {
		case r == engine.NotOurs, r == engine.AnsweredARP, r == engine.AnsweredND, r == engine.CapturedAsked, r == engine.CapturedSYN:
		case n > 0:
			all[r] = n
		}
	}
	return all
}

// startUntil starts a program on the client that has to say a text in the end.
func (w *world) startUntil(t *testing.T, says, name string, args ...string) *Process {
	t.Helper()
	p := start(t, w.client.Command(name, args...))
	t.Cleanup(func() {
		if ended(p) && !strings.Contains(p.Output(), says) {
			t.Errorf("%s %s: no %q in\n%s", name, strings.Join(args, " "), says, p.Output())
		}
	})
	return p
}

// fenceAddr is a captured address that is only asked to tell that all that was sent
// before has been worked off.
const fenceAddr = "10.77.0.79"

// silent waits until the programs have ended and everything that was sent has been
// worked off, and fails the test if a captured address has said anything but where
// it is, which the sender's kernel may have asked.
func (w *world) silent(t *testing.T, p *tap, all ...*Process) {
	t.Helper()
	for _, program := range all {
		waitEnd(t, program, time.Minute)
	}
	fence := netip.MustParseAddr(fenceAddr)
	p.send(t, mac(t, w.balancer), "tcp 10.77.0.200:4444 > "+fenceAddr+":22 S seq=1")
	eventually(t, 5*time.Second, "an answer from "+fenceAddr, func() bool {
		return len(p.frames(func(f *wire.Frame) bool { return f.Src == fence && f.Proto == wire.ProtoTCP })) > 0
	})
	for _, f := range p.fromAddr(func(a netip.Addr) bool { return inPit(a) && a != fence }) {
		if f.Kind != wire.KindARP && !isAdvertisement(f) {
			t.Errorf("an answer: %v", f)
		}
	}
	p.forget()
}

// hostileFrames are frames that must get no answer, by what the engine counts them as.
func hostileFrames() map[engine.Reason][]string {
	const syn = "tcp 10.77.0.200:4000 > 10.77.0.66:22 S seq=1000"
	const syn6 = "tcp [fd77::200]:4000 > [fd77::66]:22 S seq=1000"
	all := map[engine.Reason][]string{
		engine.Checksum: {syn + " csum=bad", syn6 + " csum=bad", syn + " ipcsum=bad"},
		engine.Tagged:   {syn + " vlan=7", syn6 + " vlan=7"},
		engine.CapturedOther: {
			syn + " len=12 frag=0+", syn6 + " len=12 id=7 frag=0+", "ip 10.77.0.200 > 10.77.0.66 proto=6 frag=1480 len=40",
			syn + " ipopts=01010100", syn6 + " ext=60:0600010400000000",
			"icmp 10.77.0.200 > 10.77.0.66 echo-request id=1 seq=1 len=48", "icmp6 fd77::200 > fd77::66 echo-request id=1 seq=1 len=48",
			"udp 10.77.0.200:4000 > 10.77.0.66:161 len=40",
		},
		engine.CapturedBackscatter: {"tcp 10.77.0.200:4000 > 10.77.0.66:22 SA seq=1000 ack=77"},
	}
	for _, from := range []string{
		"0.0.0.0", "127.0.0.1", "224.0.0.5", "240.0.0.1", "255.255.255.255", "10.77.0.255", // of no host
		pitAddr, "10.77.0.70", "10.77.0.9", vip, "10.77.0.1", // of itself, another captured one, the balancer, its VIP and server
	} {
		all[engine.BadSource] = append(all[engine.BadSource], "tcp "+from+":4000 > 10.77.0.66:22 S seq=1000")
	}
	for _, from := range []string{"::", "::1", "ff02::1", pitAddr6, "fd77::6a", "fd77::9"} {
		all[engine.BadSource] = append(all[engine.BadSource], "tcp ["+from+"]:4000 > [fd77::66]:22 S seq=1000")
	}
	for _, flags := range []string{"", "FPU", "FSRPAU", "SF", "SR", "F", "R"} {
		all[engine.CapturedOther] = append(all[engine.CapturedOther], "tcp 10.77.0.200:4000 > 10.77.0.66:22 "+flags+" seq=1000 ack=77")
	}
	for _, flags := range []string{"A", "RA", "FA", "A len=1", "PA len=100"} { // without our cookie
		all[engine.CapturedForged] = append(all[engine.CapturedForged], "tcp 10.77.0.200:4000 > 10.77.0.66:22 "+flags+" seq=1000 ack=77")
	}
	return all
}
