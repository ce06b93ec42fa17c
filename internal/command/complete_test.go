// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// someNames are the names of a running Cygnet.
var someNames = Names{
	Services:   []string{"default", "dns", "web"},
	Lists:      []string{"office"},
	Interfaces: []string{"eth0", "eth1", "lo"},
	Server: func(service string) []string {
		return map[string][]string{"default": {"0", "1"}, "web": {"0", "alpha"}}[service]
	},
}

// typed splits a line; a blank at its end begins another word.
func typed(line string) []string { return strings.Split(line, " ") }

func TestComplete(t *testing.T) {
	for _, tt := range []struct{ line, want string }{
		{"ds", "dsr_if dsr_ip"},
		{"dsr_if ", "eth0 eth1 lo"},
		{"dsr_if eth", "eth0 eth1"},
		{"dsr_if eth1 ", ""},
		{"no tarpit_ac", "tarpit_accept tarpit_acl"},
		{"no source ", ""},
		{"source 10.77.0.9 ", "vlan"},
		{"tarpit_acl ", "-1 0 1 2 3 4 5 6 7 8 9 office"},
		{"client_acl o", "office"},
		{"listen 10.0.0.1:80 ", "any tcp udp vlan"},
		{"listen 10.0.0.1:80 u", "udp"},
		{"acl office ", "at default deny permit"},
		{"acl office permit c", "country"},
		{"acl 1 at ", ""},
		{"acl 1 at 2 ", "deny permit"},
		{"acl 1 default ", "deny permit"},
		{"no acl 1 ", "at default deny permit"},
		{"server ", "0 1"},
		{"server 0 ad", "address"},
		{"server 0 address 10.0.0.1 ", "acl address blacklist hard max name port prio weight"},
		{"server 0 address 10.0.0.1 weight ", ""},
		{"server 0 acl ", "0 1 2 3 4 5 6 7 8 9 office"},
		{"no server ", "0 1"},
		{"service ", "default dns web"},
		{"no service d", "default dns"},
		{"service web c", "check client_acl"},
		{"service web ac", ""},
		{"service web no client", "client_acl"},
		{"service web no s", "server stubborn"},
		{"service web server a", "alpha"},
		{"service web server alpha we", "weight"},
		{"service dns server ", ""},
		{"service web service ", ""},
		{"service web acl ", ""},
		{"service web service web ", ""},
		{"nonsense ", ""},
		{"no nonsense ", ""},
		{"ssl_", ""},
		{"no", "no"},
		{" ", ""},
	} {
		if diff := cmp.Diff(tt.want, strings.Join(Complete(typed(tt.line), someNames), " ")); diff != "" {
			t.Errorf("%q (-want +got):\n%s", tt.line, diff)
		}
	}
	if diff := cmp.Diff(Complete([]string{""}, Names{}), Complete(nil, Names{})); diff != "" {
		t.Errorf("no word at all (-one empty word +none):\n%s", diff)
	}
	if got := Complete([]string{"server", ""}, Names{}); len(got) > 0 {
		t.Errorf("without names: %q", got)
	}
}

// TestCompleteOffersEveryCommand also shows that Service's are offered after
// `service NAME`, and only those.
func TestCompleteOffersEveryCommand(t *testing.T) {
	for _, cmd := range Commands() {
		if strings.Contains(cmd.Name, "*") {
			continue
		}
		for _, scope := range [][]string{nil, {"service", "web"}} {
			want := scope == nil || cmd.Group == Service
			words := scope
			for word := range strings.SplitSeq(cmd.Name, " ") {
				offered := slices.Contains(Complete(append(slices.Clone(words), ""), someNames), word)
				if want && !offered {
					t.Errorf("%q: not offered after %q", cmd.Name, words)
				}
				words = append(words, word)
			}
			offered := slices.Contains(Complete(words, someNames), words[len(words)-1])
			if offered != want {
				t.Errorf("%q after %q: offered is %v", cmd.Name, scope, offered)
			}
		}
	}
}

