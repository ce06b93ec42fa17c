// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"net/netip"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// Debian's penctl speaks to us as to Pen.

// penReply is a command and the whole of what must come back, as a regular
// expression.
type penReply struct{ command, want string }

const (
	nextTime = `note: \w+: takes effect at the next start\n`
	noProxy  = `note: [a-z_ 0-9]+: without effect: .+\n`
	lined0   = `0 addr 10\.77\.0\.1 port 0 conn 0 max 0 hard 0 weight 0 prio 0 sx \d+ rx 0 state \w+ check \w+( mac \S+)?\n`
	lined1   = `1 addr 10\.77\.0\.2 port 0 conn 0 max 0 hard 0 weight 0 prio 0 sx \d+ rx 0 state \w+ check \w+( mac \S+)?\n`
	clients  = `(\S+ connects \d+ sx 0 rx \d+ flows \d+ .*\n)*`
	fileOnly = `error: .*(is about a file|name a file).*\nhint: .*\n`
)

// penReplies are Pen's commands, in an order in which each reply is known.
// Anybody may give them.
var penReplies = []penReply{
	{"servers", lined0 + lined1},
	{"mode", `no hash roundrobin no stubborn no weight no prio no leastconn\n`},
	{"hash", `hash roundrobin no stubborn no weight no prio no leastconn\n`},
	{"no roundrobin", `hash no roundrobin .*\n`},
	{"no hash", `no hash no roundrobin .*\n`},
	{"weight", `.* weight no prio no leastconn\n`},
	{"no weight", `.* no weight no prio no leastconn\n`},
	{"prio", `.* no weight prio no leastconn\n`},
	{"no prio", `.* no weight no prio no leastconn\n`},
	{"stubborn", `no hash no roundrobin stubborn .*\n`},
	{"no stubborn", `no hash no roundrobin no stubborn .*\n`},
	{"roundrobin", `no hash roundrobin no stubborn no weight no prio no leastconn\n`},
	{"blacklist", `30\n`}, {"blacklist 20", `20\n`}, {"blacklist 30", `30\n`},
	{"tracking", `off\n`}, {"tracking 5", `5\nnote: tracking is off under roundrobin\n`}, {"tracking 0", `0\n`}, {"tracking off", `off\n`},
	{"timeout", `1\n`}, {"timeout 4", `4\nnote: check: the timeout, 4 s, is longer .*\n`}, {"timeout 1", `1\n`},
	{"conn_max", `65536\n`}, {"conn_max 600", `600\n` + nextTime}, {"conn_max 65536", `65536\n` + nextTime},
	{"clients_max", `65536\n`}, {"clients_max 600", `600\n` + nextTime}, {"clients_max 65536", `65536\n` + nextTime},
	{"debug", `1\n`}, {"debug 2", `2\n`}, {"debug 1", `1\n`},
	{"listen", `10\.77\.0\.10:80\n`}, {"listen 10.77.0.10:80", `10\.77\.0\.10:80\n`},
	{"dsr_if", `eth1\n`}, {"dsr_if eth1", `eth1\n`},
	{"control", `10080\n`}, {"pid", `\d+\n`},
	{"log", `no log\n`}, {"web_stats", `no web_stats\n`},
	{"recent", clients}, {"recent 60", clients},
	{"status", `(?s)<!DOCTYPE html>\n.*10\.77\.0\.10.*</html>\n+`},
	{"# a comment", ``},

	{"acl 1 permit 10.77.0.66", ``},
	{"acl 1 permit 10.77.0.68 255.255.255.252", ``},
	{"acl 1 permit 10.77.0.73 255.255.255.248", `note: .* taken as 10\.77\.0\.72/29\n`},
	{"acl 1 permit fd77::66", ``}, {"acl 1 permit fd77:1::/64", ``},
	{"acl 1 permit country SE", `error: country SE: needs geoip\nhint: .*\n`},
	{"acl 1 deny 10.77.0.67", `note: acl 1: what matches no entry gets permit now, and got deny before\n`},
	{"acl 1", `1 permit 10\.77\.0\.66 hits 0\n2 permit 10\.77\.0\.68 255\.255\.255\.252 hits 0\n` +
		`3 permit 10\.77\.0\.72 255\.255\.255\.248 hits 0\n4 permit fd77::66 hits 0\n5 permit fd77:1::/64 hits 0\n` +
		`6 deny 10\.77\.0\.67 hits 0\ndefault permit \(implied\) hits 0\n`},
	{"tarpit_acl", `-1\n`}, {"tarpit_acl 2", `2\nnote: .*no entries.*\n`}, {"tarpit_acl -1", `-1\n`}, {"no tarpit_acl", `-1\n`},
	{"client_acl", `0\n`}, {"client_acl 1", `1\n`}, {"client_acl 0", `0\n`},
	{"control_acl", `0\n`}, {"control_acl 2", `2\n`}, {"control_acl 0", `0\n`},
	{"no acl 1", ``}, {"acl 1", `default permit \(implied\) hits 0\n`}, {"no acl 9", ``},

	{"server 0 weight 3", ``}, {"server 0 prio 2 max 100 hard 120", `(note: max and hard .*\n)?`},
	{"servers", `0 addr 10\.77\.0\.1 port 0 conn 0 max 100 hard 120 weight 3 prio 2 sx .*\n` + lined1},
	{"server 0 acl 1 address 10.77.0.1 port 80 max 0 hard 0", ``},
	{"servers", `0 addr 10\.77\.0\.1 port 80 conn 0 max 0 hard 0 weight 3 prio 2 sx .*\n` + lined1},
	{"server 0 acl 0 port 0 weight 0 prio 0", ``},
	{"servers", lined0 + lined1},
	{"server 0 blacklist 30", ``}, {"servers", `0 addr .* state blacklisted.*\n` + lined1},
	{"server 0 blacklist 0", ``}, {"servers", `0 addr .* state (up|unchecked|unknown).*\n` + lined1},
	{"server 2 address 10.77.0.1", `error: .*10\.77\.0\.1.*\nhint: .*\n`},
	{"server 9 weight 1", `error: server 9: no address\nhint: .*\n`},
	{"server 0 port 8080", `error: server 0 .*: port 8080 differs from the service's port 80\nhint: .*\n`},

	{"epoll", noProxy}, {"poll", noProxy}, {"select", noProxy}, {"kqueue", noProxy}, {"block", noProxy}, {"no block", noProxy},
	{"ascii", noProxy}, {"no ascii", noProxy}, {"abort_on_error", noProxy}, {"delayed_forward", noProxy}, {"keepalive", noProxy},
	{"peek", noProxy}, {"pending_max 5", noProxy}, {"idle_timeout", noProxy}, {"tcp_nodelay", noProxy}, {"no tcp_nodelay", noProxy},
	{"tcp_fastclose off", noProxy}, {"idlers 0", noProxy}, {"no http", noProxy}, {"no dummy", noProxy}, {"no transparent", noProxy},
	{"http", `error: http: .*\nhint: .*\n`}, {"dummy", `error: dummy: .*\nhint: .*\n`}, {"transparent", `error: transparent: .*\nhint: .*\n`},
	{"idlers 5", `error: idlers: .*\nhint: .*\n`}, {"ssl_ciphers x", `error: ssl_ciphers: TLS .*\nhint: .*\n`},
	{"close 1", `error: close: .*\nhint: .*\n`}, {"connection 1", `error: connection: .*\nhint: .*\n`},
	{"socket 3", `error: socket.*\nhint: .*\n`}, {"dsr_ip 10.0.0.1", `error: dsr_ip: .*\nhint: .*source ADDR\n`},
	{"frobnicate", `error: "frobnicate": unknown command\nhint: .*\n`},
	{"client_acl 12", `error: client_acl "12": .*\nhint: .*\n`},
	{"blacklist soon", `error: blacklist "soon": .*\nhint: .*\n`},
}

