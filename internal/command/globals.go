// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"net"
	"net/netip"
	"strconv"
	"strings"

	"cygnet/internal/config"
)

func globalSettings() []setting {
	text := func(name, args, help string, field func(*config.Config) *string, c codec[string], m Mark) setting {
		return global(name, args, help, field, c).marked(m)
	}
	return []setting{
		text("dsr_if", "[IF]", "the interface on the servers' segment",
			func(c *config.Config) *string { return &c.Interface }, interfaceName(), NextStart),
		text("engine", "[auto|packet|ring|mmsg|kernel]", "what moves the frames: auto and packet are this program, with a receive ring for busy workers where that gains; ring always, mmsg never; kernel is not built yet",
			func(c *config.Config) *string { return &c.Datapath }, datapath(), NextStart),
		global("workers", "[N]", "how many threads share the work, up to 64; 0 is one for each CPU but one, and 4 at most",
			func(c *config.Config) *int { return &c.Workers }, wholeNumber(0, config.MaxWorkers)).marked(NextStart),
		global("pin", "[on|off]", "keep each worker on a CPU of its own",
			func(c *config.Config) *bool { return &c.Pin }, onOff()).marked(NextStart),
		text("user", "[USER]", "run as this user, with just the capabilities that are needed",
			func(c *config.Config) *string { return &c.User }, path(), OwnerOnly|NextStart).undoable(),
		text("chroot", "[DIR]", "after the start, see no files but those in this folder",
			func(c *config.Config) *string { return &c.Chroot }, path(), OwnerOnly|NextStart).undoable(),
		text("pidfile", "[FILE]", "write the process id there",
			func(c *config.Config) *string { return &c.PIDFile }, path(), OwnerOnly|NextStart).undoable(),
		text("socket", "[PATH|none]", "the control socket, instead of /run/cygnet/IF.sock",
			func(c *config.Config) *string { return &c.Socket }, socketPath(), OwnerOnly|NextStart).undoable(),
		text("secret", "[FILE]", "the key of every choice of a server, shared by balancers that must choose alike",
			func(c *config.Config) *string { return &c.Secret }, path(), OwnerOnly).undoable(),
		text("geoip", "[FILE]", "the database of countries for `acl`, in MaxMind's format",
			func(c *config.Config) *string { return &c.GeoIP }, countriesFile(), OwnerOnly).undoable(),
		text("log", "[FILE|HOST:PORT|syslog|-]", "where the log goes; - is standard error",
			func(c *config.Config) *string { return &c.Log }, path(), OwnerOnly).undoable(),
		text("log_format", "[text|json]", "how lines of the log look",
			func(c *config.Config) *string { return &c.LogFormat }, oneOf("text", "json"), 0),
		global("debug", "[N]", "how much to log, 0 to 9; as so many -d",
			func(c *config.Config) *int { return &c.Debug }, wholeNumber(0, config.MaxDebug)),
		eventsSetting(),
		text("metrics", "[ADDR]", "serve metrics to Prometheus at HOST:PORT, or PORT on loopback",
			func(c *config.Config) *string { return &c.Metrics }, tcpAddress(), 0).undoable(),
		text("web_stats", "[FILE]", "keep a status page there, in HTML",
			func(c *config.Config) *string { return &c.WebStats }, path(), OwnerOnly).undoable(),
		global("conn_max", "[N]", "how many flows each worker has room for; the memory is taken at the start",
			func(c *config.Config) *int { return &c.ConnMax }, wholeNumber(1, 1<<24)).marked(NextStart),
		global("clients_max", "[N]", "how many clients each worker has room for; likewise",
			func(c *config.Config) *int { return &c.ClientsMax }, wholeNumber(1, 1<<24)).marked(NextStart),
	}
}

// eventsSetting is `events FILE`, and also the question `events [N]`.
func eventsSetting() setting {
	v := global("events", "[N|FILE]", "write what happens to a file, as JSON lines; a number shows the newest so many",
		func(c *config.Config) *string { return &c.Events }, eventsPath()).marked(OwnerOnly).undoable()
	v.act, v.asks = showEvents, eventsAsked
	return v
}

