// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"testing"

	"pgregory.net/rapid"
)

// A portMap does as a map does, the first one to be entered stays.
func TestPortMapIsAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var m portMap
		model := map[portKey]*service{}
		port := rapid.OneOf(rapid.Uint16(), rapid.Uint16Range(0, 20))
		for range rapid.IntRange(0, 100).Draw(t, "services") {
			k, s := portOf(port.Draw(t, "port"), rapid.SampledFrom([]uint8{6, 17}).Draw(t, "protocol")), new(service)
			if m.add(k, s); model[k] == nil {
				model[k] = s
			}
		}
		for range 100 {
			k := portOf(port.Draw(t, "looked up"), rapid.SampledFrom([]uint8{6, 17}).Draw(t, "of protocol"))
			if got := m.get(k); got != model[k] {
				t.Fatalf("%#x: %p, want %p", k, got, model[k])
			}
		}
		for k, want := range model {
			if got := m.get(k); got != want {
				t.Fatalf("%#x: %p, want %p", k, got, want)
			}
		}
		if 2*m.n > max(2, len(m.more)) {
			t.Fatalf("%d of %d slots are taken", m.n, len(m.more))
		}
	})
}
