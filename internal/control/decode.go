// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"

	"cygnet/internal/events"
)

// How a message with events is written: they may be thousands a second, so both
// sides do it by hand.
const (
	eventsBegin = `{"type":"` + TypeEvent + `","generation":`
	eventsList  = `,"events":[`
	eventsLost  = `,"lost":`
)

// decode reads one line of a stream. Events of a kind that this version does not
// know are left out, and of a message whose type or whose hello it does not know
// there is no more than the type: the other side may be newer.
func decode(line []byte) (m Message, err error) {
	if m, ok := decodeEvents(line); ok {
		return m, nil
	}
	type plain Message
	var got struct {
		plain
		Events []json.RawMessage `json:"events"` // takes the place of the other
	}
	if err := json.Unmarshal(line, &got); err != nil {
		return tolerated(line, err)
	}
	m = Message(got.plain)
	for _, raw := range got.Events {
		var e events.Event
		switch err := e.UnmarshalJSON(raw); {
		case errors.Is(err, events.ErrUnknownKind):
		case err != nil:
			return Message{}, err
		default:
			m.Events = append(m.Events, e)
		}
	}
	return m, nil
}

// tolerated passes over a message of which we need nothing.
func tolerated(line []byte, why error) (Message, error) {
	var of struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(line, &of); err != nil {
		return Message{}, why
	}
	switch of.Type {
	case "", TypeSnapshot, TypeEvent, TypeLog:
		return Message{}, why
	}
	return Message{Type: of.Type}, nil
}

// decodeEvents reads a message as sendEvents writes it; false where it is
// anything else.
func decodeEvents(line []byte) (m Message, ok bool) {
	m.Type = TypeEvent
	rest, ok := bytes.CutPrefix(line, []byte(eventsBegin))
	if !ok {
		return m, false
	}
	if m.Generation, rest, ok = cutNumber(rest); !ok {
		return m, false
	}
	if rest, ok = bytes.CutPrefix(rest, []byte(eventsList)); !ok {
		return m, false
	}
	m.Events = make([]events.Event, 0, batch)
	for more := true; more; rest = rest[1:] {
		var e events.Event
		if e, rest, ok = events.CutJSON(rest); !ok || len(rest) == 0 {
			return m, false
		}
		if e.Kind.Known() {
			m.Events = append(m.Events, e)
		}
		if more = rest[0] == ','; !more && rest[0] != ']' {
			return m, false
		}
	}
	if lost, is := bytes.CutPrefix(rest, []byte(eventsLost)); is {
		if m.Lost, rest, ok = cutNumber(lost); !ok {
			return m, false
		}
	}
	return m, string(bytes.TrimRight(rest, "\r\n")) == "}"
}

// cutNumber reads the whole number that b begins with.
func cutNumber(b []byte) (n uint64, rest []byte, ok bool) {
	digits := 0
	for digits < len(b) && b[digits] >= '0' && b[digits] <= '9' {
		digits++
	}
	if digits < 20 { // fewer than the largest has
		for _, d := range b[:digits] {
			n = 10*n + uint64(d-'0')
		}
		return n, b[digits:], digits > 0
	}
	n, err := strconv.ParseUint(string(b[:digits]), 10, 64)
	return n, b[digits:], err == nil
}