// eventsPath is a path that is no number, which would be a question.
func eventsPath() codec[string] {
	c := path()
	read := c.read
	c.read = func(s *session, what string, args []string) (string, []string, error) {
		if isDigits(args[0]) {
			return "", nil, refuse("for a file of that name: events ./"+args[0], "%s %s: a question, and not a setting", what, quoted(args[0]))
		}
		return read(s, what, args)
	}
	return c
}

// standbyCommands are the two that hold one configuration on two balancers.
func standbyCommands() []Command {
	to := func(standby bool) func(*session, []string) error {
		return func(s *session, args []string) error {
			s.cfg.Standby = standby
			s.key = "standby"
			s.say("%s", standbyWord(standby))
			return done(standbyWord(standby), args)
		}
	}
	return []Command{
		{Name: "standby", Help: "answer and announce nothing, and keep everything else warm", Group: Global, run: to(true)},
		{Name: "active", Help: "answer and announce; so it is from the start", Group: Global, run: to(false)},
	}
}

func standbyWord(standby bool) string {
	if standby {
		return "standby"
	}
	return "active"
}

// maxInterfaceName is IFNAMSIZ less its final zero, linux/if.h.
const maxInterfaceName = 15

func interfaceName() codec[string] {
	c := path()
	c.read = func(s *session, what string, args []string) (string, []string, error) {
		name := args[0]
		if name == "" || len(name) > maxInterfaceName || name == "." || name == ".." || strings.ContainsAny(name, "/: \t\r") {
			return "", nil, refuse("a name has at most 15 letters, none of them / or : or blank; see: ip link",
				"%s %s: not the name of an interface", what, quoted(name))
		}
		s.mark(config.SubjectInterface)
		return name, args[1:], nil
	}
	return c
}

// socketPath is a path or `none`. A number is Pen's `socket`, of one of its
// connections.
func socketPath() codec[string] {
	c := path()
	read := c.read
	c.read = func(s *session, what string, args []string) (string, []string, error) {
		if isDigits(args[0]) {
			return "", nil, refuse("leave it out", "socket %s: Cygnet forwards frames and has no connections of its own", args[0])
		}
		return read(s, what, args)
	}
	return c
}

func datapath() codec[string] {
	c := oneOf("auto", "packet", "ring", "mmsg", "kernel")
	read := c.read
	c.read = func(s *session, what string, args []string) (string, []string, error) {
		if args[0] == "kernel" {
			return "", nil, refuse("engine packet does the same in this program", "%s kernel: not built yet", what)
		}
		return read(s, what, args)
	}
	return c
}

// countriesFile is the path of a database of countries, which is read once all
// lines are.
func countriesFile() codec[string] {
	c := path()
	read := c.read
	c.read = func(s *session, what string, args []string) (string, []string, error) {
		s.mark(config.SubjectCountries)
		return read(s, what, args)
	}
	return c
}

// tcpAddress is HOST:PORT or PORT; a bare port is on loopback.
func tcpAddress() codec[string] {
	c := path()
	c.read = func(_ *session, what string, args []string) (string, []string, error) {
		if !isTCPAddress(args[0]) {
			return "", nil, refuse("it is written 127.0.0.1:9100, [::1]:9100, :9100 (every address), or 9100 (on loopback)",
				"%s %s: not an address and port", what, quoted(args[0]))
		}
		return args[0], args[1:], nil
	}
	return c
}

func isTCPAddress(word string) bool {
	host, port, err := net.SplitHostPort(word)
	if err != nil {
		host, port = "", word
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return false
	}
	if host == "" || host == "localhost" {
		return true
	}
	_, err = netip.ParseAddr(host)
	return err == nil
}

// controlAddress is what Pen's -C takes: an address as above, or the path of
// one more Unix socket.
func controlAddress() codec[string] {
	c := tcpAddress()
	address := c.read
	c.read = func(s *session, what string, args []string) (string, []string, error) {
		s.mark(config.SubjectControl)
		if strings.Contains(args[0], "/") {
			return args[0], args[1:], nil
		}
		v, rest, err := address(s, what, args)
		if err != nil {
			return "", nil, refuse("it is written 127.0.0.1:10080, [::1]:10080, 10080 (on loopback), or as a path with a /",
				"%s %s: neither an address and port nor a path", what, quoted(args[0]))
		}
		return v, rest, nil
	}
	return c
}
