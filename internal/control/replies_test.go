// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"cygnet/acl"
	"cygnet/engine"
	"cygnet/internal/capture"
	"cygnet/internal/command"
	"cygnet/internal/config"
	"cygnet/internal/events"
	"cygnet/internal/wire"
)

// TestEverySettingAnswers asks for each setting, sets it, and takes it back:
// it always prints its value.
func TestEverySettingAnswers(t *testing.T) {
	const modes = "no hash no roundrobin no stubborn no weight no prio no leastconn"
	const limits = "source 200\nnetwork 1000\ntotal 20000\nbits 10000000\narp 100\nverify 50"
	tests := []struct{ name, first, value, second, back, third string }{
		{"dsr_if", "eth1", "eth2", "eth2", "", ""},
		{"engine", "auto", "packet", "packet", "", ""},
		{"workers", "0", "2", "2", "", ""},
		{"pin", "off", "on", "on", "", ""},
		{"user", "no user", "cygnet", "cygnet", "", ""},
		{"chroot", "no chroot", "/var/empty", "/var/empty", "", ""},
		{"pidfile", "no pidfile", "/run/x y", `"/run/x y"`, "", ""},
		{"socket", "no socket", "none", "none", "", ""},
		{"secret", "no secret", "/k", "/k", "no secret", "no secret"},
		{"geoip", "no geoip", "/g", "/g", "no geoip", "no geoip"},
		{"log", "no log", "syslog", "syslog", "no log", "no log"},
		{"log_format", "text", "json", "json", "", ""},
		{"debug", "0", "3", "3", "", ""},
		{"metrics", "no metrics", "9100", "9100", "no metrics", "no metrics"},
		{"web_stats", "no web_stats", "#x", `"#x"`, "no web_stats", "no web_stats"},
		{"conn_max", "65536", "1000", "1000", "", ""},
		{"clients_max", "65536", "1000", "1000", "", ""},
		{"control", "no control", "10080", "10080", "no control", "no control"},
		{"source", "no source", "10.77.0.8", "10.77.0.8", "no source 10.77.0.8", "no source"},
		{"source", "no source", "10.77.0.8 vlan 10", "10.77.0.8 vlan 10", "no source 10.77.0.8 vlan 10", "no source"},
		{"segment", "no segment", "10.77.0.0/24", "10.77.0.0 255.255.255.0", "no segment", "no segment"},
		{"tarpit_exclude", "no tarpit_exclude", "10.77.0.9", "10.77.0.9", "no tarpit_exclude", "no tarpit_exclude"},
		{"tarpit_ignore", "no tarpit_ignore", "from 10.0.0.0/8 port ssh", "from 10.0.0.0 255.0.0.0 port 22", "no tarpit_ignore", "no tarpit_ignore"},
		{"tarpit_policy", "verify", "observe", "observe", "", ""},
		{"tarpit_mode", "persist", "sink", "sink", "", ""},
		{"tarpit_ports", "all", "22,80-90", "22,80-90", "", ""},
		{"tarpit_hook", "no tarpit_hook", "/bin/true", "/bin/true", "no tarpit_hook", "no tarpit_hook"},
		{"tarpit_accept", "no tarpit_accept", "/a", "/a", "no tarpit_accept", "no tarpit_accept"},
		{"tarpit_limit", limits, "", "", "", ""},
		{"tarpit_limit source", "source 200", "5", "source 5", "no tarpit_limit source", "source 200"},
		{"tarpit_acl", "-1", "1", "1", "no tarpit_acl", "-1"},
		{"control_acl", "0", "1", "1", "", ""},
		{"listen", "10.77.0.10:80", "10.77.0.11:domain udp", "10.77.0.11:53 udp", "", ""},
		{"blacklist", "30", "500ms", "0.5", "", ""},
		{"tracking", "off", "1.5s", "1.5", "no tracking", "off"},
		{"timeout", "1", "2", "2", "", ""},
		{"idle", "opening 3 established 900 closing 30 udp 120", "udp 60", "opening 3 established 900 closing 30 udp 60", "", ""},
		{"panic", "0", "50", "50", "", ""},
		{"emergency", "no emergency", "10.77.0.9:80", "10.77.0.9:80", "no emergency", "no emergency"},
		{"abuse", "no abuse", "10.77.0.9", "10.77.0.9", "no abuse", "no abuse"},
		{"client_acl", "0", "1", "1", "no client_acl", "0"},
		{"check", "arp", "arp rise 1 interval 5", "arp interval 5 rise 1", "no check", "arp"},
		{"mode", modes, "", "", "", ""},
	}
	notes := func(reply string) string {
		var kept []string
		for line := range strings.Lines(reply) {
			if !strings.HasPrefix(line, "note: ") {
				kept = append(kept, line)
			}
		}
		return strings.Join(kept, "")
	}
	line := func(s string) string {
		if s == "" {
			return ""
		}
		return s + "\n"
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := open(t, whole, "")
			o.want(alice, tt.name, line(tt.first))
			if o.applied != 0 {
				t.Error("a question changed something")
			}
			if tt.value == "" {
				return
			}
			if tt.name == "pidfile" || tt.name == "web_stats" {
				tt.value = command.Quote(tt.value)
			}
			if got := notes(o.ask(root, tt.name+" "+tt.value)); got != line(tt.second) {
				t.Errorf("%s %s: got %q, want %q", tt.name, tt.value, got, tt.second)
			}
			o.want(alice, tt.name, line(tt.second))
			if tt.back != "" {
				if got := notes(o.ask(root, tt.back)); got != line(tt.third) {
					t.Errorf("%s: got %q, want %q", tt.back, got, tt.third)
				}
			}
			if o.applied != 1 && tt.back == "" || o.applied != 2 && tt.back != "" {
				t.Errorf("applied %d times", o.applied)
			}
		})
	}
}

