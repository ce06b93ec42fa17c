// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cygnet/acl"
	"cygnet/internal/config"
)

var compare = cmp.Options{
	cmp.Comparer(func(a, b netip.Addr) bool { return a == b }),
	cmp.Comparer(func(a, b netip.Prefix) bool { return a == b }),
	cmp.Comparer(func(a, b *acl.List) bool { return listText(a) == listText(b) }),
}

// listText is a list's entries and default, as messages and tests show it.
func listText(l *acl.List) string {
	var b strings.Builder
	for _, r := range l.Rules() {
		fmt.Fprintf(&b, "%s %s, ", r.Action, r.Prefix)
	}
	return b.String() + "else " + l.Default().String()
}

// lines numbers the lines of a text, as if they came from a file.
func lines(text string) (ls []Line) {
	for i, t := range strings.Split(text, "\n") {
		ls = append(ls, Line{Text: t, Origin: fmt.Sprintf("f:%d", i+1)})
	}
	return ls
}

// whole is a configuration without fault, to which a test adds its lines.
const whole = `dsr_if eth1
listen 10.77.0.10:80
server 0 address 10.77.0.1
server 1 address 10.77.0.2
`

// names is a resolver that needs no network.
func names(host string) ([]netip.Addr, error) {
	known := map[string][]netip.Addr{
		"www1": {netip.MustParseAddr("fd00::1"), netip.MustParseAddr("::ffff:10.77.0.1")},
		"www2": {netip.MustParseAddr("10.77.0.2"), netip.MustParseAddr("10.77.0.3")},
		"six":  {netip.MustParseAddr("fd00::6")},
	}
	if a := known[host]; a != nil {
		return a, nil
	}
	return nil, fmt.Errorf("no such host")
}

// apply takes lines that must be right.
func apply(t *testing.T, base *config.Config, text string) (*config.Config, []string) {
	t.Helper()
	cfg, notes, problems := (&Parser{Resolve: names}).Apply(base, lines(text))
	for _, p := range problems {
		t.Errorf("%s: %s", p.Origin, p.What)
	}
	if problems != nil {
		t.FailNow()
	}
	return cfg, notes
}

func TestApplyGlobals(t *testing.T) {
	cfg, notes := apply(t, config.New(), whole+`
debug 2
debug
source 10.77.0.8
source fd00::8
source 10.77.0.9
no source 10.77.0.8
no source 10.77.0.8
segment 10.77.0.0 255.255.255.0
segment fd00::/64
segment 10.99.0.0/16
no segment 10.99.0.0/16
secret "/etc/my key"
dsr_if eth2
tarpit_acl 1
tarpit_acl`)
	want := config.New()
	want.Interface, want.Debug, want.Secret, want.TarpitList = "eth2", 2, "/etc/my key", "1"
	want.Sources = []config.Source{{Addr: netip.MustParseAddr("fd00::8")}, {Addr: netip.MustParseAddr("10.77.0.9")}}
	want.Segments = []netip.Prefix{netip.MustParsePrefix("10.77.0.0/24"), netip.MustParsePrefix("fd00::/64")}
	want.Services = cfg.Services
	if diff := cmp.Diff(want, cfg, compare); diff != "" {
		t.Errorf("configuration (-want +got):\n%s", diff)
	}
	if notes != nil {
		t.Errorf("notes = %q", notes)
	}
	cfg, _ = apply(t, cfg, "no source\nno segment\nno secret\nno tarpit_acl")
	if cfg.Sources != nil || cfg.Segments != nil || cfg.Secret != "" || cfg.TarpitList != "" {
		t.Errorf("still there after `no`: %+v", cfg)
	}
	if cfg, _ = apply(t, cfg, "tarpit_acl 3\ntarpit_acl -1"); cfg.TarpitList != "" {
		t.Errorf("tarpit_acl -1 leaves %q", cfg.TarpitList)
	}
}

