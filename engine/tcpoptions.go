// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import "encoding/binary"

// TCP options: RFC 9293 section 3.2, RFC 7323, RFC 2018.
const (
	optEnd           = 0
	optNOP           = 1
	optMSS           = 2
	optWindowScale   = 3
	optSACKPermitted = 4
	optTimestamps    = 8

	mssLen, windowScaleLen, sackPermittedLen, timestampsLen = 4, 3, 2, 10
)

// timestamps are those of a segment, RFC 7323 section 3.2.
type timestamps struct {
	there bool
	value uint32 // TSval
	echo  uint32 // TSecr
}

// offers are the options of a SYN that a Linux listener answers with its own.
type offers struct {
	stamp       timestamps
	sack        bool
	windowScale bool
}

// offersOf reads the options of a SYN: of those that come twice, the last. Reading
// ends at what makes no sense.
func offersOf(options []byte) (o offers) {
	for len(options) > 0 {
		var one []byte
		if one, options = cutOption(options); one == nil {
			break
		}
		switch kind, n := one[0], len(one); {
		case kind == optSACKPermitted && n == sackPermittedLen:
			o.sack = true
		case kind == optWindowScale && n == windowScaleLen:
			o.windowScale = true
		case kind == optTimestamps && n == timestampsLen:
			o.stamp = readTimestamps(one)
		}
	}
	return o
}

// timestampsOf finds the timestamps among options. Nearly every segment that has
// them has nothing else.
func timestampsOf(options []byte) timestamps { return offersOf(options).stamp }

func readTimestamps(option []byte) timestamps {
	return timestamps{there: true, value: binary.BigEndian.Uint32(option[2:]), echo: binary.BigEndian.Uint32(option[6:])}
}

// cutOption cuts the first option off; nil at the end, or where none can be read.
func cutOption(options []byte) (one, rest []byte) {
	for len(options) > 0 && options[0] == optNOP {
		options = options[1:]
	}
	if len(options) < 2 || options[0] == optEnd {
		return nil, nil
	}
	n := int(options[1])
	if n < 2 || n > len(options) {
		return nil, nil
	}
	return options[:n], options[n:]
}

// Options of our SYN+ACK: what a Linux host of today offers on Ethernet.
const (
	mssIPv4     = 1460 // 1500, RFC 894, less both headers
	mssIPv6     = 1440
	windowShift = 7
)

// putOptions writes our answer to what a SYN offers, as Linux does, into b, which has
// room for 20 bytes, and returns its length, a multiple of 4.
func (o offers) putOptions(b []byte, mss uint16, stamp timestamps) int {
	n := 0
	put := func(bytes ...byte) { n += copy(b[n:], bytes) }
	if mss != 0 {
		put(optMSS, mssLen, byte(mss>>8), byte(mss))
	}
	switch {
	case o.stamp.there && o.sack:
		put(optSACKPermitted, sackPermittedLen)
	case o.stamp.there:
		put(optNOP, optNOP)
	case o.sack:
		put(optNOP, optNOP, optSACKPermitted, sackPermittedLen)
	}
	if o.stamp.there {
		n += stamp.put(b[n:])
	}
	if o.windowScale {
		put(optNOP, optWindowScale, windowScaleLen, windowShift)
	}
	return n
}

// put writes the option into b and returns its length.
func (t timestamps) put(b []byte) int {
	b[0], b[1] = optTimestamps, timestampsLen
	binary.BigEndian.PutUint32(b[2:], t.value)
	binary.BigEndian.PutUint32(b[6:], t.echo)
	return timestampsLen
}
