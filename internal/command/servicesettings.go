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
		duration("tracking", "how long a client keeps its server; 0 is for ever",
			func(v *config.Service) *time.Duration { return &v.Tracking }).marked(Unbuilt),
		ofService("timeout", "[SEC]", "how long a health check waits",
			func(v *config.Service) *time.Duration { return &v.Timeout }, seconds(time.Millisecond)).marked(Unbuilt),
		idleSetting(),
		ofService("panic", "[PERCENT]", "ignore health when fewer servers are up; 0 is never",
			func(v *config.Service) *int { return &v.Panic }, wholeNumber(0, 100)).marked(Unbuilt),
		ofService("emergency", "[HOST[:PORT]]", "who serves when no server can",
			func(v *config.Service) *config.Host { return &v.Emergency }, hostPort()).marked(Unbuilt).undoable(),
		ofService("abuse", "[HOST[:PORT]]", "who serves clients that client_acl refuses",
			func(v *config.Service) *config.Host { return &v.Abuse }, hostPort()).marked(Unbuilt).undoable(),
		clientList(),
	}
}

func clientList() setting {
	v := ofService("client_acl", "[LIST]", "the list of clients that may use the service",
		func(v *config.Service) *string { return &v.ClientList }, listReference(""))
	set := v.set
	v.set = func(s *session, what string, args []string) error {
		s.mark(config.SubjectClients(s.service))
		return set(s, what, args)
	}
	return v.undoable().behind()
}

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
		name: "idle", args: "[opening|established|closing|udp SEC]...", group: Service, mark: Unbuilt,
		help: "after how long without a frame a flow is forgotten",
		set: func(s *session, what string, args []string) error {
			for ; len(args) > 0; args = args[2:] {
				kind, _, err := oneOf(kinds...).read(s, what, args)
				if err != nil {
					return err
				}
				if len(args) == 1 {
					return missing(what+" "+kind, "SEC")
				}
				d, _, err := seconds(time.Second).read(s, what+" "+kind, args[1:])
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
