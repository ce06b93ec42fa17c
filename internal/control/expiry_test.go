// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"cygnet/internal/config"
	"cygnet/internal/events"
)

// TestBlacklistingsEnd lets time go by.
func TestBlacklistingsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := open(t, whole+"\nserver 2 address 10.77.0.3 blacklist 3", "")
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			o.Run(ctx)
		}()
		out := func() (n int) {
			for _, v := range o.Config().Services[0].Servers {
				if !v.Out.IsZero() {
					n++
				}
			}
			return n
		}
		after := func(d time.Duration, want int) {
			t.Helper()
			time.Sleep(d)
			synctest.Wait()
			if got := out(); got != want {
				t.Errorf("%d are out, want %d", got, want)
			}
		}
		after(2*time.Second, 1) // the one of the command line
		o.must(alice, "server 0 blacklist 10", "server 1 blacklist 0.5")
		after(400*time.Millisecond, 3)
		after(200*time.Millisecond, 2)
		after(time.Second, 1)
		o.must(alice, "server 1 blacklist 60", "server 1 enable")
		after(7*time.Second, 1)
		o.locked(func() { o.refuses = &config.Problem{What: "the interface is gone"} })
		after(2*time.Second, 1)
		var applied int
		o.locked(func() { o.refuses, applied = nil, o.applied })
		after(time.Second, 0)
		after(time.Hour, 0)
		o.locked(func() {
			if o.applied != applied+1 {
				t.Errorf("applied %d times", o.applied-applied)
			}
		})
		last := o.Recent(1)[0]
		if last.Kind != events.ServerState || last.Server != "0" || last.Text != "enable" || last.Who != "" {
			t.Errorf("told %+v", last)
		}
		cancel()
		<-ended
	})
}

// locked does what the desk's own goroutine must not see half done.
func (o *office) locked(do func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	do()
}
