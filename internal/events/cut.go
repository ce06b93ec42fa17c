// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package events

import (
	"bytes"
	"time"
)

// CutJSON reads the event that b begins with, in the form that AppendJSON gives
// it, and returns what follows. It is for readers of many: reading any JSON takes
// five times as long. It knows no more than that form, and of text no more
// than plain ASCII: what is not ok may still be right, and is for UnmarshalJSON
// to say. An event of a kind that this version does not know is ok, and its Kind
// is not Known.
func CutJSON(b []byte) (e Event, rest []byte, ok bool) {
	if len(b) == 0 || b[0] != '{' {
		return e, b, false
	}
	rest, e.Kind = b[1:], kinds
	for {
		var key, value []byte
		if key, rest, ok = cutString(rest); !ok || len(rest) == 0 || rest[0] != ':' {
			return Event{}, b, false
		}
		if value, rest, ok = cutValue(rest[1:], isNumber(key)); !ok || !e.set(key, value) || len(rest) == 0 {
			return Event{}, b, false
		}
		switch rest[0] {
		case ',':
			rest = rest[1:]
		case '}':
			return e, rest[1:], true
		default:
			return Event{}, b, false
		}
	}
}

// set takes the value of one key; false if it is not in AppendJSON's form.
func (e *Event) set(key, value []byte) bool {
	var err error
	switch string(key) {
	case "time":
		if err = e.Time.UnmarshalText(value); err == nil {
			e.Time = e.Time.UTC()
		}
	case "event":
		e.Kind, _ = kindOf(value)
	case "severity", "port_name": // which follow from the rest
	case "service":
		e.Service = string(value)
	case "server":
		e.Server = string(value)
	case "addr":
		err = e.Addr.UnmarshalText(value)
	case "mac":
		err = (*mac)(&e.MAC).UnmarshalText(value)
	case "was":
		err = (*mac)(&e.Was).UnmarshalText(value)
	case "source":
		err = e.Source.UnmarshalText(value)
	case "source_port":
		n, ok := number(value, 1<<16-1)
		e.From = uint16(n)
		return ok
	case "port":
		n, ok := number(value, 1<<16-1)
		e.Port = uint16(n)
		return ok
	case "held_ms":
		n, ok := number(value, mostMillis)
		e.Held = time.Duration(n) * time.Millisecond
		return ok
	case "who":
		e.Who = string(value)
	case "text":
		e.Text = string(value)
	default:
		return false
	}
	return err == nil
}

// cutValue cuts a string, or else a number, from the start of b.
func cutValue(b []byte, isNumber bool) (value, rest []byte, ok bool) {
	if !isNumber {
		return cutString(b)
	}
	n := 0
	for n < len(b) && b[n] >= '0' && b[n] <= '9' {
		n++
	}
	return b[:n], b[n:], n > 0
}

// cutString cuts a string in its quotes from the start of b, if it needs no
// reading but as it is.
func cutString(b []byte) (s, rest []byte, ok bool) {
	if len(b) == 0 || b[0] != '"' {
		return nil, b, false
	}
	end := bytes.IndexByte(b[1:], '"')
	if end < 0 {
		return nil, b, false
	}
	s = b[1 : 1+end]
	for _, c := range s {
		if c < ' ' || c == '\\' || c >= 0x7f {
			return nil, b, false
		}
	}
	return s, b[end+2:], true
}

// isNumber says whether the value of that key is one.
func isNumber(key []byte) bool {
	return string(key) == "port" || string(key) == "source_port" || string(key) == "held_ms"
}

// number reads digits, of which there are some, as AppendJSON writes them; it
// leaves 0 out.
func number(digits []byte, most int64) (n int64, ok bool) {
	for _, d := range digits {
		if d < '0' || d > '9' || n > (most-int64(d-'0'))/10 {
			return 0, false
		}
		n = 10*n + int64(d-'0')
	}
	return n, n > 0 && digits[0] != '0'
}
