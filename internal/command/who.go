// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

// Who gives a command.
type Who struct {
	Name  string // for the log: `uid 1000 pid 321`, `10.0.0.9:4711`, `-F` or `dashboard`
	Owner bool   // root or Cygnet's own user on this machine: may name files and programs, and see lines of files
}
