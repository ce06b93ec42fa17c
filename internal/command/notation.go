// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"maps"
	"slices"
	"strings"
)

// This file reads the notation of Command.Args, so that completion knows what
// may come next without a table of its own:
//
//	word a|b     one of these; in capitals a placeholder, for any word
//	[...]        may be left out
//	x...         x any number of times
//	[a X|b Y]    inside brackets | after a placeholder begins another way
//	a X | b Y    with blanks around it | stands between whole ways in brackets;
//	             outside them, between the item before it and `b Y`
//	, or NAME    another form of the whole command
//
// It is only for help to people: what it gets wrong costs a suggestion.

// node is one item of a notation.
type node struct {
	kind  nodeKind
	words []string // of a word: literals and placeholders
	nodes []node
}

type nodeKind uint8

const (
	oneWord  nodeKind = iota
	sequence          // all of nodes, in their order
	choice            // one of nodes
	optional          // nodes[0], or nothing
	repeated          // nodes[0] any number of times
)

// isPlaceholder tells FILE or HOST[:PORT], for which any word may stand, from
// a word of the language.
func isPlaceholder(word string) bool { return word == "..." || strings.ToLower(word) != word }

// readNotation reads the notation of a command.
func readNotation(cmd *Command) node {
	text := strings.ReplaceAll(cmd.Args, ", or "+cmd.Name+" ", " | "+cmd.Name+" ")
	all := node{kind: choice}
	for form := range strings.SplitSeq(text, " | "+cmd.Name+" ") {
		p := notation{tokens: splitNotation(form)}
		all.nodes = append(all.nodes, p.sequence())
	}
	return all
}

// splitNotation splits a notation into [ ] | ... and words. A bracket inside a word,
// as in VIP[:PORT], is a part of it.
func splitNotation(text string) (all []string) {
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimLeft(text, " ") {
		n := 1
		switch {
		case strings.HasPrefix(text, "..."):
			n = len("...")
		case text[0] != '[' && text[0] != ']':
			n = wordLen(text)
		}
		all = append(all, text[:n])
		text = text[n:]
	}
	return all
}

func wordLen(text string) int {
	depth := 0
	for i := range len(text) {
		switch c := text[i]; {
		case c == '[':
			depth++
		case c == ']' && depth > 0:
			depth--
		case c == ']' || c == ' ' || strings.HasPrefix(text[i:], "..."):
			return i
		}
	}
	return len(text)
}

// notation is a notation being read.
type notation struct{ tokens []string }

// take returns the next token, or "" at the end.
func (p *notation) take() (t string) {
	if len(p.tokens) > 0 {
		t, p.tokens = p.tokens[0], p.tokens[1:]
	}
	return t
}

// sequence reads what stands outside brackets.
func (p *notation) sequence() node {
	seq := node{kind: sequence}
	for t := p.take(); t != ""; t = p.take() {
		last := len(seq.nodes) - 1
		if t == "|" && last >= 0 {
			other := node{kind: sequence, nodes: []node{p.item(p.take()), p.item(p.take())}}
			seq.nodes[last] = node{kind: choice, nodes: []node{seq.nodes[last], other}}
			continue
		}
		seq.nodes = append(seq.nodes, p.item(t))
	}
	return seq
}

// item reads the item that begins with token t, and the ... after it.
func (p *notation) item(t string) node {
	n := node{words: alternatives(t)}
	if t == "[" {
		n = node{kind: optional, nodes: []node{p.group()}}
	}
	if len(p.tokens) > 0 && p.tokens[0] == "..." {
		p.take()
		n = node{kind: repeated, nodes: []node{n}}
	}
	return n
}

// group reads what stands inside brackets, and the closing one.
func (p *notation) group() node {
	ways := node{kind: choice}
	way := node{kind: sequence}
	end := func() {
		ways.nodes = append(ways.nodes, way)
		way = node{kind: sequence}
	}
	for t := p.take(); t != "" && t != "]"; t = p.take() {
		if t == "|" {
			end()
			continue
		}
		n := p.item(t)
		if i := newWay(n.words); n.kind == oneWord && i > 0 && len(way.nodes) > 0 {
			way.nodes = append(way.nodes, node{words: n.words[:i]})
			end()
			n.words = n.words[i:]
		}
		way.nodes = append(way.nodes, n)
	}
	end()
	return ways
}

// newWay finds where, in `LIST|address`, another way begins: at a literal
// after a placeholder.
func newWay(words []string) int {
	for i := 1; i < len(words); i++ {
		if isPlaceholder(words[i-1]) && !isPlaceholder(words[i]) {
			return i
		}
	}
	return -1
}

// alternatives splits a|b.
func alternatives(token string) []string {
	return slices.DeleteFunc(strings.Split(token, "|"), func(w string) bool { return w == "" })
}

// places are indices of words.
type places map[int]bool

// follower follows a notation along the words that were typed.
type follower struct {
	words []string        // the last is being completed
	next  map[string]bool // literals and placeholders that may stand in its place
}

// follow returns where n may end, if it begins at any of at. The last word is
// never passed: whatever meets it is noted in next.
func (f *follower) follow(n node, at places) places {
	end := places{}
	switch n.kind {
	case oneWord:
		f.word(n.words, at, end)
	case sequence:
		end = at
		for _, part := range n.nodes {
			end = f.follow(part, end)
		}
	case choice:
		for _, way := range n.nodes {
			maps.Copy(end, f.follow(way, at))
		}
	case optional:
		maps.Copy(end, at)
		maps.Copy(end, f.follow(n.nodes[0], at))
	case repeated:
		for front := at; len(front) > 0; {
			maps.Copy(end, front)
			front = f.follow(n.nodes[0], front)
			maps.DeleteFunc(front, func(i int, _ bool) bool { return end[i] })
		}
	}
	return end
}

// word passes one word at each place, or two where an address has its mask.
func (f *follower) word(allowed []string, at, end places) {
	last := len(f.words) - 1
	for i := range at {
		for _, w := range allowed {
			switch {
			case i == last:
				f.next[w] = true
			case isPlaceholder(w):
				end[i+1] = true
				if w == "PREFIX" && i+1 < last && strings.Trim(f.words[i+1], "0123456789.") == "" {
					end[i+2] = true
				}
			case w == f.words[i]:
				end[i+1] = true
			}
		}
	}
}
