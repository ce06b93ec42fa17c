// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
)

// Options are what a segment as a whole can be told.
type Options struct {
	// MulticastSnooping makes the switch send multicast only where a listener
	// has reported itself by IGMP or MLD, as managed switches do. The bridge
	// also becomes the querier, without which it would flood after all.
	MulticastSnooping bool
}

// Lab is one segment and the hosts on it. Its methods may be called from any
// goroutine; a Host's own settings belong to whoever changes them.
type Lab struct {
	name    string // cygnet-LAB-PID, the mark of everything we make
	segment *segment
	starter *starter

	mu    sync.Mutex // guards what follows
	hosts []*Host
	procs []*Process
	ended bool
}

// namePattern is what a lab and a host may be called: an interface name has
// at most 15 bytes (IFNAMSIZ less its zero), of which the port's "p-" takes two.
var namePattern = regexp.MustCompile(`^[a-z][a-z0-9]{0,12}$`)

// New opens an empty segment. It needs root, and removes first whatever labs
// of dead processes have left behind. Close it, also after a failure: a Lab
// that is given up is only removed by the next New after this process ended.
func New(name string, opt Options) (*Lab, error) {
	if !namePattern.MatchString(name) {
		return nil, fmt.Errorf("lab name %q: want a letter, then at most 12 letters and digits", name)
	}
	if err := removeStale(); err != nil {
		return nil, fmt.Errorf("remove what an earlier lab left: %w", err)
	}
	l := &Lab{name: fmt.Sprintf("cygnet-%s-%d", name, os.Getpid())}
	var err error
	if l.segment, err = newSegment(l.name+"-switch", opt); err != nil {
		return nil, fmt.Errorf("build segment %s: %w", l.name, err)
	}
	if err := os.MkdirAll(l.Dir(), 0o700); err != nil {
		return nil, errors.Join(err, l.segment.close())
	}
	if l.starter, err = newStarter(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(l.Dir()), l.segment.close())
	}
	return l, nil
}

// Dir is a folder for the lab's small files, such as secrets and settings of
// programs; it lives in memory, only root reads it, and it goes with the lab.
func (l *Lab) Dir() string { return filepath.Join(labDir, l.name) }

// AddHost builds a host and plugs it into the switch. A host that could not
// be built whole is removed again.
func (l *Lab) AddHost(spec HostSpec) (*Host, error) {
	if !namePattern.MatchString(spec.Name) || spec.Name == "switch" {
		return nil, fmt.Errorf("host name %q: want a letter, then at most 12 letters and digits, and not switch", spec.Name)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return nil, fmt.Errorf("add host %s: %w", spec.Name, os.ErrClosed)
	}
	if spec.MAC == nil {
		spec.MAC = hostMAC(len(l.hosts) + 1)
	}
	h, err := newHost(l, spec)
	if err != nil {
		return nil, fmt.Errorf("add host %s: %w", spec.Name, err)
	}
	l.hosts = append(l.hosts, h)
	return h, nil
}

// Close kills every program started in the lab and removes all namespaces.
// Calling it again does nothing.
func (l *Lab) Close() error {
	l.mu.Lock()
	if l.ended {
		l.mu.Unlock()
		return nil
	}
	l.ended = true // from here on no host and no program is added
	procs, hosts := slices.Clone(l.procs), slices.Clone(l.hosts)
	l.mu.Unlock()

	for _, p := range procs {
		p.Kill()
	}
	// Programs that left their process group, as daemons do, are found by
	// the namespace they are in.
	errs := []error{endMarked(l.name, l.namespaces())}
	for _, h := range hosts {
		errs = append(errs, h.close())
	}
	errs = append(errs, l.segment.close(), os.RemoveAll(l.Dir()))
	l.starter.close()
	return errors.Join(errs...)
}

// namespaces lists the names of all namespaces of the lab.
func (l *Lab) namespaces() []string {
	names := []string{l.segment.name}
	for _, h := range l.hosts {
		names = append(names, h.Namespace())
	}
	return names
}

// start starts p's command and keeps p for Close. It refuses once the lab is
// closing, so that no program is started that nobody would end.
func (l *Lab) start(p *Process) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return fmt.Errorf("lab: %w", os.ErrClosed)
	}
	if err := l.starter.do(p.Cmd, p.host.ns); err != nil {
		return err
	}
	l.procs = append(l.procs, p)
	return nil
}
