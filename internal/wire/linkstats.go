// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package wire

// LinkStats is what a link lost, counted from its opening.
type LinkStats struct {
	KernelDrops uint64 // frames for us that found the receive buffer full
	RecvErrors  uint64 // failed receive calls, an interface that is down left out
	SendTooLong uint64 // longer than the interface's MTU allows
	SendFull    uint64 // the interface's queue or the send buffer was full
	SendDown    uint64 // the interface was down or gone
	SendOther   uint64
}

// SendErrors returns the frames that were decided on and not sent.
func (s LinkStats) SendErrors() uint64 {
	return s.SendTooLong + s.SendFull + s.SendDown + s.SendOther
}

// Add returns the sums.
func (s LinkStats) Add(o LinkStats) LinkStats {
	s.KernelDrops += o.KernelDrops
	s.RecvErrors += o.RecvErrors
	s.SendTooLong += o.SendTooLong
	s.SendFull += o.SendFull
	s.SendDown += o.SendDown
	s.SendOther += o.SendOther
	return s
}
