// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

// Package metrics serves the counters and states of a running engine over
// HTTP: /metrics for Prometheus, /healthz for whoever decides whether traffic
// may come here. It reads snapshots when it is asked, and the engine never
// waits for it.
//
// No label has a value that a client could choose, so the number of series is
// settled by the configuration alone.
package metrics
