// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// Process is a program in a host: prepared by Host.Command or Host.Self, then
// started. Programs in one host share nothing but its network.
type Process struct {
	// Cmd may be changed until Start: Dir, Env (to which the lab's mark is
	// added), Stdin, and credentials in SysProcAttr.
	Cmd *exec.Cmd
	// Out, if set before Start, receives what the program writes to stdout
	// and stderr, as it comes, one Write at a time.
	Out io.Writer

	host   *Host
	output output
	done   chan struct{} // closed when the program has ended and all output is in
	err    error         // of Wait; read after done
}

// Command prepares a program to run in the host. One that is in no folder of
// PATH is looked for where system programs live, which PATH often leaves out.
func (h *Host) Command(name string, args ...string) *Process {
	if _, err := exec.LookPath(name); err != nil {
		for _, dir := range []string{"/usr/local/sbin", "/usr/sbin", "/sbin"} {
			if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
				name = path
				break
			}
		}
	}
	return &Process{Cmd: exec.Command(name, args...), host: h, done: make(chan struct{})}
}

// Self prepares one of our own roles to run in the host: this executable
// again, which must pass the arguments after RoleWord to Role.
func (h *Host) Self(args ...string) *Process {
	return h.Command("/proc/self/exe", append([]string{RoleWord}, args...)...)
}

// Start starts the program inside the host's namespace, in a process group of
// its own, so that Ctrl-C at the terminal reaches only us.
func (p *Process) Start() error {
	p.output.tee = p.Out
	p.Cmd.Stdout = stream{&p.output, &p.output.stdout}
	p.Cmd.Stderr = stream{&p.output, &p.output.stderr}
	if p.Cmd.Env == nil {
		p.Cmd.Env = os.Environ()
	}
	p.Cmd.Env = append(p.Cmd.Env, markVariable+"="+p.host.lab.name)
	if p.Cmd.SysProcAttr == nil {
		p.Cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	p.Cmd.SysProcAttr.Setpgid = true
	p.Cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	// A grandchild that keeps the pipes open must not keep Wait waiting.
	p.Cmd.WaitDelay = time.Second
	if err := p.host.lab.start(p); err != nil {
		p.err = fmt.Errorf("start %s in %s: %w", filepath.Base(p.Cmd.Path), p.host.Name, err)
		close(p.done)
		return p.err
	}
	go p.reap()
	return nil
}

// reap waits for the end of the program; its goroutine ends with that.
func (p *Process) reap() {
	p.err = p.Cmd.Wait()
	if errors.Is(p.err, exec.ErrWaitDelay) {
		p.err = nil // it ended well, and left a daemon that holds the pipes
	}
	close(p.done)
}

// Run starts the program and waits for its end; when ctx ends first, it is
// killed and ctx's error returned. An exit status other than 0 is an
// *exec.ExitError.
func (p *Process) Run(ctx context.Context) error {
	if err := p.Start(); err != nil {
		return err
	}
	select {
	case <-p.done:
		return p.err
	case <-ctx.Done():
		p.Kill()
		return fmt.Errorf("%s in %s: %w", filepath.Base(p.Cmd.Path), p.host.Name, ctx.Err())
	}
}

// Done is closed when the program has ended and all its output is there.
func (p *Process) Done() <-chan struct{} { return p.done }

// Wait waits for the end of a started program and gives its error as Run does.
func (p *Process) Wait() error {
	<-p.done
	return p.err
}

// ExitCode is the exit status of a program that has ended; -1 if a signal
// ended it or it never started.
func (p *Process) ExitCode() int {
	if p.Cmd.ProcessState == nil {
		return -1
	}
	return p.Cmd.ProcessState.ExitCode()
}

// Signal sends sig to the program itself, not to its children.
func (p *Process) Signal(sig os.Signal) error {
	if p.Cmd.Process == nil {
		return fmt.Errorf("signal %s: it was not started", p.Cmd.Path)
	}
	return p.Cmd.Process.Signal(sig)
}

// Stop asks the program to end, by SIGTERM, and kills it after grace. It
// returns when the program has ended.
func (p *Process) Stop(grace time.Duration) {
	// It may have ended already, or end between here and there.
	if err := p.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.Kill()
		return
	}
	select {
	case <-p.done:
	case <-time.After(grace):
	}
	p.Kill()
}

// Kill ends the program and its process group at once, and returns when it
// has ended. A program that was not started, or has ended, is no error. What
// an ended program left running is ended by Lab.Close: once the leader is
// reaped, the group's number may be another's.
func (p *Process) Kill() {
	if p.Cmd.Process == nil {
		return
	}
	select {
	case <-p.done:
		return
	default:
	}
	_ = syscall.Kill(-p.Cmd.Process.Pid, syscall.SIGKILL) // ESRCH: it is just ending
	<-p.done
}

// Stdout is what the program has written to stdout so far, or at least the
// last 512 KiB of it; Stderr and Output likewise.
func (p *Process) Stdout() string { return p.output.read(&p.output.stdout) }

// Stderr is what the program has written to stderr so far.
func (p *Process) Stderr() string { return p.output.read(&p.output.stderr) }

// Output is what the program has written so far to both, in the order it came.
func (p *Process) Output() string { return p.output.read(&p.output.both) }
