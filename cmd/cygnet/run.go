// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"cygnet/internal/command"
	"cygnet/internal/config"
	"cygnet/internal/events"
	"cygnet/internal/headless"
	"cygnet/internal/lab"
	"cygnet/internal/link"
	"cygnet/internal/logging"
)

const (
	resolveFor  = 5 * time.Second        // a name on the command line, all tries together
	eventsKept  = 1024                   // for readers that are slow
	logPatience = 300 * time.Millisecond // for the last lines, at the end
	stays       = "cygnet stays in the foreground, unlike pen without -f"
)

// balance runs the balancer that the arguments describe. Nobody but the log's
// own goroutine writes to stderr while that runs.
func balance(inv *invocation, stderr io.Writer) int {
	log, err := logging.Open(logging.Target{Format: inv.logFormat, Debug: inv.debug}, stderr)
	if err == nil {
		err = forward(inv, log.Logger())
		log.Close(logPatience)
	}
	if err != nil {
		return fail(logging.Patient{W: stderr, For: logPatience}, err)
	}
	return 0
}

// forward checks everything that was written, then the machine, and only then
// touches the wire.
func forward(inv *invocation, log *slog.Logger) error {
	cfg, notes, problems := (&command.Parser{Resolve: resolve}).Apply(inv.base(), inv.lines)
	if len(problems) > 0 {
		return writtenError(problems)
	}
	ifi, err := link.Inspect(cfg.Interface)
	if err != nil {
		return err
	}
	d := &daemon{cfg: cfg, log: log, ring: events.NewRing[events.Event](eventsKept), hits: events.NewRing[events.Event](eventsKept)}
	m := d.machine(ifi)
	if problems := cfg.ValidateOn(m); len(problems) > 0 {
		return writtenError(problems)
	}
	if d.key, err = key(cfg.Secret, log); err != nil {
		return err
	}
	// A signal from here on ends what is open, and does not just kill.
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	signal.Ignore(syscall.SIGPIPE, syscall.SIGTTOU, syscall.SIGTTIN, syscall.SIGTSTP, syscall.SIGHUP)
	totals := make(chan os.Signal, 1)
	signal.Notify(totals, syscall.SIGUSR1)
	defer signal.Stop(totals)

	run, notices := cfg.Engine(m, d.key)
	if err := d.open(ifi, run); err != nil {
		return err
	}
	defer d.close()
	summarise(log, ifi, cfg, run)
	if !inv.foreground {
		notes = append(notes, stays)
	}
	for _, n := range append(inv.notes, notes...) {
		log.Info("note: " + n)
	}
	for _, n := range notices {
		log.Warn("note: " + string(n))
	}
	return d.run(ctx, totals)
}

// run starts everything that runs: the engine's goroutines, those that follow
// the interface, and one that logs what happens. (The one that writes the log
// runs already.) They end with ctx; the engine has ended before the totals are
// written.
func (d *daemon) run(ctx context.Context, totals <-chan os.Signal) error {
	view := &headless.View{Log: d.log, Ring: d.ring, Snapshot: d.engine.Snapshot, Link: d.stats, Totals: totals}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return d.engine.Run(ctx) })
	g.Go(func() error { return d.follow(ctx) })
	g.Go(func() error { view.Run(ctx); return nil })
	err := g.Wait()
	view.Finish()
	return err
}

// key loads the key from the file that was named, or from the default one.
// Where that can be neither read nor made, a key of this run must do; a file
// that is there and is no secret is an error.
func key(path string, log *slog.Logger) ([keyBytes]byte, error) {
	if path == "" {
		path = config.DefaultSecret
	}
	k, err := loadKey(path)
	if errors.Is(err, errNoSecretFile) {
		log.Warn("this run has a key of its own: after a restart, or at a second balancer, clients may meet another server; name a file with `secret FILE`", "error", err)
		return randomKey(), nil
	}
	return k, err
}

// resolve finds the addresses of a name on the command line.
func resolve(host string) ([]netip.Addr, error) {
	ctx, cancel := context.WithTimeout(context.Background(), resolveFor)
	defer cancel()
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	for i := range found {
		found[i] = found[i].Unmap()
	}
	slices.SortFunc(found, netip.Addr.Compare)
	return found, err
}

// demo runs the laboratory until it is interrupted.
func demo(stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := lab.Run(ctx, stdout); err != nil {
		return fail(stderr, err)
	}
	return 0
}
