// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package afpacket

import "golang.org/x/sys/unix"

// parting is the time between a queue's wish to go back from its ring to its socket and
// the ring's end. Frames that came before may be in a block which the kernel has not
// handed over yet, while later ones are in the socket already: these wait.
type parting struct {
	under bool
	seen  bool // frames were seen in the socket: no more come to the ring
}

// waitToLeave waits for what there still is in the ring, and ends the parting once
// that is nothing: it must not wait for a ring to which nothing comes any more.
func (d *dedicated) waitToLeave(fd int32) {
	if d.left() {
		return
	}
	if d.leave.seen {
		d.wait(-1, d.q.opt.Wait)
	} else {
		d.wait(fd, d.q.opt.Wait)
		d.leave.seen = d.poll[0].Revents&unix.POLLIN != 0
	}
	d.left()
}

// left ends the parting if it is over, and reports that.
func (d *dedicated) left() bool {
	if over := d.leave.seen || !d.asked.Load(); over && d.ring.empty() {
		d.leave.under = false
	}
	return !d.leave.under
}