func TestWordsWithoutValuesAnswer(t *testing.T) {
	o := open(t, whole, "")
	for _, tt := range [][2]string{
		{"roundrobin", "no hash roundrobin no stubborn no weight no prio no leastconn\n"},
		{"no roundrobin", "no hash no roundrobin no stubborn no weight no prio no leastconn\n"},
		{"standby", "standby\n"}, {"active", "active\n"},
		{"disable", "disabled\n"}, {"enable", "enabled\n"},
		{"tarpit_allow_large", "tarpit_allow_large\n"},
		{"no emergency", "no emergency\n"}, {"tracking 0", "0\n"}, {"tracking off", "off\n"},
		{"no tarpit_allow_large", "no tarpit_allow_large\n"},
		{"acl 1 permit 10.77.0.0/24", ""}, {"no acl 1", ""},
		{"server 0 weight 2", ""}, {"server 0 drain", "note: server 0 draining: no flows left\n"}, {"server 0 disable", ""}, {"server 0 enable", ""}, {"no server 1", ""},
		{"poll", "note: poll: without effect: Cygnet has no event loop to choose\n"},
		{"", ""}, {"# nothing", ""},
	} {
		o.want(alice, tt[0], tt[1])
	}
}

// TestQuestionsChangeNothing asks of a service that is not there.
func TestQuestionsChangeNothing(t *testing.T) {
	o := open(t, "dsr_if eth1\nservice web listen 10.77.0.10:80\nservice web server 0 address 10.77.0.1", "")
	for _, q := range []string{"check", "mode", "idle", "listen", "client_acl", "blacklist", "emergency", "servers", "services",
		"no check", "no roundrobin", "no client_acl", "no server 4", "no service x", "no acl 4", "service x no hash", "service x check", "service x blacklist"} {
		if reply := o.ask(alice, q); Refused(reply) {
			t.Errorf("%s: %s", q, reply)
		}
	}
	if o.applied != 0 || o.number != 0 {
		t.Errorf("applied %d times, %d changes", o.applied, o.number)
	}
}

