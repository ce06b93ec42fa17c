// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cygnet/internal/config"
)

const (
	addressHint  = "an address is written 10.77.0.10 or fd00::10"
	endpointHint = "it is written A.B.C.D[:PORT], V6 or [V6][:PORT]"
	portHint     = "a port is a number from 0 (every port) to 65535, or a name as http"
	listHint     = "lists have the numbers 0 to 9, as in Pen; for more, give them names: acl office permit 10.77.0.0/24"
	nameHint     = "a name is a small letter, then at most 31 small letters, digits, _ . or -"
	maskHint     = "a mask is as 255.255.255.0; or write the length: 10.77.0.0/24"
	aclForm      = "it is written: acl LIST [at POS] permit|deny PREFIX | country CC [force], or acl LIST default permit|deny, or acl LIST"
	noACLForm    = "it is written: no acl LIST [permit|deny PREFIX | permit|deny country CC | at POS | default]"
	serverForm   = "it is written: server ID [address HOST|name NAME|port P|max N|hard N|weight N|prio N|acl LIST|blacklist SEC]..., or server ID enable|drain|disable, or server ID"
	sourceForm   = "it is written: source [ADDR [vlan VID]]"
	listenForm   = "it is written: listen [VIP[:PORT] [tcp|udp|any] [vlan VID]]"
	penHint      = "Pen would ignore it; Cygnet refuses what it does not know"
)

