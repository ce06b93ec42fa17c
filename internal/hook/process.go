// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package hook

import (
	"context"
	"log/slog"
	"os/exec"
	"slices"
	"strconv"
	"syscall"
	"time"

	"cygnet/internal/events"
)

// run runs the program once, and kills it and all that it started in its process
// group when it takes too long, or ctx ends.
func (h *Hook) run(ctx context.Context, e *events.Event) {
	ctx, cancel := context.WithTimeout(ctx, h.takes)
	defer cancel()
	source, captured := e.Source.WithZone("").String(), e.Addr.WithZone("").String()
	from, port := strconv.Itoa(int(e.From)), strconv.Itoa(int(e.Port))
	cmd := exec.CommandContext(ctx, h.program, source, captured, port)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = h.null, h.null, h.null
	cmd.Dir = "/"
	cmd.Env = append(slices.Clip(h.env),
		"CYGNET_SOURCE="+source, "CYGNET_SOURCE_PORT="+from, "CYGNET_CAPTURED="+captured, "CYGNET_PORT="+port,
		"CYGNET_TIME="+e.Time.UTC().Format(time.RFC3339),
	)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	began := time.Now()
	err := cmd.Run()
	if err != nil {
		h.log.Log(context.Background(), h.failure(began), "tarpit hook failed", "program", h.program, "source", source, "error", err, "took", time.Since(began))
	}
}

// failure is how loud a failure is told: one in each interval is a warning.
func (h *Hook) failure(now time.Time) slog.Level {
	last := h.failed.Load()
	if now.Unix()-last >= int64(every/time.Second) && h.failed.CompareAndSwap(last, now.Unix()) {
		return slog.LevelWarn
	}
	return slog.LevelDebug
}