// TestABlacklistingIsNoNewChange: time goes by, and what is left gets less.
func TestABlacklistingIsNoNewChange(t *testing.T) {
	o := open(t, whole, "")
	o.must(alice, "server 0 blacklist 60")
	for range 50 {
		time.Sleep(time.Millisecond)
		o.want(bob, "debug", "0\n")
	}
	if o.number != 1 {
		t.Errorf("%d changes, want 1", o.number)
	}
}

func TestFormsOfRefusalsAndNotes(t *testing.T) {
	o := open(t, whole, "")
	o.want(alice, "bogus", "error: \"bogus\": unknown command\nhint: Pen would ignore it; Cygnet refuses what it does not know\n")
	o.want(alice, "workers 2", "2\nnote: workers: takes effect at the next start\n")
	o.want(root, "control 10080", "10080\nnote: control: takes effect at the next start\n")
	o.want(alice, "workers", "2\n")
	if got := o.Do(alice, []string{"begin", "debug 3", "bogus", "", "no"}); got !=
		"error: line 2: \"bogus\": unknown command\nhint: Pen would ignore it; Cygnet refuses what it does not know\n"+
			"error: line 4: no: a word is missing\nhint: say what not, as in: no tarpit_acl\n" {
		t.Errorf("got %s", got)
	}
	o.want(alice, "debug", "0\n")
	o.refused(alice, "an action, not a setting", "debug 3", "reload")
	o.refused(alice, "an action, not a setting", "begin", "reload")
	o.refused(alice, "one word too many", "services x")
	o.refused(alice, "not a number", "flows x")
	o.refused(alice, "no such service", "service x servers")
	o.refused(alice, "no such service", "service x server 0")
	o.refused(alice, "not a setting of one service", "service x reload")
	o.refused(alice, "not a setting of one service", "service default reload")
	o.refused(root, "a question, and not a setting", "debug 1", "events 5")
	o.refused(root, "not a number from 0", "events 99999999999")
}

func TestTransactionsAreAllOrNothing(t *testing.T) {
	o := open(t, whole, "")
	o.refuses = &config.Problem{What: "the machine says no"}
	o.refused(alice, "the machine says no", "server 0 weight 3", "debug 2")
	o.refused(alice, "the machine says no", "debug 2")
	if o.number != 0 || len(o.Recent(9)) != 0 {
		t.Error("a change that was refused was told")
	}
	o.refuses = nil
	o.refused(alice, "an address of this host", "debug 2", "server 2 address 10.77.0.5")
	if got := o.Do(alice, []string{"begin", "debug 2", "# so", "server 0 weight 3"}); got != "2\n" {
		t.Errorf("got %q", got)
	}
	if got := o.Recent(1)[0]; got.Kind != events.ConfigChanged || got.Who != alice.Name || got.Text != "change 1: debug 2; # so; server 0 weight 3" {
		t.Errorf("told %+v", got)
	}
}

// TestTheTarpitsDefaultNeedsForce: one `deny` after permits would capture the
// rest of the world.
func TestTheTarpitsDefaultNeedsForce(t *testing.T) {
	const list = "\nacl 1 permit 10.77.0.66\nacl 1 permit 10.77.0.67\nacl 2 permit 10.77.0.68\ntarpit_acl 1"
	const words = "would turn from deny to permit, and the tarpit uses this list"
	for _, line := range []string{"acl 1 deny 10.77.0.70", "acl 1 at 1 deny 10.77.0.70"} {
		o := open(t, whole+list, "")
		o.refused(alice, words, line)
		o.must(alice, line+" force")
	}
	o := open(t, whole+list, "")
	o.must(alice, "acl 2 deny 10.77.0.69", "acl 1 permit 10.77.0.69")
	if got := o.Do(alice, []string{"begin", "acl 1 deny 10.77.0.70"}); Refused(got) {
		t.Errorf("between begin and commit: %s", got)
	}
	o.refused(alice, "from permit to deny", "no acl 1 deny 10.77.0.70")
	o.must(alice, "no acl 1 deny 10.77.0.70 force", "no acl 1 at 9", "no acl 1")

	// Without entries it captures nothing: the first one turns round the rest
	// if it denies.
	o.refused(alice, words, "acl 1 deny 10.77.0.70")
	o.must(alice, "acl 1 permit 10.77.0.66", "acl 1 default deny", "acl 1 deny 10.77.0.70")
	o.refused(alice, "from deny to permit", "no acl 1 default")
}

