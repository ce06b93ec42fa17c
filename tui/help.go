// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"fmt"
	"strings"

	"cygnet/engine"
)

// showHelp lists the keys that are active now, those of the panel first.
func (m *model) showHelp() {
	var b strings.Builder
	list := func(title string, bindings []binding) {
		fmt.Fprintf(&b, "%s\n", title)
		for _, k := range bindings {
			if h := k.Help(); h.Key != "" {
				fmt.Fprintf(&b, "  %-10s %s\n", h.Key, h.Desc)
			}
		}
	}
	list(m.panel().name()+":", m.panel().bindings(m))
	list("\nEverywhere:", m.everywhere())
	b.WriteString("\nSHARE/WT is the share of the service's frames in the last ten seconds, and of the weights that are up.\n")
	b.WriteString("\nAt a prompt: tab completes, up and down recall earlier lines, esc gives up.\n")
	b.WriteString("\nState: UP serves; UP? serves, but its last checks failed; DOWN! does not answer, or its checks fail; DN?! is down, but its last checks passed; " +
		"NEW was not checked yet; DRAIN~ N no new clients, N flows left; LEAVING~ N removed, N flows left; OUT- blacklisted for a time; MAINT- disabled. " +
		"emergency and abuse are servers that a service has beside its own.\n")
	b.WriteString("\nThe language: :help, or :help COMMAND.\n")
	m.pager = newPager(m.theme, "keys that are active here", b.String())
}

// showCounters lists how frames ended and what the link lost.
func (m *model) showCounters() {
	s := m.see()
	if s.snap == nil {
		return
	}
	var b strings.Builder
	about := s.sight.About
	fmt.Fprintf(&b, "cygnet %s, process %d on %s, interface %s, started %s\n\n", about.Version, about.PID, about.Hostname, about.Interface,
		s.snap.Started.Local().Format("2006-01-02 15:04:05"))
	fmt.Fprintf(&b, "%d workers, cpu %s\n\n", len(s.sight.CPU), cpuWords(s.cpu))
	fmt.Fprintf(&b, "%-20s %-9s %16s %9s\n", "REASON", "VERDICT", "FRAMES", "NOW/S")
	for i, n := range s.snap.Reasons {
		reason := engine.Reason(i)
		fmt.Fprintf(&b, "%-20s %-9s %16d %9s\n", reason, verdictWord(reason.Verdict()), n.Frames, short(s.reasons[i]))
	}
	l := s.sight.Link
	fmt.Fprintf(&b, "\n%-26s %16d %9s\n", "dropped by the kernel", l.KernelDrops, short(s.lost))
	for _, row := range []struct {
		name  string
		count uint64
	}{
		{"failed receive calls", l.RecvErrors}, {"not sent: too long", l.SendTooLong}, {"not sent: queue full", l.SendFull},
		{"not sent: link down", l.SendDown}, {"not sent: else", l.SendOther},
	} {
		fmt.Fprintf(&b, "%-26s %16d\n", row.name, row.count)
	}
	m.pager = newPager(m.theme, "how frames ended, since the start", b.String())
}

func verdictWord(v engine.Verdict) string {
	return [...]string{engine.Sent: "sent", engine.Answered: "answered", engine.Ignored: "ignored", engine.Dropped: "dropped"}[v&3]
}
