// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package afpacket

import (
	"fmt"
	"os"
)

// PrivilegeError says that this process may not open packet sockets.
type PrivilegeError struct {
	Name string // of the interface
	Err  error
}

func (e *PrivilegeError) Error() string {
	return fmt.Sprintf("open packet socket on %s: missing the capability CAP_NET_RAW", e.Name)
}

func (e *PrivilegeError) Unwrap() error { return e.Err }

// Hint says how to give the capabilities: what we need, and those beside it
// that make large buffers and the ingress drop possible.
func (e *PrivilegeError) Hint() string {
	exe, err := os.Executable()
	if err != nil {
		exe = "/path/to/cygnet"
	}
	return "run as root, or: sudo setcap cap_net_raw,cap_net_admin,cap_bpf+ep " + exe +
		", or in a systemd unit: AmbientCapabilities=CAP_NET_RAW CAP_NET_ADMIN CAP_BPF"
}