func TestAnswersAboutServers(t *testing.T) {
	o := open(t, whole+`
server 1 weight 3 prio 2 max 7 hard 9
service web listen [fd00::10]:443
service web server alpha address fd00::1`, "")
	mac := wire.MAC{2, 0, 0, 0, 0, 1}
	o.snapshot = &engine.Snapshot{
		Services: []engine.ServiceSnapshot{{
			Service: engine.Service{Name: "default"}, Address: engine.AddressSnapshot{State: engine.Held}, Traffic: engine.Traffic{Frames: 4, Bytes: 400},
			Servers: []engine.ServerSnapshot{{Server: engine.Server{Addr: o.Config().Services[0].Servers[0].Addr}, MAC: mac, Flows: 2, Traffic: engine.Traffic{Frames: 3, Bytes: 300}}},
		}},
	}
	const first = "0 addr 10.77.0.1 port 0 conn 2 max 0 hard 0 weight 0 prio 0 sx 300 rx 0 state up check arp mac 02:00:00:00:00:01\n" +
		"1 addr 10.77.0.2 port 0 conn 0 max 7 hard 9 weight 3 prio 2 sx 0 rx 0 state unknown check arp\n"
	const web = "0 addr fd00::1 port 0 conn 0 max 0 hard 0 weight 0 prio 0 sx 0 rx 0 state unknown check arp name alpha service web\n"
	o.want(alice, "servers", first+web)
	o.want(alice, "service default servers", first)
	o.want(alice, "service web servers", web)
	o.want(alice, "services", "default listen 10.77.0.10:80 tcp mode hash servers 2 state announced frames 4 bytes 400 flows 0 serving normal check arp\n"+
		"web listen [fd00::10]:443 tcp mode hash servers 1 state asking frames 0 bytes 0 flows 0 serving normal check arp\n")
	o.must(alice, "server 0 drain", "server 1 disable", "service web server alpha blacklist 60", "service web disable")
	for _, words := range []string{"state drain check arp mac", "state disabled check arp\n", "state blacklisted check arp name"} {
		if got := o.ask(alice, "servers"); !strings.Contains(got, words) {
			t.Errorf("no %q in %s", words, got)
		}
	}
	if got := o.ask(alice, "services"); !strings.Contains(got, "servers 1 state disabled") {
		t.Errorf("got %s", got)
	}
	o.want(alice, "server 1", `number     1
service    default
address    10.77.0.2
state      disabled
mac        unknown: it has not answered
weight     3
prio       2
acl        0
flows      0
opened     0
max        7
hard       9
retried    0 SYNs
frames     0
bytes      0
check      arp
`)
	if got := o.ask(alice, "service web server alpha"); !strings.Contains(got, "name       alpha\n") || !strings.Contains(got, "blacklist  60\n") {
		t.Errorf("got %s", got)
	}
	o.refused(alice, "no such server", "server 9")
	o.must(alice, "no service default")
	o.refused(alice, "say whose", "server 0")
	o.want(alice, "servers", strings.Replace(web, "unknown", "blacklisted", 1))
}

