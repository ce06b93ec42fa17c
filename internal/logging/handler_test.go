// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package logging

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"testing"
	"testing/slogtest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// What slog asks of every handler.
func TestHandlerKeepsTheRules(t *testing.T) {
	var (
		out bytes.Buffer
		l   *Log
	)
	open := func(t *testing.T) slog.Handler {
		out.Reset()
		var err error
		if l, err = Open(Target{Format: "json"}, &out); err != nil {
			t.Fatal(err)
		}
		return l.Logger().Handler()
	}
	slogtest.Run(t, open, func(t *testing.T) map[string]any {
		l.Close(time.Minute)
		got := map[string]any{}
		if err := json.Unmarshal(out.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		return got
	})
}

func TestFieldsOfTheJournal(t *testing.T) {
	r := slog.NewRecord(time.Time{}, slog.LevelInfo, "m", 0)
	r.Add("level", "mine", "größe", 1, slog.Group("g", "a", "x\ty", "", 2))
	got := form{fields: true}.render(nil, r).fields
	// `level` cannot be told from slog's own, and MESSAGE has both.
	want := map[string]string{"CYGNET_GR__E": "1", "CYGNET_G_A": `x\u0009y`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
