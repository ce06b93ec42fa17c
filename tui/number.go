// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"fmt"
	"strconv"
	"time"
)

// short writes n in at most five cells: 999, 1.0k, 12.3k, 123k, 1.2M and so on,
// powers of ten.
func short(n float64) string {
	if n < 0 {
		n = 0
	}
	if n < 999.5 {
		if n != 0 && n < 9.95 && n != float64(int(n)) {
			return strconv.FormatFloat(n, 'f', 1, 64)
		}
		return strconv.FormatFloat(n, 'f', 0, 64)
	}
	units := "kMGTPE"
	n /= 1000
	for len(units) > 1 && n >= 999.5 {
		n /= 1000
		units = units[1:]
	}
	digits := 1
	if n >= 99.95 {
		digits = 0
	}
	return strconv.FormatFloat(n, 'f', digits, 64) + units[:1]
}

// bits writes bytes a second as bit/s.
func bits(bytes float64) string { return short(8*bytes) + "bit/s" }

// percent writes a share of 1.
func percent(share float64) string { return strconv.FormatFloat(100*share, 'f', 0, 64) + "%" }

// span writes how long something lasts, coarsely: 42s, 12m, 3h05m, 4d07h.
func span(d time.Duration) string {
	switch {
	case d < 0:
		return "0s"
	case d < time.Minute:
		return strconv.Itoa(int(d/time.Second)) + "s"
	case d < time.Hour:
		return strconv.Itoa(int(d/time.Minute)) + "m"
	case d < 24*time.Hour:
		return fmt.Sprintf("%dh%02dm", int(d/time.Hour), int(d/time.Minute)%60)
	}
	return fmt.Sprintf("%dd%02dh", int(d/(24*time.Hour)), int(d/time.Hour)%24)
}

// clock writes how long something lasts to the second: 00:12, 1:02:03.
func clock(d time.Duration) string {
	s := int(max(d, 0) / time.Second)
	if s < 3600 {
		return fmt.Sprintf("%02d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}

// flowsWords writes a number of flows.
func flowsWords(n uint64) string {
	if n == 1 {
		return "1 flow"
	}
	return short(float64(n)) + " flows"
}

// plural writes a number with its word: 1 server, 2 servers.
func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return strconv.Itoa(n) + " " + word + "s"
}