// TestNotation shows the forms that LANGUAGE.md has, whatever this version's
// table has of them.
func TestNotation(t *testing.T) {
	const (
		aclForm    = "acl: LIST [at POS] permit|deny PREFIX | country CC [force], or acl LIST default permit|deny, or acl LIST"
		noACL      = "no acl: LIST permit|deny PREFIX | no acl LIST at POS"
		serverForm = "server: ID [acl LIST|address HOST[:PORT]|port P|blacklist SEC|enable|drain|disable]..."
		check      = "check: arp|tcp|none [interval SEC|rise N|path P]... [body TEXT...]"
		listen     = "listen: [VIP[:PORT] [tcp|udp|any] [vlan VID]]"
	)
	for _, tt := range []struct{ form, line, want string }{
		{aclForm, "", "LIST"},
		{aclForm, "1 ", "at default deny permit"},
		{aclForm, "1 permit ", "PREFIX country"},
		{aclForm, "1 permit country ", "CC force"}, // country may be a PREFIX, too
		{aclForm, "1 permit country SE ", "force"},
		{aclForm, "1 permit 10.0.0.0 ", "force"},
		{aclForm, "1 permit 10.0.0.0 255.0.0.0 ", "force"},
		{aclForm, "1 at 2 deny ::/0 ", "force"},
		{aclForm, "1 default ", "deny permit"},
		{noACL, "1 ", "at deny permit"},
		{noACL, "1 at ", "POS"},
		{serverForm, "0 ", "acl address blacklist disable drain enable port"},
		{serverForm, "0 acl ", "LIST"},
		{serverForm, "0 drain ", "acl address blacklist disable drain enable port"},
		{serverForm, "0 address a port ", "P"},
		{check, "", "arp none tcp"},
		{check, "tcp interval 5 ", "body interval path rise"},
		{check, "tcp rise 2 body a b ", "TEXT"},
		{check, "udp ", ""},
		{listen, "10.0.0.1 ", "any tcp udp vlan"},
		{listen, "10.0.0.1 any vlan ", "VID"},
		{"idle: opening|closing SEC", "closing ", "SEC"},
		{"tarpit_limit: NAME N|off", "a ", "N off"},
		{"tarpit_policy: verify|immediate", "", "immediate verify"},
		{"tarpit_ignore: [from PREFIX] [to PREFIX] [port P]", "from 10.0.0.0/8 ", "port to"},
		{"tarpit_ports: all|P,P-P|plausible:K", "", "P,P-P all plausible:K"},
		{"log: [FILE|HOST:PORT|syslog|-]", "", "- FILE HOST:PORT syslog"},
		{"control_acl: [LIST]", "1 ", ""},
		{"block: [...]", "", "..."},
		{"odd: ]", "a ", ""}, // no notation: no matter what, but no panic
		{"odd: [[a | | b", "", "a b"},
		{"odd: | a", "", ""},
	} {
		name, args, _ := strings.Cut(tt.form, ": ")
		got := nextOf(&Command{Name: name, Args: args}, typed(tt.line))
		slices.Sort(got)
		if diff := cmp.Diff(tt.want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s\n%q (-want +got):\n%s", tt.form, tt.line, diff)
		}
	}
}

func TestExpected(t *testing.T) {
	for _, tt := range []struct{ line, want string }{
		{"secret ", "FILE"},
		{"server 0 address ", "HOST"},
		{"acl 1 permit ", "PREFIX"},
		{"acl 1 ", ""},
		{"block ", ""},
		{"nonsense ", ""},
	} {
		if got := strings.Join(Expected(typed(tt.line)), " "); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.line, got, tt.want)
		}
	}
}

// FuzzComplete shows that no words panic, and that what is offered continues
// what was typed, is one word of the language, and is in order.
func FuzzComplete(f *testing.F) {
	for _, s := range []string{"", "no ", "service web no ", "acl 1 at 1 permit 10.0.0.0 255.0.0.0 ", "server 0 weight 1 ",
		"service service service ", "preview preview no ", "help no ", "listen \" [", "\x00 \xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		words := typed(line)
		found := Complete(words, someNames)
		if !slices.IsSorted(found) || len(slices.Compact(slices.Clone(found))) != len(found) {
			t.Fatalf("%q: not in order, or twice: %q", line, found)
		}
		for _, w := range found {
			if one, err := lex(w); err != nil || len(one) != 1 || one[0] != w {
				t.Errorf("%q: %q is not one word", line, w)
			}
			if !strings.HasPrefix(w, words[len(words)-1]) {
				t.Errorf("%q: %q does not continue it", line, w)
			}
		}
		Expected(words)
	})
}
