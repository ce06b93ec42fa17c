// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// benchTable is what the benchmark is about, in Markdown.
type benchTable struct {
	rows []*benchRow
}

// benchRow is one thing that was measured, of every path.
type benchRow struct {
	what  string // with the unit
	goals []benchGoal
	cells map[string]*benchCell
}

// benchCell is the result of one path over all rounds.
type benchCell struct {
	values []float64
	errs   []error
}

// add appends rows and gives them back to be filled.
func (t *benchTable) add(rows ...benchRow) []*benchRow {
	var added []*benchRow
	for _, r := range rows {
		r.cells = map[string]*benchCell{}
		added = append(added, &r)
	}
	t.rows = append(t.rows, added...)
	return added
}

// cell is the row's result of a path.
func (r *benchRow) cell(p *benchPath) *benchCell { return r.of(p.name) }

// of is the row's result of the path of that name.
func (r *benchRow) of(name string) *benchCell {
	if r.cells[name] == nil {
		r.cells[name] = &benchCell{}
	}
	return r.cells[name]
}

// fail notes a round without a result.
func (c *benchCell) fail(err error) { c.errs = append(c.errs, err) }

// hopeless says that the path never worked, often enough.
func (c *benchCell) hopeless() bool { return len(c.values) == 0 && len(c.errs) >= patience }

// median is the middle value, of an even number the mean of the two middle
// ones; NaN when there is none.
func (c *benchCell) median() float64 {
	n := len(c.values)
	if n == 0 {
		return math.NaN()
	}
	s := slices.Sorted(slices.Values(c.values))
	return (s[(n-1)/2] + s[n/2]) / 2
}

// String is the median with the smallest and the largest value.
func (c *benchCell) String() string {
	if len(c.values) == 0 {
		if len(c.errs) > 0 {
			return "fails"
		}
		return ""
	}
	text := threeDigits(c.median())
	if len(c.values) > 1 {
		text += fmt.Sprintf(" (%s..%s)", threeDigits(slices.Min(c.values)), threeDigits(slices.Max(c.values)))
	}
	if n := len(c.errs); n > 0 {
		text += fmt.Sprintf(", fails %d of %d times", n, n+len(c.values))
	}
	return text
}

// threeDigits writes v with three significant digits and no exponent.
func threeDigits(v float64) string {
	decimals := 2
	if v != 0 {
		decimals = min(max(2-int(math.Floor(math.Log10(math.Abs(v)))), 0), 3)
	}
	return strconv.FormatFloat(v, 'f', decimals, 64)
}

// ratio is cygnet's result in terms of another's: of each round, where both have one
// of every round, and else of the medians.
func (r *benchRow) ratio(other string) *benchCell {
	ours, theirs := r.of("cygnet"), r.of(other)
	a, b := ours.values, theirs.values
	if len(a) != len(b) || len(ours.errs)+len(theirs.errs) > 0 {
		a, b = []float64{ours.median()}, []float64{theirs.median()}
	}
	var c benchCell
	for i := range a {
		if q := a[i] / b[i]; !math.IsNaN(q) && !math.IsInf(q, 0) {
			c.values = append(c.values, q)
		}
	}
	return &c
}

// benchGoal is what a row has to reach: its median, or that of its ratio to another's.
type benchGoal struct {
	of    string // pen or direct; empty is nobody
	least float64
	most  float64 // instead of least, if limit is set
	limit bool
}

func atLeast(v float64, of string) benchGoal { return benchGoal{of: of, least: v} }

func atMost(v float64, of string) benchGoal { return benchGoal{of: of, most: v, limit: true} }

// reached says whether the row reaches the goal; not, where nothing can be compared.
func (g benchGoal) reached(r *benchRow) bool {
	got := r.of("cygnet").median()
	if g.of != "" {
		got = r.ratio(g.of).median()
	}
	if g.limit {
		return got <= g.most
	}
	return got >= g.least
}

