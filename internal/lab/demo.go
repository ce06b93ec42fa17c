// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"cygnet/internal/events"
)

// NotRootError says that the lab was started by somebody else than root.
type NotRootError struct{}

func (NotRootError) Error() string {
	return "the lab makes network namespaces, which needs root"
}

// Hint is what to do about it.
func (NotRootError) Hint() string { return "sudo cygnet lab" }

// Run builds the demonstration segment, lets its hosts make traffic through a
// real balancer, and writes what they all report to out, until ctx ends, or
// SIGINT, SIGTERM, SIGHUP or a broken pipe at out. It leaves nothing behind.
// The balancer is this executable again, so main must understand Cygnet's
// command line, and call Role for RoleWord. view, if there is one, is shown once
// all of them are at work.
func Run(ctx context.Context, out io.Writer, view View) error {
	if os.Geteuid() != 0 {
		return NotRootError{}
	}
	return (&demo{out: &lines{w: out}, engine: "/proc/self/exe", view: view}).run(ctx)
}

// View shows the balancer at a control socket, and what the programs of the
// segment report beside what that logs itself, until somebody has seen enough;
// then the demonstration ends. Its error is why it could not be shown. It
// returns soon after ctx has ended.
type View func(ctx context.Context, socket string, lines *events.Ring[string]) error

// demo is one run of the demonstration.
type demo struct {
	out    *lines
	engine string // the executable that is the balancer
	view   View   // may be nil

	lab   *Lab
	procs []*Process // in the order in which they were started
}

// run is the demonstration from beginning to end.
func (d *demo) run(ctx context.Context) (err error) {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	defer stop()
	if d.lab, err = New("demo", Options{}); err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, d.lab.Close())
		if err == nil {
			d.out.printf("lab", "everything is removed: namespaces, interfaces, programs, files")
		}
	}()
	hosts, err := d.build()
	if err != nil {
		return err
	}
	d.out.text(picture(d.lab))
	engine, err := d.serve(hosts)
	if err != nil {
		return err
	}
	d.awaitService(ctx, hosts["client"], engine)
	if err := d.use(hosts); err != nil {
		return err
	}
	if d.view == nil {
		return d.watch(ctx, engine)
	}
	return d.show(ctx, engine)
}

// build puts the hosts on the segment.
func (d *demo) build() (map[string]*Host, error) {
	hosts := map[string]*Host{}
	for _, spec := range demoHosts() {
		h, err := d.lab.AddHost(spec)
		if err != nil {
			return nil, err
		}
		hosts[spec.Name] = h
	}
	return hosts, nil
}

// serve starts the servers, then the balancer.
func (d *demo) serve(hosts map[string]*Host) (engine *Process, err error) {
	for _, name := range demoServers() {
		dns := []string{"dns", name}
		for _, vip := range demoVIPs() {
			dns = append(dns, joinPort(vip, 53))
		}
		if err := d.launch(name, hosts[name].Self("web", name, ":80")); err != nil {
			return nil, err
		}
		if err := d.launch(name, hosts[name].Self(dns...)); err != nil {
			return nil, err
		}
	}
	args := engineArgs(d.lab.Dir())
	for _, line := range commandLines(balancerName, args) {
		d.out.printf("lab", "%s", line)
	}
	engine = hosts["balancer"].Command(d.engine, args...)
	return engine, d.launch(balancerName, engine)
}

// servicePatience is how long the balancer may take to its first page. It
// asks for up to a second whether the VIP is taken; what takes longer shall be
// seen in the client's report.
const servicePatience = 5 * time.Second

// awaitService waits until the client can connect to the VIP, so that the
// first report does not show the balancer's start as an outage.
func (d *demo) awaitService(ctx context.Context, client *Host, engine *Process) {
	ctx, cancel := context.WithTimeout(ctx, servicePatience)
	defer cancel()
	for ctx.Err() == nil {
		err := client.Do(func() error {
			conn, err := net.DialTimeout("tcp", joinPort(demoVIPs()[0], 80), time.Second)
			if err == nil {
				conn.Close()
			}
			return err
		})
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
		case <-engine.Done():
			return
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// use starts who uses the service, and who should not.
func (d *demo) use(hosts map[string]*Host) error {
	vip := demoVIPs()[0]
	if err := d.launch("client", hosts["client"].Self("client", "http://"+vip.String()+"/", joinPort(vip, 53))); err != nil {
		return err
	}
	return d.launch("scanner", hosts["scanner"].Self("scanner", demoPrefix, "80"))
}

// launch starts a program whose lines go to out under a name.
func (d *demo) launch(name string, p *Process) error {
	p.Out = d.out.from(name)
	if err := p.Start(); err != nil {
		return err
	}
	d.procs = append(d.procs, p)
	return nil
}

// watch waits until ctx ends. A program that ends before is an error: none
// should.
func (d *demo) watch(ctx context.Context, engine *Process) error {
	if p := d.await(ctx); p != nil {
		return endedError(p)
	}
	d.out.printf("lab", "stopping")
	d.stop(engine)
	return nil
}

// await waits until ctx ends, or gives the program that ended before.
func (d *demo) await(ctx context.Context) *Process {
	ended := make(chan *Process, len(d.procs))
	for _, p := range d.procs {
		go func() { // ends with p, at Close at the latest
			<-p.Done()
			ended <- p
		}()
	}
	select {
	case <-ctx.Done():
		return nil
	case p := <-ended:
		return p
	}
}

func endedError(p *Process) error {
	return fmt.Errorf("%s in %s ended: %w", filepath.Base(p.Cmd.Path), p.host.Name, endError(p.Wait()))
}

// stop ends first who uses the service, who would take the end of the rest for
// an outage, and lets the balancer say its last words.
func (d *demo) stop(engine *Process) {
	for _, p := range slices.Backward(d.procs) {
		if p == engine {
			break
		}
		p.Kill()
	}
	engine.Stop(2 * time.Second)
}

// endError gives an end without error a name.
func endError(err error) error {
	if err == nil {
		return errors.New("exit status 0, though nobody asked it to")
	}
	return err
}
