// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"slices"
	"strconv"
	"strings"

	"cygnet/internal/command"
)

// names are what completion offers beside the words of the language.
func (m *model) names() command.Names {
	snap := m.live.snap
	if snap == nil {
		return command.Names{}
	}
	n := command.Names{Interfaces: []string{m.live.sight.About.Interface}}
	for i := range snap.Services {
		n.Services = append(n.Services, snap.Services[i].Name)
	}
	for i := range snap.Lists {
		n.Lists = append(n.Lists, snap.Lists[i].Name)
	}
	n.Server = func(service string) (ids []string) {
		for i := range snap.Services {
			if svc := &snap.Services[i]; svc.Name == service {
				for j := range svc.Servers {
					ids = append(ids, strconv.Itoa(svc.Servers[j].Number))
					if name := svc.Servers[j].Name; name != "" {
						ids = append(ids, name)
					}
				}
			}
		}
		return ids
	}
	return n
}

// wordsOf splits what stands before the cursor; the last word is the one that is
// being typed, and empty behind a blank.
func wordsOf(text string) []string {
	words := strings.Fields(text)
	if text == "" || strings.HasSuffix(text, " ") {
		words = append(words, "")
	}
	return words
}

// candidates are what the word at the cursor may become.
func (p *prompt) candidates(m *model) []string {
	text := p.input.Value()
	if p.input.Position() < len([]rune(text)) {
		return nil // only the end is completed
	}
	return command.Complete(wordsOf(text), m.names())
}

// complete goes as far as all candidates agree.
func (p *prompt) complete(m *model) {
	found := p.candidates(m)
	if len(found) == 0 {
		return
	}
	typed := wordsOf(p.input.Value())
	last := typed[len(typed)-1]
	common := found[0]
	for _, f := range found[1:] {
		for !strings.HasPrefix(f, common) {
			common = common[:len(common)-1]
		}
	}
	if len(found) == 1 {
		common += " "
	}
	p.set(strings.TrimSuffix(p.input.Value(), last) + common)
}

// help says below the prompt what may come next.
func (p *prompt) help(m *model) {
	words := wordsOf(p.input.Value())
	found := p.candidates(m)
	next := slices.Concat(command.Expected(words), found)
	p.hint, p.bad, p.loud = m.theme.clean(strings.Join(next, " ")), false, false
	if len(next) == 0 && len(words) > 0 && words[len(words)-1] == "" {
		p.hint = "enter"
	}
}