// ownersReplies name files in DIR: they are for root over the socket.
var ownersReplies = []penReply{
	{"log DIR/log", `DIR/log\n`}, {"log", `DIR/log\n`}, {"no log", `no log\n`},
	{"web_stats DIR/stats.html", `DIR/stats\.html\n`}, {"web_stats", `DIR/stats\.html\n`}, {"no web_stats", `no web_stats\n`},
	{"acl 1 permit 10.77.0.66", ``},
	{"write DIR/other.conf", `DIR/other\.conf\n`}, {"no acl 1", ``},
	{"include DIR/other.conf", `(note: .*\n)?`},
	{"acl 1", `1 permit 10\.77\.0\.66 hits 0\ndefault deny \(implied\) hits 0\n`},
	{"include DIR/absent.conf", `error: DIR/absent\.conf: no such file or directory\nhint: .*\n`},
	{"no acl 1", ``},
}

// TestNetnsControlPenctl gives each of Pen's commands by Debian's penctl, over
// the Unix socket and over TCP.
func TestNetnsControlPenctl(t *testing.T) {
	requireNetns(t, "penctl")
	w := newWorld(t, HostSpec{Addrs: onSegment(9)})
	dir := openFolder(t, 0)
	file := writeFile(t, filepath.Join(dir, "cygnet.conf"), "# kept", "blacklist 30")
	p := startCygnet(t, w.balancer, "-df", "-r", "-C", "10080", "-F", file, "-O", "dsr_if eth1", "10.77.0.10:80", "10.77.0.1", "10.77.0.2")
	waitSays(t, p, 10*time.Second, `127.0.0.1:10080`)
	const tcp = "127.0.0.1:10080"
	for _, at := range []string{w.balancer.socket(), tcp} {
		for _, c := range penReplies {
			w.penctl(t, at, c)
		}
	}
	for _, c := range ownersReplies {
		c = penReply{strings.ReplaceAll(c.command, "DIR", dir), strings.ReplaceAll(c.want, "DIR", regexp.QuoteMeta(dir))}
		w.penctl(t, w.balancer.socket(), c)
		if words := strings.Fields(c.command); len(words) == 2 && words[0] != "acl" {
			w.penctl(t, tcp, penReply{c.command, fileOnly})
		}
	}
	for _, at := range []string{w.balancer.socket(), tcp} {
		w.penctl(t, at, penReply{"write", regexp.QuoteMeta(file) + `\n`})
		w.penctl(t, at, penReply{"exit", `error: exit: not allowed\nhint: .*-X.*\n`})
	}
	if got := readFile(t, file); !strings.Contains(got, "# kept\n") {
		t.Errorf("write lost a comment:\n%s", got)
	}
	p.Stop(5 * time.Second)

	p = startCygnet(t, w.balancer, append([]string{"-X"}, penWeb()...)...)
	waitSays(t, p, 10*time.Second, "control socket")
	w.penctl(t, w.balancer.socket(), penReply{"exit", ``})
	eventually(t, 5*time.Second, "the end after exit", func() bool { return ended(p) })
	if err := p.Wait(); err != nil {
		t.Errorf("after exit: %v", err)
	}
}

