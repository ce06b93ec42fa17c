// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"io"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"
)

// resolvers keeps up with the DNS servers of this host: those of resolv.conf(5), and
// behind the stub of systemd-resolved(8) those that it asks. The zero value has not
// looked yet. A file that cannot be read, as under chroot, leaves what it said.
type resolvers struct {
	read  map[string]time.Time // when each file was last changed, as it was last read
	addrs []netip.Addr         // all that were ever named
}

// resolvFiles are where they stand.
func resolvFiles() []string {
	return []string{"/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"}
}

// look reads the files that changed, and returns all DNS servers seen so far.
func (r *resolvers) look(files []string) []netip.Addr {
	if r.read == nil {
		r.read = map[string]time.Time{}
	}
	for _, path := range files {
		info, err := os.Stat(path)
		if err != nil || info.ModTime().Equal(r.read[path]) {
			continue
		}
		r.read[path] = info.ModTime()
		for _, a := range nameservers(path) {
			if !slices.Contains(r.addrs, a) {
				r.addrs = append(r.addrs, a)
			}
		}
	}
	return r.addrs
}

// longestResolv is how much of the file is read; resolv.conf(5) has three servers.
const longestResolv = 64 << 10

// nameservers are the addresses that the file names.
func nameservers(path string) (all []netip.Addr) {
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	text, _ := io.ReadAll(io.LimitReader(f, longestResolv)) // what was read of it will do
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		if len(words) < 2 || words[0] != "nameserver" {
			continue
		}
		if a, err := netip.ParseAddr(words[1]); err == nil {
			all = append(all, a.Unmap().WithZone(""))
		}
	}
	return all
}
