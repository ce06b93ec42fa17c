// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import (
	"errors"
	"slices"

	"cygnet/engine"
)

// HealthCounts are the health of one server where it has changed since the
// snapshot before. Each check adds a result and forgets one, so of these only
// the new ones are sent.
type HealthCounts struct {
	Server int           `json:"server"` // which, from 0: the service's own, then emergency, then abuse
	Kept   int           `json:"kept"`   // how many of the newest results before are still there
	Health engine.Health `json:"health"` // Last has the results that follow these
}

// healthChange tells what made is of was.
func healthChange(was, is *engine.Health) (h HealthCounts, changed bool) {
	h.Health, h.Kept = *is, keptResults(was.Last, is.Last)
	h.Health.Last = is.Last[h.Kept:]
	if h.Kept == len(is.Last) && len(is.Last) == len(was.Last) {
		return h, !sameButResults(was, is)
	}
	return h, true
}

// keptResults is how many of the newest results in was are the oldest in is.
func keptResults(was, is []engine.Result) int {
	for i := range was {
		if kept := was[i:]; len(kept) <= len(is) && slices.Equal(kept, is[:len(kept)]) {
			return len(kept)
		}
	}
	return 0
}

func sameButResults(a, b *engine.Health) bool {
	return a.State == b.State && a.Check == b.Check && a.Soft == b.Soft && a.Why == b.Why &&
		a.Since.Equal(b.Since) && a.Turn == b.Turn && a.Turns == b.Turns && a.Held.Equal(b.Held)
}

// restore makes is, which is as it was before, what it is now.
func (h *HealthCounts) restore(is *engine.Health) error {
	if h.Kept < 0 || h.Kept > len(is.Last) {
		return errors.New("results of checks that were not there are kept")
	}
	kept := is.Last[len(is.Last)-h.Kept:]
	*is = h.Health
	is.Last = slices.Concat(kept, h.Health.Last)
	return nil
}