func TestApplyLists(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"a host", "acl 1 permit 10.0.0.1", "permit 10.0.0.1/32, else deny"},
		{"mask and length", "acl 1 deny 10.0.0.0 255.0.0.0\nacl 1 deny 10.1.0.0/16", "deny 10.0.0.0/8, deny 10.1.0.0/16, else permit"},
		{"everything", "acl 1 deny 0.0.0.0 0.0.0.0", "deny 0.0.0.0/0, else permit"},
		{"IPv6", "acl 1 permit fd00::1\nacl 1 permit fd01::/16", "permit fd00::1/128, permit fd01::/16, else deny"},
		{"host bits", "acl 1 permit 10.0.0.5 255.255.255.0", "permit 10.0.0.0/24, else deny"},
		{"at a position", "acl 1 permit 10.0.0.1\nacl 1 at 1 deny 10.0.0.2\nacl 1 at 3 deny 10.0.0.3",
			"deny 10.0.0.2/32, permit 10.0.0.1/32, deny 10.0.0.3/32, else permit"},
		{"explicit default", "acl 1 permit 10.0.0.1\nacl 1 default permit", "permit 10.0.0.1/32, else permit"},
		{"no default", "acl 1 permit 10.0.0.1\nacl 1 default permit\nno acl 1 default", "permit 10.0.0.1/32, else deny"},
		{"forced", "acl 1 permit 10.0.0.1 force", "permit 10.0.0.1/32, else deny"},
		{"emptied", "acl 1 permit 10.0.0.1\nacl 1 default deny\nno acl 1", "else permit"},
		{"one entry taken out", "acl 1 permit 10.0.0.1\nacl 1 permit 10.0.0.2\nno acl 1 permit 10.0.0.1", "permit 10.0.0.2/32, else deny"},
		{"one position taken out", "acl 1 permit 10.0.0.1\nacl 1 permit 10.0.0.2\nno acl 1 at 2", "permit 10.0.0.1/32, else deny"},
		{"what is absent, taken out", "acl 1 permit 10.0.0.1\nno acl 1 deny 10.0.0.1\nno acl 1 at 7", "permit 10.0.0.1/32, else deny"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg, _ := apply(t, config.New(), whole+tt.text)
			if got := listText(cfg.Lists["1"]); got != tt.want {
				t.Errorf("list 1 = %s\n  want = %s", got, tt.want)
			}
		})
	}
	_, notes := apply(t, config.New(), whole+"acl 1 permit 10.0.0.5 255.255.255.0\nacl 1 permit 10.0.0.5 255.255.255.0\nsegment fd00::5/64")
	want := []string{
		"acl 1 permit 10.0.0.5 255.255.255.0: bits of a host are set; taken as 10.0.0.0/24",
		"segment fd00::5/64: bits of a host are set; taken as fd00::/64"}
	if diff := cmp.Diff(want, notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
}