// judge says what the goal is, and whether the row reaches it. What the other cannot do
// at all is no measure.
func (g benchGoal) judge(r *benchRow) string {
	text, bound := "at least ", g.least
	if g.limit {
		text, bound = "at most ", g.most
	}
	text += strconv.FormatFloat(bound, 'f', -1, 64)
	if g.of != "" {
		text += " of " + g.of
	}
	switch {
	case g.reached(r):
		return text + ": yes"
	case g.of != "" && len(r.of("cygnet").values) > 0 && r.of(g.of).hopeless():
		return text + ": it fails"
	}
	return text + ": no"
}

// judged are the row's goals.
func (r *benchRow) judged() string {
	var all []string
	for _, g := range r.goals {
		all = append(all, g.judge(r))
	}
	return strings.Join(all, "; ")
}

// String is the table, then why what failed did so.
func (t *benchTable) String() string {
	var b strings.Builder
	b.WriteString("| median (lowest..highest) | cygnet | pen | direct | cygnet : pen | cygnet : direct | goal |\n|---|---|---|---|---|---|---|\n")
	var notes strings.Builder
	var told []error
	for _, r := range t.rows {
		fmt.Fprintf(&b, "| %s | %v | %v | %v | %v | %v | %s |\n", r.what,
			r.of("cygnet"), r.of("pen"), r.of("direct"), r.ratio("pen"), r.ratio("direct"), r.judged())
		for _, name := range []string{"cygnet", "pen", "direct"} {
			// What is measured together fails together.
			if errs := r.of(name).errs; len(errs) > 0 && !slices.Contains(told, errs[0]) {
				told = append(told, errs[0])
				fmt.Fprintf(&notes, "- %s: %s fails: %v\n", r.what, name, errs[0])
			}
		}
	}
	if notes.Len() > 0 {
		b.WriteString("\n" + notes.String())
	}
	return b.String()
}

func TestTableShowsMedianSpreadAndFailures(t *testing.T) {
	var table benchTable
	rows := table.add(benchRow{what: "frames/s"},
		benchRow{what: "Gbit/s", goals: []benchGoal{atLeast(6, "pen"), atLeast(0.7, "direct"), atLeast(0.4, "")}},
		benchRow{what: "loss, %", goals: []benchGoal{atMost(0, "")}},
		benchRow{what: "time", goals: []benchGoal{atMost(1, "pen"), atMost(0.8, "direct")}})
	rows[0].of("cygnet").values = []float64{900, 1200, 600000}
	rows[0].of("pen").values = []float64{500, 700}
	rows[0].of("direct").values = []float64{12.345}
	rows[1].of("cygnet").values = []float64{0.5}
	rows[1].of("pen").errs = []error{errors.New("timeout"), errors.New("timeout")}
	rows[1].of("direct").values, rows[1].of("direct").errs = []float64{1}, []error{errors.New("reset")}
	rows[2].of("cygnet").values = []float64{0}
	rows[2].of("pen").values = []float64{0}
	rows[3].of("cygnet").values = []float64{3, 4, 8}
	rows[3].of("pen").values = []float64{2, 5, 4}
	rows[3].of("direct").values = []float64{4, 4, 10}
	want := `| median (lowest..highest) | cygnet | pen | direct | cygnet : pen | cygnet : direct | goal |
|---|---|---|---|---|---|---|
| frames/s | 1200 (900..600000) | 600 (500..700) | 12.3 | 2.00 | 97.2 |  |
| Gbit/s | 0.500 | fails | 1.00, fails 1 of 2 times |  | 0.500 | at least 6 of pen: it fails; at least 0.7 of direct: no; at least 0.4: yes |
| loss, % | 0.00 | 0.00 |  |  |  | at most 0: yes |
| time | 4.00 (3.00..8.00) | 4.00 (2.00..5.00) | 4.00 (4.00..10.0) | 1.50 (0.800..2.00) | 0.800 (0.750..1.00) | at most 1 of pen: no; at most 0.8 of direct: yes |

- Gbit/s: pen fails: timeout
- Gbit/s: direct fails: reset
`
	if diff := cmp.Diff(want, table.String()); diff != "" {
		t.Error(diff)
	}
}
