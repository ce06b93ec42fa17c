// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"cmp"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"cygnet/internal/config"
	"cygnet/internal/control"
	"cygnet/internal/privilege"
)

// becomeUser runs Cygnet anew as the user that cfg names, after that user was
// given what only root can make. It returns nil when there is nothing to do:
// no user, or that user already.
func becomeUser(cfg *config.Config) error {
	if cfg.User == "" {
		return nil
	}
	plan := privilege.Plan{User: cfg.User, Chroot: cfg.Chroot, Low: lowPort(cfg.Metrics)}
	for _, address := range cfg.Control {
		plan.Low = plan.Low || lowPort(address)
	}
	if os.Geteuid() == 0 {
		if err := handOver(plan, cfg); err != nil {
			return err
		}
	}
	return privilege.Become(plan)
}

// handOver makes, and gives to the plan's user, the files that it must write,
// and the folders of the control sockets, unless those are folders of others.
func handOver(plan privilege.Plan, cfg *config.Config) error {
	secret := cmp.Or(cfg.Secret, config.DefaultSecret)
	folder := filepath.Dir(secret)
	if _, err := os.Stat(folder); cfg.Secret == "" || errors.Is(err, fs.ErrNotExist) {
		// It is there for the secret alone. Where it cannot be had, the run has
		// a key of its own, and says so.
		_ = plan.HandOver(folder, fs.ModeDir|0o700)
	}
	if _, err := loadKey(secret); err == nil {
		if err := plan.HandOver(secret, 0o600); err != nil {
			return err
		}
	}
	log := ""
	if target(cfg).IsFile() {
		log = cfg.Log
	}
	for path, mode := range map[string]fs.FileMode{log: 0o640, cfg.Events: 0o640, cfg.PIDFile: 0o644} {
		if path != "" {
			if err := plan.HandOver(path, mode); err != nil {
				return err
			}
		}
	}
	for _, folder := range socketFolders(cfg) {
		if err := plan.HandOver(folder, fs.ModeDir|0o750); err != nil {
			return err
		}
	}
	return nil
}

// socketFolders are the folders of the control sockets that are there for those
// alone: the default one, and any that is not there yet.
func socketFolders(cfg *config.Config) (folders []string) {
	if cfg.Socket == "" {
		folders = append(folders, filepath.Dir(control.DefaultPath(cfg.Interface)))
	}
	for _, path := range append([]string{cfg.Socket}, cfg.Control...) {
		folder := filepath.Dir(path)
		if !strings.Contains(path, "/") { // none, or HOST:PORT
			continue
		}
		if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
			folders = append(folders, folder)
		}
	}
	return folders
}

// lowPort says whether an address has a port that only root, or who has
// CAP_NET_BIND_SERVICE, may bind: those below 1024 (ip(7)).
func lowPort(address string) bool {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		port = address
	}
	n, err := strconv.Atoi(port)
	return err == nil && n < 1024
}

// writePIDFile writes the process id to a file, and returns what takes it
// away. Without a name it does nothing.
func writePIDFile(path string) (remove func(), err error) {
	if path == "" {
		return func() {}, nil
	}
	text := strconv.Itoa(os.Getpid()) + "\n"
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		return nil, &hintedError{"pidfile " + strings.TrimPrefix(err.Error(), "open "), "its folder must be there, and writable"}
	}
	return func() {
		// Another may have taken it over meanwhile. Where the folder is not
		// ours the file cannot be removed, and is left empty.
		if now, err := os.ReadFile(path); err != nil || string(now) != text {
			return
		}
		if os.Remove(path) != nil {
			_ = os.Truncate(path, 0)
		}
	}, nil
}
