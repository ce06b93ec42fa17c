// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package acl

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"sync/atomic"
)

// List is an access list as it was written: desired state, plain values. The
// zero value is an empty list. Copy it with Clone. Any number of goroutines may read
// one that nobody changes; the packet path reads the Table that Compile returns.
type List struct {
	entries []entry
	entered uint64 // how many rules were ever entered: the order of entry
	newest  entry  // of those that are there, the one entered last; asked for after every line of a file

	explicit bool // fallback was set by the operator
	fallback Action

	compiled atomic.Pointer[compiled] // as l is now; nil until somebody asks
}

// compiled is what is derived of a list. It never changes.
type compiled struct {
	countries Countries // where a rule names one, else nil
	table     *Table
	rules     []Rule
}

// of says whether it is so with these countries, too.
func (d *compiled) of(c Countries) bool {
	return d.countries == nil || reflect.ValueOf(d.countries).Pointer() == reflect.ValueOf(c).Pointer()
}

type entry struct {
	Rule
	serial uint64 // larger was entered later, wherever it was inserted
}

// Clone returns a copy that shares nothing with l.
func (l *List) Clone() *List {
	c := &List{entered: l.entered, newest: l.newest, explicit: l.explicit, fallback: l.fallback}
	c.entries = append(make([]entry, 0, len(l.entries)+1), l.entries...) // whoever wants a copy adds to it
	c.compiled.Store(l.compiled.Load())
	return c
}

// Compile returns the table that decides as l does now; later changes of l do
// not reach it. A country that c, which is only read and never changes, lacks
// matches nothing. As long as both stay, it is the same table.
func (l *List) Compile(c Countries) *Table { return l.derive(c).table }

// derive compiles l, unless that was done.
func (l *List) derive(c Countries) *compiled {
	if d := l.compiled.Load(); d != nil && d.of(c) {
		return d
	}
	d := &compiled{table: l.compile(c)}
	if d.rules = d.table.expanded; slices.ContainsFunc(l.entries, func(e entry) bool { return e.Country != "" }) {
		d.rules = l.Rules()
		if d.countries = c; c == nil {
			d.countries = Countries{}
		}
	}
	l.compiled.Store(d)
	return d
}

// Shared returns the rules, in order of position, only for reading: as long as l
// stays, and c, they are the same ones.
func (l *List) Shared(c Countries) []Rule { return l.derive(c).rules }

// changed forgets what was derived.
func (l *List) changed() {
	if l.compiled.Load() != nil {
		l.compiled.Store(nil)
	}
}

// Append enters r behind all other rules. A rule whose prefix or country is
// not valid can never match, and is left out.
func (l *List) Append(r Rule) {
	// At the end, Insert can only refuse the rule itself.
	_ = l.Insert(len(l.entries)+1, r)
}

// Insert enters r before the rule at pos, counted from 1; one past the end
// appends. It fails, and changes nothing, on another position, a prefix that
// is not valid, or a country that is not two capital letters.
func (l *List) Insert(pos int, r Rule) error {
	r, err := r.normal()
	if err != nil {
		return fmt.Errorf("insert rule at %d: %w", pos, err)
	}
	if last := len(l.entries) + 1; pos < 1 || pos > last {
		return fmt.Errorf("insert rule at %d: expected a position from 1 to %d", pos, last)
	}
	l.changed()
	l.entered++
	l.newest = entry{r, l.entered}
	l.entries = slices.Insert(l.entries, pos-1, l.newest)
	return nil
}

// Remove takes out the first rule that equals r, and reports whether there was
// one.
func (l *List) Remove(r Rule) bool {
	r, err := r.normal()
	if err != nil {
		return false
	}
	i := slices.IndexFunc(l.entries, func(e entry) bool { return e.Rule == r })
	if i < 0 {
		return false
	}
	l.remove(i)
	return true
}

// RemoveAt takes out the rule at pos, counted from 1.
func (l *List) RemoveAt(pos int) error {
	switch n := len(l.entries); {
	case n == 0:
		return fmt.Errorf("remove rule at %d: the list has no rules", pos)
	case pos < 1 || pos > n:
		return fmt.Errorf("remove rule at %d: expected a position from 1 to %d", pos, n)
	}
	l.remove(pos - 1)
	return nil
}

func (l *List) remove(i int) {
	l.changed()
	gone := l.entries[i]
	l.entries = slices.Delete(l.entries, i, i+1)
	if gone.serial == l.newest.serial && len(l.entries) > 0 {
		l.newest = slices.MaxFunc(l.entries, func(a, b entry) int { return cmp.Compare(a.serial, b.serial) })
	}
}

// Clear makes l the empty list again. Its explicit default goes too: Pen's
// files begin with `no acl N` to start from nothing.
func (l *List) Clear() {
	l.changed()
	l.entries, l.entered, l.newest = nil, 0, entry{}
	l.explicit, l.fallback = false, Deny
}

// Len returns the number of rules.
func (l *List) Len() int { return len(l.entries) }

// Rules returns a copy of the rules, in order of position.
func (l *List) Rules() []Rule {
	rules := make([]Rule, len(l.entries))
	for i, e := range l.entries {
		rules[i] = e.Rule
	}
	return rules
}

// SetDefault says what an address that matches nothing gets, instead of Pen's
// rule.
func (l *List) SetDefault(a Action) {
	l.changed()
	l.explicit, l.fallback = true, a
}

// ClearDefault returns to Pen's rule.
func (l *List) ClearDefault() {
	l.changed()
	l.explicit, l.fallback = false, Deny
}

// ExplicitDefault returns what SetDefault said; false while Pen's rule holds.
func (l *List) ExplicitDefault() (Action, bool) { return l.fallback, l.explicit }

// Default returns what an address that matches nothing gets: the explicit
// default if there is one, else the opposite of the rule entered last that is
// still there, else permit. Entered last is not last in position: a rule that
// was inserted further up counts as Pen would have counted it, by time.
func (l *List) Default() Action {
	if l.explicit {
		return l.fallback
	}
	if len(l.entries) == 0 {
		return Permit
	}
	return l.newest.Action.opposite()
}

// Countries returns the countries that the rules name, sorted, once each: what
// Compile and Dead want to be brought.
func (l *List) Countries() []string {
	var codes []string
	for _, e := range l.entries {
		if e.Country != "" {
			codes = append(codes, e.Country)
		}
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

// Dead returns what Compile's table says of that.
func (l *List) Dead(c Countries) []int { return l.Compile(c).Dead() }
