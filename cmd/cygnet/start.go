// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"cygnet/engine"
	"cygnet/internal/command"
	"cygnet/internal/config"
	"cygnet/internal/control"
	"cygnet/internal/geoip"
	"cygnet/internal/link"
	"cygnet/internal/logging"
	"cygnet/internal/privilege"
	"cygnet/internal/systemd"
)

const (
	eventsKept  = 1024                   // for readers that are slow
	hitsKept    = 8192                   // the same, of the tarpit
	logPatience = 300 * time.Millisecond // for the last lines, at the end
	stays       = "cygnet stays in the foreground, unlike pen without -f"
)

// balance runs the balancer that the arguments describe. Nobody but the log's
// own goroutine writes to stderr while that runs, and who has the last word
// does not wait for a terminal that is stuck.
func balance(inv *invocation, view viewer, stderr io.Writer) int {
	if err := forward(inv, view, stderr); err != nil {
		return fail(logging.Patient{W: stderr, For: logPatience}, err)
	}
	return 0
}

// forward checks everything that was written, then the machine, and only then
// touches the wire.
func forward(inv *invocation, view viewer, stderr io.Writer) error {
	lookups, stop := context.WithCancel(context.Background())
	defer stop()
	st := &start{inv: inv, stopLookups: stop, parser: &command.Parser{
		Resolve: func(host string) ([]netip.Addr, error) { return resolve(lookups, host) }, Countries: geoip.Load,
	}}
	st.read = st.parser.Run(command.Request{Base: inv.initial(), Lines: inv.all(), Who: command.Who{Name: "-F", Owner: true}})
	if len(st.read.Problems) > 0 {
		return writtenError(st.read.Problems)
	}
	cfg := st.read.Config
	var err error
	if st.ifi, err = link.Inspect(cfg.Interface); err != nil {
		return err
	}
	d := newDaemon(st.ifi.Name, cfg)
	st.machine = d.machine(st.ifi)
	if problems := cfg.ValidateOn(st.machine); len(problems) > 0 {
		return writtenError(problems)
	}
	if err := becomeUser(cfg); err != nil {
		return err
	}
	t := inv.terminal()
	log, err := logging.Open(target(cfg), stderr)
	if err != nil {
		return err
	}
	defer log.Close(logPatience)
	d.log = log.Logger()
	d.out = newOutputs(d, log, target(cfg))
	st.notifier = connectNotifier(d.log)
	if d.key, err = key(cfg.Secret, d.log); err != nil {
		return err
	}
	if st.sockets, err = openSockets(cfg); err != nil {
		return err
	}
	defer st.sockets.close()
	if t != nil {
		st.board = &dashboard{d: d, t: t, view: view, how: inv.view, socket: st.sockets.path}
	}
	return d.begin(st)
}

// start is what a run starts with.
type start struct {
	inv      *invocation
	parser   *command.Parser
	read     command.Result // of what was written
	ifi      *link.Interface
	machine  config.Machine
	notifier *systemd.Notifier // nil where no service manager listens
	sockets  *sockets
	board    *dashboard // nil where there is none

	stopLookups func() // of names: who waits for one while we end does so no more
}

// connectNotifier finds the service manager that started us, if there is one.
func connectNotifier(log *slog.Logger) *systemd.Notifier {
	n, err := systemd.Connect()
	if err != nil {
		log.Warn("the service manager is not told how we are", "error", err)
	}
	systemd.Unset() // for what we start
	return n
}

// begin opens what the balancer works on, and runs it until a signal ends it.
func (d *daemon) begin(st *start) error {
	// A signal from here on ends what is open, and does not just kill.
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	context.AfterFunc(ctx, st.stopLookups)
	signal.Ignore(syscall.SIGPIPE, syscall.SIGTTOU, syscall.SIGTTIN, syscall.SIGTSTP)
	asked := make(chan os.Signal, 4)
	signal.Notify(asked, syscall.SIGUSR1, syscall.SIGHUP)
	defer signal.Stop(asked)

	var err error
	if d.geo, err = d.locatorFor(d.cfg); err != nil {
		return err
	}
	run, notices := d.engineOf(d.cfg, st.machine, d.key)
	if err := d.open(st.ifi, run); err != nil {
		return err
	}
	defer d.close()
	defer d.out.close() // after the engine, whose last words they write
	d.out.root = d.cfg.Chroot
	commit, _, err := d.out.prepare(d.cfg)
	if err != nil {
		return err
	}
	commit()
	unlist, err := writePIDFile(d.cfg.PIDFile)
	if err != nil {
		return err
	}
	defer unlist()
	if d.cfg.Chroot != "" {
		if err := privilege.Chroot(d.cfg.Chroot); err != nil {
			return err
		}
		d.out.root = ""
	}
	d.introduce(st, run, notices)
	desk := d.desk(st, stop)
	defer d.warnUnsaved(desk)
	if st.board != nil {
		st.board.desk, st.board.stop = desk, stop
	}
	return d.run(ctx, desk, st, asked)
}

// introduce logs what runs, and what the operator should know of it.
func (d *daemon) introduce(st *start, run engine.Config, notices []config.Notice) {
	summarise(d.log, st.ifi, d.cfg, run)
	notes := slices.Concat(st.inv.notes, st.read.Notes)
	if !st.inv.foreground {
		notes = append(notes, stays)
	}
	for _, n := range notes {
		d.log.Info("note: " + n)
	}
	for _, w := range st.sockets.warnings {
		d.log.Warn("note: " + w)
	}
	for _, n := range fresh(notices, d.noticed) {
		d.log.Warn("note: " + string(n))
	}
	for _, l := range st.sockets.listeners {
		d.log.Info("control socket", "addr", l.Addr().String())
	}
}

// desk makes the desk where commands are carried out.
func (d *daemon) desk(st *start, stop func()) *control.Desk {
	return control.NewDesk(control.Options{
		Parser: st.parser, Machine: machine{d, exit(st.inv, stop)}, Changes: d.ring,
		Initial: st.inv.initial(), Lines: st.inv.lines, Files: absolute(st.inv.files), Config: d.cfg, Read: st.read.Files,
		Reloading: func() func() {
			d.tell(st.notifier.Reloading())
			return func() { d.tell(st.notifier.Ready(status)) }
		},
	})
}

func (d *daemon) warnUnsaved(desk *control.Desk) {
	if desk.Unsaved() {
		d.log.Warn("changes were not written, and end with this run; `write` keeps them")
	}
}
