// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"math"
	"strings"

	"cygnet/acl"
	"cygnet/internal/config"
)

// rule reads `permit|deny PREFIX`.
func (s *session) rule(what string, args []string) (acl.Rule, []string, error) {
	a, err := action(what, args)
	if err != nil {
		return acl.Rule{}, nil, err
	}
	what, args = what+" "+args[0], args[1:]
	if len(args) > 0 && args[0] == "country" {
		code, err := country(what, args[1:])
		if err != nil {
			return acl.Rule{}, nil, err
		}
		s.mark(config.SubjectCountries)
		return acl.Rule{Action: a, Country: code}, args[2:], nil
	}
	p, rest, err := s.prefix(what, args)
	return acl.Rule{Action: a, Prefix: p}, rest, err
}

// country reads CC, two letters of ISO 3166-1.
func country(what string, args []string) (string, error) {
	if len(args) == 0 {
		return "", missing(what+" country", "CC")
	}
	code := strings.ToUpper(args[0])
	if !acl.IsCountry(code) {
		return "", refuse("a country is two letters of ISO 3166, as SE", "%s country %s: not a country", what, quoted(args[0]))
	}
	return code, nil
}

// ruleWords is a rule as it is written.
func ruleWords(r acl.Rule) string {
	if r.Country != "" {
		return r.Action.String() + " country " + r.Country
	}
	return r.Action.String() + " " + prefixWords(r.Prefix)
}

func action(what string, args []string) (acl.Action, error) {
	if len(args) == 0 {
		return acl.Deny, missing(what, "permit or deny")
	}
	switch args[0] {
	case "permit":
		return acl.Permit, nil
	case "deny":
		return acl.Deny, nil
	}
	return acl.Deny, refuse("", "%s %s: neither permit nor deny", what, quoted(args[0]))
}

// position reads POS, from 1.
func position(what string, args []string) (pos int, rest []string, err error) {
	if len(args) == 0 {
		return 0, nil, missing(what, "POS")
	}
	pos, ok := decimal(args[0], math.MaxInt32)
	if !ok || pos == 0 {
		return 0, nil, refuse("", "%s %s: not a position, counted from 1", what, quoted(args[0]))
	}
	return pos, args[1:], nil
}