func TestApplyServices(t *testing.T) {
	a := netip.MustParseAddr
	cfg, notes := apply(t, config.New(), `dsr_if eth1
roundrobin
acl office permit 10.0.0.0/8
service web weight
service web listen [fd00::10]:http tcp
service web server a address fd00::1 weight 3
service web server 0 port 80 address fd00::2
service web server b address fd00::3
service web client_acl office
service dns listen 10.77.0.10:domain udp
service dns server 7 address 10.77.0.1 max 10 hard 20 prio 2 acl 0
service dns no hash
service old listen 10.77.0.12
no service old
no service older
listen 10.77.0.10 any
server 0 address 10.77.0.9
server 0 address 10.77.0.1
server 0 weight 0
server 1 address 10.77.0.2
server 2 address 10.77.0.3
no server 2
no server 2
stubborn
no stubborn
hash
client_acl 2
no client_acl
listen
client_acl`)
	made := func(v config.Service) config.Service {
		n := config.NewService(v.Name)
		n.VIP, n.Port, n.Proto, n.ClientList, n.Servers = v.VIP, v.Port, v.Proto, v.ClientList, v.Servers
		n.Hash, n.RoundRobin, n.Weight = v.Hash, v.RoundRobin, v.Weight
		return n
	}
	want := []config.Service{
		made(config.Service{Name: "default", VIP: a("10.77.0.10"), RoundRobin: true, Hash: true, ClientList: "0", Servers: []config.Server{
			{Number: 0, Addr: a("10.77.0.1"), List: "0"}, {Number: 1, Addr: a("10.77.0.2"), List: "0"}}}),
		made(config.Service{Name: "web", VIP: a("fd00::10"), Port: 80, Proto: 6, Weight: true, ClientList: "office", Servers: []config.Server{
			{Number: 0, Addr: a("fd00::2"), Port: 80, List: "0"},
			{Number: 1, Name: "a", Addr: a("fd00::1"), Weight: 3, List: "0"},
			{Number: 2, Name: "b", Addr: a("fd00::3"), List: "0"}}}),
		made(config.Service{Name: "dns", VIP: a("10.77.0.10"), Port: 53, Proto: 17, ClientList: "0", Servers: []config.Server{
			{Number: 7, Addr: a("10.77.0.1"), Max: 10, Hard: 20, Prio: 2, List: "0"}}}),
	}
	if diff := cmp.Diff(want, cfg.Services, compare); diff != "" {
		t.Errorf("services (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string(nil), notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}

	cfg, _ = apply(t, cfg, "service web no server a\nservice web no server 0\nservice web server c address fd00::4\nservice web server d address fd00::5\nservice web server b prio 1")
	var got []string
	for _, v := range cfg.Service("web").Servers {
		got = append(got, fmt.Sprintf("%d%s prio %d", v.Number, v.Name, v.Prio))
	}
	if diff := cmp.Diff([]string{"0c prio 0", "1d prio 0", "2b prio 1"}, got); diff != "" {
		t.Errorf("numbers after a change (-want +got):\n%s", diff)
	}
}

func TestApplyUDP(t *testing.T) {
	base := config.New()
	base.UDP = true
	cfg, _ := apply(t, base, whole+"service a listen 10.77.0.11:80 tcp\nservice a server 0 address 10.77.0.1")
	if d, a := cfg.Services[0].Proto, cfg.Services[1].Proto; d != 17 || a != 6 {
		t.Errorf("protocols = %d, %d, want 17 (by -U) and 6 (as said)", d, a)
	}
}

func TestApplyResolvesNames(t *testing.T) {
	cfg, notes := apply(t, config.New(), `dsr_if eth1
listen 10.77.0.10:80
server 0 address www1
server 1 address www2
service six listen fd00::10
service six server 0 address www1`)
	got := []string{cfg.Services[0].Servers[0].Addr.String(), cfg.Services[0].Servers[1].Addr.String(), cfg.Services[1].Servers[0].Addr.String()}
	if diff := cmp.Diff([]string{"10.77.0.1", "10.77.0.2", "fd00::1"}, got); diff != "" {
		t.Errorf("addresses (-want +got):\n%s", diff)
	}
	want := []string{"server 0: address www1 is 10.77.0.1", "server 1: address www2 is 10.77.0.2, the first of 2 addresses",
		"service six server 0: address www1 is fd00::1"}
	if diff := cmp.Diff(want, notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
}

func TestApplyIsOneTransaction(t *testing.T) {
	base, _ := apply(t, config.New(), whole+"acl 1 permit 10.77.0.0/24")
	before := base.Clone()
	for _, text := range []string{
		"acl 1 deny 10.77.0.1\nno server 0\nlisten 10.77.0.11\nbogus", // a wrong line
		"no server 0\nno server 1",                                    // a wrong whole
	} {
		cfg, notes, problems := new(Parser).Apply(base, lines(text))
		if cfg != nil || notes != nil || len(problems) != 1 {
			t.Errorf("%q: configuration %v, notes %q, problems %v", text, cfg, notes, problems)
		}
		if diff := cmp.Diff(before, base, compare); diff != "" {
			t.Errorf("%q: base changed (-before +after):\n%s", text, diff)
		}
	}
	cfg, _ := apply(t, base, "server 0 weight 9\nacl 1 deny 10.77.0.1")
	if diff := cmp.Diff(before, base, compare); diff != "" || cfg.Services[0].Servers[0].Weight != 9 {
		t.Errorf("base changed (-before +after):\n%s", diff)
	}
}

// TestCommandsHaveHelp walks the table.
func TestCommandsHaveHelp(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range Commands() {
		if seen[c.Name] {
			t.Errorf("%s: in the table twice", c.Name)
		}
		seen[c.Name] = true
		if c.Help == "" || strings.HasSuffix(c.Help, ".") || c.run == nil && c.act == nil || c.run != nil && c.act != nil && c.asks == nil {
			t.Errorf("%s: help %q", c.Name, c.Help)
		}
	}
}

// TestPensOwnFile reads what Pen 0.34.1 wrote when it was started with
// `-C 127.0.0.1:10080`: it gives servers without a port its control port.
func TestPensOwnFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pen.cfg")
	file := `# Generated by pen 2026-11-26 07:04:34
# pen -u 'root' -F '/tmp/p.cfg' -C 127.0.0.1:10080 10.77.0.10
no acl 0
acl 1 permit 10.0.0.1 255.255.255.255
no ascii
blacklist 30
client_acl 0
control_acl 0
no hash
no log
no roundrobin
server 0 acl 0 address 10.77.0.1 port 10080 max 0 hard 0
server 1 acl 0 address 10.77.0.2 port 80 max 0 hard 0
tcp_fastclose off
timeout 3
no web_stats
`
	if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, notes := apply(t, config.New(), whole+"include "+path)
	if a, b := cfg.Services[0].Servers[0].Port, cfg.Services[0].Servers[1].Port; a != 0 || b != 80 {
		t.Errorf("ports %d and %d, want 0 and 80", a, b)
	}
	if want := "server 0: port 10080: the control port of the Pen that wrote the file; taken as the service's"; !slices.Contains(notes, want) {
		t.Errorf("notes %q, want %q", notes, want)
	}
}
