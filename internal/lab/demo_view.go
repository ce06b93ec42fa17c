// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"cygnet/internal/events"
)

const (
	balancerName = "cygnet" // before the balancer's lines
	linesForView = 1000     // kept for a view
	wordsKept    = 5        // of a program that ended, for those who did not see them come
)

// show does what watch does, with a view meanwhile: the lines that the programs
// write go to it, and its end is the end.
func (d *demo) show(ctx context.Context, engine *Process) error {
	ring := events.NewRing[string](linesForView)
	for line := range strings.Lines(picture(d.lab)) {
		ring.Add(strings.TrimSuffix(line, "\n"))
	}
	d.out.divert(ring)
	viewing, end := context.WithCancel(ctx)
	shown := make(chan error, 1)
	go func() {
		defer end()
		shown <- d.view(viewing, filepath.Join(d.lab.Dir(), "cygnet.sock"), ring)
	}()
	ended := d.await(viewing)
	end()
	failed := <-shown
	d.out.divert(nil)
	if ended != nil {
		d.lastWords(ended)
		return endedError(ended)
	}
	d.out.printf("lab", "stopping")
	d.stop(engine)
	if failed != nil && ctx.Err() == nil {
		return fmt.Errorf("the dashboard ended: %w", failed)
	}
	return nil
}

// lastWords prints the end of what a program said while a view had the terminal.
func (d *demo) lastWords(p *Process) {
	said := strings.Split(strings.TrimSuffix(p.Output(), "\n"), "\n")
	for _, line := range said[max(0, len(said)-wordsKept):] {
		d.out.printf(p.host.Name, "%s", line)
	}
}
