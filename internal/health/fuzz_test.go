// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package health

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/netip"
	"testing"

	"cygnet/internal/wire"
)

// FuzzHeard gives Heard whatever there is, while checks of both protocols go on:
// nothing may panic, and without the numbers that we sent nothing is concluded.
func FuzzHeard(f *testing.F) {
	const ours, isn = firstPort + 5, 0xdecade01
	for _, line := range []string{
		"02:00:00:00:00:0b > 02:00:00:00:00:01 tcp 10.77.0.100:80 > 10.77.0.9:49157 SA seq=7 ack=1",
		"02:00:00:00:00:0b > 02:00:00:00:00:01 udp 10.77.0.100:80 > 10.77.0.9:49157 len=40",
		"02:00:00:00:00:0b > 02:00:00:00:00:01 tcp [fd77::100]:80 > [fd77::9]:49157 R",
		fmt.Sprintf("02:00:00:00:00:0b > 02:00:00:00:00:01 icmp 10.77.0.11 > 10.77.0.9 unreachable inner=(tcp 10.77.0.9:%d > 10.77.0.100:80 S seq=1)", ours),
		fmt.Sprintf("02:00:00:00:00:0b > 02:00:00:00:00:01 icmp6 fd77::11 > fd77::9 unreachable inner=(udp [fd77::9]:%d > [fd77::100]:80)", ours),
	} {
		b, err := wire.ParseText(line)
		if err != nil {
			f.Fatalf("%s: %v", line, err)
		}
		f.Add(b, false)
		f.Add(b, true)
	}
	f.Fuzz(func(t *testing.T, frame []byte, datagrams bool) {
		m := New(newFake())
		proto := uint8(wire.ProtoTCP)
		if datagrams {
			proto = wire.ProtoUDP
		}
		p := &probe{
			proto: proto, port: ours, way: way{source4, itsMAC, 0}, to: netip.AddrPortFrom(vip4, 80), verdict: make(chan outcome, 1),
		}
		p.sent.Store(isn)
		p.heard = func(f *wire.Frame) {
			m.net.deliver(p, f)
			if proto == wire.ProtoTCP {
				acknowledged(p, f)
			}
		}
		m.ports.open = map[uint16]*probe{ours: p}
		was := append([]byte(nil), frame...)
		m.Heard(frame)
		if string(was) != string(frame) {
			t.Error("the frame was changed")
		}
		var heard wire.Frame
		heard.Parse(frame)
		select {
		case o := <-p.verdict:
			if !quotes(frame, isn) && !quotes(frame, isn+1) && !datagrams {
				t.Errorf("%v, concluded from %s", o, heard.String())
			}
		default:
		}
	})
}

// quotes says whether a number is anywhere in a frame.
func quotes(frame []byte, n uint32) bool {
	return bytes.Contains(frame, binary.BigEndian.AppendUint32(nil, n))
}
