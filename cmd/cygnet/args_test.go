// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"cygnet/internal/command"
)

// TestParseArgs shows which lines a command line stands for.
func TestParseArgs(t *testing.T) {
	tests := []struct {
		name string
		args []string
		want invocation
	}{
		{"nothing", nil, invocation{}},
		{"web", []string{"-df", "-r", "-O", "dsr_if eth1", "10.77.0.10:80", "10.77.0.1", "10.77.0.2"},
			invocation{foreground: true, debug: 1, lines: []command.Line{
				{Text: "debug 1", Origin: "-d"},
				{Text: "roundrobin", Origin: "-r"},
				{Text: "dsr_if eth1", Origin: "-O"},
				{Text: "listen 10.77.0.10:80", Origin: "argument 1"},
				{Text: "server 0 address 10.77.0.1", Origin: "argument 2"},
				{Text: "server 1 address 10.77.0.2", Origin: "argument 3"}}}},
		{"DNS", []string{"-df", "-U", "-O", "poll", "-O", "dsr_if eth1", "-S", "2", "-r", "10.77.0.10:53", "10.77.0.1"},
			invocation{foreground: true, debug: 1, udp: true,
				notes: []string{"-S: without effect: the table of servers needs no size"},
				lines: []command.Line{
					{Text: "debug 1", Origin: "-d"},
					{Text: "poll", Origin: "-O"},
					{Text: "dsr_if eth1", Origin: "-O"},
					{Text: "roundrobin", Origin: "-r"},
					{Text: "listen 10.77.0.10:53", Origin: "argument 1"},
					{Text: "server 0 address 10.77.0.1", Origin: "argument 2"}}}},
		{"flags behind the servers, as getopt lets Pen's stand", []string{"10.77.0.10", "10.77.0.1", "-W", "-Odsr_if eth1", "-h"},
			invocation{lines: []command.Line{
				{Text: "weight", Origin: "-W"},
				{Text: "dsr_if eth1", Origin: "-O"},
				{Text: "hash", Origin: "-h"},
				{Text: "listen 10.77.0.10", Origin: "argument 1"},
				{Text: "server 0 address 10.77.0.1", Origin: "argument 2"}}}},
		{"commas, quotes and blanks of -O stay", []string{"-O", `secret "/a, b"`, "-o", "stubborn", "-s"},
			invocation{lines: []command.Line{
				{Text: `secret "/a, b"`, Origin: "-O"},
				{Text: "stubborn", Origin: "-o"},
				{Text: "stubborn", Origin: "-s"}}}},
		{"a cluster of all kinds", []string{"-dfUdhN"},
			invocation{foreground: true, udp: true, debug: 2, lines: []command.Line{
				{Text: "debug 1", Origin: "-d"}, {Text: "debug 2", Origin: "-d"},
				{Text: "hash", Origin: "-h"}, {Text: "hash", Origin: "-N"}}}},
		{"all that a server can say", []string{"10.77.0.10", "10.77.0.1:80:10:20:3:4", "www2::5", "10.77.0.3:http", "[fd00::1]:80:10", "fd00::2", "[fd00::3]"},
			invocation{lines: []command.Line{
				{Text: "listen 10.77.0.10", Origin: "argument 1"},
				{Text: "server 0 address 10.77.0.1 port 80 max 10 hard 20 weight 3 prio 4", Origin: "argument 2"},
				{Text: "server 1 address www2 max 5", Origin: "argument 3"},
				{Text: "server 2 address 10.77.0.3 port http", Origin: "argument 4"},
				{Text: "server 3 address fd00::1 port 80 max 10", Origin: "argument 5"},
				{Text: "server 4 address fd00::2", Origin: "argument 6"},
				{Text: "server 5 address fd00::3", Origin: "argument 7"}}}},
		{"words that try to be more", []string{"10.77.0.10 udp", "10.77.0.1 weight 9", "#"},
			invocation{lines: []command.Line{
				{Text: `listen "10.77.0.10 udp"`, Origin: "argument 1"},
				{Text: `server 0 address "10.77.0.1 weight 9"`, Origin: "argument 2"},
				{Text: `server 1 address "#"`, Origin: "argument 3"}}}},
		{"Pen's flags without effect, each told once", []string{"-anDPQ", "-a", "-m5", "-q", "10", "-S=3"},
			invocation{notes: []string{
				"-a: without effect: frames are never dumped",
				"-n: without effect: Cygnet forwards frames and has no connections of its own",
				"-D: without effect: Cygnet forwards frames and has no connections of its own",
				"-P: without effect: Cygnet has no event loop to choose",
				"-Q: without effect: Cygnet has no event loop to choose",
				"-m: without effect: Cygnet forwards frames and accepts no connections",
				"-q: without effect: Cygnet forwards frames and accepts no connections",
				"-S: without effect: the table of servers needs no size"}}},
		{"the view", []string{"--no-tui", "--log-format", "json"}, invocation{
			view: viewFlags{none: true}, lines: []command.Line{{Text: "log_format json", Origin: "--log-format"}}}},
		{"the dashboard", []string{"--glyphs", "ascii", "--read-only"}, invocation{view: viewFlags{readOnly: true, glyphs: "ascii"}}},
		{"files come last, in their order", []string{"-F", "a", "-Xfb", "7", "-F", "b c", "--metrics=:9100"},
			invocation{foreground: true, mayExit: true, files: []string{"a", "b c"}, lines: []command.Line{
				{Text: "blacklist 7", Origin: "-b"}, {Text: "metrics :9100", Origin: "--metrics"}}}},
		{"ctl hands on what follows", []string{"ctl", "/run/x", "server", "0", "-d"},
			invocation{action: runCtl, words: []string{"/run/x", "server", "0", "-d"}}},
		{"check understands flags", []string{"check", "-r", "-F", "x"}, invocation{action: runCheck,
			words: []string{"-r", "-F", "x"}, files: []string{"x"}, lines: []command.Line{{Text: "roundrobin", Origin: "-r"}}}},
		{"completion", []string{"completion", "bash"}, invocation{action: runCompletion, words: []string{"bash"}}},
		{"help of check", []string{"check", "--help"}, invocation{action: showHelp}},
		{"help of ctl", []string{"ctl", "--help"}, invocation{action: showHelp}},
		{"a host named like a subcommand", []string{"--", "lab", "version"},
			invocation{lines: []command.Line{
				{Text: "listen lab", Origin: "argument 1"}, {Text: "server 0 address version", Origin: "argument 2"}}}},
		{"-h alone is help", []string{"-h"}, invocation{action: showHelp}},
		{"--help among others", []string{"-df", "--help", "10.77.0.10"}, invocation{action: showHelp}},
		{"version", []string{"version"}, invocation{action: showVersion}},
		{"lab", []string{"lab"}, invocation{action: runLab}},
		{"lab without a dashboard", []string{"lab", "--no-tui"}, invocation{action: runLab, view: viewFlags{none: true}}},
		{"attach", []string{"attach"}, invocation{action: runAttach}},
		{"attach to a socket", []string{"attach", "--read-only", "/run/x", "--glyphs=console"},
			invocation{action: runAttach, words: []string{"/run/x"}, view: viewFlags{readOnly: true, glyphs: "console"}}},
		{"help of attach", []string{"attach", "--help"}, invocation{action: showHelp}},
		{"help of the lab", []string{"lab", "--help"}, invocation{action: showHelp}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := parseArgs(tt.args)
			if err != nil {
				t.Fatal(err)
			}
			if tt.want.action == showHelp {
				got = &invocation{action: got.action} // whatever else was said is of no matter
			}
			if diff := cmp.Diff(&tt.want, got, cmp.AllowUnexported(invocation{}, viewFlags{}), cmpopts.EquateEmpty(), cmpopts.IgnoreUnexported(command.Line{})); diff != "" {
				t.Errorf("invocation (-want +got):\n%s", diff)
			}
		})
	}
}

