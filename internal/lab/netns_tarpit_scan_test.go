// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"cygnet/internal/wire"
)

// TestNetnsTarpitScans shows what scanners and clients of others find at captured
// addresses, of both families, that nobody has asked for before.
func TestNetnsTarpitScans(t *testing.T) {
	requireNetns(t, "nginx", "curl", "nmap", "masscan", "ssh", "ndisc6")
	// The list permits the VIPs, too: they go on serving all the same.
	w, _ := newPit(t, "acl 1 permit "+vip, "acl 1 permit "+vip6,
		"service web6 listen ["+vip6+"]:80", "service web6 server 0 address fd77::1")

	t.Run("nmap -sn sees them up", func(t *testing.T) {
		out := must(t, w.client, "nmap", "-n", "-sn", "-oG", "-", "10.77.0.62-81")
		if got := strings.Count(out, "Status: Up"); got != 16 {
			t.Errorf("%d of 16 captured addresses are up:\n%s", got, out)
		}
	})
	for _, c := range []struct{ scan, addr string }{
		{"-sS", "10.77.0.67"}, {"-sT", "10.77.0.68"}, {"-6 -sS", "fd77::67"}, {"-6 -sT", "fd77::68"},
	} {
		t.Run("nmap "+c.scan+" -F", func(t *testing.T) {
			out := must(t, w.client, "nmap", append(strings.Fields(c.scan), "-n", "-F", "-oG", "-", c.addr)...)
			if got := strings.Count(out, "/open/tcp"); got != 100 {
				t.Errorf("%d of 100 ports open:\n%s", got, out)
			}
		})
	}
	for _, a := range []string{"10.77.0.69", "[fd77::69]"} {
		t.Run("curl hangs at "+a, func(t *testing.T) { w.hangs(t, a) })
	}
	for _, a := range []string{"10.77.0.70", "fd77::6a"} {
		t.Run("ssh gives up at "+a, func(t *testing.T) {
			began := time.Now()
			r := run(t, w.client, "ssh", "-F", "none", "-o", "ConnectTimeout=3", "-o", "BatchMode=yes", "-l", "root", a)
			if took := time.Since(began); r.Code != 255 || took < 3*time.Second || !strings.Contains(r.Stderr, "timed out during banner exchange") {
				t.Errorf("exit status %d after %v: %s", r.Code, took, r.Stderr)
			}
		})
	}
	t.Run("masscan finds all ports and no banner", w.masscan)
	t.Run("ndisc6", w.ndisc6)
	t.Run("a permitted VIP serves", func(t *testing.T) {
		for range 10 {
			for _, url := range []string{"http://" + vip + "/who", "http://[" + vip6 + "]/who"} {
				if got := w.page(t, url); !strings.HasPrefix(got, "s") {
					t.Errorf("%s: %q", url, got)
				}
			}
		}
	})
	w.noBadChecksums(t)
}

// masscan answers SYN+ACKs itself, so it needs an address that its host's kernel does
// not have; and it sends everything to its router's MAC.
func (w *world) masscan(t *testing.T) {
	out := must(t, w.client, "masscan", "-p22,80,443", "10.77.0.64/29", "--interface", NIC, "--source-ip", "10.77.0.222",
		"--source-port", "40000", "--source-mac", mac(t, w.client).String(), "--router-mac", mac(t, w.balancer).String(),
		"--banners", "--wait", "5", "--rate", "200", "-oL", "-")
	if open, banners := strings.Count(out, "open tcp "), strings.Count(out, "banner tcp "); open != 24 || banners != 0 {
		t.Errorf("%d of 24 ports open, %d banners:\n%s", open, banners, out)
	}
}

// ndisc6 asks who has a captured address. The advertisement must not override what a
// real owner says (RFC 4861 section 7.2.5), and has as many bytes as the question.
func (w *world) ndisc6(t *testing.T) {
	addr := netip.MustParseAddr("fd77::6b")
	p := newTap(t, w.client)
	want := strings.ToUpper(mac(t, w.balancer).String())
	if out := must(t, w.client, "ndisc6", "-n", "-1", "-r", "4", "-w", "1000", addr.String(), NIC); !strings.Contains(out, want) {
		t.Errorf("no %s in\n%s", want, out)
	}
	var all []*wire.Frame
	eventually(t, 2*time.Second, "the tap hears an advertisement", func() bool {
		all = p.frames(func(f *wire.Frame) bool { return isAdvertisement(f) && f.ND().Target() == addr })
		return len(all) > 0
	})
	if len(all) != 1 {
		t.Fatalf("%d advertisements, want 1", len(all))
	}
	f := all[0]
	if n := f.ND(); n.Flags() != wire.NDSolicited || len(f.Data) != 86 || f.Src != addr || !f.Ethernet().Dst().IsUnicast() || f.IPv6().HopLimit() != 255 {
		t.Errorf("flags %x, %d bytes: %v", n.Flags(), len(f.Data), f)
	}
}
