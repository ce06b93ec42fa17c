// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestLex(t *testing.T) {
	tests := []struct {
		name, line string
		want       []string
	}{
		{"blanks and tabs", " acl\t1  permit 10.0.0.1 ", []string{"acl", "1", "permit", "10.0.0.1"}},
		{"empty", "", nil},
		{"only blanks", " \t\r", nil},
		{"carriage return at the end", "poll\r", []string{"poll"}},
		{"comment", "# all of it", nil},
		{"comment behind words", "poll # why", []string{"poll"}},
		{"# inside a word", "a#b c#", []string{"a#b", "c#"}},
		{"quotes keep blanks", `secret "/etc/my key"`, []string{"secret", "/etc/my key"}},
		{"quotes keep #", `secret "#1"`, []string{"secret", "#1"}},
		{"empty word", `secret ""`, []string{"secret", ""}},
		{"escapes", `"a\"b\\c"`, []string{`a"b\c`}},
		{"backslash outside quotes", `a\b`, []string{`a\b`}},
		{"the longest line", strings.Repeat("a", 4095), []string{strings.Repeat("a", 4095)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := lex(tt.line)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("words (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLexErrors(t *testing.T) {
	tests := []struct{ name, line, want string }{
		{"open quote", `secret "a b`, `column 8, at "\"a b": the quote is not closed`},
		{"open quote after a backslash", `secret "a\`, `column 10, at "\\": only \" and \\ are known inside quotes`},
		{"unknown escape", `secret "a\n"`, `column 10, at "\\n\"": only \" and \\ are known inside quotes`},
		{"quote inside a word", `secret a"b"`, `column 9, at "\"b\"": a quote inside a word; quote the whole word`},
		{"word behind a quote", `secret "a"b`, `column 11, at "b": a blank is missing after the quote`},
		{"line break", "acl 1\npoll", `column 6, at "\npoll": a control character`},
		{"zero byte", "acl 1\x00", `column 6, at "\x00": a control character`},
		{"not UTF-8", "secret /\xff", `column 9, at "\xff": not UTF-8`},
		{"of eight bits", "secret /\u009b2J", `column 9, at "\u009b2J": a control character`},
		{"from right to left", "secret /\u202ex", `column 9, at "\u202ex": a character that does not show`},
		{"long excerpt", `"` + strings.Repeat("a", 40), `column 1, at "\"aaaaaaaaaaaaaaaaaaa...": the quote is not closed`},
		{"too long", strings.Repeat("a", 4096), `a line of 4096 bytes: at most 4095 are read`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			words, err := lex(tt.line)
			if err == nil {
				t.Fatalf("read as %q", words)
			}
			if err.Error() != tt.want {
				t.Errorf("error = %s\n want = %s", err, tt.want)
			}
		})
	}
}

// TestQuoteIsReadBack shows that whatever is a word stays that word.
func TestQuoteIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOf(rapid.StringMatching(`[ -~\t\r]{0,12}`)).Draw(t, "words")
		var line []string
		for _, w := range words {
			line = append(line, Quote(w))
		}
		got, err := lex(strings.Join(line, " "))
		if err != nil || !slices.Equal(got, words) {
			t.Fatalf("%q read back as %q, %v", words, got, err)
		}
	})
}

// FuzzLex shows that no line panics, and that what is read can be written and
// read again.
func FuzzLex(f *testing.F) {
	for _, s := range []string{"", "acl 1 permit 10.0.0.0/8 # x", `secret "a \" \\ b"`, `"`, "\"\\", "a\rb", "\x7f"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		words, err := lex(line)
		if err != nil {
			if words != nil {
				t.Fatalf("words %q beside error %v", words, err)
			}
			return
		}
		var again []string
		for _, w := range words {
			again = append(again, Quote(w))
		}
		text := strings.Join(again, " ")
		if len(text) > maxLine {
			return
		}
		got, err := lex(text)
		if err != nil || !slices.Equal(got, words) {
			t.Fatalf("%q is %q, written as %q is %q, %v", line, words, text, got, err)
		}
	})
}
