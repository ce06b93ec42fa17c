// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

// Package systemd tells the service manager how we are: sd_notify(3). Unlike
// the library's SdNotify, which looks the socket up each time, it connects
// once, so it works after a chroot too.
package systemd

import (
	"fmt"
	"net"
	"os"
	"strings"
	"time"
	"unicode"

	"github.com/coreos/go-systemd/v22/daemon"
	"golang.org/x/sys/unix"
)

// statusBytes is the most of a status text that is sent: it is one line of
// `systemctl status`.
const statusBytes = 512

// Notifier speaks to the service manager. It never waits: what the manager does
// not take at once is an error. A nil or zero Notifier does nothing. It is safe
// for concurrent use.
type Notifier struct {
	conn     *net.UnixConn
	watchdog time.Duration // within which a sign of life is expected; 0 for none
}

// Connect returns a Notifier to the manager that started us, or nil where none
// wants to know. NOTIFY_SOCKET is the name of a socket, a path or, after `@`,
// an abstract one. Errors mean that the environment is not as systemd makes it.
func Connect() (*Notifier, error) {
	name := os.Getenv("NOTIFY_SOCKET")
	if name == "" {
		return nil, nil
	}
	if name[0] != '/' && name[0] != '@' {
		return nil, fmt.Errorf("notify systemd, NOTIFY_SOCKET=%q: expected an absolute path or @NAME", name)
	}
	watchdog, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		return nil, fmt.Errorf("notify systemd: %w", err)
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Net: "unixgram", Name: name})
	if err != nil {
		return nil, fmt.Errorf("notify systemd: %w", err)
	}
	return &Notifier{conn: conn, watchdog: watchdog}, nil
}

// Unset takes what Connect reads out of the environment, so that programs that
// we start do not speak for us. Not before we execute ourselves anew.
func Unset() {
	for _, name := range []string{"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"} {
		_ = os.Unsetenv(name) // fails for impossible names only
	}
}

// Ready says that we serve, after the start or after Reloading, and how.
func (n *Notifier) Ready(status string) error {
	return n.send(daemon.SdNotifyReady + "\n" + statusLine(status))
}

// Reloading says that we read our configuration again. Ready must follow.
func (n *Notifier) Reloading() error {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
		return fmt.Errorf("notify systemd: %w", err)
	}
	return n.send(fmt.Sprintf("%s\nMONOTONIC_USEC=%d", daemon.SdNotifyReloading, now.Nano()/1000))
}

// Stopping says that we are about to end.
func (n *Notifier) Stopping() error { return n.send(daemon.SdNotifyStopping) }

// Status describes us in a line, as in `systemctl status`.
func (n *Notifier) Status(text string) error { return n.send(statusLine(text)) }

// Close ends the connection.
func (n *Notifier) Close() error {
	if n == nil || n.conn == nil {
		return nil
	}
	return n.conn.Close()
}

// statusLine keeps a text from assigning anything else: each line of what is
// sent is an assignment.
func statusLine(text string) string {
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
	return "STATUS=" + strings.ToValidUTF8(text[:min(len(text), statusBytes)], "")
}

func (n *Notifier) send(state string) error {
	if n == nil || n.conn == nil {
		return nil
	}
	raw, err := n.conn.SyscallConn()
	if err != nil {
		return fmt.Errorf("notify systemd: %w", err)
	}
	var sent error
	err = raw.Write(func(fd uintptr) bool {
		sent = unix.Sendto(int(fd), []byte(state), unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, nil)
		return true // whatever came of it: nobody waits here
	})
	if err == nil {
		err = sent
	}
	if err != nil {
		return fmt.Errorf("notify systemd: %w", err)
	}
	return nil
}
