// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"cygnet/acl"
	"cygnet/engine"
)

// standardList is the list that is meant where none is named; see LANGUAGE.md.
const standardList = "0"

const clientUse = "client_acl of "

// clientList is the list that says who may use the services: that of the
// nameless one if there is, else the first.
func (r *reading) clientList() string {
	first := ""
	for i := range r.snap.Lists {
		for _, use := range r.snap.Lists[i].Uses {
			switch of, ok := strings.CutPrefix(use, clientUse); {
			case ok && of == nameless:
				return r.snap.Lists[i].Name
			case ok && first == "":
				first = r.snap.Lists[i].Name
			}
		}
	}
	if first == "" {
		return standardList
	}
	return first
}

// clientListOf is the list that says who may use that service.
func (r *reading) clientListOf(service string) string {
	for i := range r.snap.Lists {
		if slices.Contains(r.snap.Lists[i].Uses, clientUse+service) {
			return r.snap.Lists[i].Name
		}
	}
	// Where too many name a list, not all of them are told.
	for i := range r.snap.Lists {
		uses := r.snap.Lists[i].Uses
		if n := len(uses); n > 1 && strings.HasPrefix(uses[n-1], "and ") && strings.HasPrefix(uses[n-2], clientUse) {
			return r.snap.Lists[i].Name
		}
	}
	return standardList
}

// openDenial begins a rule that denies something to an address or a prefix, as the
// language writes it, before all others of the list.
func (m *model) openDenial(list, source string) {
	position := ""
	if l := listNamed(m.live.snap, list); l != nil && len(l.Rules) > 0 {
		position = "at 1 " // the first match wins
	}
	m.openEdit(edit{text: "acl " + list + " " + position + "deny " + source, lines: m.denial, warn: m.denialWarnings})
}

// denial makes of a typed rule what is to be done. In a list without a default
// of its own, the rule entered last decides what the rest gets: a deny after
// permits would let everybody else in. So the rest is first told to stay as it
// is.
func (m *model) denial(text string) ([]string, error) {
	lines, err := oneLine(text)
	if name, l, _ := m.denied(text); l != nil && turnsRound(l) {
		lines = []string{"acl " + name + " default deny", text}
	}
	return lines, err
}

// turnsRound says whether a first deny would turn what the rest gets.
func turnsRound(l *engine.ListSnapshot) bool {
	return len(l.Rules) > 0 && !l.Explicit && l.Default == acl.Deny
}

// denied is the list that a typed line denies something in; nil where there is
// none yet, and false where the line does not.
func (m *model) denied(text string) (name string, l *engine.ListSnapshot, ok bool) {
	words := strings.Fields(text)
	if len(words) < 4 || words[0] != "acl" || words[2] == "default" || !slices.Contains(words[2:], "deny") {
		return "", nil, false
	}
	return words[1], listNamed(m.live.snap, words[1]), true
}

// denialWarnings say what else a typed rule is about.
func (m *model) denialWarnings(text string) (all []string) {
	name, l, ok := m.denied(text)
	if !ok {
		return nil
	}
	switch {
	case l != nil && turnsRound(l):
		all = append(all, "list "+name+" denies the rest because a permit was entered last; its default becomes explicit, so that this stays so")
	case l == nil, len(l.Rules) == 0 && l.Default == acl.Permit:
		all = append(all, "list "+name+" has no entries yet: with this deny as its first it goes on permitting everybody else")
	}
	if name == standardList && (l == nil || len(l.Rules) == 0) {
		all = append(all, "list 0 is what services, servers and control_acl use until they are given another: with an entry, "+
			"control_acl 0 also lets everybody else give commands, where control listens on TCP beyond this machine")
	}
	if l != nil && len(l.Uses) > 0 {
		all = append(all, "list "+name+" is used as "+strings.Join(l.Uses, ", ")+": the rule counts for all of it")
	}
	if s, ok := readListStep(text); ok {
		all = append(all, m.prefixWarnings(l, s.rule.Prefix)...)
	}
	return all
}

// prefixWarnings say what is to be known of the addresses that are denied.
func (m *model) prefixWarnings(l *engine.ListSnapshot, prefix netip.Prefix) (all []string) {
	if own := m.opt.Own.Unmap().WithZone(""); own.IsValid() && prefix.Contains(own) {
		all = append(all, "this covers "+own.String()+", where you come from yourself")
	}
	if l != nil {
		same := acl.Rule{Action: acl.Deny, Prefix: prefix}
		if i := slices.Index(l.Rules, same); i >= 0 {
			all = append(all, fmt.Sprintf("list %s has this entry already, at %d", l.Name, i+1))
		}
	}
	return all
}
