// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package wire

import (
	"encoding/hex"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

// dhcpMessage is a message of a server with these options, in hex.
func dhcpMessage(options string) DHCP {
	d := make(DHCP, 236, 300)
	d[0], d[1], d[2] = 2, 1, 6 // BOOTREPLY, Ethernet
	o, err := hex.DecodeString(strings.ReplaceAll("63825363"+options, " ", ""))
	if err != nil {
		panic(err)
	}
	return append(d, o...)
}

func toldBy(servers func(each func(netip.Addr))) (all []string) {
	servers(func(a netip.Addr) { all = append(all, a.String()) })
	return all
}

func TestDHCPServers(t *testing.T) {
	const (
		offer, ack = "350102 ", "350105 "
		ident      = "36040a4d0003 "         // 54: 10.77.0.3
		routers    = "03080a4d00010a4d0002 " // 3: 10.77.0.1 and 10.77.0.2
		dns        = "06040a4d0035 "         // 6: 10.77.0.53
		mask       = "0104ffffff00 "
		end        = "ff"
	)
	all := []string{"10.77.0.3", "10.77.0.1", "10.77.0.2", "10.77.0.53"}
	for _, tt := range []struct {
		name    string
		message DHCP
		want    []string
	}{
		{"an offer", dhcpMessage(offer + ident + mask + routers + dns + end), all},
		{"an acknowledgment", dhcpMessage(ack + ident + routers + dns + end), all},
		{"its type behind the rest", dhcpMessage(ident + routers + dns + offer + end), all},
		{"padding inside and behind", dhcpMessage("0000" + offer + "00" + ident + end + "000000"), all[:1]},
		{"what stands behind the end", dhcpMessage(offer + ident + end + dns), all[:1]},
		{"only the type", dhcpMessage(offer + end), nil},

		{"a refusal", dhcpMessage("350106" + ident + end), nil},
		{"a client's request", dhcpMessage("350103" + ident + end), nil},
		{"no type", dhcpMessage(ident + end), nil},
		{"two types", dhcpMessage(offer + ack + ident + end), nil},
		{"a type of two octets", dhcpMessage("35020205" + ident + end), nil},
		{"no end", dhcpMessage(offer + ident), nil},
		{"an option cut short", dhcpMessage(offer + ident + "03080a4d0001"), nil},
		{"a code without a length", dhcpMessage(offer + ident + "03"), nil},
		{"an identifier of 8 octets", dhcpMessage(offer + "36080a4d00030a4d0004" + end), nil},
		{"routers of 6 octets", dhcpMessage(offer + ident + "03060a4d00010a4d" + end), nil},
		{"no routers", dhcpMessage(offer + ident + "0300" + end), nil},
		{"another cookie", func() DHCP { d := dhcpMessage(offer + ident + end); d[236] = 0; return d }(), nil},
		{"a request by its op", func() DHCP { d := dhcpMessage(offer + ident + end); d[0] = 1; return d }(), nil},
		{"BOOTP", dhcpMessage(offer + ident + end)[:236], nil},
		{"nothing", nil, nil},
	} {
		if got := toldBy(tt.message.Servers); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestDHCPFromClient(t *testing.T) {
	const (
		ident  = "36040a4d0003 " // 54: 10.77.0.3
		wanted = "32040a4d0040 " // 50: 10.77.0.64
		end    = "ff"
	)
	message := func(kind byte, uses, options string) DHCP {
		d := dhcpMessage("3501" + hex.EncodeToString([]byte{kind}) + options)
		d[0] = 1
		if uses != "" {
			copy(d[12:], netip.MustParseAddr(uses).AsSlice())
		}
		return d
	}
	for _, tt := range []struct {
		name          string
		message       DHCP
		server, taken string
	}{
		{"a choice", message(3, "", wanted+ident+end), "10.77.0.3", "10.77.0.64"},
		{"after a restart", message(3, "", wanted+end), "", "10.77.0.64"},
		{"a renewal", message(3, "10.77.0.65", end), "", "10.77.0.65"},
		{"in use by another", message(4, "", ident+wanted+end), "10.77.0.3", "10.77.0.64"},
		{"given back", message(7, "10.77.0.65", ident+wanted+end), "10.77.0.3", ""},
		{"an address by hand", message(8, "10.77.0.65", wanted+end), "", "10.77.0.65"},
		{"a wish", message(1, "10.77.0.65", wanted+ident+end), "", ""},
		{"an offer", message(2, "10.77.0.65", wanted+ident+end), "", ""},
		{"of a server", func() DHCP { d := message(3, "", wanted+ident+end); d[0] = 2; return d }(), "", ""},
		{"no end", message(3, "", wanted+ident), "", ""},
		{"a wanted address of 3 octets", message(3, "", "32030a4d00"+ident+end), "", ""},
		{"two wanted addresses", message(3, "", "32080a4d00400a4d0041"+ident+end), "", ""},
		{"a server of 5 octets", message(3, "", wanted+"36050a4d000300"+end), "", ""},
		{"BOOTP", message(3, "10.77.0.65", wanted)[:236], "", ""},
		{"nothing", nil, "", ""},
	} {
		server, taken := tt.message.FromClient()
		for _, a := range []struct {
			what string
			got  netip.Addr
			want string
		}{{"server", server, tt.server}, {"taken", taken, tt.taken}} {
			if (a.got.IsValid() || a.want != "") && a.got.String() != a.want {
				t.Errorf("%s: %s %v, want %q", tt.name, a.what, a.got, a.want)
			}
		}
	}
}

func TestIsDHCPFromClient(t *testing.T) {
	for line, want := range map[string]bool{
		"udp 0.0.0.0:68 > 255.255.255.255:67 len=300":         true,
		"udp 10.77.0.5:68 > 10.77.0.3:67 len=300 pad=3":       true,
		"udp 10.77.0.3:67 > 255.255.255.255:68 len=300":       false,
		"udp 10.77.0.3:67 > 10.77.0.4:67 len=300":             false, // by a relay
		"udp 0.0.0.0:68 > 255.255.255.255:67 len=296 frag=0+": false,
		"tcp 10.77.0.5:68 > 10.77.0.3:67 S":                   false,
		"udp [fd77::3]:68 > [ff02::1]:67 len=300":             false,
	} {
		if f := mustParse(t, mustText(t, macs+line)); f.IsDHCPFromClient() != want {
			t.Errorf("%s: %t", line, !want)
		}
	}
}

func TestIsDHCP(t *testing.T) {
	for _, tt := range []struct {
		line string
		want bool
	}{
		{"udp 10.77.0.3:67 > 255.255.255.255:68 len=300", true},
		{"udp 10.77.0.3:67 > 10.77.0.5:68 len=300 pad=3", true},
		{"udp 10.77.0.3:68 > 255.255.255.255:67 len=300", false},
		{"udp 10.77.0.3:67 > 255.255.255.255:67 len=300", false},
		{"udp 10.77.0.3:67 > 255.255.255.255:68 len=296 frag=0+", false},
		{"tcp 10.77.0.3:67 > 10.77.0.5:68 S", false},
		{"udp [fd77::3]:67 > [ff02::1]:68 len=300", false},
	} {
		f := mustParse(t, mustText(t, macs+tt.line))
		if got := f.IsDHCP(); got != tt.want {
			t.Errorf("%s: %t", tt.line, got)
		}
	}
	f := mustParse(t, mustText(t, macs+"udp 10.77.0.3:67 > 10.77.0.5:68 len=300 ulen=108 pad=3"))
	if n := len(f.DHCP()); n != 100 {
		t.Errorf("a payload of %d octets, want those of the datagram, 100", n)
	}
}

// FuzzDHCP: whatever comes, there are no more addresses than there is room for, a
// message that is cut tells nothing, and none is made up.
func FuzzDHCP(f *testing.F) {
	f.Add([]byte(dhcpMessage("350102 36040a4d0003 03080a4d00010a4d0002 ff")))
	f.Add([]byte(dhcpMessage("00 350105 06040a4d0035 ff 00")))
	f.Add(append([]byte{1}, dhcpMessage("350103 32040a4d0040 36040a4d0003 ff")[1:]...))
	f.Fuzz(func(t *testing.T, b []byte) {
		got := toldBy(DHCP(b).Servers)
		if len(got)*4 > max(0, len(b)-240) {
			t.Fatalf("%d addresses of %d octets", len(got), len(b))
		}
		for _, a := range got {
			raw := netip.MustParseAddr(a).As4()
			if !strings.Contains(string(b[240:]), string(raw[:])) {
				t.Fatalf("%s is not in the message", a)
			}
		}
		server, taken := DHCP(b).FromClient()
		for _, a := range []netip.Addr{server, taken} {
			if a.IsValid() && (len(b) <= 240 || !strings.Contains(string(b), string(a.AsSlice()))) {
				t.Fatalf("%s is not in the message", a)
			}
		}
		if len(got) > 0 && len(toldBy(DHCP(b[:240]).Servers)) > 0 {
			t.Fatal("a message without options tells of servers")
		}
	})
}
