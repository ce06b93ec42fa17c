// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package events

import (
	"net/netip"
	"testing"
	"time"
)

func TestCutJSON(t *testing.T) {
	plain := Event{
		Kind: ServerMoved, Time: hit().Time.UTC().Truncate(1e6), Service: "web", Server: "a", Addr: netip.MustParseAddr("fd00::1"), MAC: [6]byte{1}, Was: [6]byte{2},
		Source: netip.MustParseAddr("10.0.0.1"), Port: 65535, From: 1, Held: time.Duration(mostMillis) * time.Millisecond, Who: "uid 0 pid 1", Text: "a {word}, or [two]",
	}
	for _, tt := range []struct {
		in, rest string
		ok       bool
		want     Event
	}{
		{in: string(plain.AppendJSON(nil)) + ",{", rest: ",{", ok: true, want: plain},
		{in: `{"event":"link_up"}`, ok: true, want: Event{Kind: LinkUp}},
		{in: `{"event":"tea_time","severity":"info"}]`, rest: "]", ok: true, want: Event{Kind: kinds}},
		{in: `{"severity":"info"}`, ok: true, want: Event{Kind: kinds}},
		{in: ``}, {in: `{`}, {in: `{}`}, {in: `{"`}, {in: `{"event`}, {in: `{"event"`}, {in: `{"event":`}, {in: `{"event":"link_up"`},
		{in: `{"event":"link_up",}`}, {in: `{"event":"link_up";"who":"a"}`}, {in: ` {"event":"link_up"}`}, {in: `null`},
		{in: `{"event":"link_up","who":"\u0041"}`}, {in: `{"event":"link_up","who":"é"}`}, {in: "{\"event\":\"link_up\",\"who\":\"\t\"}"},
		{in: `{"event":"link_up","port":65536}`}, {in: `{"event":"link_up","port":0}`}, {in: `{"event":"link_up","port":080}`},
		{in: `{"event":"link_up","port":"80"}`}, {in: `{"event":"link_up","port":}`}, {in: `{"event":"link_up","port":80`}, {in: `{"event":"link_up","port":8e1}`},
		{in: `{"event":"link_up","held_ms":9223372036855}`}, {in: `{"event":"link_up","held_ms":1.5}`}, {in: `{"event":"link_up","source_port":65536}`},
		{in: `{"event":"link_up","who":5}`}, {in: `{"event":"link_up","addr":"x"}`}, {in: `{"event":"link_up","mac":"x"}`},
		{in: `{"event":"link_up","time":"x"}`}, {in: `{"event":"link_up","weather":"fair"}`},
	} {
		if !tt.ok {
			tt.rest = tt.in
		}
		got, rest, ok := CutJSON([]byte(tt.in))
		if got != tt.want || string(rest) != tt.rest || ok != tt.ok {
			t.Errorf("%s:\n got %+v, %q, %v\nwant %+v, %q, %v", tt.in, got, rest, ok, tt.want, tt.rest, tt.ok)
		}
	}
	if LinkUp.Known() == kinds.Known() {
		t.Error("a kind of tomorrow is known")
	}
}

// FuzzCutJSON: what CutJSON takes, a reader of any JSON reads alike.
func FuzzCutJSON(f *testing.F) {
	f.Add(hit().AppendJSON(nil))
	f.Add([]byte(`{"time":"0000-01-01T00:00:00Z","event":"link_up","event":"link_down","port":1,"source_port":2,"held_ms":3,"addr":"fe80::1%x","source":""}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, rest, ok := CutJSON(b)
		if !ok || !got.Kind.Known() {
			return
		}
		var want Event
		if err := want.unmarshal(b[:len(b)-len(rest)]); err != nil || got != want {
			t.Errorf("%s\nis   %+v\nwant %+v, %v", b, got, want, err)
		}
	})
}

func BenchmarkCutJSON(b *testing.B) {
	line := hit().AppendJSON(nil)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, ok := CutJSON(line); !ok {
			b.Fatal("not taken")
		}
	}
}

func BenchmarkUnmarshalJSON(b *testing.B) {
	line := hit().AppendJSON(nil)
	b.ReportAllocs()
	for b.Loop() {
		var e Event
		if err := e.unmarshal(line); err != nil {
			b.Fatal(err)
		}
	}
}
