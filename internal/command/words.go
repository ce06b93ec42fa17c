// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"math"
	"net"
	"strconv"
	"strings"

	"cygnet/internal/config"
)

// maxNameLen is the longest name of a list, service or server, in bytes.
const maxNameLen = 32

// quoted shows a word of the operator in a message: safely, and not whole if
// it is endless.
func quoted(word string) string {
	if len(word) > 60 {
		word = word[:60] + "..."
	}
	return strconv.Quote(word)
}

// number reads a decimal number from 0 to limit.
func number(what, word string, limit int) (int, error) {
	n, ok := decimal(word, limit)
	if !ok {
		return 0, refuse("", "%s %s: not a number from 0 to %d", what, quoted(word), limit)
	}
	return n, nil
}

// decimal reads digits only: no sign, no blank, no base.
func decimal(word string, limit int) (n int, ok bool) {
	if !isDigits(word) {
		return 0, false
	}
	v, err := strconv.ParseUint(word, 10, 32)
	if err != nil || v > uint64(min(limit, math.MaxInt32)) {
		return 0, false
	}
	return int(v), true
}

func isDigits(word string) bool {
	return word != "" && strings.Trim(word, "0123456789") == ""
}

// name refuses what cannot name a list, a service or a server.
func (s *session) name(what, word string) error {
	if s.keywords[word] {
		return refuse("choose another name", "%s %s: a word of the language cannot be a name", what, quoted(word))
	}
	ok := word != "" && len(word) <= maxNameLen && word[0] >= 'a' && word[0] <= 'z'
	for i := range len(word) {
		c := word[i]
		ok = ok && (c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_' || c == '.' || c == '-')
	}
	if !ok {
		return refuse("a name is a small letter, then at most 31 small letters, digits, _ . or -",
			"%s %s: not a name", what, quoted(word))
	}
	return nil
}

// listName reads LIST: 0 to 9, or a name.
func (s *session) listName(what, word string) (string, error) {
	if isDigits(word) || strings.HasPrefix(word, "-") && isDigits(word[1:]) {
		if len(word) == 1 {
			return word, nil
		}
		return "", refuse("lists have the numbers 0 to 9, as in Pen; for more, give them names: acl office permit 10.77.0.0/24",
			"%s %s: no such list number", what, quoted(word))
	}
	return word, s.name(what, word)
}

// serviceName reads the name of a service. `default` is one, though it is
// also a word of `acl`.
func (s *session) serviceName(what, word string) (string, error) {
	if word == config.DefaultService {
		return word, nil
	}
	return word, s.name(what, word)
}

// port reads PORT, a number or a service name of protocol network. 0 is every
// port.
func port(what, word, network string) (uint16, error) {
	if n, ok := decimal(word, math.MaxUint16); ok {
		return uint16(n), nil
	}
	if word != "" && word[0] != '+' && word[0] != '-' && !isDigits(word) { // LookupPort would take +80
		if n, err := net.LookupPort(network, word); err == nil {
			return uint16(n), nil
		}
	}
	return 0, refuse("a port is a number from 0 (every port) to 65535, or a name as http",
		"%s %s: not a port", what, quoted(word))
}

// missing is the error of a command that lacks a word.
func missing(what, word string) error {
	return refuse("", "%s: %s is missing", what, word)
}

// done refuses words that are left over.
func done(what string, rest []string) error {
	if len(rest) == 0 {
		return nil
	}
	return refuse("", "%s: %s is one word too many", what, quoted(rest[0]))
}
