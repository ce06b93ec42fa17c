// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package link

import (
	"fmt"
	"strings"
)

// NotFoundError says that there is no such interface in this network namespace.
type NotFoundError struct {
	Name       string
	Interfaces []string // those that there are
}

func (e *NotFoundError) Error() string {
	return fmt.Sprintf("%s: no such interface", e.Name)
}

// Hint names the interfaces there are.
func (e *NotFoundError) Hint() string {
	return "interfaces here are: " + strings.Join(e.Interfaces, ", ")
}

// DownError says that the interface is administratively down: nothing enters or
// leaves it until somebody sets it up, and that is not ours to do.
type DownError struct {
	Name string
}

func (e *DownError) Error() string {
	return fmt.Sprintf("%s: the interface is administratively down", e.Name)
}

// Hint gives the command that sets the interface up.
func (e *DownError) Hint() string {
	return fmt.Sprintf("ip link set %s up", e.Name)
}

// NotEthernetError says that the interface has no Ethernet addresses, by which
// direct server return works.
type NotEthernetError struct {
	Name string
	Type string // what it is instead: loopback, tun, ...
}

func (e *NotEthernetError) Error() string {
	return fmt.Sprintf("%s: not an Ethernet interface (%s)", e.Name, e.Type)
}

// Hint says what is needed.
func (e *NotEthernetError) Hint() string {
	return "frames are forwarded by their MAC addresses, so this takes the Ethernet interface that the servers are on"
}
