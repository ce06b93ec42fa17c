// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package headless

import (
	"bytes"
	_ "embed" // page.css
	"fmt"
	"html"
	"strings"
)

//go:embed page.css
var pageCSS string

// layout writes a page's HTML. It is not html/template, which finds methods by
// their names as it runs: with that in a program, the linker keeps all exported
// methods of all packages, and the binary is 5 MB larger.
type layout struct{ bytes.Buffer }

// markup is HTML, which add leaves as it is.
type markup string

// bad marks an element that an operator should look at.
func bad(is bool) markup {
	if is {
		return ` class="bad"`
	}
	return ""
}

// add writes HTML, with an argument for each %v: text, which becomes harmless
// between tags and between double quotes, whatever it holds.
func (l *layout) add(format string, args ...any) {
	for i, arg := range args {
		if _, is := arg.(markup); !is {
			args[i] = html.EscapeString(fmt.Sprint(arg))
		}
	}
	fmt.Fprintf(l, format, args...)
}

// addIf does so if the text, the only argument, is neither empty nor 0.
func (l *layout) addIf(format string, text any) {
	if text != "" && text != uint64(0) && text != 0 {
		l.add(format, text)
	}
}

// table writes a table; a column whose name begins with # holds numbers.
func (l *layout) table(columns string, rows func()) {
	l.add(`<div class="wide"><table>` + "\n<thead><tr>")
	for column := range strings.SplitSeq(columns, ",") {
		number := markup("")
		if strings.HasPrefix(column, "#") {
			number = ` class="n"`
		}
		l.add(`<th scope="col"%v>%v</th>`, number, strings.TrimPrefix(column, "#"))
	}
	l.add("</tr></thead>\n<tbody>\n")
	rows()
	l.add("</tbody>\n</table></div>\n")
}

func (l *layout) page(d *pageData) {
	l.head(d)
	l.add("<h1>%v: <span%v>%v</span></h1>\n", d.Interface, bad(d.Bad), d.Condition)
	l.add("<p>cygnet %v, ", d.Version)
	if d.Uptime != "" {
		l.add("up %v", d.Uptime)
	} else {
		l.add("just started")
	}
	if d.Standby {
		l.add(", on standby")
	}
	l.add("</p>\n")
	l.rates(d.Rates)
	for _, s := range d.Services {
		l.service(s)
	}
	if len(d.Services) == 0 {
		l.add("<h2>Services</h2>\n<p>none</p>\n")
	}
	l.add("<h2>Flows</h2>\n<p>%v open, %v of them opening and %v closing; room for %v; %v known clients",
		d.Flows.Open, d.Flows.Opening, d.Flows.Closing, d.Flows.Room, d.Flows.Clients)
	l.addIf(`; <span class="bad">%v found no room since the start</span>`, d.Flows.Unstored)
	l.add("</p>\n")
	l.tarpit(d.Tarpit)
	for _, list := range d.Lists {
		l.list(list)
	}
	l.counts("Dropped frames", d.Dropped)
	l.counts("Lost by the link", d.Lost)
	l.foot(d)
}

func (l *layout) head(d *pageData) {
	l.add(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
`)
	l.addIf(`<meta http-equiv="refresh" content="%v">`+"\n", d.Refresh)
	l.add(`<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>%v: %v - cygnet</title>
<style>
%v</style>
</head>
<body>
`, d.Interface, d.Condition, markup(pageCSS))
}

func (l *layout) rates(r *pageRates) {
	if r == nil {
		return
	}
	l.add("<h2>Rates %v</h2>\n", r.Over)
	l.table("what,#frames/s,#bit/s", func() {
		for _, row := range []struct {
			what string
			pageRate
		}{{"received", r.In}, {"sent", r.Out}, {"dropped", r.Drops}} {
			l.add(`<tr><th scope="row">%v</th><td class="n">%v</td><td class="n">%v</td></tr>`+"\n", row.what, row.Frames, row.Bits)
		}
	})
}

func (l *layout) service(s pageService) {
	l.add("<h2>Service %v</h2>\n<p>%v, port %v, %v, %v: <span%v>%v", s.Name, s.VIP, s.Port, s.Proto, s.Mode, bad(s.Bad), s.State)
	l.addIf(", %v", s.Serving)
	l.add("</span>, %v flows</p>\n", s.Flows)
	l.table("#server,name,address,state,health,MAC,#weight,#flows,#frames,#bit/s", func() {
		for _, srv := range s.Servers {
			l.server(srv)
		}
		if len(s.Servers) == 0 {
			l.add(`<tr><td colspan="10">no servers</td></tr>` + "\n")
		}
	})
}

func (l *layout) server(s pageServer) {
	l.add(`<tr%v><th scope="row" class="n">%v</th>`, bad(s.Bad), s.Number)
	l.add(`<td>%v</td><td>%v</td><td>%v</td><td>%v`, s.Name, s.Addr, s.State, s.Health)
	l.addIf(`: %v`, s.Why)
	l.add(`</td><td>%v</td>`, s.MAC)
	l.add(`<td class="n">%v</td><td class="n">%v</td><td class="n">%v</td><td class="n">%v</td></tr>`+"\n", s.Weight, s.Flows, s.Frames, s.Bits)
}

func (l *layout) tarpit(t pageTarpit) {
	l.add("<h2>Tarpit</h2>\n")
	if t.List == "" {
		l.add("<p>none</p>\n")
		return
	}
	l.add("<p>list %v: %v captured addresses, %v hits", t.List, t.Addresses, t.Hits)
	l.addIf(", %v/s now", t.Rate)
	l.addIf(", %v of them came too fast to be written down", t.HitsLost)
	l.add("</p>\n<p>%v clients held now", t.Held)
	l.addIf(", for %v all together since the start", t.HeldFor)
	l.add("; %v proved their source, %v gave up</p>\n", t.Verified, t.Escaped)
}

func (l *layout) list(list pageList) {
	l.add("<h2>List %v</h2>\n", list.Name)
	l.table("#position,entry,#hits", func() {
		for _, r := range list.Rows {
			l.add(`<tr><td class="n">%v</td><td>%v</td><td class="n">%v</td></tr>`+"\n", r.Position, r.Entry, r.Hits)
		}
	})
}

func (l *layout) counts(title string, counts []pageCount) {
	l.add("<h2>%v</h2>\n", title)
	if len(counts) == 0 {
		l.add("<p>none</p>\n")
		return
	}
	l.table("why,#frames", func() {
		for _, c := range counts {
			l.add(`<tr><th scope="row">%v</th><td class="n">%v</td></tr>`+"\n", c.Word, c.Count)
		}
	})
}

func (l *layout) foot(d *pageData) {
	if d.Made != "" {
		l.add(`<p>Made <time datetime="%v">%v</time>`, d.Made, d.Made)
	} else {
		l.add("<p>Made before the engine began")
	}
	if d.Stopped {
		l.add("; it is the last, for cygnet has stopped")
	}
	l.add(".</p>\n</body>\n</html>\n")
}
