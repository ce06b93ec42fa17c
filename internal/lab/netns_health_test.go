// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Each kind of check, and each way in which it fails: the server goes down with
// the right words, and rises when that is mended.

// checkedConf is nginx as it is checked: /health is a file, /slow trickles, and
// with a file `busy` beside it all is 503.
const checkedConf = `daemon off; master_process off; worker_processes 1;
pid DIR/pid; error_log stderr warn;
events { worker_connections 1024; }
http {
  access_log off; default_type text/plain;
  client_body_temp_path DIR/body; proxy_temp_path DIR/proxy; fastcgi_temp_path DIR/fastcgi;
  uwsgi_temp_path DIR/uwsgi; scgi_temp_path DIR/scgi;
  server {
    listen 80; listen 81; listen [::]:80; listen 443 ssl;
    ssl_certificate DIR/cert; ssl_certificate_key DIR/key;
    root DIR/root;
    if (-f DIR/busy) { return 503; }
    if (-f DIR/slow) { set $limit_rate 10; }
  }
}
`

// checked is a server with everything that is checked.
type checked struct {
	parent, t  *testing.T // of the programs, and of what is done now
	host       *Host
	dir        string // of nginx
	nginx, dns *Process
}

func newChecked(t *testing.T, h *Host) *checked {
	t.Helper()
	c := &checked{parent: t, t: t, host: h, dir: t.TempDir()}
	if err := os.MkdirAll(filepath.Join(c.dir, "root"), 0o755); err != nil {
		t.Fatal(err)
	}
	must(t, h, "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=web",
		"-keyout", filepath.Join(c.dir, "key"), "-out", filepath.Join(c.dir, "cert"))
	c.write("nginx.conf", strings.ReplaceAll(checkedConf, "DIR", c.dir))
	c.write("root/health", "all is well")
	c.startNginx()
	c.startDNS("10.0.0.2")
	return c
}

func (c *checked) write(name, text string) {
	c.t.Helper()
	if err := os.WriteFile(filepath.Join(c.dir, name), []byte(text), 0o644); err != nil {
		c.t.Fatal(err)
	}
}

func (c *checked) remove(name string) {
	c.t.Helper()
	if err := os.Remove(filepath.Join(c.dir, name)); err != nil {
		c.t.Fatal(err)
	}
}

func (c *checked) startNginx() {
	c.t.Helper()
	c.nginx = start(c.parent, c.host.Command("nginx", "-c", filepath.Join(c.dir, "nginx.conf"), "-p", c.dir))
	waitListen(c.t, c.host, "127.0.0.1", 443)
}

// startDNS runs a name server that knows one name, by that address.
func (c *checked) startDNS(address string) {
	c.t.Helper()
	c.dns = start(c.parent, c.host.Command("dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--pid-file=", "--user=root",
		"--log-facility=-", "--no-resolv", "--no-hosts", "--no-poll", "--bind-interfaces", "--listen-address="+vip,
		"--host-record=web.test,"+address))
	waitListen(c.t, c.host, vip, 53)
}

func (c *checked) addVIPs(change func(string, netip.Prefix) error) {
	c.t.Helper()
	for _, a := range []string{vip, vip6} {
		p := netip.MustParseAddr(a)
		if err := change("lo", netip.PrefixFrom(p, p.BitLen())); err != nil {
			c.t.Fatal(err)
		}
	}
}

// fault is a way to fail, what the servers that fail say of it, and how it is
// mended.
type fault struct {
	name        string
	down        map[string]string // the words by the server's name
	spoil, mend func()
}

