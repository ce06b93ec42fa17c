// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

// Package flow remembers, in tables of a fixed size, what was decided for
// frames that do not say it themselves: the later fragments of a datagram.
package flow
