// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package metrics

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// mention is what a PromQL expression says of the world: the metrics that it
// selects, and the labels by which it groups and joins.
type mention struct {
	Selectors []selector
	Labels    []string
}

type selector struct {
	Metric   string
	Matchers []matcher
}

type matcher struct{ Label, Op, Value string }

// promToken is every token of the part of PromQL that the dashboard uses.
var promToken = regexp.MustCompile(`^(?:\s+|"[^"\\]*"|\[\$__rate_interval\]|\[[0-9]+[smh]\]|[0-9]+(?:\.[0-9]+)?|[a-zA-Z_:][a-zA-Z0-9_:]*|=~|!~|!=|==|<=|>=|[-+*/(){},=<>])`)

var (
	promName     = regexp.MustCompile(`^[a-zA-Z_:]`)
	promFunction = []string{"changes", "max", "rate", "sum", "time", "topk"}
	promGrouping = []string{"by", "on", "group_left"}
	promMatching = []string{"=", "!=", "=~", "!~"}
)

// reader reads an expression's tokens. It knows names, not grammar: promtool
// judges that, in TestPromtoolReadsTheDashboard.
type reader struct {
	rest []string // tokens, without blanks
	got  mention
}

// readPromQL returns what expr mentions, and fails on what it does not know.
func readPromQL(expr string) (mention, error) {
	r := &reader{}
	for left := expr; left != ""; {
		t := promToken.FindString(left)
		if t == "" {
			return mention{}, fmt.Errorf("cannot read on at %q", left)
		}
		left = left[len(t):]
		if strings.TrimSpace(t) != "" {
			r.rest = append(r.rest, t)
		}
	}
	for len(r.rest) > 0 {
		if err := r.step(); err != nil {
			return mention{}, err
		}
	}
	return r.got, nil
}

func (r *reader) next() (t string) {
	if len(r.rest) > 0 {
		t, r.rest = r.rest[0], r.rest[1:]
	}
	return t
}

func (r *reader) sees(t string) bool { return len(r.rest) > 0 && r.rest[0] == t }

func (r *reader) step() error {
	t := r.next()
	switch {
	case slices.Contains(promGrouping, t):
		return r.labels(t)
	case slices.Contains(promFunction, t):
		if !r.sees("(") && !r.sees("by") {
			return fmt.Errorf("no argument of %s", t)
		}
	case t == "bool":
	case promName.MatchString(t):
		if r.sees("(") {
			return fmt.Errorf("unknown function %s", t)
		}
		return r.selector(t)
	case t == "{", t == "}", t == "=", t == "=~", t == "!~", strings.HasPrefix(t, `"`):
		return fmt.Errorf("%s outside a selector", t)
	}
	return nil
}

// labels reads (a, b) after by, on and the like.
func (r *reader) labels(after string) error {
	if r.next() != "(" {
		return fmt.Errorf("no labels after %s", after)
	}
	for !r.sees(")") {
		name := r.next()
		if !promName.MatchString(name) {
			return fmt.Errorf("%q among the labels of %s", name, after)
		}
		r.got.Labels = append(r.got.Labels, name)
		if r.sees(",") {
			r.next()
		} else if !r.sees(")") {
			return fmt.Errorf("no end of the labels of %s", after)
		}
	}
	r.next()
	return nil
}

// selector reads what may follow the name of a metric: {a="b", c=~"d"}.
func (r *reader) selector(name string) error {
	s := selector{Metric: name}
	if r.sees("{") {
		for t := r.next(); t != "}"; t = r.next() {
			m := matcher{r.next(), r.next(), r.next()}
			if t != "{" && t != "," || !promName.MatchString(m.Label) || !slices.Contains(promMatching, m.Op) || !strings.HasPrefix(m.Value, `"`) {
				return fmt.Errorf("selector of %s: cannot read %s %s %s %s", name, t, m.Label, m.Op, m.Value)
			}
			m.Value = strings.Trim(m.Value, `"`)
			s.Matchers = append(s.Matchers, m)
		}
	}
	r.got.Selectors = append(r.got.Selectors, s)
	return nil
}

func TestReadPromQL(t *testing.T) {
	for _, c := range []struct {
		expr string
		want mention
	}{
		{`up`, mention{Selectors: []selector{{"up", nil}}}},
		{`1 - time() <= bool 2.5`, mention{}},
		{`sum by (a, b) (rate(up{c="d", e=~"$f|g"}[$__rate_interval])) / on (a) group_left () topk(3, down[2m])`, mention{
			Selectors: []selector{{"up", []matcher{{"c", "=", "d"}, {"e", "=~", "$f|g"}}}, {"down", nil}},
			Labels:    []string{"a", "b", "a"},
		}},
	} {
		got, err := readPromQL(c.expr)
		if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", c.expr, err, diff)
		}
	}
	for _, expr := range []string{
		`histogram_quantile(0.9, up)`, `up[5m:1m]`, `up @ 1`, `{job="x"}`, `up{job}`, `up{job="x"`, `up{job="x" a="b"}`, `up{="x"}`, `up{job=x}`,
		`sum by a (up)`, `sum by (a b) (up)`, `sum by (1) (up)`, `sum by (a`, `sum`, `rate`, `"up"`, `up{a="\n"}`, `up{a='b'}`, `up == $x`, `}`, `[5]`,
	} {
		if got, err := readPromQL(expr); err == nil {
			t.Errorf("%s: read as %v", expr, got)
		}
	}
}
