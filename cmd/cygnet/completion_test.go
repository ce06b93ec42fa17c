// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cygnet/internal/command"
)

// someFlags are flags of every kind.
func someFlags() []flagDoc {
	return []flagDoc{
		{"f", "f", "", "stay in the foreground"},
		{"d", "debug", "", "log more"},
		{"O", "O", "COMMAND", "a line"},
		{"F", "F", "FILE", "a file of lines"},
		{"e", "e", "HOST[:PORT]", "the emergency server"},
		{"", "log-format", "text|json", "the log's form"},
		{"", "socket", "PATH|none", "the control socket"},
	}
}

func TestCompleteArgs(t *testing.T) {
	names := command.Names{
		Services:   []string{"default", "web"},
		Interfaces: []string{"eth0", "eth1"},
		Server:     func(string) []string { return []string{"0", "1"} },
	}
	for _, tt := range []struct {
		typed []string
		want  string
	}{
		{nil, ":host attach check completion ctl files lab version"},
		{[]string{"c"}, ":host check completion ctl"},
		{[]string{"-"}, "--debug --help --log-format --socket -F -O -d -e -f"},
		{[]string{"--s"}, "--socket"},
		{[]string{"-O", "dsr_i"}, "dsr_if dsr_ip"},
		{[]string{"-O", "dsr_if "}, "dsr_if eth0|dsr_if eth1"},
		{[]string{"-O", `"dsr_if e`}, "dsr_if eth0|dsr_if eth1"},
		{[]string{"-O", `'dsr_if eth1`}, "dsr_if eth1"},
		{[]string{"-O", `dsr_if\ e`}, "dsr_if eth0|dsr_if eth1"},
		{[]string{"-dfO", "client_"}, "client_acl"},
		{[]string{"-O", "\t"}, ""},
		{[]string{"-Ostubborn", ""}, ":host"}, // the value is attached, so an address is next
		{[]string{"-F", "/etc/c"}, ":file"},
		{[]string{"-e", ""}, ":host"},
		{[]string{"--log-format", ""}, "json text"},
		{[]string{"--log-format", "j"}, "json"},
		{[]string{"--log-format=j"}, "--log-format=json"},
		{[]string{"--debug=j"}, ""},
		{[]string{"--socket", ""}, ":file none"},
		{[]string{"--socket="}, "--socket=none"},
		{[]string{"-df", "10."}, ":host"},
		{[]string{"--", "-"}, ":host"},
		{[]string{"--unknown", "-F"}, "-F"},
		{[]string{"files", "cygnet.ser"}, "cygnet.service"},
		{[]string{"completion", ""}, "bash fish zsh"},
		{[]string{"lab", "--n"}, "--no-tui"},
		{[]string{"lab", ""}, "--glyphs --help --no-tui --read-only"},
		{[]string{"lab", "--glyphs", ""}, "ascii console utf8"},
		{[]string{"attach", ""}, ":file"},
		{[]string{"attach", "--r"}, "--read-only"},
		{[]string{"version", ""}, ""},
		{[]string{"check", "-"}, "--debug --help --log-format --socket -F -O -d -e -f"},
		{[]string{"check", "-F", ""}, ":file"},
		{[]string{"ctl", "dsr_i"}, ":file dsr_if dsr_ip"},
		{[]string{"ctl", "/run/c"}, ":file"},
		{[]string{"ctl", "dsr_if", ""}, "eth0 eth1"},
		{[]string{"ctl", "/run/cygnet/eth1.sock", "client_"}, "client_acl"},
		{[]string{"ctl", "/run/x.sock", "server", ""}, "0 1"},
		{[]string{"ctl", "secret", ""}, ":file"},
		{[]string{"ctl", "server", "0", "address", ""}, ":host"},
	} {
		got := strings.Join(completeArgs(tt.typed, someFlags(), names), "|")
		if want := tt.want; got != want && got != strings.ReplaceAll(want, " ", "|") {
			t.Errorf("%q: %q, want %q", tt.typed, got, want)
		}
	}
}

func FuzzCompleteArgs(f *testing.F) {
	for _, s := range []string{"", "-O\n\"acl 1 ", "ctl\n/run/x\nno ", "-dfO\n'", "--socket=\n-", "--\n\\", "ctl\n\n", "-\n\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		found := completeArgs(strings.Split(text, "\n"), someFlags(), command.Names{})
		if !slices.IsSorted(found) || slices.Contains(found, "") {
			t.Fatalf("%q: %q", text, found)
		}
	})
}

func TestCompletionScript(t *testing.T) {
	for _, shell := range shells() {
		if script, err := completionScript(shell); err != nil || !strings.Contains(script, completeSub) {
			t.Errorf("%s: %v, or it does not ask cygnet", shell, err)
		}
	}
	for _, shell := range []string{"", "tcsh", "../cygnet"} {
		if _, err := completionScript(shell); err == nil || strings.HasPrefix(err.Error(), "open") {
			t.Errorf("%q: error %v", shell, err)
		}
	}
}

