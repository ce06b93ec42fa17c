// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	cmps "cmp"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"cygnet/acl"
	"cygnet/internal/config"
)

// saysTheSame compares what two configurations say, and what they would become
// by the same later changes: lists by their steps. Lists of which nothing is
// left say nothing, the order of tarpit_ignore neither, and a blacklisting is
// no setting.
func saysTheSame(a, b *config.Config) string {
	plain := func(c *config.Config) *config.Config {
		c = c.Clone()
		c.Comments = nil
		slices.SortFunc(c.Tarpit.Ignore, func(a, b config.Ignore) int { return cmps.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		for name, l := range c.Lists {
			if _, explicit := l.ExplicitDefault(); l.Len() == 0 && !explicit {
				delete(c.Lists, name)
			}
		}
		for i := range c.Services {
			for j := range c.Services[i].Servers {
				c.Services[i].Servers[j].Out = time.Time{}
			}
			if len(c.Services[i].Servers) == 0 {
				c.Services[i].Servers = nil
			}
			c.Services[i].Gone = nil
		}
		c.Gone = nil
		return c
	}
	lists := cmp.Comparer(func(a, b *acl.List) bool {
		return listText(a) == listText(b) && fmt.Sprint(a.Steps()) == fmt.Sprint(b.Steps())
	})
	return cmp.Diff(plain(a), plain(b), compare[:2], lists)
}

// said draws lines that are right by themselves.
func said(t *rapid.T, label string, servers bool) []Line {
	addr := func(n string) string {
		return fmt.Sprintf("10.77.%d.%d", rapid.IntRange(0, 3).Draw(t, n), rapid.IntRange(1, 9).Draw(t, n))
	}
	one := func(words ...string) string { return rapid.SampledFrom(words).Draw(t, "word") }
	forms := []func() string{
		func() string {
			return one("roundrobin", "hash", "weight", "prio", "stubborn", "leastconn", "no roundrobin", "no hash", "no prio")
		},
		func() string {
			return "acl " + one("1", "2", "office") + " " + one("permit", "deny") + " " + addr("rule")
		},
		func() string {
			return "acl " + one("1", "2") + " at 1 " + one("permit", "deny") + " " + addr("rule") + one("", "/24", "/16")
		},
		func() string { return "acl " + one("1", "2") + " default " + one("permit", "deny") },
		func() string { return "no acl " + one("1", "2", "office") },
		func() string { return "acl 1 permit fd00::/16" },
		func() string { return "acl 3 deny country " + one("SE", "NO") },
		func() string {
			return one("tarpit_acl 1", "tarpit_acl 2", "no tarpit_acl", "client_acl 1", "no client_acl", "control_acl 2")
		},
		func() string { return one("timeout", "blacklist", "tracking") + " " + one("0.25", "7", "30", "100ms") },
		func() string {
			return one("tracking 0", "tracking off", "no tracking", "source 10.77.7.7", "source 10.77.7.7 vlan 10", "no source 10.77.7.7 vlan 10")
		},
		func() string {
			return "idle " + one("opening", "udp", "closing", "established") + " " + one("3", "30", "120")
		},
		func() string {
			return one("debug 3", "debug 0", "log_format json", "log_format text", "workers 2", "pin on", "conn_max 1000", "clients_max 1000")
		},
		func() string {
			return one("metrics 9100", "no metrics", `events "/var/log/a b"`, "no events", "web_stats /tmp/x", "log syslog", "no log")
		},
		func() string {
			return one("standby", "active", "user cygnet", "pidfile /run/x", "socket none", "control 10080", "no control")
		},
		func() string {
			return one("segment 10.77.0.0/16", "no segment", "tarpit_exclude 10.77.0.0/24", "no tarpit_exclude")
		},
		func() string {
			return one("tarpit_ignore from 10.0.0.0/8 port 22", "tarpit_ignore to fd00::/64", "no tarpit_ignore")
		},
		func() string {
			return one("tarpit_limit source 5", "tarpit_limit total off", "no tarpit_limit", "tarpit_allow_large", "no tarpit_allow_large")
		},
		func() string {
			return one("tarpit_mode synack", "tarpit_mode persist", "tarpit_ports plausible:5", "tarpit_policy observe")
		},
		func() string {
			return one("check http path /ip status 204 rise 1", "check dns name a.b type MX expect x", `check https body "a # b"`, "check none", "check arp fall 5 jitter 0.5", "no check")
		},
		func() string {
			return one("emergency 10.77.9.9:80", "no emergency", "abuse 10.77.9.8", "panic 50", "disable", "enable")
		},
	}
	if servers {
		forms = append(forms, func() string {
			id := one("0", "1", "5")
			return fmt.Sprintf("server %s address 10.77.9.%s%s", id, "1"+id, one("", " weight 3", " max 7 prio 2", " weight 0", " acl office"))
		}, func() string {
			id := one("a", "b")
			return fmt.Sprintf("server %s address 10.77.8.%d%s", id, len(id)+int(id[0]), one("", " weight 3", " hard 9"))
		}, func() string {
			return one("no server 0", "no server 1", "no server a", "no server 5 now", "no server b now", "server b name c", "server 0 name a")
		},
			func() string {
				return "server " + one("0", "1", "a", "b", "x", "9") + " " + one("drain", "disable", "enable", "blacklist 50")
			})
	}
	var lines []Line
	for range rapid.IntRange(0, 12).Draw(t, label) {
		scope := one("", "", "service web ")
		line := rapid.SampledFrom(forms).Draw(t, "form")()
		if c, _, err := newSession(new(Parser), Request{Base: config.New()}).find(strings.Fields(line)); err != nil || c.Group != Service {
			scope = ""
		}
		lines = append(lines, Line{Text: scope + line, Origin: label})
	}
	return lines
}

// TestWriteReadsBack holds the language together: whatever the command line
// says and whatever was changed while running, the same command line and the
// file that `write` made are the running configuration again.
func TestWriteReadsBack(t *testing.T) {
	countries := func(string, []string) (acl.Countries, error) {
		return acl.Countries{"SE": {netip.MustParsePrefix("192.0.2.0/24")}, "NO": {netip.MustParsePrefix("198.51.100.0/24")}}, nil
	}
	whole := []Line{{Text: "dsr_if eth1"}, {Text: "source 10.77.7.8"}, {Text: "source fd00::8"}, {Text: "geoip /x.mmdb"}, {Text: "acl office permit 10.0.0.0/8"},
		{Text: "listen 10.77.0.10:80"}, {Text: "server 9 address 10.77.9.250"},
		{Text: "service web listen [fd00::10]:443"}, {Text: "service web server x address fd00::1"}}
	rapid.Check(t, func(t *rapid.T) {
		p := &Parser{Countries: countries}
		written := append(said(t, "command line", false), whole...)
		start := config.New()
		start.UDP = rapid.Bool().Draw(t, "-U")
		base := p.Run(Request{Base: start, Lines: written, Who: Who{Owner: true}})
		if base.Problems != nil {
			t.Skip(base.Problems[0].What)
		}
		cfg := base.Config
		for _, l := range said(t, "running", true) {
			if r := p.Run(Request{Base: cfg, Lines: []Line{l, l}[:1], Who: Who{Owner: true}, Live: true}); r.Problems == nil {
				cfg = r.Config
			}
		}
		if rapid.IntRange(0, 9).Draw(t, "no web") == 0 {
			cfg = cfg.Clone()
			cfg.RemoveService("web")
		}
		text := Write(cfg, base.Config)
		back := p.Run(Request{Base: start, Who: Who{Owner: true}, Lines: append(written, lines(text)...)})
		if back.Problems != nil {
			t.Fatalf("%s: %s\n%s", back.Problems[0].Origin, back.Problems[0].What, text)
		}
		if diff := saysTheSame(cfg, back.Config); diff != "" {
			t.Fatalf("(-running +read back):\n%s\n%s", diff, text)
		}
		if again := Write(back.Config, base.Config); again != text {
			t.Fatalf("written again (-first +second):\n%s", cmp.Diff(text, again))
		}
	})
}

// TestDeltaLeadsFromOneToTheOther is what `undo` and the log of a reload stand
// on.
func TestDeltaLeadsFromOneToTheOther(t *testing.T) {
	start, _ := apply(t, config.New(), whole+"acl office permit 10.0.0.0/8\nservice web listen 10.77.0.11:80\nservice web server 0 address 10.77.0.1")
	rapid.Check(t, func(t *rapid.T) {
		p := new(Parser)
		walk := func(c *config.Config, label string) *config.Config {
			for _, l := range said(t, label, true) {
				if r := p.Run(Request{Base: c, Lines: []Line{l}, Who: Who{Owner: true}, Live: true}); r.Problems == nil {
					c = r.Config
				}
			}
			return c
		}
		from := walk(start, "from")
		to := walk(from, "to")
		var ls []Line
		for _, text := range Delta(from, to) {
			ls = append(ls, Line{Text: text, Origin: text})
		}
		got := p.Run(Request{Base: from, Lines: ls, Who: Who{Owner: true}, Live: true})
		if got.Problems != nil {
			t.Fatalf("%v in %q", got.Problems[0], Delta(from, to))
		}
		if diff := saysTheSame(to, got.Config); diff != "" {
			t.Fatalf("(-to +got):\n%s\n%q", diff, Delta(from, to))
		}
		if d := Delta(to, to); d != nil {
			t.Fatalf("from the same to the same: %q", d)
		}
	})
}

func TestWriteKeepsCommentsAndOrder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cygnet.conf")
	text := `# cygnet config 1
# who serves
# and who does not
dsr_if eth1
debug 2
# office
no acl 1
# the boss
acl 1 permit 10.0.0.1
acl 1 permit 10.0.0.0 255.0.0.0
listen 10.77.0.10:80
roundrobin
# the old one
server 0 address 10.77.0.1 weight 2
server 0 drain
server web2 address 10.77.0.2
client_acl 1
# the end
`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, _ := apply(t, config.New(), "include "+path)
	if diff := cmp.Diff(text, Write(cfg, config.New())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
