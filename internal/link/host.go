// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package link

import (
	"bytes"
	"net/netip"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sys/unix"
)

// hostAddrs lists every address of this host, sorted.
func hostAddrs() ([]netip.Addr, error) {
	list, err := dumpAddrs(nil)
	if err != nil {
		return nil, err
	}
	var all []netip.Addr
	for _, a := range list {
		if p, ok := prefix(a.IPNet); ok {
			all = append(all, p.Addr())
		}
	}
	slices.SortFunc(all, netip.Addr.Compare)
	return slices.Compact(all), nil
}

// Forwarding tells whether this host's kernel forwards packets that enter by
// the named interface (Documentation/networking/ip-sysctl.rst). For IPv4 the
// interface's own setting decides; for IPv6 the one for all, or, since Linux
// 6.17, the interface's force_forwarding. What cannot be read counts as no.
func Forwarding(name string) (v4, v6 bool) {
	v4 = sysctl("ipv4", "conf", name, "forwarding")
	v6 = sysctl("ipv6", "conf", "all", "forwarding") || sysctl("ipv6", "conf", name, "force_forwarding")
	return v4, v6
}

// sysctl tells whether a setting below /proc/sys/net is there and not zero. The
// kernel shows the network namespace of the thread that opens the file.
func sysctl(path ...string) bool {
	b, err := os.ReadFile(filepath.Join("/proc/sys/net", filepath.Join(path...)))
	return err == nil && !bytes.Equal(bytes.TrimSpace(b), []byte("0"))
}

// MayAdminister says whether this process has CAP_NET_ADMIN in effect.
func MayAdminister() bool {
	hdr := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData // version 3: 64 capabilities in two words
	if err := unix.Capget(&hdr, &data[0]); err != nil {
		return false
	}
	return data[unix.CAP_NET_ADMIN/32].Effective&(1<<(unix.CAP_NET_ADMIN%32)) != 0
}
