// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package health

import "cygnet/internal/wire"

// Heard takes a frame that came for a source address, from whomever: it is for
// engine.Links.Heard. It does not wait, and keeps nothing of the frame. What answers
// no check of ours is ignored; transport checksums are not looked at, for the
// kernel leaves them out of frames that never were on a wire.
func (m *Monitor) Heard(frame []byte) {
	var f wire.Frame
	if f.Parse(frame) != wire.DefectNone || f.Part != wire.Whole {
		return
	}
	if f.Ports {
		if p := m.ports.probe(f.DstPort); p != nil {
			p.take(&f)
		}
		return
	}
	var quoted wire.Frame
	if f.Inner(&quoted) {
		if p := m.ports.probe(quoted.SrcPort); p != nil {
			p.refused(&f, &quoted)
		}
	}
}
