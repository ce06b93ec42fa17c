// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import "cygnet/internal/wire"

// Queue is what the engine asks of a link. A queue has one user: the worker or
// the control goroutine it was given to.
type Queue interface {
	// Recv fills b with up to len(b.Slots) frames. It returns without frames
	// after at most 250 ms, so that its user sees time pass. A link that is
	// down, or gone, has no frames; an error means that the queue is closed.
	Recv(b *wire.Batch) error

	// Send sends those of b.Slots[:b.N] that have Send set, in order. It never
	// waits: what cannot be sent now is lost, and the link counts it. An error
	// means that the queue is closed.
	Send(b *wire.Batch) error
}
