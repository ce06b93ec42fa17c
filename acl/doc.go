// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

// Package acl holds access lists: ordered permit and deny rules over prefixes
// and countries, of which the first that matches decides. A List is what an
// operator wrote, as plain values; its Compile puts the prefixes of countries
// in and gives a Table, which answers in one lookup whatever the list's length.
//
// The semantics are Pen's: an address that matches nothing gets the opposite
// of the rule entered last, and a list without rules permits everything.
package acl
