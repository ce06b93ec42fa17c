// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"cygnet/engine"
	"cygnet/internal/config"
)

// showServer answers `server ID`.
func showServer(a Actor, c Call) (string, error) {
	service, id := cmp.Or(c.Service, config.DefaultService), c.Args[0]
	number, isNumber := decimal(id, config.MaxNumber)
	all := reportedServers(a, service)
	i := slices.IndexFunc(all, func(r reported) bool { return isNumber && r.said.Number == number || !isNumber && r.said.Name == id })
	switch {
	case i >= 0:
		return all[i].details(), nil
	case a.Config().Service(service) == nil: // nobody was named, and all services have names
		return "", refuse("say whose: service NAME server ID; see: services", "server %s: no such server", quoted(id))
	}
	return "", refuse("see: servers", "server %s: no such server", quoted(id))
}

// details are a line a property, of those that it has.
func (r *reported) details() string {
	srv, s := &r.said, &r.running
	var b strings.Builder
	row := func(key, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%-10s %s\n", key, value)
		}
	}
	row("number", strconv.Itoa(srv.Number))
	row("name", srv.Name)
	row("service", r.service)
	row("address", srv.Addr.String())
	row("state", r.state())
	if left := time.Until(srv.Out); left > 0 {
		row("blacklist", inSeconds(left.Round(time.Second)))
	}
	if s.MAC.IsZero() {
		row("mac", "unknown: it has not answered")
	} else {
		row("mac", s.MAC.String())
	}
	row("weight", strconv.Itoa(srv.Weight))
	row("prio", strconv.Itoa(srv.Prio))
	row("acl", srv.List)
	row("flows", r.flows())
	row("opened", strconv.FormatUint(s.Opened, 10))
	row("max", strconv.Itoa(srv.Max))
	row("hard", strconv.Itoa(srv.Hard))
	row("retried", strconv.FormatUint(s.Retried, 10)+" SYNs")
	row("frames", strconv.FormatUint(s.Traffic.Frames, 10))
	row("bytes", strconv.FormatUint(s.Traffic.Bytes, 10))
	row("check", r.check)
	for _, line := range healthRows(&s.Health) {
		row(line[0], line[1])
	}
	return b.String()
}

// flows are how many there are, and where no more come what is left to wait for.
func (r *reported) flows() string {
	n := r.running.Flows
	if r.running.State != engine.Leaving && r.said.State != config.Drain {
		return strconv.FormatUint(n, 10)
	}
	if n == 0 {
		return "0 left: it has drained"
	}
	return fmt.Sprintf("%d left, and no new ones", n)
}

// healthRows tell what checks found out, the results last, newest first.
func healthRows(h *engine.Health) (rows [][2]string) {
	if h.Check == "" {
		return nil
	}
	rows = append(rows, [2]string{"health", healthWords(h)}, [2]string{"why", h.Why})
	if !h.Held.IsZero() {
		rows = append(rows, [2]string{"held", "does not rise before " + localTime(h.Held) + ", as it fell often"})
	}
	for i, r := range slices.Backward(h.Last) {
		key := ""
		if i == len(h.Last)-1 {
			key = "checks"
		}
		result := "fail"
		if r.Pass {
			result = "pass"
		}
		rows = append(rows, [2]string{key, strings.TrimSpace(fmt.Sprintf("%s %s in %s %s", localTime(r.Time), result, milliseconds(r.Took), r.Text))})
	}
	return rows
}

// healthWords are the state, since when, and what speaks against it.
func healthWords(h *engine.Health) string {
	words := h.State.String()
	if !h.Since.IsZero() {
		words += " since " + localTime(h.Since)
	}
	turn := "rising"
	if h.State == engine.HealthUp {
		turn = "falling"
	}
	if h.Turn > 0 {
		words += fmt.Sprintf(", %s %d of %d", turn, h.Turn, h.Turns)
	}
	if h.Soft {
		words += ", but answers ARP"
	}
	return words
}

func localTime(t time.Time) string { return t.Local().Format(time.DateTime) }

func milliseconds(d time.Duration) string {
	return strconv.FormatFloat(float64(d)/float64(time.Millisecond), 'f', 1, 64) + " ms"
}
