// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

// Package holds keeps the book of whom the tarpit caught and for how long. Nothing
// that the tarpit answers depends on it: it only watches, in bounded memory, and
// forgets the least of what it knows first.
package holds