func TestNetnsHealthChecks(t *testing.T) {
	requireNetns(t, "nginx", "dnsmasq", "openssl", "nft")
	w := newWorld(t, HostSpec{Addrs: onSegment(9)})
	c := newChecked(t, w.servers[0])
	const missing = "no answer from VIP (is it on the server's lo?)"
	const refused = "connection refused by VIP"
	const late = "no answer from VIP within 0.4 s"
	every := " interval 0.4 timeout 0.4 fall 2 rise 1"
	commands := []string{"dsr_if eth1", "source 10.77.0.250", "source fd77::250"}
	add := func(name, listen, address, check string) {
		commands = append(commands, "service on-"+name+" listen "+listen, "service on-"+name+" server "+name+"-1 address "+address, "service on-"+name+" check "+check)
	}
	add("arp", vip+":22", "10.77.0.1", "arp"+every)
	add("tls", vip+":443", "10.77.0.1", "https path /health host www.test"+every)
	add("tcp", vip+":81", "10.77.0.1", "tcp"+every)
	add("web", vip+":80", "10.77.0.1", "http path /health"+every+" body is well")
	add("six", "["+vip6+"]:80", "fd77::1", "http path /health"+every)
	add("dns", vip+":53 udp", "10.77.0.1", "dns name web.test expect 10.0.0.2"+every)
	names := []string{"arp-1", "tls-1", "tcp-1", "web-1", "six-1", "dns-1"}
	// By default a host sends one ICMP error a second to anybody, whatever for.
	if err := c.host.Sysctl("net/ipv4/icmp_ratelimit", "0"); err != nil {
		t.Fatal(err)
	}
	for _, f := range []fault{
		{
			"VIP missing", map[string]string{"tcp-1": missing, "tls-1": missing, "web-1": missing, "six-1": missing, "dns-1": late + " (is it on the server's lo?)"},
			func() { c.addVIPs(c.host.RemoveAddr) }, func() { c.addVIPs(c.host.AddAddr) },
		},
		{
			"the wrong source", map[string]string{"tcp-1": "answered from 10.77.0.1, not from VIP", "tls-1": "answered from 10.77.0.1, not from VIP", "web-1": "answered from 10.77.0.1, not from VIP", "dns-1": "answered from 10.77.0.1, not from VIP"},
			func() {
				must(t, c.host, "nft", "add table ip wrong; add chain ip wrong out { type filter hook output priority 0; }; "+
					"add rule ip wrong out ip saddr "+vip+" ip saddr set 10.77.0.1")
			},
			func() { must(t, c.host, "nft", "delete table ip wrong") },
		},
		{
			"nginx is dead", map[string]string{"tcp-1": refused, "tls-1": refused, "web-1": refused, "six-1": refused},
			func() { c.nginx.Kill() }, c.startNginx,
		},
		{
			"the name server is dead", map[string]string{"dns-1": "icmp port unreachable from VIP"},
			func() { c.dns.Kill() }, func() { c.startDNS("10.0.0.2") },
		},
		{
			"rejected by a filter", map[string]string{"tcp-1": "icmp prohibited from VIP", "tls-1": "icmp prohibited from VIP", "web-1": "icmp prohibited from VIP", "dns-1": "icmp prohibited from VIP"},
			func() {
				must(t, c.host, "nft", "add table ip shut; add chain ip shut in { type filter hook input priority 0; }; "+
					"add rule ip shut in ip daddr "+vip+" reject with icmp type admin-prohibited")
			},
			func() { must(t, c.host, "nft", "delete table ip shut") },
		},
		{
			"nginx hangs", map[string]string{"web-1": late, "six-1": late, "tls-1": late},
			func() { c.signal(c.nginx, syscall.SIGSTOP) }, func() { c.signal(c.nginx, syscall.SIGCONT) },
		},
		{
			"the name server hangs", map[string]string{"dns-1": late + " (is it on the server's lo?)"},
			func() { c.signal(c.dns, syscall.SIGSTOP) }, func() { c.signal(c.dns, syscall.SIGCONT) },
		},
		{
			"503", map[string]string{"web-1": "http 503 from VIP", "tls-1": "http 503 from VIP", "six-1": "http 503 from VIP"},
			func() { c.write("busy", "") }, func() { c.remove("busy") },
		},
		{
			"the wrong body", map[string]string{"web-1": `body lacks \"is well\"`},
			func() { c.write("root/health", "all is lost") }, func() { c.write("root/health", "all is well") },
		},
		{
			"a slow body", map[string]string{"web-1": late},
			func() {
				c.write("root/health", strings.Repeat("x", 2000)+"is well")
				c.write("slow", "")
			},
			func() { c.remove("slow") },
		},
		{
			"the wrong DNS answer", map[string]string{"dns-1": "dns answer 10.0.0.3, expected 10.0.0.2"},
			func() {
				c.dns.Kill()
				c.startDNS("10.0.0.3")
			},
			func() {
				c.dns.Kill()
				c.startDNS("10.0.0.2")
			},
		},
		{
			"no DNS answer", map[string]string{"dns-1": "dns REFUSED from VIP"},
			func() {
				c.dns.Kill()
				c.startDNS("fd77::99")
			},
			func() {
				c.dns.Kill()
				c.startDNS("10.0.0.2")
			},
		},
		{
			"silent", map[string]string{"arp-1": "no answer to ARP", "web-1": missing, "six-1": missing},
			func() { c.plug(c.host.Unplug) }, func() { c.plug(c.host.Plug) },
		},
	} {
		t.Run(f.name, func(t *testing.T) {
			c.t = t
			// A balancer of its own for each: damping would hold the servers down.
			p := startCygnet(t, w.balancer, options(commands...)...)
			defer p.Stop(5 * time.Second)
			for _, name := range names {
				waitSays(t, p, 15*time.Second, name+" up: ")
			}
			if strings.Contains(p.Output(), " down: ") {
				t.Error("a server was down at the start")
			}
			began := time.Now()
			f.spoil()
			mended := false
			mend := func() {
				if !mended {
					mended = true
					f.mend()
				}
			}
			defer mend()
			for name, words := range f.down {
				waitSays(t, p, 15*time.Second, name+" down: "+words+", 2 of 2")
			}
			t.Logf("down after %.1f s", time.Since(began).Seconds())
			from := len(p.Output())
			mend()
			for name := range f.down {
				eventually(t, 30*time.Second, name+" up again", func() bool {
					return strings.Contains(p.Output()[from:], name+" up: ")
				})
			}
		})
	}
}

func (c *checked) signal(p *Process, s syscall.Signal) {
	c.t.Helper()
	if err := p.Signal(s); err != nil {
		c.t.Fatal(err)
	}
}

func (c *checked) plug(change func() error) {
	c.t.Helper()
	if err := change(); err != nil {
		c.t.Fatal(err)
	}
}
