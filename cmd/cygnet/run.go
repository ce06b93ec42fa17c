// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"cygnet/internal/config"
	"cygnet/internal/control"
	"cygnet/internal/headless"
)

// resolveFor is how long a host's name may take, all tries together.
const resolveFor = 5 * time.Second

// status is what `systemctl status` says of a balancer at work.
const status = "forwarding"

// run starts everything that runs: the engine's goroutines, those that check the
// servers, those that follow the interface, the desk and the control sockets, one
// that logs what happens, one that obeys signals, the dashboard, and systemd's
// watchdog. (The one that writes the log runs already, as do those of events,
// metrics and the status page.) They end with ctx; the engine has ended before the
// totals are written.
func (d *daemon) run(ctx context.Context, desk *control.Desk, st *start, asked <-chan os.Signal) error {
	totals := make(chan os.Signal, 1)
	view := &headless.View{Log: d.log, Ring: d.ring, Snapshot: d.engine.Snapshot, Link: d.stats, Totals: totals}
	server := control.New(desk, d.feed(), d.mayControl)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return d.engine.Run(ctx) })
	g.Go(func() error { return d.health.Run(ctx) })
	g.Go(func() error { return d.follow(ctx) })
	g.Go(func() error { view.Run(ctx); return nil })
	g.Go(func() error { desk.Run(ctx); return nil })
	g.Go(func() error { d.obey(ctx, desk, st.board, asked, totals); return nil })
	g.Go(func() error { st.notifier.Watchdog(ctx, d.healthy); return nil })
	for _, l := range st.sockets.listeners {
		g.Go(func() error { return serve(ctx, server, l, d) })
	}
	if st.board != nil {
		g.Go(func() error { st.board.run(ctx); return nil })
	}
	d.tell(st.notifier.Ready(status))
	<-ctx.Done()
	d.tell(st.notifier.Stopping())
	err := g.Wait()
	view.Finish()
	if n := server.Stats(); n != (control.Stats{}) {
		d.log.Info("totals of control connections", "refused", n.Refused, "evicted", n.Evicted, "cut_off", n.CutOff)
	}
	if n := d.health.Dropped(); n > 0 {
		d.log.Info("totals of health checks", "dropped", n)
	}
	return err
}

// serve serves one control socket. Should it fail, the balancer goes on.
func serve(ctx context.Context, server *control.Server, l net.Listener, d *daemon) error {
	if err := server.Serve(ctx, l); err != nil && ctx.Err() == nil {
		d.log.Error("control socket ended", "addr", l.Addr().String(), "error", err)
	}
	return nil
}

// obey does what signals ask for: SIGUSR1 for the totals, SIGHUP for the end of
// a dashboard whose terminal is gone, or else for the log and the configuration to
// be read anew.
func (d *daemon) obey(ctx context.Context, desk *control.Desk, board *dashboard, asked <-chan os.Signal, totals chan<- os.Signal) {
	for {
		select {
		case <-ctx.Done():
			return
		case sig := <-asked:
			if sig == syscall.SIGUSR1 {
				select {
				case totals <- sig:
				default: // they are being written
				}
				continue
			}
			if !board.hangUp() {
				d.logReply("SIGHUP", desk.Hangup())
			}
		}
	}
}

// tell logs that the service manager could not be told something: it may take
// us for hung then.
func (d *daemon) tell(err error) {
	if err != nil {
		d.log.Warn("the service manager was not told", "error", err)
	}
}

// healthy says whether the engine's clock ticks: it is driven by the goroutine
// that feeds everything else.
func (d *daemon) healthy() bool {
	const late = 5 * time.Second
	return time.Since(d.engine.Snapshot().Time) < late
}

// feed is what `watch` streams.
func (d *daemon) feed() control.Feed {
	hostname, _ := os.Hostname() // for the eye only
	return control.Feed{
		Hello:    control.Hello{Version: version(), Interface: d.name, PID: os.Getpid(), Hostname: hostname},
		Snapshot: d.engine.Snapshot, Link: d.stats, Up: d.up.Load, CPU: d.cpu, Changes: d.ring, Hits: d.hits, Lines: d.out.log.Lines(),
	}
}

// logReply logs the reply to what nobody waits for.
func (d *daemon) logReply(who, reply string) {
	for line := range strings.Lines(reply) {
		line = strings.TrimSpace(line)
		if text, bad := strings.CutPrefix(line, "error: "); bad {
			d.log.Error(who + ": " + text)
		} else {
			d.log.Info(who + ": " + line)
		}
	}
}

// absolute makes paths that stay right in another folder.
func absolute(paths []string) []string {
	for i, p := range paths {
		if abs, err := filepath.Abs(p); err == nil {
			paths[i] = abs
		}
	}
	return paths
}

// exit is what the command of that name does.
func exit(inv *invocation, stop func()) func() error {
	return func() error {
		if !inv.mayExit {
			return &config.Problem{What: "exit: not allowed", Hint: "start cygnet with -X to allow it, or send it SIGTERM"}
		}
		stop()
		return nil
	}
}

// resolve finds the addresses of a host's name.
func resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	ctx, cancel := context.WithTimeout(ctx, resolveFor)
	defer cancel()
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	for i := range found {
		found[i] = found[i].Unmap()
	}
	slices.SortFunc(found, netip.Addr.Compare)
	return found, err
}
