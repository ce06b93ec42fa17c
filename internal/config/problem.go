// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package config

import "fmt"

// Problem is one reason why what was written cannot be run.
type Problem struct {
	What   string // what, on what, why: one line, no capital, no full stop
	Hint   string // what to do about it, or empty
	Origin string // where it was written, as `-O` or `file.cfg:3`, or empty
	Line   string // the line itself, if it is a file's and may be shown

	// Missing says that something was not said which another line may say: an
	// addition to a command line need not be complete.
	Missing bool

	// Subject is the setting that the problem is about, as `service web
	// server 3`. Whoever knows where settings came from (package command)
	// finds the Origin by it.
	Subject string
}

// Error returns What.
func (p *Problem) Error() string { return p.What }

// Notice is something the operator should know that stops nothing.
type Notice string

// Subjects of settings, the keys by which a Problem finds its Origin.
const (
	SubjectInterface = "dsr_if"
	SubjectTarpit    = "tarpit_acl"
	SubjectControl   = "control_acl"
	SubjectCountries = "country"
)

// SubjectService is the subject of all that concerns a service as a whole.
func SubjectService(service string) string { return "service " + service }

// SubjectClients is the subject of a service's client_acl.
func SubjectClients(service string) string { return "service " + service + " client_acl" }

// SubjectServer is the subject of one server, called by its Label.
func SubjectServer(service, label string) string {
	return "service " + service + " server " + label
}

// SubjectHost is the subject of a service's `emergency` or `abuse`.
func SubjectHost(service, setting string) string { return "service " + service + " " + setting }

// SubjectCheck is the subject of a service's check.
func SubjectCheck(service string) string { return "service " + service + " check" }

// SubjectSource is the subject of a `source`, as it prints.
func SubjectSource(source string) string { return "source " + source }

// problems collects what is wrong.
type problems []*Problem

// missing adds what is not said.
func (ps *problems) missing(subject, hint, format string, args ...any) {
	ps.add(subject, hint, format, args...)
	(*ps)[len(*ps)-1].Missing = true
}

func (ps *problems) add(subject, hint, format string, args ...any) {
	*ps = append(*ps, &Problem{What: fmt.Sprintf(format, args...), Hint: hint, Subject: subject})
}
