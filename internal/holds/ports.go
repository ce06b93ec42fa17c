// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package holds

// ports counts by port. There is room for all of them, 4 MB, but only pages of
// 256 that were asked for take theirs.
type ports struct {
	pages [256]*[256]counts
}

func (p *ports) of(port uint16) *counts {
	page := &p.pages[port>>8]
	if *page == nil {
		*page = new([256]counts)
	}
	return &(*page)[port&255]
}

// portCounts are the counts of a port.
type portCounts struct {
	port uint16
	*counts
}

// all yields the ports that were asked for.
func (p *ports) all(yield func(portCounts) bool) {
	for i, page := range p.pages {
		if page == nil {
			continue
		}
		for j := range page {
			if c := &page[j]; c.syns+c.verified > 0 && !yield(portCounts{uint16(i<<8 | j), c}) {
				return
			}
		}
	}
}
