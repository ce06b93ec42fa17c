// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"cygnet/internal/command"
)

// completionScripts ask `cygnet __complete WORD...` what to offer, and are
// otherwise empty of knowledge.
//
//go:embed completion/cygnet.bash completion/cygnet.zsh completion/cygnet.fish
var completionScripts embed.FS

// Lines of `cygnet __complete` by which a shell offers what it knows itself.
const (
	completeFiles = ":file"
	completeHosts = ":host"
)

// completeSub is the hidden subcommand, and completionSub the one that prints
// a script.
const (
	completeSub   = "__complete"
	completionSub = "completion"
)

// flagDoc is what completion and the manual page say of a flag.
type flagDoc struct {
	letter, name string // the name of a flag without another is its letter
	arg          string // what follows it, as FILE or text|json; empty if nothing does
	help         string // one sentence, no capital, no full stop
}

// isLong tells whether f has a name besides its letter.
func (f flagDoc) isLong() bool { return len(f.name) > 1 }

// isLine tells whether f takes a line of the language.
func (f flagDoc) isLine() bool { return strings.EqualFold(f.letter, "o") }

func shells() []string { return []string{"bash", "fish", "zsh"} }

// completionScript returns the script that a shell is to run.
func completionScript(shell string) (string, error) {
	script, err := fs.ReadFile(completionScripts, "completion/cygnet."+shell)
	if err != nil {
		return "", fmt.Errorf("completion %q: no such shell here, expected %s", shell, strings.Join(shells(), ", "))
	}
	return string(script), nil
}

// completeArgs returns what the last of words may become, they being what
// follows `cygnet` on a command line: whole words, and :file or :host.
func completeArgs(words []string, flags []flagDoc, names command.Names) []string {
	if len(words) == 0 {
		words = []string{""}
	}
	words = unquotedAll(words)
	last := words[len(words)-1]
	found := continuing(last, completeWords(words, flags, names))
	slices.Sort(found)
	return slices.Compact(found)
}

func completeWords(words []string, flags []flagDoc, names command.Names) []string {
	first, rest := words[0], words[1:]
	if len(rest) == 0 && !strings.HasPrefix(first, "-") {
		return []string{"attach", "check", completionSub, "ctl", "files", "lab", "version", completeHosts}
	}
	switch first {
	case "ctl":
		return completeControl(rest, names)
	case "check":
		return completeFlags(rest, flags, names)
	case completionSub:
		return only(rest, shells()...)
	case "files":
		return only(rest, slices.Sorted(maps.Keys(embeddedFiles()))...)
	case "lab":
		return completeView(rest, viewTable())
	case "attach":
		return completeView(rest, attachTable(), completeFiles)
	case "version":
		return nil
	}
	return completeFlags(words, flags, names)
}

// only offers words where the first word of a subcommand stands.
func only(rest []string, words ...string) []string {
	if len(rest) == 1 {
		return words
	}
	return nil
}

// completeView completes what follows a subcommand that shows a dashboard: its
// flags and, where words may stand, those.
func completeView(rest []string, table []flag, words ...string) (found []string) {
	if last := len(rest) - 1; rest[last] == "" && len(words) == 0 && (last == 0 || rest[last-1] != "--glyphs") {
		rest = append(slices.Clone(rest[:last]), "-")
	}
	for _, w := range completeFlags(rest, docsOf(table), command.Names{}) {
		if w == completeHosts {
			found = append(found, words...)
		} else {
			found = append(found, w)
		}
	}
	return found
}

// completeControl completes `ctl [SOCKET] COMMAND...`.
func completeControl(rest []string, names command.Names) []string {
	isSocket := strings.ContainsAny(rest[0], "/:")
	switch {
	case len(rest) == 1 && isSocket:
		return []string{completeFiles}
	case len(rest) == 1:
		return append(command.Complete(rest, names), completeFiles)
	case isSocket:
		rest = rest[1:]
	}
	found := command.Complete(rest, names)
	for _, what := range command.Expected(rest) {
		found = append(found, valuesOf(what, names)...)
	}
	return found
}

// completeLine completes a line of the language that is one word of the shell.
func completeLine(line string, names command.Names) []string {
	words := strings.Fields(line)
	if line == "" || strings.HasSuffix(line, " ") {
		words = append(words, "")
	}
	if len(words) == 0 { // blanks that are not spaces
		return nil
	}
	head := strings.TrimSuffix(line, words[len(words)-1])
	found := command.Complete(words, names)
	for i := range found {
		found[i] = head + found[i]
	}
	return found
}

// valuesOf returns what may stand for a placeholder of flags or of the
// language: the words of text|json themselves, or what the shell knows.
func valuesOf(what string, names command.Names) []string {
	if strings.ToLower(what) == what {
		return strings.Split(what, "|")
	}
	var found []string
	for kind := range strings.SplitSeq(what, "|") {
		name, _, _ := strings.Cut(strings.Trim(kind, "[]"), "[") // HOST[:PORT]
		name, _, _ = strings.Cut(name, ":")
		switch name {
		case "FILE", "PATH", "PROGRAM", "SOCKET", "D", "DIR":
			found = append(found, completeFiles)
		case "HOST", "ADDR":
			found = append(found, completeHosts)
		case "IF":
			found = append(found, names.Interfaces...)
		default:
			if strings.ToLower(kind) == kind {
				found = append(found, kind)
			}
		}
	}
	return found
}

// continuing keeps what continues typed, and what the shell is to offer.
func continuing(typed string, found []string) []string {
	return slices.DeleteFunc(found, func(w string) bool {
		return w != completeFiles && w != completeHosts && !strings.HasPrefix(w, typed)
	})
}

// unquotedAll takes the shell's quotes off words: bash hands them over as they
// were typed, the last one perhaps without its closing quote.
func unquotedAll(words []string) []string {
	plain := make([]string, len(words))
	for i, w := range words {
		plain[i] = unquoted(w)
	}
	return plain
}

func unquoted(word string) string {
	if inner, ok := strings.CutPrefix(word, "'"); ok {
		return strings.TrimSuffix(inner, "'")
	}
	var b strings.Builder
	for i := 0; i < len(word); i++ {
		switch c := word[i]; {
		case c == '\\' && i+1 < len(word):
			i++
			b.WriteByte(word[i])
		case c != '"':
			b.WriteByte(c)
		}
	}
	return b.String()
}
