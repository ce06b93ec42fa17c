// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package sched

import (
	"fmt"
	"net/netip"
	"testing"
)

func BenchmarkClient(b *testing.B) {
	k, a := key(), netip.MustParseAddr("10.0.0.9")
	for b.Loop() {
		k.Client(a, 1234)
	}
}

func BenchmarkPick(b *testing.B) {
	p := NewCompiler(key()).Compile(Hash, servers(8))
	hashes := clients(4096)
	for _, down := range []int{0, 4, 7} {
		usable := func(i int) bool { return i >= down }
		b.Run(fmt.Sprintf("down=%d", down), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				p.Pick(hashes[i%len(hashes)], usable)
			}
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	for _, n := range []int{2, 32, 1000} {
		s := servers(n)
		b.Run(fmt.Sprintf("servers=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				NewCompiler(key()).Compile(Hash, s)
			}
		})
	}
	b.Run("shared", func(b *testing.B) {
		c, s := NewCompiler(key()), servers(32)
		for b.Loop() {
			c.Compile(Hash, s)
		}
	})
}
