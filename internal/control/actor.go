// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import (
	"cygnet/engine"
	"cygnet/internal/command"
	"cygnet/internal/config"
	"cygnet/internal/events"
	"cygnet/internal/wire"
)

// actor is a Desk as actions see it. Its methods are called by Do, with the
// desk's mutex held.
type actor struct{ d *Desk }

func (a actor) Config() *config.Config      { return a.d.cfg }
func (a actor) Snapshot() *engine.Snapshot  { return a.d.opt.Machine.Snapshot() }
func (a actor) Link() wire.LinkStats        { return a.d.opt.Machine.Link() }
func (a actor) Page() (string, error)       { return a.d.opt.Machine.Page() }
func (a actor) Recent(n int) []events.Event { return a.d.opt.Machine.Recent(n) }
func (a actor) Version() string             { return a.d.opt.Machine.Version() }
func (a actor) Reopen() error               { return a.d.opt.Machine.Reopen() }
func (a actor) Exit() error                 { return a.d.opt.Machine.Exit() }

func (a actor) Write(_ command.Who, file string) (string, error)  { return a.d.write(file) }
func (a actor) Diff(who command.Who, file string) (string, error) { return a.d.difference(who, file) }
func (a actor) Reload(who command.Who) (string, error)            { return a.d.reload(who) }
func (a actor) Preview(who command.Who, l string) (string, error) {
	return a.d.preview(who, []string{l}), nil
}
func (a actor) Undo(who command.Who, change uint64) (string, error) { return a.d.undo(who, change) }