func TestInitialKnowsUDP(t *testing.T) {
	inv, err := parseArgs([]string{"-U"})
	if err != nil || !inv.initial().UDP {
		t.Errorf("-U does not reach the configuration (%v)", err)
	}
	if inv, err = parseArgs(nil); err != nil || inv.initial().UDP {
		t.Errorf("UDP without -U (%v)", err)
	}
}

// TestEveryFlagOfPen shows that none of Pen's options is unknown: it is taken,
// or refused with its reason. The string is getopt's, of Pen 0.34.1.
func TestEveryFlagOfPen(t *testing.T) {
	const pen = "B:C:F:O:S:T:b:c:e:i:j:l:m:o:p:q:t:u:w:x:DHNPQWXUadfhnrsE:K:G:A:ZRL:"
	for i := range len(pen) {
		if pen[i] == ':' {
			continue
		}
		name := "-" + pen[i:i+1]
		args := []string{"-f", name}
		if i+1 < len(pen) && pen[i+1] == ':' {
			args = append(args, "value")
		}
		inv, err := parseArgs(args)
		var written writtenError
		if err != nil && (!errors.As(err, &written) || len(written) != 1 || written[0].Hint == "" ||
			!strings.HasPrefix(written[0].What, name+": ") || strings.Contains(written[0].What, "unknown")) {
			t.Errorf("%s: %q", name, err)
		}
		for _, l := range linesOf(inv) {
			if strings.HasPrefix(l.Text, "listen") {
				t.Errorf("%s: its value is taken for a VIP", name)
			}
		}
	}
}

func linesOf(inv *invocation) []command.Line {
	if inv == nil {
		return nil
	}
	return inv.lines
}

// TestHelpFitsATerminal holds the text to 80 columns, and to the flags that
// there are.
func TestHelpFitsATerminal(t *testing.T) {
	text := usage()
	for _, line := range strings.Split(text, "\n") {
		if len(line) > 80 || strings.HasSuffix(line, " ") || strings.Contains(line, "\t") {
			t.Errorf("%d columns: %q", len(line), line)
		}
	}
	for _, f := range flags() {
		if !f.shown() {
			continue
		}
		if name := f.String(); !strings.Contains(text, "  "+name) {
			t.Errorf("%s is not in the help", name)
		}
		if len(f.name) > 1 && !strings.Contains(text, "--"+f.name) {
			t.Errorf("--%s is not in the help", f.name)
		}
	}
}
