// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package link

import (
	"bytes"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// HostAddrs gives every address that this host's kernel holds in this network
// namespace, with the name of an interface that has it (the first, where there
// are several).
func HostAddrs() (map[netip.Addr]string, error) {
	list, err := dumpAddrs(nil)
	if err != nil {
		return nil, fmt.Errorf("list addresses of this host: %w", err)
	}
	held := make(map[netip.Addr]string, len(list))
	for _, a := range list {
		p, ok := prefix(a.IPNet)
		if _, known := held[p.Addr()]; !ok || known {
			continue
		}
		held[p.Addr()] = linkName(a.LinkIndex)
	}
	return held, nil
}

// linkName names the interface of that index, or gives its number if it went.
func linkName(index int) string {
	l, err := netlink.LinkByIndex(index)
	if err != nil {
		return fmt.Sprintf("interface %d", index)
	}
	return l.Attrs().Name
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

// Privileges tells which of the capabilities that matter here are effective in
// the calling thread: CAP_NET_RAW opens packet sockets, CAP_NET_ADMIN installs
// the ingress drop and makes large socket buffers, CAP_BPF (5.8; before,
// CAP_SYS_ADMIN) loads its program. capabilities(7).
func Privileges() (netRaw, netAdmin, bpf bool) {
	hdr := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData // version 3: 64 capabilities in two words
	if err := unix.Capget(&hdr, &data[0]); err != nil {
		return false, false, false
	}
	has := func(c int) bool { return data[c/32].Effective&(1<<(c%32)) != 0 }
	return has(unix.CAP_NET_RAW), has(unix.CAP_NET_ADMIN), has(unix.CAP_BPF) || has(unix.CAP_SYS_ADMIN)
}
