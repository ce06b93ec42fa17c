// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package systemd

import (
	"context"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// Watchdog gives a sign of life while healthy says so, twice within the time
// that WATCHDOG_USEC allows, as sd_watchdog_enabled(3) recommends. It returns
// when ctx ends, or at once where nobody watches us. It calls healthy itself, so
// one that hangs is a sign of life less, as it should be. A sign that was not
// taken is not given again: the next one is due soon.
func (n *Notifier) Watchdog(ctx context.Context, healthy func() bool) {
	if n == nil || n.watchdog <= 0 {
		return
	}
	tick := time.NewTicker(max(n.watchdog/2, time.Millisecond))
	defer tick.Stop()
	for {
		if healthy() {
			_ = n.send(daemon.SdNotifyWatchdog)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
