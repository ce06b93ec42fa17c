// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	_ "embed"
	"fmt"
	"strings"
	"unicode"

	"cygnet/internal/command"
	"cygnet/internal/config"
)

// manText is the manual page without what the tables know, in man(7) macros.
//
//go:embed cygnet.8.in
var manText string

// manPage returns the manual page in roff. title is what a group of commands
// is called.
func manPage(version string, flags []flagDoc, title func(command.Group) string) string {
	return strings.NewReplacer(
		"@VERSION@", roff(version),
		"@SECRET@", roff(config.DefaultSecret),
		"@OPTIONS@\n", manOptions(flags),
		"@COMMANDS@\n", manCommands(command.Commands(), title),
	).Replace(manText)
}

// manOptions describes each flag. Those in a row that say the same share it.
func manOptions(flags []flagDoc) string {
	var b strings.Builder
	for i, f := range flags {
		var names []string
		if f.letter != "" {
			names = append(names, bold("-"+f.letter))
		}
		if f.isLong() {
			names = append(names, bold("--"+f.name))
		}
		tag := strings.Join(names, ", ")
		if f.arg != "" {
			tag += " " + manArgs(f.arg)
		}
		manItem(&b, tag, f.help, i > 0 && flags[i-1].help == f.help, i+1 < len(flags) && flags[i+1].help == f.help)
	}
	return b.String()
}

// manCommands describes each command, group by group.
func manCommands(table []command.Command, title func(command.Group) string) string {
	var last command.Group
	for _, c := range table {
		last = max(last, c.Group)
	}
	var b strings.Builder
	for g := range last + 1 {
		var group []command.Command
		for _, c := range table {
			if c.Group == g {
				group = append(group, c)
			}
		}
		fmt.Fprintf(&b, ".SS %s\n", roff(title(g)))
		for i, c := range group {
			tag := bold(c.Name)
			if c.Args != "" {
				tag += " " + manArgs(c.Args)
			}
			manItem(&b, tag, c.Does(), i > 0 && group[i-1].Does() == c.Does(), i+1 < len(group) && group[i+1].Does() == c.Does())
		}
	}
	return b.String()
}

// manItem writes a tag and what it means. .TQ adds a tag to the one before it.
func manItem(b *strings.Builder, tag, text string, asBefore, asNext bool) {
	macro := ".TP"
	if asBefore {
		macro = ".TQ"
	}
	fmt.Fprintf(b, "%s\n%s\n", macro, tag)
	if !asNext {
		fmt.Fprintf(b, "%s\n", roff(text))
	}
}

func bold(word string) string { return `\fB` + roff(word) + `\fR` }

// manArgs sets the notation of arguments: placeholders in italics, words of
// the language in bold.
func manArgs(args string) string {
	var b strings.Builder
	for i, form := range strings.Split(args, ", or ") {
		if i > 0 {
			b.WriteString(", or ")
		}
		for form != "" {
			n := 1
			font := "%s"
			switch c := rune(form[0]); {
			case unicode.IsUpper(c):
				n, font = runLen(form, unicode.IsUpper), `\fI%s\fR`
			case isWordRune(c):
				n, font = runLen(form, isWordRune), `\fB%s\fR`
			}
			fmt.Fprintf(&b, font, roff(form[:n]))
			form = form[n:]
		}
	}
	return b.String()
}

func isWordRune(r rune) bool {
	return unicode.IsLower(r) || unicode.IsDigit(r) || r == '_' || r == '-' || r == '*'
}

// runLen returns how many bytes of text, from its start, are runes of a kind.
func runLen(text string, kind func(rune) bool) int {
	if n := strings.IndexFunc(text, func(r rune) bool { return !kind(r) }); n >= 0 {
		return n
	}
	return len(text)
}

// roff writes a text of one line so that it is read as that text (groff_char(7):
// - and ' and the like would become typographer's). What stands between `s is
// bold.
func roff(text string) string {
	escape := strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, `"`, `\(dq`, "^", `\(ha`, "~", `\(ti`, "\n", " ")
	var b strings.Builder
	if strings.HasPrefix(text, ".") {
		b.WriteString(`\&`) // or it would be a macro
	}
	for i, part := range strings.Split(text, "`") {
		switch {
		case i == 0:
		case i%2 == 1:
			b.WriteString(`\fB`)
		default:
			b.WriteString(`\fR`)
		}
		b.WriteString(escape.Replace(part))
	}
	return b.String()
}
