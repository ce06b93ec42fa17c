// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"fmt"

	"cygnet/internal/bpf"
	"cygnet/internal/link"
)

// hostAnswersError says that this host's own kernel would answer for an
// address of ours, and that we cannot prevent it.
type hostAnswersError struct {
	why   string // what makes the kernel answer
	cause string // what keeps us from preventing it
}

func (e *hostAnswersError) Error() string {
	return fmt.Sprintf("%s, and the ingress drop that would silence it is not possible: %s", e.why, e.cause)
}

// Hint says how to get out of it.
func (e *hostAnswersError) Hint() string {
	return "run as root, or give CAP_NET_ADMIN and CAP_BPF, too; or take the VIP off this host and set net.ipv4.ip_forward=0"
}

// guardHost keeps the host's kernel from answering for our addresses, wherever
// we may. Where we may not, that matters only if it would answer today: then it
// is an error, else a notice, for forwarding may be turned on later.
func (d *daemon) guardHost(ifi *link.Interface) error {
	err := errors.New("the capability CAP_NET_ADMIN is missing")
	switch {
	case d.guard != nil:
		err = d.guard.Update(hostDrop(d.running))
	case link.MayAdminister():
		d.guard, err = bpf.Install(ifi.Index, ifi.Name, hostDrop(d.running))
	}
	if err == nil {
		return nil
	}
	if why := d.wouldAnswer(ifi.Name); why != "" {
		return &hostAnswersError{why: why, cause: err.Error()}
	}
	if !d.unguarded {
		d.unguarded = true
		d.log.Warn("ingress drop not in place: should IP forwarding be turned on here, this host will disturb the services",
			"error", err)
	}
	return nil
}

// dropGuard gives up the ingress drop of an interface that is gone: what it
// hung on is gone already.
func (d *daemon) dropGuard() {
	if d.guard != nil {
		_ = d.guard.Close()
		d.guard = nil
	}
}

// wouldAnswer says why this host's kernel would answer for our addresses, or
// nothing if it would not.
func (d *daemon) wouldAnswer(ifname string) string {
	for _, s := range d.running.Services {
		if s.HostHeld {
			return fmt.Sprintf("%s: this host's kernel answers for the VIP, which is an address of its own", s.VIP)
		}
	}
	has4, has6 := families(d.running)
	if v4, v6 := link.Forwarding(ifname); v4 && has4 || v6 && has6 {
		return fmt.Sprintf("%s: this host's kernel forwards, and so answers for addresses of ours", ifname)
	}
	return ""
}
