// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"net/netip"

	"cygnet/internal/events"
	"cygnet/internal/holds"
)

// book enters what the workers noted into the ledger of holds, and makes events of
// it. Only the housekeeper drives it and, once that has ended, Run.
type book struct {
	e      *Engine
	ledger *holds.Ledger
}

func newBook(e *Engine) *book { return &book{e: e, ledger: holds.New()} }

// enter drains what the workers noted.
func (b *book) enter() {
	b.e.mu.Lock()
	now := b.e.now
	b.e.mu.Unlock()
	for _, w := range b.e.workers {
		w.catches.drain(func(r *holds.Record) {
			news, held := b.ledger.Note(*r, now)
			kind, told := events.TarpitHit, r.Kind == holds.SYN
			switch {
			case r.Kind == holds.Escaped:
				kind, told = events.TarpitEscaped, news
			case r.Kind != holds.SYN && r.Kind != holds.Backscatter:
				kind, told = events.TarpitVerified, news
			}
			if told {
				b.e.hits.Add(events.Event{
					Kind: kind, Time: now, Port: r.Port, From: r.SourcePort, Held: held,
					Addr: netip.AddrFrom16(r.Captured).Unmap(), Source: netip.AddrFrom16(r.Source).Unmap(),
				})
			}
		})
	}
	b.ledger.Tick(now)
}
