// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package metrics

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

const dashboardFile = "../../cmd/cygnet/grafana.json"

// undrawn are metrics that the dashboard leaves out, and why. None at present.
var undrawn = map[string]string{}

// query is one question that the dashboard asks of Prometheus.
type query struct {
	expr   string
	legend string // names labels as {{label}}
	label  string // whose values a variable of the dashboard takes
}

// values are what a label of a metric was exposed with; metric, label, values.
type values map[string]map[string][]string

// exposedValues returns every metric that the handler exposes when everything
// happens. Prometheus adds job and instance to each.
func exposedValues(t *testing.T) values {
	t.Helper()
	families, err := newRegistry(sourcesOf(full(time.Now()))).Gather()
	if err != nil {
		t.Fatal(err)
	}
	all := values{}
	for _, f := range families {
		labels := map[string][]string{"job": nil, "instance": nil}
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				labels[l.GetName()] = append(labels[l.GetName()], l.GetValue())
			}
		}
		all[f.GetName()] = labels
	}
	return all
}

// dashboard returns the dashboard, and its questions wherever they stand in it.
func dashboard(t *testing.T) (board map[string]any, queries []query) {
	t.Helper()
	raw, err := os.ReadFile(dashboardFile)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &board); err != nil {
		t.Fatal(err)
	}
	queries = expressions(board)
	if want := strings.Count(string(raw), `"expr"`); len(queries) != want || want == 0 {
		t.Errorf("%d expressions found, %d in the file", len(queries), want)
	}
	variable := regexp.MustCompile(`^label_values\((.+), (\w+)\)$`)
	for _, v := range variables(board) {
		if v["type"] == "datasource" {
			continue
		}
		text, _ := v["query"].(map[string]any)["query"].(string)
		match := variable.FindStringSubmatch(text)
		if match == nil || v["definition"] != text {
			t.Fatalf("variable %v: cannot read %q, defined as %v", v["name"], text, v["definition"])
		}
		queries = append(queries, query{expr: match[1], label: match[2]})
	}
	return board, queries
}

func expressions(node any) (found []query) {
	switch node := node.(type) {
	case map[string]any:
		if expr, ok := node["expr"].(string); ok {
			legend, _ := node["legendFormat"].(string)
			found = append(found, query{expr: expr, legend: legend})
		}
		for _, key := range slices.Sorted(maps.Keys(node)) {
			found = append(found, expressions(node[key])...)
		}
	case []any:
		for _, child := range node {
			found = append(found, expressions(child)...)
		}
	}
	return found
}

func variables(board map[string]any) (all []map[string]any) {
	for _, v := range board["templating"].(map[string]any)["list"].([]any) {
		all = append(all, v.(map[string]any))
	}
	return all
}

func TestDashboardAsksForWhatIsExposed(t *testing.T) {
	exposed, asked := exposedValues(t), map[string]bool{}
	_, queries := dashboard(t)
	for _, q := range queries {
		m, err := readPromQL(q.expr)
		if err != nil {
			t.Errorf("%s: %v", q.expr, err)
			continue
		}
		for _, s := range m.Selectors {
			asked[s.Metric] = true
		}
		for _, complaint := range complaints(q, m, exposed) {
			t.Errorf("%s: %s", q.expr, complaint)
		}
	}
	for name := range exposed {
		reason, allowed := undrawn[name]
		if strings.HasPrefix(name, "cygnet_") && asked[name] == allowed {
			t.Errorf("%s is neither drawn nor left out with a reason, or both: %q", name, reason)
		}
	}
	for name := range undrawn {
		if exposed[name] == nil {
			t.Errorf("%s is left out, and not exposed", name)
		}
	}
}

// complaints says what q mentions that is not exposed.
func complaints(q query, m mention, exposed values) (all []string) {
	known := map[string]bool{} // labels of any of the metrics
	for _, s := range m.Selectors {
		labels := exposed[s.Metric]
		if labels == nil {
			all = append(all, "no metric "+s.Metric)
		}
		for l := range labels {
			known[l] = true
		}
		for _, match := range s.Matchers {
			if _, ok := labels[match.Label]; !ok {
				all = append(all, fmt.Sprintf("no label %s of %s", match.Label, s.Metric))
			} else if value := unknownValue(match.Value, labels[match.Label]); value != "" {
				all = append(all, fmt.Sprintf("%s of %s is never %q", match.Label, s.Metric, value))
			}
		}
	}
	mentioned := slices.Clone(m.Labels)
	if q.label != "" {
		mentioned = append(mentioned, q.label)
	}
	for _, match := range regexp.MustCompile(`\{\{(.*?)\}\}`).FindAllStringSubmatch(q.legend, -1) {
		mentioned = append(mentioned, match[1])
	}
	for _, l := range mentioned {
		if !known[l] {
			all = append(all, "no metric here has label "+l)
		}
	}
	return all
}