// TestErrors shows what is said of each line that cannot be taken.
func TestErrors(t *testing.T) {
	tests := []struct{ line, what, hint string }{
		{"bogus", `"bogus": unknown command`, penHint},
		{"Tarpit_alc 1", `"Tarpit_alc": unknown command`, "did you mean tarpit_acl?"},
		{"no rounrobin", `"no rounrobin": unknown command`, "did you mean roundrobin?"},
		{"no", "no: a word is missing", "say what not, as in: no tarpit_acl"},
		{"no debug", "no debug: debug has no `no`", ""},
		{`secret "`, `column 8, at "\"": the quote is not closed`, `words are split by blanks; "a b" is one word`},

		{"dsr_if /dev/eth1", `dsr_if "/dev/eth1": not the name of an interface`, "a name has at most 15 letters, none of them / or : or blank; see: ip link"},
		{"dsr_if abcdefghijklmnop", `dsr_if "abcdefghijklmnop": not the name of an interface`, "a name has at most 15 letters, none of them / or : or blank; see: ip link"},
		{"dsr_if eth1 eth2", `dsr_if eth1: "eth2" is one word too many`, "it is written: dsr_if [IF]"},
		{"source 10.77.0.8/24", `source "10.77.0.8/24": not an IPv4 or IPv6 address`, addressHint},
		{"source fe80::1%eth1", `source "fe80::1%eth1": an address with a zone`, "write fe80::1; dsr_if says which interface"},
		{"source ::ffff:10.77.0.8", `source "::ffff:10.77.0.8": an IPv4 address written as IPv6`, "write 10.77.0.8"},
		{"source 10.77.0.8 vlan 0", `source: vlan "0": not a number from 1 to 4094`, sourceForm},
		{"source 10.77.0.8 vlan", `source 10.77.0.8: "vlan" is one word too many`, sourceForm},
		{"no source x", `no source "x": not an IPv4 or IPv6 address`, addressHint},
		{"segment 10.77.0.0/33", `segment "10.77.0.0/33": length "33": not a number from 0 to 32`, "it is written: segment [PREFIX]"},
		{"segment fd00::/x", `segment "fd00::/x": length "x": not a number from 0 to 128`, "it is written: segment [PREFIX]"},
		{"segment 10.77.0.0/24 255.0.0.0", `segment 10.77.0.0/24: "255.0.0.0" is one word too many`, "it is written: segment [PREFIX]"},
		{"no secret x", `no secret: "x" is one word too many`, ""},
		{"debug much", `debug "much": not a number from 0 to 9`, "it is written: debug [N]"},
		{"debug -1", `debug "-1": not a number from 0 to 9`, "it is written: debug [N]"},

		{"acl", "acl: LIST is missing", aclForm},
		{"acl 10 permit 10.0.0.1", `acl "10": no such list number`, listHint},
		{"acl -1 permit 10.0.0.1", `acl "-1": no such list number`, listHint},
		{"acl Office permit 10.0.0.1", `acl "Office": not a name`, nameHint},
		{"acl permit 10.0.0.1", `acl "permit": a word of the language cannot be a name`, "choose another name"},
		{"acl 1", "acl 1: permit or deny is missing", aclForm},
		{"acl 1 allow 10.0.0.1", `acl 1 "allow": neither permit nor deny`, aclForm},
		{"acl 1 permit", "acl 1 permit: PREFIX is missing", aclForm},
		{"acl 1 permit 10.0.0.256", `acl 1 permit "10.0.0.256": not an IPv4 or IPv6 address`, addressHint},
		{"acl 1 permit 10.0.0.0 255.0.255.0", "acl 1 permit 10.0.0.0: mask 255.0.255.0: not contiguous, a one follows a zero", maskHint},
		{"acl 1 permit 10.0.0.0 255.255.255", `acl 1 permit 10.0.0.0: mask "255.255.255": not a mask`, maskHint},
		{"acl 1 permit 10.0.0.0 0.0.0.255", "acl 1 permit 10.0.0.0: mask 0.0.0.255: not contiguous, a one follows a zero", maskHint},
		{"acl 1 permit 10.0.0.0 255.0.0.0 x", `acl 1 permit 10.0.0.0 255.0.0.0: "x" is one word too many`, aclForm},
		{"acl 1 permit country SE", "country SE: needs geoip", "name a database of countries in MaxMind's format first: geoip /usr/share/GeoIP/GeoLite2-Country.mmdb"},
		{"acl 1 permit country", "acl 1 permit country: CC is missing", aclForm},
		{"acl 1 permit country SWE", `acl 1 permit country "SWE": not a country`, "a country is two letters of ISO 3166, as SE"},
		{"acl 1 at 2 permit 10.0.0.1", "acl 1 at 2: the list has only 0 entries", "positions are counted from 1"},
		{"acl 1 at", "acl 1 at: POS is missing", aclForm},
		{"acl 1 at 0 permit 10.0.0.1", `acl 1 at "0": not a position, counted from 1`, aclForm},
		{"acl 1 default", "acl 1 default: permit or deny is missing", aclForm},
		{"acl 1 default deny x", `acl 1 default deny: "x" is one word too many`, aclForm},
		{"no acl", "no acl: LIST is missing", noACLForm},
		{"no acl 99", `no acl "99": no such list number`, listHint},
		{"no acl 1 at x", `no acl 1 at "x": not a position, counted from 1`, noACLForm},
		{"no acl 1 drop", `no acl 1 "drop": neither permit nor deny`, noACLForm},
		{"tarpit_acl 99", `tarpit_acl "99": no such list number`, listHint},
		{"tarpit_acl none", `tarpit_acl "none": a word of the language cannot be a name`, "choose another name"},
		{"tarpit_acl 1 2", `tarpit_acl 1: "2" is one word too many`, "it is written: tarpit_acl [LIST|-1]"},
		{"client_acl x1!", `client_acl "x1!": not a name`, nameHint},
		{"service web client_acl 10", `service web client_acl "10": no such list number`, listHint},

		{"service", "service: NAME is missing", "it is written: service NAME COMMAND..."},
		{"service web", "service web: COMMAND is missing", "it is written: service NAME COMMAND..."},
		{"service 1 hash", `service "1": not a name`, nameHint},
		{"service listen 10.77.0.10", `service "listen": a word of the language cannot be a name`, "choose another name"},
		{"service web dsr_if eth1", "dsr_if: not a setting of one service", "leave `service web` out"},
		{"no service", "no service: NAME is missing", "it is written: no service NAME [now]"},
		{"no service web later", `no service web: "later" is one word too many`, "it is written: no service NAME [now]"},
		{"listen 10.77.0.300:80", `VIP "10.77.0.300": not an IPv4 or IPv6 address`, addressHint},
		{"listen web.example:80", `VIP "web.example": not an IPv4 or IPv6 address`, addressHint},
		{"listen 80", `VIP "80": a port alone`, "direct server return needs the address, too: 10.77.0.10:80"},
		{"listen :80", `VIP ":80": no address before the colon`, endpointHint},
		{"listen 10.77.0.10:", `VIP "10.77.0.10:": no port after the colon`, endpointHint},
		{"listen 10.77.0.10:65536", `VIP "10.77.0.10:65536": port "65536": not a port`, portHint},
		{"listen 10.77.0.10:+80", `VIP "10.77.0.10:+80": port "+80": not a port`, portHint},
		{"listen 10.77.0.10:nosuch", `VIP "10.77.0.10:nosuch": port "nosuch": not a port`, portHint},
		{"listen [fd00::10", `VIP "[fd00::10": the bracket is not closed`, endpointHint},
		{"listen [fd00::10]80", `VIP "[fd00::10]80": not an address and port`, endpointHint},
		{"listen [fd00::10]:", `VIP "[fd00::10]:": not an address and port`, endpointHint},
		{"listen [10.77.0.10]:80", `VIP "[10.77.0.10]:80": brackets are for IPv6`, endpointHint},
		{"listen 10.77.0.10 sctp", `listen: protocol "sctp": neither tcp nor udp nor any`, listenForm},
		{"listen 10.77.0.10 udp 7", `listen 10.77.0.10 udp: "7" is one word too many`, listenForm},
		{"service web listen 10.77.0.10 vlan 4095", `service web listen: vlan "4095": not a number from 1 to 4094`, listenForm},
		{"hash 1", `hash: "1" is one word too many`, ""},

		{"server", "server: ID is missing", serverForm},
		{"server 0", "server 0: a setting is missing", serverForm},
		{"server 65536 address 10.77.0.1", `server "65536": not a number from 0 to 65535`, serverForm},
		{"server A address 10.77.0.1", `server "A": not a name`, nameHint},
		{"server 0 address", `server 0 "address": a value is missing`, serverForm},
		{"server 0 address 10.77.0.300", `server 0: address "10.77.0.300": not an IPv4 or IPv6 address`, addressHint},
		{"server 0 address nosuch", `server 0: address "nosuch": no such host`, "give its address, or see to it that the name resolves"},
		{"server 0 address six", `server 0: address "six": the name has no address of the VIP's family`, "give its address"},
		{"service web server a address 1.2.3", `service web server a: address "1.2.3": not an IPv4 or IPv6 address`, addressHint},
		{"server 0 port 99999", `server 0: port "99999": not a port`, portHint},
		{"server 0 weight heavy", `server 0: weight "heavy": not a number from 0 to 65535`, serverForm},
		{"server 0 weight -1", `server 0: weight "-1": not a number from 0 to 65535`, serverForm},
		{"server 0 prio 65536", `server 0: prio "65536": not a number from 0 to 65535`, serverForm},
		{"server 0 max 1e3", `server 0: max "1e3": not a number from 0 to 2147483647`, serverForm},
		{"server 0 hard 2147483648", `server 0: hard "2147483648": not a number from 0 to 2147483647`, serverForm},
		{"server 0 acl 11", `server 0: acl "11": no such list number`, listHint},
		{"server 0 wieght 5", `server 0 "wieght": no such setting of a server`, "did you mean weight?"},
		{"server 0 colour red", `server 0 "colour": no such setting of a server`, serverForm},
		{"server 0 blacklist x", `server 0: blacklist "x": not a time from 0 to 31622400 seconds`, "seconds are written 30, 0.5, 30s or 500ms"},
		{"server 7 drain", "server 7: no such server", "see: servers"},
		{"server 0 drain now", `server 0 drain: "now" is one word too many`, serverForm},
		{"server 1 name a.b.c!", `server 1: name "a.b.c!": not a name`, nameHint},

		{"write", "write: an action, not a setting", "give it alone to a running Cygnet: cygnet ctl write"},
		{"timeout 0", `timeout "0": not a time from 0.001 to 31622400 seconds`, "seconds are written 30, 0.5, 30s or 500ms"},
		{"idle opening", "idle opening: SEC is missing", "it is written: idle [opening|established|closing|udp SEC]..."},
		{"idle fast 3", `idle "fast": expected one of opening, established, closing, udp`, "it is written: idle [opening|established|closing|udp SEC]..."},
		{"idle udp 0.9", `idle udp "0.9": not a time from 1 to 604800 seconds`, "seconds are written 30, 0.5, 30s or 500ms"},
		{"idle established 604801", `idle established "604801": not a time from 1 to 604800 seconds`, "seconds are written 30, 0.5, 30s or 500ms"},
		{"tracking on", `tracking "on": not a time from 0 to 604800 seconds`, "seconds are written 30, 0.5, 30s or 500ms"},
		{"tracking off 5", `tracking off: "5" is one word too many`, "it is written: tracking [SEC|off]"},
		{"workers 65", `workers "65": not a number from 0 to 64`, "it is written: workers [N]"},
		{"conn_max 0", `conn_max "0": not a number from 1 to 16777216`, "it is written: conn_max [N]"},
		{"panic 101", `panic "101": not a number from 0 to 100`, "it is written: panic [PERCENT]"},
		{"engine fast", `engine "fast": expected one of auto, packet, ring, mmsg, kernel`, "it is written: engine [auto|packet|ring|mmsg|kernel]"},
		{"engine kernel", "engine kernel: not built yet", "engine packet does the same in this program"},
		{"metrics nine", `metrics "nine": not an address and port`, "it is written 127.0.0.1:9100, [::1]:9100, :9100 (every address), or 9100 (on loopback)"},
		{"control nine", `control "nine": neither an address and port nor a path`, "it is written 127.0.0.1:10080, [::1]:10080, 10080 (on loopback), or as a path with a /"},
		{"check tpc", `check "tpc": expected one of arp, tcp, http, https, dns, none`, "did you mean tcp?"},
		{"check http pth /", `check http "pth": no such setting of a check`, "did you mean path?"},
		{"check http rise 0", `check http rise "0": not a number from 1 to 100`, "it is written: check " + checkArgs},
		{"check dns path /", "check dns path: not a setting of this kind of check", "check dns has: interval, timeout, jitter, rise, fall, name, type, expect"},
		{"check https expect x", "check https expect: not a setting of this kind of check", "check https has: interval, timeout, jitter, rise, fall, path, host, status, body"},
		{"check tcp body x", "check tcp body: not a setting of this kind of check", "check tcp has: interval, timeout, jitter, rise, fall"},
		{"check none rise 1", "check none rise: not a setting of this kind of check", "check none has no settings"},
		{"check http body", "check http body: TEXT is missing", "it is written: check " + checkArgs},
		{"tarpit_ports 0", `tarpit_ports "0": not a set of ports`, "it is written all, 22,80,8000-8080 or plausible:6"},
		{"tarpit_ignore from", `tarpit_ignore "from": a value is missing`, "it is written: tarpit_ignore [from PREFIX] [to PREFIX] [port P]"},
		{"tarpit_limit arpp 5", `tarpit_limit "arpp": no such limit`, "limits are: source, network, total, bits, arp, verify"},
		{"tarpit_limit arp 0", "tarpit_limit arp 0: not a number from 1", "no limit is `off`; to answer nothing: tarpit_policy observe"},
		{"tarpit_limit arp on", `tarpit_limit arp "on": not a number from 0 to 2147483647`, "it is written: tarpit_limit [NAME [N|off]]"},
		{"tarpit_limit arp off 5", `tarpit_limit arp off: "5" is one word too many`, "it is written: tarpit_limit [NAME [N|off]]"},
		{"no tarpit_limit arpp", `no tarpit_limit "arpp": no such limit`, "limits are: source, network, total, bits, arp, verify"},
		{"tarpit_policy veryfy", `tarpit_policy "veryfy": expected one of verify, immediate, observe`, "did you mean verify?"},
		{"log_format xml", `log_format "xml": expected one of text, json`, "it is written: log_format [text|json]"},
		{"no server", "no server: ID is missing", "it is written: no server ID [now]"},
		{"no server 0 later", `no server 0: "later" is one word too many`, "it is written: no server ID [now]"},

		{"http", "http: a header is added by a proxy; direct server return forwards frames unchanged", "servers see the client's own address without it"},
		{"dummy", "dummy: Cygnet is never a web server", "leave it out"},
		{"transparent", "transparent: direct server return always shows servers the client's own address", "leave it out"},
		{"idlers 5", "idlers: idle connections to the servers: Cygnet opens none", "leave it out"},
		{"ssl_ciphers ALL", "ssl_ciphers: TLS ends in a proxy; direct server return never sees the reply", "let the servers do TLS"},
		{"no ssl_option x", "no ssl_option: TLS ends in a proxy; direct server return never sees the reply", "let the servers do TLS"},
		{"close 1", "close: Cygnet forwards frames and has no connections of its own", "leave it out"},
		{"connection 1", "connection: Cygnet forwards frames and has no connections of its own", "leave it out"},
		{"socket 5", "socket 5: Cygnet forwards frames and has no connections of its own", "leave it out"},
		{"dsr_ip 10.77.0.8", "dsr_ip: an interface has the addresses that the host gives it", "the address to ask for servers from is: source ADDR"},
	}
	for _, tt := range tests {
		t.Run(tt.line, func(t *testing.T) {
			cfg, _, problems := (&Parser{Resolve: names}).Apply(config.New(), lines(whole+tt.line))
			if len(problems) != 1 {
				t.Fatalf("configuration %+v, problems %v, want one", cfg, problems)
			}
			want := config.Problem{What: tt.what, Hint: tt.hint, Origin: "f:5"}
			if diff := cmp.Diff(&want, problems[0]); diff != "" {
				t.Errorf("problem (-want +got):\n%s", diff)
			}
		})
	}
}