// askShell sources the shell's script and then runs code, where `cygnet` is a
// program that prints offers and leaves what it was asked.
func askShell(t *testing.T, shell, code string, offers ...string) (printed, asked []string) {
	t.Helper()
	program, err := exec.LookPath(shell)
	if err != nil {
		t.Skip(shell + " is not installed")
	}
	dir := t.TempDir()
	script, err := completionScript(shell)
	if err != nil {
		t.Fatal(err)
	}
	fake := "#!/bin/sh\nprintf '<%s>\\n' \"$@\" >\"$ASKED\"\nprintf '%s\\n' '" + strings.Join(offers, "' '") + "'\n"
	for name, text := range map[string]string{"script": script, "cygnet": fake, "some file": ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(program, "-c", code)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"), "ASKED="+filepath.Join(dir, "asked"), "HOME="+dir)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", shell, err, out)
	}
	words, err := os.ReadFile(filepath.Join(dir, "asked"))
	if err != nil {
		t.Fatalf("cygnet was not asked: %v\n%s", err, out)
	}
	lines := func(b []byte) []string { return strings.Split(strings.TrimSuffix(string(b), "\n"), "\n") }
	return lines(out), lines(words)
}

func TestBashCompletion(t *testing.T) {
	for name, tt := range map[string]struct {
		words  string // as readline splits them
		offers []string
		asked  []string
		want   []string
	}{
		"subcommand": {"cygnet che", []string{"check"}, []string{"<che>"}, []string{"check"}},
		"nothing yet": {"cygnet ''", []string{"check", "ctl"},
			[]string{"<>"}, []string{"check", "ctl"}},
		"inside quotes": {`cygnet -O '"dsr_if e'`, []string{"dsr_if eth0", "dsr_if eth1"},
			[]string{"<-O>", `<"dsr_if e>`}, []string{"dsr_if eth0", "dsr_if eth1", "option nospace"}},
		"without quotes": {`cygnet -O 'dsr_if\ e'`, []string{"dsr_if eth0"},
			[]string{"<-O>", `<dsr_if\ e>`}, []string{`dsr_if\ eth0`}},
		"after =": {"cygnet --log-format = j", []string{"--log-format=json"},
			[]string{"<--log-format=j>"}, []string{"json"}},
		"at =": {"cygnet --log-format =", []string{"--log-format=json", "--log-format=text"},
			[]string{"<--log-format=>"}, []string{"json", "text"}},
		"after an address": {"cygnet 10.0.0.1 : 80 --de", []string{"--debug"},
			[]string{"<10.0.0.1:80>", "<--de>"}, []string{"--debug"}},
		"a file": {"cygnet -F so", []string{":file"},
			[]string{"<-F>", "<so>"}, []string{"some file", "option filenames"}},
		"no host": {"cygnet no-such-host-", []string{":host"}, []string{"<no-such-host->"}, []string{""}},
	} {
		t.Run(name, func(t *testing.T) {
			got, asked := askShell(t, "bash", `
				. ./script
				[[ $(complete -p cygnet) == 'complete -F _cygnet cygnet' ]] || exit 9
				compopt() { options+=("option $2"); } # the real one works for readline alone
				COMP_WORDS=(`+tt.words+`) COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
				_cygnet || exit 8
				printf '%s\n' "${COMPREPLY[@]}" "${options[@]}"`, tt.offers...)
			if diff := cmp.Diff(append([]string{"<__complete>"}, tt.asked...), asked); diff != "" {
				t.Errorf("cygnet was asked (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("COMPREPLY (-want +got):\n%s", diff)
			}
		})
	}
}

func TestZshCompletion(t *testing.T) {
	got, asked := askShell(t, "zsh", `
		compdef() { [[ "$*" == "_cygnet cygnet" ]] || exit 9 }
		. ./script
		compadd() { print -rl -- "${@[2,-1]}" }
		_files() { print files }
		words=(cygnet -O '"dsr_if e') CURRENT=3 PREFIX="dsr_if e"
		_cygnet`, ":file", "dsr_if eth0", "dsr_if eth1")
	if diff := cmp.Diff([]string{"<__complete>", "<-O>", "<dsr_if e>"}, asked); diff != "" {
		t.Errorf("cygnet was asked (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"files", "dsr_if eth0", "dsr_if eth1"}, got); diff != "" {
		t.Errorf("offered (-want +got):\n%s", diff)
	}
}

func TestFishCompletion(t *testing.T) {
	got, asked := askShell(t, "fish", `source ./script; complete -C 'cygnet -O "dsr_if e'`, "dsr_if eth0", "dsr_if eth1")
	if diff := cmp.Diff([]string{"<__complete>", "<-O>", `<"dsr_if e>`}, asked); diff != "" {
		t.Errorf("cygnet was asked (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"dsr_if eth0", "dsr_if eth1"}, got); diff != "" {
		t.Errorf("offered (-want +got):\n%s", diff)
	}
}
