// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// RoleWord is the hidden first argument with which an executable that has
// Role in it is started as one of the lab's hosts.
const RoleWord = "lab-role"

// Role plays one of the toy programs until SIGTERM; args are the words after
// RoleWord, the first of them the role's name. It returns the exit status.
func Role(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	if len(args) == 0 {
		args = []string{""}
	}
	if err := play(ctx, args[0], args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "cygnet: error: lab role %s: %v\n", args[0], err)
		return 1
	}
	return 0
}

// play runs the role. These are not for operators, so a wrong argument shows
// as whatever goes wrong with it.
func play(ctx context.Context, role string, args []string) error {
	switch {
	case role == "web" && len(args) == 2: // NAME LISTEN
		return serveWeb(ctx, args[0], args[1])
	case role == "dns" && len(args) >= 2: // NAME LISTEN...
		return serveDNS(ctx, args[0], args[1:])
	case role == "echo" && len(args) >= 1: // LISTEN...
		return serveEcho(ctx, args)
	case role == "send" && len(args) == 2: // ADDRESS BYTES
		return sendDatagram(args[0], args[1])
	case role == "client" && len(args) == 2: // URL RESOLVER
		return runClient(ctx, os.Stdout, args[0], args[1])
	case role == "scanner" && len(args) == 2: // PREFIX PORT
		return runScanner(ctx, os.Stdout, args[0], args[1])
	}
	return fmt.Errorf("no such role with %d arguments", len(args))
}