// unknownValue returns the first of a|b|c that is not among the values; a
// variable of the dashboard may be anything.
func unknownValue(alternatives string, exposed []string) string {
	for v := range strings.SplitSeq(alternatives, "|") {
		if !strings.HasPrefix(v, "$") && !slices.Contains(exposed, v) {
			return v
		}
	}
	return ""
}

func TestComplaints(t *testing.T) {
	exposed := values{"up": {"job": nil, "instance": nil, "state": {"on", "off"}}}
	for _, c := range []struct {
		query query
		want  string // empty is none
	}{
		{query{expr: `sum by (state, job) (up{state=~"on|off", instance=~"$instance"})`, legend: "{{state}} of {{job}}"}, ""},
		{query{expr: `down`}, "no metric down"},
		{query{expr: `up{color="red"}`}, "no label color of up"},
		{query{expr: `up{state="on|maybe"}`}, `state of up is never "maybe"`},
		{query{expr: `sum by (color) (up)`}, "no metric here has label color"},
		{query{expr: `up`, legend: "{{state}} {{color}}"}, "no metric here has label color"},
		{query{expr: `up`, label: "color"}, "no metric here has label color"},
	} {
		m, err := readPromQL(c.query.expr)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(complaints(c.query, m, exposed), "; "); got != c.want {
			t.Errorf("%v: %q, want %q", c.query, got, c.want)
		}
	}
}

func TestDashboardUsesOnlyItsOwnVariables(t *testing.T) {
	board, _ := dashboard(t)
	known := []string{"__rate_interval", "__all"} // Grafana's
	for _, v := range variables(board) {
		known = append(known, v["name"].(string))
	}
	raw, err := os.ReadFile(dashboardFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, match := range regexp.MustCompile(`\$\{?(\w*)`).FindAllStringSubmatch(string(raw), -1) {
		if !slices.Contains(known, match[1]) {
			t.Errorf("variable %s is not defined", match[0])
		}
	}
}

func TestPanelsDoNotOverlap(t *testing.T) {
	const columns = 24 // of Grafana's grid
	board, _ := dashboard(t)
	ids, taken := map[float64]bool{}, map[[2]int]string{}
	for _, p := range board["panels"].([]any) {
		p := p.(map[string]any)
		title, at := p["title"].(string), p["gridPos"].(map[string]any)
		if id := p["id"].(float64); ids[id] {
			t.Errorf("%s: id %v is taken", title, id)
		} else {
			ids[id] = true
		}
		left, top := int(at["x"].(float64)), int(at["y"].(float64))
		for x := left; x < left+int(at["w"].(float64)); x++ {
			for y := top; y < top+int(at["h"].(float64)); y++ {
				if other := taken[[2]int{x, y}]; other != "" || x >= columns {
					t.Fatalf("%s at column %d, row %d: there is %q", title, x, y, other)
				}
				taken[[2]int{x, y}] = title
			}
		}
	}
}

// promtool knows PromQL's grammar; to it, each expression is a recording rule.
func TestPromtoolReadsTheDashboard(t *testing.T) {
	requirePromtool(t)
	type rule struct {
		Record string `json:"record"`
		Expr   string `json:"expr"`
	}
	var rules []rule
	_, queries := dashboard(t)
	for i, q := range queries {
		rules = append(rules, rule{fmt.Sprintf("query:%d", i), strings.ReplaceAll(q.expr, "$__rate_interval", "1m")})
	}
	file := filepath.Join(t.TempDir(), "rules.yaml") // JSON is YAML
	content, err := json.Marshal(map[string]any{"groups": []any{map[string]any{"name": "dashboard", "rules": rules}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, content, 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("promtool", "check", "rules", file).CombinedOutput(); err != nil {
		t.Errorf("promtool check rules: %v\n%s", err, out)
	}
}