// penctl gives a command and judges the reply. It is Pen's client that ends
// well only if the server closes the connection.
func (w *world) penctl(t *testing.T, at string, c penReply) {
	t.Helper()
	r := run(t, w.balancer, "penctl", append([]string{at}, strings.Fields(c.command)...)...)
	if !regexp.MustCompile(`^`+c.want+`$`).MatchString(r.Stdout) || r.Stderr != "" || r.Code != 0 {
		t.Errorf("penctl %s %s: exit status %d, want %s, got\n%s%s", at, c.command, r.Code, c.want, r.Stdout, r.Stderr)
	}
}

// TestNetnsControlBesideRealPen compares our replies with those of Debian's
// Pen to the same commands.
func TestNetnsControlBesideRealPen(t *testing.T) {
	requireNetns(t, "pen", "penctl")
	w := newWorld(t, HostSpec{Addrs: onSegment(9)})
	real := addHost(t, w.lab, HostSpec{Name: "pen"})
	// Pen asks for an address of IPv4 on another interface than dsr_if.
	if err := real.AddAddr("lo", netip.MustParsePrefix("192.0.2.1/32")); err != nil {
		t.Fatal(err)
	}
	const at = "127.0.0.1:10080"
	args := []string{"-f", "-r", "-C", at, "-O", "dsr_if eth1", "10.77.0.11:80", "10.77.0.1:80", "10.77.0.2:80:5:6:7"}
	start(t, real.Command("pen", append([]string{"-u", "nobody"}, args...)...))
	startCygnet(t, w.balancer, args...)
	for _, h := range []*Host{real, w.balancer} {
		waitListen(t, h, "127.0.0.1", 10080)
	}
	// What differs, and how: Pen's reply, and ours.
	differ := map[string][2]string{
		"tarpit_acl":      {"tarpit_acl = -1", "-1\n"}, // no line's end in Pen
		"tarpit_acl 3":    {"tarpit_acl = 3", "3\n"},
		"listen":          {"10.77.0.11\n", "10.77.0.11:80\n"},
		"log":             {"", "no log\n"},
		"web_stats":       {"", "no web_stats\n"},
		"hash":            {"", "hash roundrobin no stubborn no weight no prio no leastconn\n"},
		"dsr_if":          {"", "eth1\n"},
		"timeout":         {"3\n", "1\n"},
		"tracking":        {"0\n", "off\n"}, // its DSR mode keeps track of nobody, whatever it says
		"conn_max":        {"500\n", "65536\n"},
		"clients_max":     {"2048\n", "65536\n"},
		"clients_max 700": {"2048\n", "700\n"}, // Pen never makes it smaller
	}
	for _, c := range []string{
		"servers", "mode", "blacklist", "blacklist 20", "tracking", "tracking 5", "timeout", "timeout 4", "client_acl", "client_acl 2",
		"control_acl", "control_acl 3", "conn_max", "conn_max 600", "clients_max", "clients_max 700", "debug", "debug 1", "control",
		"acl 1 permit 10.77.0.66", "no acl 1", "server 0 weight 3", "server 0 acl 1 blacklist 0", "servers", "tarpit_acl", "tarpit_acl 3",
		"listen", "log", "web_stats", "dsr_if", "hash", "mode", "# a comment",
	} {
		words := append([]string{at}, strings.Fields(c)...)
		pens, ours := must(t, real, "penctl", words...), must(t, w.balancer, "penctl", words...)
		if known, ok := differ[c]; ok {
			if got := [2]string{pens, withoutNotes(ours)}; got != known {
				t.Errorf("%s: got %q of Pen and ours, want %q", c, got, known)
			}
			continue
		}
		if got := penForm(ours); got != pens {
			t.Errorf("%s: Pen says\n%sand ours\n%s", c, pens, ours)
		}
	}
}

// oursBehind is what we say behind Pen's own words in a line.
var oursBehind = regexp.MustCompile(`( no leastconn| rx 0 .*)$`)

// penForm is a reply without what is ours: notes, and words behind Pen's.
func penForm(reply string) string {
	var b strings.Builder
	for line := range strings.Lines(withoutNotes(reply)) {
		line = oursBehind.ReplaceAllStringFunc(strings.TrimSuffix(line, "\n"), func(s string) string {
			if strings.HasPrefix(s, " rx 0") {
				return " rx 0"
			}
			return ""
		})
		b.WriteString(line + "\n")
	}
	return b.String()
}

// withoutNotes is a reply without its notices.
func withoutNotes(reply string) string {
	return regexp.MustCompile(`(?m)^note: .*\n`).ReplaceAllString(reply, "")
}
