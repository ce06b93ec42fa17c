// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"encoding/binary"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/link"

	"cygnet/internal/wire"
)

// Verdicts of a tcx program, and fields of struct __sk_buff (linux/bpf.h).
const (
	tcxNext    = -1
	tcxDrop    = 2
	skbPresent = 20 // whether there is a tag
	skbTCI     = 24
)

// accessPort makes the switch's end of the host's wire an access port of a VLAN:
// what the host sends is tagged, and it gets only what has the tag, without it. All
// other ports are trunks. Programs in the kernel do it, as a bridge's vlan_filtering
// would: that and VLAN interfaces need a kernel with CONFIG_VLAN_8021Q, which these
// tests' own has not.
func (h *Host) accessPort(t *testing.T, vlan uint16) {
	t.Helper()
	tpid := binary.NativeEndian.Uint16(binary.BigEndian.AppendUint16(nil, wire.EtherTypeVLAN))
	end := asm.Instructions{
		asm.Mov.Imm(asm.R0, tcxNext), asm.Return(),
		asm.Mov.Imm(asm.R0, tcxDrop).WithSymbol("drop"), asm.Return(),
	}
	push := asm.Instructions{
		asm.Mov.Imm(asm.R2, int32(tpid)),
		asm.Mov.Imm(asm.R3, int32(vlan)),
		asm.FnSkbVlanPush.Call(),
		asm.JNE.Imm(asm.R0, 0, "drop"),
	}
	pop := asm.Instructions{
		asm.LoadMem(asm.R2, asm.R1, skbPresent, asm.Word),
		asm.JEq.Imm(asm.R2, 0, "drop"),
		asm.LoadMem(asm.R2, asm.R1, skbTCI, asm.Word),
		asm.And.Imm(asm.R2, 0x0fff),
		asm.JNE.Imm(asm.R2, int32(vlan), "drop"),
		asm.FnSkbVlanPop.Call(),
		asm.JNE.Imm(asm.R0, 0, "drop"),
	}
	port, err := h.lab.segment.nl.LinkByName(h.port())
	if err != nil {
		t.Fatal(err)
	}
	for attach, program := range map[ebpf.AttachType]asm.Instructions{ebpf.AttachTCXIngress: push, ebpf.AttachTCXEgress: pop} {
		p, err := ebpf.NewProgram(&ebpf.ProgramSpec{Type: ebpf.SchedCLS, Instructions: append(program, end...), License: "MIT"})
		if err != nil {
			t.Fatalf("the program of an access port: %v", err)
		}
		t.Cleanup(func() { p.Close() })
		err = visit(h.lab.segment.ns, func() error {
			l, err := link.AttachTCX(link.TCXOptions{Interface: port.Attrs().Index, Program: p, Attach: attach})
			if err == nil {
				t.Cleanup(func() { l.Close() })
			}
			return err
		})
		if err != nil {
			t.Fatalf("attach the program of an access port (needs Linux 6.6): %v", err)
		}
	}
}
