// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"log/slog"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"cygnet/engine"
	"cygnet/internal/config"
	"cygnet/internal/link"
)

// summarise logs what runs: interface, services, servers, lists.
func summarise(log *slog.Logger, ifi *link.Interface, cfg *config.Config, run engine.Config) {
	log.Info("cygnet starts", "version", version(), "interface", ifi.Name, "mac", ifi.MAC.String(),
		"addrs", words(ifi.Addrs), "gateways", words(ifi.Gateways), "carrier", ifi.Carrier)
	for _, s := range run.Services {
		var servers []string
		for _, srv := range s.Servers {
			servers = append(servers, describe(srv))
		}
		log.Info("service", "service", s.Name, "vip", s.VIP.String()+s.VLANWord(), "port", s.PortWord(),
			"proto", s.ProtoWord(), "mode", s.Mode.String(), "servers", strings.Join(servers, " "))
	}
	for _, name := range slices.Sorted(maps.Keys(cfg.Lists)) {
		l := cfg.Lists[name]
		var rules []string
		for _, r := range l.Rules() {
			rules = append(rules, r.Action.String()+" "+r.Prefix.String())
		}
		log.Info("list", "list", name, "entries", strings.Join(rules, ", "), "default", l.Default().String())
	}
	if run.Tarpit.List != nil {
		log.Info("tarpit", "list", run.Tarpit.List.Name, "policy", cfg.Tarpit.Policy, "mode", cfg.Tarpit.Mode, "ports", cfg.Tarpit.Ports,
			"captured", words(run.Tarpit.Captured))
	}
}

func describe(s engine.Server) string {
	text := s.Addr.String()
	if s.Name != "" {
		text = s.Name + "=" + text
	}
	if s.Weight != 0 {
		text += fmt.Sprintf(" weight %d", s.Weight)
	}
	if s.Prio != 0 {
		text += fmt.Sprintf(" prio %d", s.Prio)
	}
	return text
}

// words joins addresses or prefixes; of very many it gives the first and the
// number of the rest.
func words[T netip.Addr | netip.Prefix](all []T) string {
	const few = 8
	var b strings.Builder
	for i, a := range all {
		if i == few {
			fmt.Fprintf(&b, " and %d more", len(all)-few)
			break
		}
		if i > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprint(&b, a)
	}
	return b.String()
}
