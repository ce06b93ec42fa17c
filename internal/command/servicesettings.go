// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"net/netip"
	"strings"
	"time"

	"cygnet/internal/config"
)

// serviceSettings are what a service has a value of.
func serviceSettings() []setting {
	duration := func(name, help string, field func(*config.Service) *time.Duration) setting {
		return ofService(name, "[SEC]", help, field, seconds(0))
	}
	return []setting{
		listenSetting(),
		duration("blacklist", "how long a server is out when nothing else is said",
			func(v *config.Service) *time.Duration { return &v.Blacklist }),
		ofService("tracking", "[SEC|off]", "a client keeps its server for all its flows, until it had none for so long; 0 is for ever; off, as it is from the start and always under roundrobin, each flow is chosen for anew",
			func(v *config.Service) *time.Duration { return &v.Tracking }, tracking()).undoable(),
		ofService("timeout", "[SEC]", "how long a health check waits",
			func(v *config.Service) *time.Duration { return &v.Timeout }, seconds(time.Millisecond)),
		idleSetting(),
		ofService("panic", "[PERCENT]", "while fewer of the enabled servers are up, ignore health and give flows to all; 0 is never",
			func(v *config.Service) *int { return &v.Panic }, wholeNumber(0, 100)),
		hostSetting("emergency", "who serves while no server can", func(v *config.Service) *config.Host { return &v.Emergency }),
		hostSetting("abuse", "who serves clients that client_acl refuses", func(v *config.Service) *config.Host { return &v.Abuse }),
		ofService("client_acl", "[LIST]", "the list of clients that may use the service",
			func(v *config.Service) *string { return &v.ClientList }, listReference("")).about(config.SubjectClients).undoable().behind(),
	}
}

func hostSetting(name, help string, field func(*config.Service) *config.Host) setting {
	subject := func(service string) string { return config.SubjectHost(service, name) }
	return ofService(name, "[HOST[:PORT]]", help, field, hostPort()).about(subject).undoable()
}

// about has a setting of a service remembered as the origin of a subject.
func (v setting) about(subject func(service string) string) setting {
	set := v.set
	v.set = func(s *session, what string, args []string) error {
		s.mark(subject(s.service))
		return set(s, what, args)
	}
	return v
}

// tracking is SEC or off.
func tracking() codec[time.Duration] {
	c := secondsWithin(0, config.MaxIdle)
	read, write := c.read, c.write
	c.read = func(s *session, what string, args []string) (time.Duration, []string, error) {
		if args[0] == trackingOff {
			return config.Untracked, args[1:], nil
		}
		return read(s, what, args)
	}
	c.write = func(d time.Duration) string {
		if d < 0 {
			return trackingOff
		}
		return write(d)
	}
	return c
}

const trackingOff = "off"

// hostPort is HOST[:PORT] of a server outside the service's own.
func hostPort() codec[config.Host] {
	return codec[config.Host]{
		read: func(s *session, what string, args []string) (v config.Host, rest []string, err error) {
			host, portWord := args[0], ""
			if isNamedEndpoint(host) {
				host, portWord, _ = strings.Cut(host, ":")
				v.Addr, err = s.host(what, host, s.current().VIP)
			} else if v.Addr, portWord, err = endpoint(what, host); err != nil {
				return v, nil, err
			}
			if err == nil && portWord != "" {
				v.Port, err = port(what, portWord, network(s.serviceProtocol()))
			}
			return v, args[1:], err
		},
		write: func(v config.Host) string {
			switch {
			case !v.Addr.IsValid():
				return ""
			case v.Port == 0:
				return v.Addr.String()
			}
			return netip.AddrPortFrom(v.Addr, v.Port).String()
		},
	}
}

// isNamedEndpoint says whether word is a host's name, with or without a port.
func isNamedEndpoint(word string) bool {
	host, _, _ := strings.Cut(word, ":")
	return strings.Count(word, ":") <= 1 && isHostName(host)
}

// idleSetting is `idle KIND SEC`, which has four values.
func idleSetting() setting {
	fields := func(v *config.Idle) map[string]*time.Duration {
		return map[string]*time.Duration{"opening": &v.Opening, "established": &v.Established, "closing": &v.Closing, "udp": &v.UDP}
	}
	kinds := []string{"opening", "established", "closing", "udp"}
	return setting{
		name: "idle", args: "[opening|established|closing|udp SEC]...", group: Service,
		help: "after how long without a frame a flow is over, 1 s to 7 days: while its client has not answered, then, after a FIN or RST, and of UDP",
		set: func(s *session, what string, args []string) error {
			for ; len(args) > 0; args = args[2:] {
				kind, _, err := oneOf(kinds...).read(s, what, args)
				if err != nil {
					return err
				}
				if len(args) == 1 {
					return missing(what+" "+kind, "SEC")
				}
				d, _, err := secondsWithin(config.MinIdle, config.MaxIdle).read(s, what+" "+kind, args[1:])
				if err != nil {
					return err
				}
				*fields(&s.current().Idle)[kind] = d
			}
			return nil
		},
		clear: func(c *config.Config, service string) {
			initial := config.NewService(service)
			c.MakeService(service).Idle = initial.Idle
		},
		words: func(c *config.Config, service string) string {
			v := config.NewService(service)
			if made := c.Service(service); made != nil {
				v = *made
			}
			var words []string
			for _, kind := range kinds {
				words = append(words, kind, inSeconds(*fields(&v.Idle)[kind]))
			}
			return strings.Join(words, " ")
		},
	}
}
