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

// ratio is cygnet's median in terms of Pen's.
func (r *benchRow) ratio() string {
	q := r.of("cygnet").median() / r.of("pen").median()
	if math.IsNaN(q) || math.IsInf(q, 0) {
		return ""
	}
	return strconv.FormatFloat(q, 'f', 2, 64)
}

// String is the table, then why what failed did so.
func (t *benchTable) String() string {
	var b strings.Builder
	b.WriteString("| median (lowest..highest) | cygnet | pen | direct | cygnet : pen |\n|---|---|---|---|---|\n")
	var notes strings.Builder
	var told []error
	for _, r := range t.rows {
		fmt.Fprintf(&b, "| %s | %v | %v | %v | %s |\n", r.what, r.of("cygnet"), r.of("pen"), r.of("direct"), r.ratio())
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
	rows := table.add(benchRow{what: "frames/s"}, benchRow{what: "Gbit/s"}, benchRow{what: "loss, %"})
	rows[0].of("cygnet").values = []float64{900, 1200, 600000}
	rows[0].of("pen").values = []float64{500, 700}
	rows[0].of("direct").values = []float64{12.345}
	rows[1].of("cygnet").values = []float64{0.5}
	rows[1].of("pen").errs = []error{errors.New("timeout"), errors.New("timeout")}
	rows[1].of("direct").values, rows[1].of("direct").errs = []float64{1}, []error{errors.New("reset")}
	rows[2].of("cygnet").values = []float64{0}
	rows[2].of("pen").values = []float64{0}
	want := `| median (lowest..highest) | cygnet | pen | direct | cygnet : pen |
|---|---|---|---|---|
| frames/s | 1200 (900..600000) | 600 (500..700) | 12.3 | 2.00 |
| Gbit/s | 0.500 | fails | 1.00, fails 1 of 2 times |  |
| loss, % | 0.00 | 0.00 |  |  |

- Gbit/s: pen fails: timeout
- Gbit/s: direct fails: reset
`
	if diff := cmp.Diff(want, table.String()); diff != "" {
		t.Error(diff)
	}
}
