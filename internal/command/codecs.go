// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// codec reads and writes the words of a value of type T.
type codec[T any] struct {
	read  func(s *session, what string, args []string) (v T, rest []string, err error)
	write func(T) string
}

// whole reads a value that is all that follows.
func (c codec[T]) whole(s *session, what string, args []string) (T, error) {
	v, rest, err := c.read(s, what, args)
	if err == nil {
		err = done(what+" "+args[0], rest)
	}
	return v, err
}

// wholeNumber is a number from low to high.
func wholeNumber(low, high int) codec[int] {
	return codec[int]{
		read: func(_ *session, what string, args []string) (int, []string, error) {
			n, ok := decimal(args[0], high)
			if !ok || n < low {
				return 0, nil, refuse("", "%s %s: not a number from %d to %d", what, quoted(args[0]), low, high)
			}
			return n, args[1:], nil
		},
		write: strconv.Itoa,
	}
}

// oneOf is one of some words.
func oneOf(words ...string) codec[string] {
	return codec[string]{
		read: func(_ *session, what string, args []string) (string, []string, error) {
			if !slices.Contains(words, args[0]) {
				hint := ""
				if near := Nearest(args[0], slices.Clone(words)); near != "" {
					hint = "did you mean " + near + "?"
				}
				return "", nil, refuse(hint, "%s %s: expected one of %s", what, quoted(args[0]), strings.Join(words, ", "))
			}
			return args[0], args[1:], nil
		},
		write: func(v string) string { return v },
	}
}

// onOff is on or off.
func onOff() codec[bool] {
	return codec[bool]{
		read: func(s *session, what string, args []string) (bool, []string, error) {
			v, rest, err := oneOf("on", "off").read(s, what, args)
			return v == "on", rest, err
		},
		write: func(v bool) string {
			if v {
				return "on"
			}
			return "off"
		},
	}
}

// path is the name of a file, which is not empty.
func path() codec[string] {
	return codec[string]{
		read: func(_ *session, what string, args []string) (string, []string, error) {
			if args[0] == "" {
				return "", nil, refuse("", "%s \"\": no name", what)
			}
			return args[0], args[1:], nil
		},
		write: func(v string) string {
			if v == "" {
				return ""
			}
			return Quote(v)
		},
	}
}

// longest is a year: longer is a typing error.
const longest = 366 * 24 * time.Hour

// seconds is SEC: decimal seconds, or a number with the unit s or ms.
func seconds(low time.Duration) codec[time.Duration] { return secondsWithin(low, longest) }

func secondsWithin(low, high time.Duration) codec[time.Duration] {
	return codec[time.Duration]{
		read: func(_ *session, what string, args []string) (time.Duration, []string, error) {
			d, ok := duration(args[0])
			if !ok || d < low || d > high {
				return 0, nil, refuse("seconds are written 30, 0.5, 30s or 500ms",
					"%s %s: not a time from %s to %s seconds", what, quoted(args[0]), inSeconds(low), inSeconds(high))
			}
			return d, args[1:], nil
		},
		write: inSeconds,
	}
}

// duration reads SEC, to the millisecond.
func duration(word string) (d time.Duration, ok bool) {
	unit := time.Second
	number, ms := strings.CutSuffix(word, "ms")
	if ms {
		unit = time.Millisecond
	} else {
		number = strings.TrimSuffix(word, "s")
	}
	whole, fraction, point := strings.Cut(number, ".")
	if !isDigits(whole) || point && !isDigits(fraction) || len(number) > 15 {
		return 0, false
	}
	f, err := strconv.ParseFloat(number, 64)
	if err != nil || f > longest.Seconds()*1000 {
		return 0, false
	}
	return time.Duration(f*float64(unit) + 0.5).Round(time.Millisecond), true
}

// inSeconds writes d as decimal seconds, to the millisecond.
func inSeconds(d time.Duration) string {
	return strconv.FormatFloat(d.Round(time.Millisecond).Seconds(), 'f', -1, 64)
}