func TestAnswersAboutTheRest(t *testing.T) {
	o := open(t, whole+"\nacl 1 permit 10.77.0.0/25\nacl 1 deny 10.77.0.200\ntarpit_acl 1", "")
	rules := o.Config().Lists["1"].Rules()
	o.snapshot = &engine.Snapshot{
		In:     engine.Traffic{Frames: 7},
		Lists:  []engine.ListSnapshot{{Name: "1", Rules: rules, Default: acl.Permit, Hits: []uint64{5, 6}, Misses: 8}},
		Tarpit: engine.TarpitSnapshot{List: "1", Addresses: 126, Capture: capture.Counts{Owned: 3}},
	}
	o.snapshot.Reasons[engine.CapturedSYN].Frames = 11
	o.link.KernelDrops = 2
	o.want(alice, "acl 1", "1 permit 10.77.0.0 255.255.255.128 hits 5\n2 deny 10.77.0.200 hits 6\ndefault permit (implied) hits 8\n")
	o.want(alice, "acl 5", "default permit (implied) hits 0\n")
	const head = "list 1\npolicy verify\nmode persist\nports all\ncaptured_addresses 126\nhits 11\narp_answers 0\nowners 3\n"
	if reply := o.ask(alice, "tarpit"); !strings.HasPrefix(reply, head) {
		t.Errorf("tarpit: %s", reply)
	}
	o.want(alice, "pid", fmt.Sprintln(os.Getpid()))
	o.want(alice, "version", "cygnet test\n")
	o.want(alice, "status", "<html>\n")
	var s engine.Snapshot
	if err := json.Unmarshal([]byte(o.ask(alice, "snapshot")), &s); err != nil || s.In.Frames != 7 {
		t.Errorf("snapshot: %v, %+v", err, s)
	}
	var pit map[string]any
	if err := json.Unmarshal([]byte(o.ask(alice, "tarpit json")), &pit); err != nil || pit["hits"] != 11.0 || pit["list"] != "1" {
		t.Errorf("tarpit json: %v, %v", err, pit)
	}
	stats := o.ask(alice, "stats")
	for _, row := range []string{"in_frames 7\n", "frames_captured_syn 11\n", "kernel_drops 2\n", "owners 3\n", "uptime_s 0\n"} {
		if !strings.Contains(stats, row) {
			t.Errorf("no %q in stats:\n%s", row, stats)
		}
	}
	o.must(alice, "acl 1 default deny", "debug 1", "debug 2")
	o.want(alice, "acl 1", "1 permit 10.77.0.0 255.255.255.128 hits 5\n2 deny 10.77.0.200 hits 6\ndefault deny hits 8\n")
	if got := o.ask(alice, "events 1"); strings.Count(got, "\n") != 1 || !strings.Contains(got, "change 3: debug 2") {
		t.Errorf("events 1: %s", got)
	}
	if got := o.ask(alice, "events"); strings.Count(got, "\n") != 3 {
		t.Errorf("events: %s", got)
	}
	o.refused(alice, "only at the start", "watch")
	o.refused(alice, "did you mean server?", "help server5")
	if got := o.ask(alice, "help acl"); !strings.Contains(got, "acl LIST") || !strings.Contains(got, "no acl LIST") {
		t.Errorf("help acl: %s", got)
	}
	for _, cmd := range command.Commands() {
		if got := o.ask(alice, "help "+cmd.Name); Refused(got) {
			t.Errorf("help %s: %s", cmd.Name, got)
		}
	}
	if got := o.ask(alice, "help"); !strings.Contains(got, "Actions, while Cygnet runs:\n") {
		t.Errorf("help: %.100s", got)
	}
	o.must(alice, "reopen", "exit")
	if o.reopened != 1 {
		t.Error("not reopened")
	}
	o.failing = fmt.Errorf("not allowed")
	o.refused(alice, "not allowed", "exit")
	o.refused(alice, "not allowed", "reopen")
}
