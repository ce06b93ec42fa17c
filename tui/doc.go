// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

// Package tui is the dashboard: what an operator sees of a running balancer,
// and steers it by. It is a guest. It looks at snapshots and rings of events
// that are there anyway, and says what it wants in lines of the command
// language, all through a Source; the engine never waits for it.
//
// One model (model.go) holds everything and is changed by Update alone
// (update.go), which does no I/O: what takes time is a command that ends in a
// message. What is drawn comes from a reading, two snapshots and what follows
// from them (reading.go), and from a store of what happened (journal.go,
// catches.go). Each tab is a panel: a plain struct that handles its keys and
// renders itself into rows of exactly so many cells (row.go). Styles come from
// one Theme by their meaning, characters from one set of Glyphs, and every key
// from a binding that the help is made of.
package tui
