// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package headless

import (
	"io"
	"sync"
	"time"

	"cygnet/engine"
	"cygnet/internal/wire"
)

// Page writes Pen's HTML status page. It remembers the snapshot of the page
// before, for rates; so each reader has a Page of its own. It is safe for
// concurrent use.
type Page struct {
	mu   sync.Mutex
	last *engine.Snapshot
}

// PageInfo is what a page tells beside the engine's snapshot.
type PageInfo struct {
	Version   string // of cygnet
	Interface string
	LinkUp    bool           // the interface carries frames
	Link      wire.LinkStats // since the start
	Every     time.Duration  // how often a browser is to load it anew; 0 is never
	Stopped   bool           // cygnet ends: this is the last page
}

// NewPage returns a Page whose first rates are those since the start.
func NewPage() *Page { return new(Page) }

// Write writes one page: a whole HTML document, whatever names and peers hold.
// An error is one of w; part of the page may have been written then.
func (p *Page) Write(w io.Writer, s *engine.Snapshot, more PageInfo) error {
	p.mu.Lock()
	last := p.last
	p.last = s
	p.mu.Unlock()
	var l layout
	l.page(newPageData(s, last, more))
	_, err := l.WriteTo(w)
	return err
}
