// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package wire

import (
	"encoding/hex"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// sample is a frame in hexadecimal, what Parse must find in it, and its text.
type sample struct {
	name string
	hex  string
	want Frame
	text string
	// lossy samples have payloads that the text leaves out.
	lossy bool
}

// samples lists every frame of frames4_test.go and frames6_test.go.
func samples() []sample {
	return append(samples4(), samples6()...)
}

// parseHex reads hexadecimal digits; # begins a comment.
func parseHex(t testing.TB, s string) []byte {
	t.Helper()
	var digits strings.Builder
	for line := range strings.Lines(s) {
		line, _, _ = strings.Cut(line, "#")
		digits.WriteString(strings.Join(strings.Fields(line), ""))
	}
	b, err := hex.DecodeString(digits.String())
	if err != nil {
		t.Fatalf("sample: %v", err)
	}
	return b
}

// mustText reads a line of the notation.
func mustText(t testing.TB, s string) []byte {
	t.Helper()
	b, err := ParseText(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// mustParse parses a frame that has no defect.
func mustParse(t testing.TB, b []byte) *Frame {
	t.Helper()
	f := new(Frame)
	if d := f.Parse(b); d != DefectNone {
		t.Fatalf("Parse(%x) = %v", b, d)
	}
	return f
}

// frameOptions compare what Parse promises: the exported fields but Data.
func frameOptions() cmp.Options {
	return cmp.Options{
		cmpopts.IgnoreFields(Frame{}, "Data"),
		cmpopts.IgnoreUnexported(Frame{}),
		cmp.Comparer(func(a, b netip.Addr) bool { return a == b }),
	}
}

func TestParseSamples(t *testing.T) {
	var f Frame // reused: what one frame leaves behind must not show in the next
	for _, s := range samples() {
		t.Run(s.name, func(t *testing.T) {
			b := parseHex(t, s.hex)
			if d := f.Parse(b); d != DefectNone {
				t.Fatalf("Parse = %v", d)
			}
			if diff := cmp.Diff(s.want, f, frameOptions()); diff != "" {
				t.Errorf("Parse (-want +got):\n%s", diff)
			}
			if !f.TransportChecksumOK() {
				t.Error("TransportChecksumOK = false")
			}
		})
	}
}

// TestParseCutSamples shows that a frame which lost its end is never taken for
// whole: only padding may be missing. Reading past the end would panic, for
// the capacity ends there too.
func TestParseCutSamples(t *testing.T) {
	for _, s := range samples() {
		b := parseHex(t, s.hex)
		end := s.want.End
		if s.want.Kind == KindOther {
			end = s.want.L3 // there is no length to check
		}
		for n := range len(b) {
			want := DefectNone
			if n < end {
				want = DefectTruncated
			}
			var f Frame
			if got := f.Parse(b[:n:n]); got != want {
				t.Errorf("%s: Parse of the first %d bytes of %d = %v, want %v", s.name, n, len(b), got, want)
			}
			if f.L3 > f.L4 || f.L4 > f.End || f.End > n {
				t.Errorf("%s: L3, L4, End = %d, %d, %d of %d", s.name, f.L3, f.L4, f.End, n)
			}
		}
	}
}

// TestParseIPv4AnyFlippedBit shows that no flipped bit of an IPv4 header goes
// unnoticed.
func TestParseIPv4AnyFlippedBit(t *testing.T) {
	b := parseHex(t, tcpSYNHex)
	for bit := range ipv4Len * 8 {
		b[ethernetLen+bit/8] ^= 1 << (bit % 8)
		var f Frame
		if d := f.Parse(b); d == DefectNone {
			t.Errorf("bit %d of byte %d flipped: no defect", bit%8, bit/8)
		}
		b[ethernetLen+bit/8] ^= 1 << (bit % 8)
	}
}

// TestParseSuperFrame shows that a frame merged by GRO is an ordinary one.
func TestParseSuperFrame(t *testing.T) {
	b := mustText(t, macs+"tcp 10.77.0.66:53212 > 10.77.0.10:80 PA len=65495")
	if f := mustParse(t, b); f.End != ethernetLen+65535 || !f.Ports {
		t.Errorf("End = %d, Ports = %v", f.End, f.Ports)
	}
	b = mustText(t, macs+"tcp [fd77::66]:53212 > [fd77::10]:80 PA len=65515")
	if f := mustParse(t, b); f.End != ethernetLen+ipv6Len+65535 || !f.Ports {
		t.Errorf("End = %d, Ports = %v", f.End, f.Ports)
	}
}

// macs begins a line of text whose MAC addresses do not matter.
const macs = "02:00:00:00:00:09 > 02:00:00:00:00:10 "

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }
