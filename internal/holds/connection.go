// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package holds

// key is what a connection is known by: RFC 9293 section 3.3.1.
type key struct {
	client, captured [16]byte
	from, port       uint16
}

func (r *Record) key() key {
	return key{client: r.Source, captured: r.Captured, from: r.SourcePort, port: r.Port}
}

// connection is one that is held: its client proved its source. Times are
// milliseconds since the book began; its start may be before that.
type connection struct {
	key         key
	start, last int64
	link        link[connection]
	parties
}

// parties are those for whom a record counts. The first three are nil where there
// is no room for them, which is so only for a SYN, and where nobody can tell the
// country.
type parties struct {
	source, network *entry[[16]byte]
	country         *entry[string]
	service         *counts // the port
}

// each hands out the counts of all.
func (p *parties) each(do func(*counts)) {
	if p.source != nil {
		do(&p.source.counts)
	}
	if p.network != nil {
		do(&p.network.counts)
	}
	if p.country != nil {
		do(&p.country.counts)
	}
	do(p.service)
}