// TestProblemsOfTheWholeHaveOrigins shows that what only the whole tells is
// still traced to its line, the last one about it.
func TestProblemsOfTheWholeHaveOrigins(t *testing.T) {
	tests := []struct {
		name, text string
		want       []string
	}{
		{"port", "server 1 port 8080", []string{"f:5: server 1 10.77.0.2: port 8080 differs from the service's port 80"}},
		{"twin", "service a listen 10.77.0.11\nservice a server x address 10.77.0.7\nservice a server y address 10.77.0.7",
			[]string{"f:7: service a: servers x and y: both are 10.77.0.7"}},
		{"VIP", "listen 224.0.0.1:80", []string{"f:5: VIP 224.0.0.1: a multicast address"}},
		{"clash", "service a listen 10.77.0.10:80\nservice a server 0 address 10.77.0.7",
			[]string{"f:5: services default and a: both are tcp 10.77.0.10 port 80"}},
		{"service without a VIP", "service a hash", []string{
			"f:5: service a: no server", "f:5: service a: no VIP: listen is missing"}},
		{"server without an address", "server 9 weight 5", []string{"f:5: server 9: no address"}},
		{"list", "client_acl nosuch", []string{"f:5: client_acl nosuch: no such list"}},
		{"source", "source 10.77.0.1", []string{"f:5: source 10.77.0.1: that is server 0 of service default"}},
		{"nobody's", "no server 0\nno server 1", []string{"f:2: no server"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, _, problems := new(Parser).Apply(config.New(), lines(whole+tt.text))
			if diff := cmp.Diff(tt.want, located(problems)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func located(problems []*config.Problem) (texts []string) {
	for _, p := range problems {
		texts = append(texts, p.Origin+": "+p.What)
	}
	return texts
}

func TestBadLinesAreNotToldWithoutEnd(t *testing.T) {
	_, _, problems := new(Parser).Apply(config.New(), lines(strings.Repeat("bogus\n", 5000)))
	last := problems[len(problems)-1]
	if len(problems) != 1001 || last.What != "too much is wrong; the rest was not looked at" || last.Origin != "f:1001" {
		t.Errorf("%d problems, the last one %+v", len(problems), last)
	}
}

func TestEveryBadLineIsTold(t *testing.T) {
	_, _, problems := new(Parser).Apply(config.New(), lines("bogus\nacl 11 permit 1.2.3.4\npoll\nlisten x"))
	want := []string{`f:1: "bogus": unknown command`, `f:2: acl "11": no such list number`, `f:4: VIP "x": not an IPv4 or IPv6 address`}
	if diff := cmp.Diff(want, located(problems)); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

// TestNamesAreNotResolvedWithoutAResolver guards lines from a socket, which
// must not wait for a name server.
func TestNamesAreNotResolvedWithoutAResolver(t *testing.T) {
	_, _, problems := new(Parser).Apply(config.New(), lines("server 0 address www1"))
	if len(problems) != 1 || problems[0].What != `server 0: address "www1": names are not resolved here` {
		t.Errorf("problems = %v", problems)
	}
}

// TestMalformedAddressesAreNotNames guards name servers from our typos.
func TestMalformedAddressesAreNotNames(t *testing.T) {
	for _, word := range []string{"", "10.77.0.300", "10.77.0", "1", "fd00::g", "a:b", "a b", "x.", "-", strings.Repeat("a", 254), "10.77.0.1."} {
		if got, want := isHostName(word), word == "x."; got != want {
			t.Errorf("isHostName(%q) = %v", word, got)
		}
	}
}

func TestPenCommandsWithoutEffect(t *testing.T) {
	text := "poll\npoll\nno poll\nepoll\nselect\nkqueue\nblock\nno block\ndelayed_forward\nkeepalive\npeek\npending_max 100\n" +
		"idle_timeout 60\nno tcp_nodelay\ntcp_fastclose off\nascii\nno ascii\nabort_on_error\nidlers 0\nno idlers\nno http\nno dummy\nno transparent"
	cfg, notes := apply(t, config.New(), whole+text)
	plain, _ := apply(t, config.New(), whole)
	if diff := cmp.Diff(plain, cfg, compare); diff != "" {
		t.Errorf("they had an effect (-without +with):\n%s", diff)
	}
	if want := strings.Count(text, "\n"); len(notes) != want { // one a line, and poll only once
		t.Errorf("%d notes, want %d: %q", len(notes), want, notes)
	}
	if want := "poll: without effect: Cygnet has no event loop to choose"; notes[0] != want {
		t.Errorf("note = %q, want %q", notes[0], want)
	}
}
