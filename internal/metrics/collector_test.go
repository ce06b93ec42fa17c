// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package metrics

import (
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"cygnet/acl"
	"cygnet/engine"
)

var update = flag.Bool("update", false, "write testdata/metrics.txt anew")

// exposed returns what /metrics says of Cygnet itself. It fails the test if a
// series was left out.
func exposed(t testing.TB, s Sources) string {
	t.Helper()
	w := httptest.NewRecorder()
	NewHandler(s).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if w.Code != http.StatusOK {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	if _, err := newRegistry(s).Gather(); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(w.Body.String()) {
		if strings.Contains(line, "cygnet_") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "")
}

// series returns the lines of one metric, without the label `interface`.
func series(t testing.TB, s Sources, name string) (lines []string) {
	t.Helper()
	for line := range strings.SplitSeq(exposed(t, s), "\n") {
		if strings.HasPrefix(line, name+"{") {
			lines = append(lines, strings.Replace(line, `interface="eth1",`, "", 1))
		}
	}
	return lines
}

func TestEverythingIsExposed(t *testing.T) {
	const golden = "testdata/metrics.txt"
	var got string
	synctest.Test(t, func(t *testing.T) { // time stands still
		got = exposed(t, sourcesOf(full(time.Now())))
	})
	got = strings.Replace(got, `"`+runtime.Version()+`"`, `"GOVERSION"`, 1)
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("if this is meant, run with -update (-want +got):\n%s", diff)
	}
}

func TestEveryReasonIsASeries(t *testing.T) {
	got := series(t, sourcesOf(full(time.Now())), "cygnet_frames_total")
	if len(got) != engine.Reasons {
		t.Errorf("%d reasons, %d series", engine.Reasons, len(got))
	}
	if i := slices.IndexFunc(got, func(s string) bool { return strings.Contains(s, `"unknown"`) }); i >= 0 {
		t.Errorf("a reason without a word: %s", got[i])
	}
}

func TestAnEngineThatHasNotTickedHasNoTimes(t *testing.T) {
	got := exposed(t, sourcesOf(&engine.Snapshot{}))
	for _, name := range []string{"cygnet_start_time_seconds", "cygnet_last_tick_age_seconds"} {
		if strings.Contains(got, name) {
			t.Errorf("%s is there", name)
		}
	}
}

func TestARuleThatMovesKeepsItsSeries(t *testing.T) {
	of := func(rules []acl.Rule, hits []uint64) []string {
		return series(t, sourcesOf(&engine.Snapshot{Lists: []engine.ListSnapshot{{Name: "0", Rules: rules, Hits: hits, Misses: 3}}}), "cygnet_list_hits_total")
	}
	a, b := permit("10.0.0.0/8"), deny("11.0.0.0/8")
	if diff := cmp.Diff(of([]acl.Rule{a, b}, []uint64{1, 2}), of([]acl.Rule{b, a}, []uint64{2, 1})); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
}

func TestALongListIsBounded(t *testing.T) {
	s := large(0, 3000)
	rules := s.Lists[0].Rules
	rules[2000] = rules[5]    // is that one's hit
	rules[500] = rules[10]    // makes room for one more
	s.Lists[0].Misses = 12345 // of the default
	got := series(t, sourcesOf(s), "cygnet_list_hits_total")
	for _, want := range []string{
		`cygnet_list_hits_total{list="black",rule="default"} 12345`,
		`cygnet_list_hits_total{list="black",rule="deny 192.0.5.0/24"} 2`,
		`cygnet_list_hits_total{list="black",rule="deny 192.0.10.0/24"} 2`,
		`cygnet_list_hits_total{list="black",rule="deny 192.3.232.0/24"} 1`, // the 1001st
		`cygnet_list_hits_total{list="black",rule="other"} 1998`,
	} {
		if !slices.Contains(got, want) {
			t.Errorf("not there: %s", want)
		}
	}
	if want := 1000 + 2; len(got) != want {
		t.Errorf("%d series, want %d", len(got), want)
	}
}

func TestAnInterfaceMayHaveAnyName(t *testing.T) {
	s := sourcesOf(full(time.Now()))
	s.Interface = "e\xff\"0\n"
	if got, want := exposed(t, s), `cygnet_link_up{interface="e?\"0\n"} 1`; !strings.Contains(got, want) {
		t.Errorf("no line %s in\n%s", want, got)
	}
}

func TestLint(t *testing.T) {
	problems, err := testutil.GatherAndLint(newRegistry(sourcesOf(full(time.Now()))))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

func requirePromtool(t *testing.T) {
	t.Helper()
	if os.Getenv("REQUIRE_NETNS") != "1" {
		t.Skip("needs promtool: run with REQUIRE_NETNS=1 after .ci/install-test-tools")
	}
	if _, err := exec.LookPath("promtool"); err != nil {
		t.Fatal("REQUIRE_NETNS=1, but promtool is not installed")
	}
}

func TestPromtool(t *testing.T) {
	requirePromtool(t)
	w := httptest.NewRecorder()
	NewHandler(sourcesOf(full(time.Now()))).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	check := exec.Command("promtool", "check", "metrics")
	check.Stdin = w.Body
	if out, err := check.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("promtool check metrics: %v\n%s", err, out)
	}
}

// A scrape of a balancer with 1000 servers and 10 000 rules, as text.
func BenchmarkScrape(b *testing.B) {
	h := NewHandler(sourcesOf(large(1000, 10000)))
	for b.Loop() {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
		b.ReportMetric(float64(w.Body.Len()), "bytes")
	}
}
