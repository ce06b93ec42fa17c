package sched

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestDis(t *testing.T) {
	var all []float64
	bad := 0
	worst := 0.0
	for k := range 1500 {
		var key Key
		for i := range key {
			key[i] = byte(rand.Uint32())
		}
		s := servers(8)
		c := NewCompiler(key)
		before := owners(c.Compile(Hash, s), s)
		_ = k
		sum := 0.0
		for gone := range 8 {
			left := slices.Delete(slices.Clone(s), gone, gone+1)
			after := owners(c.Compile(Hash, left), left)
			others, moved := 0, 0
			for i, addr := range before {
				if addr == s[gone].Addr {
					continue
				}
				others++
				if after[i] != addr {
					moved++
				}
			}
			f := float64(moved) / float64(others)
			sum += f / 8
			worst = max(worst, f)
			if f >= 0.01 {
				bad++
			}
		}
		all = append(all, sum)
	}
	slices.Sort(all)
	n := len(all)
	fmt.Println("mean", func() (m float64) {
		for _, f := range all {
			m += f
		}
		return m / float64(n)
	}(), "p50", all[n/2], "p90", all[n*9/10], "p99", all[n*99/100], "max", all[n-1], "worst", worst, "bad", bad, "of", n)
}
