// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"fmt"
	"strings"
	"time"

	"cygnet/engine"
	"cygnet/internal/wire"
)

// usualRows is how many flows and clients are shown when no number is said.
const usualRows = 20

// usualRecent is what Pen's `recent` takes without a time.
const usualRecent = 300 * time.Second

// showFlows answers `flows [N]`: the busiest ones.
func showFlows(a Actor, c Call) (string, error) {
	n, err := rowsAsked(c)
	if err != nil {
		return "", err
	}
	snap := a.Snapshot()
	rows := [][]string{{"client", "vip", "proto", "service", "server", "state", "age", "idle", "frames", "bytes", "bit/s"}}
	for _, f := range snap.TopFlows[:min(n, len(snap.TopFlows))] {
		rows = append(rows, []string{
			f.Client.String(), f.VIP.String(), protoWord(f.Proto), f.Service, f.Server, f.State,
			span(f.Started, snap.Time), span(f.Seen, snap.Time),
			fmt.Sprint(f.Traffic.Frames), fmt.Sprint(f.Traffic.Bytes), fmt.Sprint(8 * f.Rate),
		})
	}
	return table(rows) + shownOf(len(rows)-1, snap.Flows.Open, "flows") + keptNote(n, "flows", "busiest"), nil
}

// showClients answers `clients [N]`: the busiest ones.
func showClients(a Actor, c Call) (string, error) {
	n, err := rowsAsked(c)
	if err != nil {
		return "", err
	}
	snap := a.Snapshot()
	rows := [][]string{{"client", "service", "server", "flows", "opened", "age", "idle", "bytes", "bit/s"}}
	for _, v := range snap.TopClients[:min(n, len(snap.TopClients))] {
		rows = append(rows, []string{
			v.Addr.String(), v.Service, v.Server, fmt.Sprint(v.Open), fmt.Sprint(v.Opened),
			span(v.Started, snap.Time), span(v.Seen, snap.Time), fmt.Sprint(v.Bytes), fmt.Sprint(8 * v.Rate),
		})
	}
	return table(rows) + shownOf(len(rows)-1, snap.Flows.Clients, "clients") + keptNote(n, "clients", "busiest"), nil
}

// showRecent answers `recent [SEC]`: Pen's line for each client, our words behind
// rx. What servers send to clients goes past us, so sx is 0.
func showRecent(a Actor, c Call) (string, error) {
	within := usualRecent
	if len(c.Args) > 0 {
		var err error
		if within, err = seconds(0).whole(nil, c.Name, c.Args); err != nil {
			return "", err
		}
	}
	snap := a.Snapshot()
	var b strings.Builder
	lines := 0
	for _, v := range snap.LatestClients {
		idle := max(snap.Time.Sub(v.Seen), 0)
		if idle > within {
			continue
		}
		lines++
		fmt.Fprintf(&b, "%s connects %d sx 0 rx %d flows %d idle %s server %s service %s\n",
			v.Addr, v.Opened, v.Bytes, v.Open, inSeconds(idle.Round(time.Second)), v.Server, v.Service)
	}
	if lines >= engine.CensusRows { // perhaps there were more
		b.WriteString(keptNote(lines+1, "clients", "latest"))
	}
	return b.String(), nil
}

func rowsAsked(c Call) (int, error) {
	if len(c.Args) == 0 {
		return usualRows, nil
	}
	return wholeNumber(1, 1<<24).whole(nil, c.Name, c.Args)
}

// shownOf is the line below a table.
func shownOf(shown int, all uint64, what string) string {
	return fmt.Sprintf("%d of %d %s\n", shown, max(all, uint64(shown)), what)
}

// keptNote says that no more are known than so many, to who asks for more.
func keptNote(asked int, what, which string) string {
	if asked <= engine.CensusRows {
		return ""
	}
	return fmt.Sprintf("note: only the %d %s %s are looked for\n", engine.CensusRows, which, what)
}

func protoWord(proto uint8) string {
	if proto == wire.ProtoUDP {
		return "udp"
	}
	return "tcp"
}

// span is the time from one moment to another, to the second.
func span(from, to time.Time) string { return max(to.Sub(from), 0).Round(time.Second).String() }

// table has columns that are as wide as they need to be: the cells are ASCII.
func table(rows [][]string) string {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], len(cell))
		}
	}
	var b strings.Builder
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			fmt.Fprintf(&line, "%-*s ", widths[i], cell)
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	return b.String()
}
