// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package events

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"strconv"
	"time"
	"unicode/utf8"
)

const digits = "0123456789abcdef"

// AppendJSON appends e to b as one JSON object without a line end. A key
// without a value is left out; times are of UTC, in milliseconds. It is
// written by hand because tarpit hits may come by tens of thousands a second:
// it allocates nothing while b has room.
func (e Event) AppendJSON(b []byte) []byte {
	b = append(b, '{')
	b = AppendTime(b, e.Time)
	b = append(b, `"event":"`...)
	b = append(b, e.Kind.Word()...)
	b = append(b, `","severity":"`...)
	b = append(b, e.Kind.Severity().String()...)
	b = append(b, '"')
	b = appendText(b, `,"service":`, e.Service)
	b = appendText(b, `,"server":`, e.Server)
	b = appendAddr(b, `,"addr":"`, e.Addr)
	b = appendMAC(b, `,"mac":"`, e.MAC)
	b = appendMAC(b, `,"was":"`, e.Was)
	b = appendAddr(b, `,"source":"`, e.Source)
	b = appendNumber(b, `,"source_port":`, int64(e.From))
	b = appendNumber(b, `,"port":`, int64(e.Port))
	b = appendText(b, `,"port_name":`, PortName(e.Port))
	b = appendNumber(b, `,"held_ms":`, e.Held.Milliseconds())
	b = appendText(b, `,"who":`, e.Who)
	b = appendText(b, `,"text":`, e.Text)
	return append(b, '}')
}

// MarshalJSON returns what AppendJSON appends.
func (e Event) MarshalJSON() ([]byte, error) {
	return e.AppendJSON(nil), nil
}

// ErrUnknownKind is that an event is of a kind which this version does not
// know: a reader who may meet a later version passes it over.
var ErrUnknownKind = errors.New("no such kind")

// UnmarshalJSON reads what MarshalJSON writes. Unknown keys are passed over; a
// word that is no kind's is ErrUnknownKind. Severity and port name follow from
// the rest.
func (e *Event) UnmarshalJSON(b []byte) error {
	if quick, rest, ok := CutJSON(b); ok && len(rest) == 0 && quick.Kind.Known() {
		*e = quick
		return nil
	}
	return e.unmarshal(b)
}

// unmarshal reads any JSON.
func (e *Event) unmarshal(b []byte) error {
	var r struct {
		Time    time.Time  `json:"time"`
		Event   string     `json:"event"`
		Service string     `json:"service"`
		Server  string     `json:"server"`
		Addr    netip.Addr `json:"addr"`
		MAC     mac        `json:"mac"`
		Was     mac        `json:"was"`
		Source  netip.Addr `json:"source"`
		From    uint16     `json:"source_port"`
		Port    uint16     `json:"port"`
		Held    int64      `json:"held_ms"`
		Who     string     `json:"who"`
		Text    string     `json:"text"`
	}
	if err := json.Unmarshal(b, &r); err != nil {
		return err
	}
	k, ok := KindOf(r.Event)
	if !ok {
		return fmt.Errorf("read event %q: %w, expected one like %q", r.Event, ErrUnknownKind, ServerResolved.Word())
	}
	if r.Held < 0 || r.Held > mostMillis {
		return fmt.Errorf("read held_ms %d: expected 0 to %d", r.Held, mostMillis)
	}
	*e = Event{
		Kind: k, Time: r.Time.UTC(), Service: r.Service, Server: r.Server, Addr: r.Addr, MAC: r.MAC, Was: r.Was,
		Source: r.Source, From: r.From, Port: r.Port, Held: time.Duration(r.Held) * time.Millisecond, Who: r.Who, Text: r.Text,
	}
	return nil
}

// mac is a MAC address in text. Package wire has one too, but what is pure
// imports nothing of ours.
type mac [6]byte

// UnmarshalText reads aa:bb:cc:dd:ee:ff.
func (m *mac) UnmarshalText(text []byte) error {
	ok := len(text) == 17
	for i := 0; ok && i < len(m); i++ {
		_, err := hex.Decode(m[i:i+1], text[3*i:3*i+2])
		ok = err == nil && (i == 5 || text[3*i+2] == ':')
	}
	if !ok {
		return fmt.Errorf("read MAC address %q: expected aa:bb:cc:dd:ee:ff", text)
	}
	return nil
}

// mostMillis is how many milliseconds a Duration holds: 292 years.
const mostMillis = math.MaxInt64 / int64(time.Millisecond)

// AppendTime appends the key time and t, as each JSON line begins; nothing for
// the zero time and years that RFC 3339 section 5.6 has no room for.
func AppendTime(b []byte, t time.Time) []byte {
	t = t.UTC()
	if y := t.Year(); t.IsZero() || y < 0 || y > 9999 {
		return b
	}
	b = append(b, `"time":"`...)
	b = t.AppendFormat(b, time.RFC3339) // this layout has a fast path, one with milliseconds has none
	ms := t.Nanosecond() / 1e6
	b = append(b[:len(b)-len("Z")], '.', '0'+byte(ms/100), '0'+byte(ms/10%10), '0'+byte(ms%10), 'Z')
	return append(b, `",`...)
}

// appendNumber appends key and n; nothing when n is not above 0.
func appendNumber(b []byte, key string, n int64) []byte {
	if n <= 0 {
		return b
	}
	return strconv.AppendInt(append(b, key...), n, 10)
}

func appendMAC(b []byte, key string, m [6]byte) []byte {
	if m == ([6]byte{}) {
		return b
	}
	b = append(b, key...)
	for _, v := range m {
		b = append(b, digits[v>>4], digits[v&15], ':')
	}
	b[len(b)-1] = '"' // in place of the last colon
	return b
}

func appendAddr(b []byte, key string, a netip.Addr) []byte {
	if !a.IsValid() {
		return b
	}
	b = append(b, key...)
	b = a.WithZone("").AppendTo(b)
	if a.Zone() != "" { // netip lets a zone be any string
		b = append(b, '%')
		b = appendEscaped(b, a.Zone())
	}
	return append(b, '"')
}

// appendText appends key and s; nothing when s is empty.
func appendText(b []byte, key, s string) []byte {
	if s == "" {
		return b
	}
	b = append(b, key...)
	b = append(b, '"')
	b = appendEscaped(b, s)
	return append(b, '"')
}

// appendEscaped appends s as the inside of a JSON string (RFC 8259 section 7).
// What is not printable, such as line ends, controls and marks that turn the
// direction of writing, is escaped, so that a peer's words cannot play tricks on
// a terminal; what is not UTF-8 becomes U+FFFD.
func appendEscaped(b []byte, s string) []byte {
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case strconv.IsPrint(r):
			b = utf8.AppendRune(b, r)
		case r > 0xffff:
			r -= 0x1_0000 // a pair of surrogates, ten bits each
			b = appendUnit(b, 0xd800+uint16(r>>10))
			b = appendUnit(b, 0xdc00+uint16(r&0x3ff))
		default:
			b = appendUnit(b, uint16(r))
		}
	}
	return b
}

func appendUnit(b []byte, u uint16) []byte {
	return append(b, '\\', 'u', digits[u>>12], digits[u>>8&15], digits[u>>4&15], digits[u&15])
}
