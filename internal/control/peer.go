// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import (
	"fmt"
	"net"
	"net/netip"
	"os"

	"golang.org/x/sys/unix"

	"cygnet/acl"
	"cygnet/internal/command"
)

// peer returns who is at the other end, and the address of a TCP peer, which
// control_acl is to judge.
func peer(conn net.Conn) (command.Who, netip.Addr) {
	switch c := conn.(type) {
	case *net.UnixConn:
		return local(c), netip.Addr{}
	case *net.TCPConn:
		if from, ok := c.RemoteAddr().(*net.TCPAddr); ok {
			return remote(from.AddrPort())
		}
	}
	return command.Who{Name: "unknown peer"}, netip.Addr{}
}

// remote returns a peer's name, and its address as lists know addresses: an
// IPv4 one not wrapped into IPv6, and without a zone, which no prefix has.
func remote(from netip.AddrPort) (command.Who, netip.Addr) {
	addr := from.Addr().Unmap()
	return command.Who{Name: netip.AddrPortFrom(addr, from.Port()).String()}, addr.WithZone("")
}

// addressOf is the address of a TCP peer; false for anybody else.
func addressOf(who command.Who) (netip.Addr, bool) {
	remote, err := netip.ParseAddrPort(who.Name)
	return remote.Addr(), err == nil
}

// Permits says whether control_acl, as config.Config.ControlTable has it, lets a
// TCP peer in. Without a list that says who, only this machine may.
func Permits(t *acl.Table, a netip.Addr) bool {
	if t == nil {
		return a.IsLoopback()
	}
	permit, _ := t.Lookup(a)
	return permit
}

// local asks the kernel who connected (unix(7), SO_PEERCRED). A process in
// another PID namespace has no number here: it is pid 0.
func local(c *net.UnixConn) command.Who {
	raw, err := c.SyscallConn()
	if err != nil {
		return command.Who{Name: "unknown uid"}
	}
	var cred *unix.Ucred
	var failed error
	if err := raw.Control(func(fd uintptr) {
		cred, failed = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	}); err != nil || failed != nil {
		return command.Who{Name: "unknown uid"}
	}
	return command.Who{
		Name:  fmt.Sprintf("uid %d pid %d", cred.Uid, cred.Pid),
		Owner: cred.Uid == 0 || int(cred.Uid) == os.Geteuid(),
	}
}
