// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"

	"cygnet/internal/config"
)

const (
	keyBytes    = 16      // SipHash's
	secretBytes = 32      // of randomness in a file that we make
	secretMax   = 1 << 16 // bytes that are read of any file
)

// errNoSecretFile says that the file can be neither read nor made, for
// whatever reason; not that it is there and is no secret.
var errNoSecretFile = errors.New("no secret file")

// loadKey reads the key of every choice of a server from the file, or makes
// the file if there is none: two balancers with the same file choose alike. The
// key is a hash of what the file says, so any file with 16 bytes of secret in
// it will do.
func loadKey(path string) ([keyBytes]byte, error) {
	k, err := readKey(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err = makeSecret(path); err == nil || errors.Is(err, fs.ErrExist) {
			return readKey(path)
		}
	}
	return k, err
}

// readKey reads the key from a file that is there.
func readKey(path string) ([keyBytes]byte, error) {
	secret, err := readSecret(path)
	if err != nil {
		return [keyBytes]byte{}, err
	}
	if len(secret) < keyBytes {
		return [keyBytes]byte{}, fmt.Errorf("secret %s: only %d bytes, expected at least %d", path, len(secret), keyBytes)
	}
	sum := sha256.Sum256(secret)
	return [keyBytes]byte(sum[:keyBytes]), nil
}

func readSecret(path string) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // a pipe would keep us waiting
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoSecretFile, err)
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, fmt.Errorf("secret %s: not a regular file", path)
	}
	secret, err := io.ReadAll(io.LimitReader(f, secretMax))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoSecretFile, err)
	}
	return bytes.TrimSpace(secret), nil
}

// makeSecret writes a new secret, whole or not at all, and never over one that
// another process made meanwhile.
func makeSecret(path string) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("%w: %w", errNoSecretFile, err)
	}
	tmp, err := os.CreateTemp(dir, ".secret-*") // mode 0600
	if err != nil {
		return fmt.Errorf("%w: %w", errNoSecretFile, err)
	}
	defer os.Remove(tmp.Name())
	random := make([]byte, secretBytes)
	_, _ = rand.Read(random) // never fails, as crypto/rand promises
	_, err = tmp.WriteString(hex.EncodeToString(random) + "\n")
	if err := errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return fmt.Errorf("%w: %w", errNoSecretFile, err)
	}
	if err := os.Link(tmp.Name(), path); err != nil {
		return fmt.Errorf("%w: %w", errNoSecretFile, err)
	}
	return nil
}

// randomKey is the key of this run alone.
func randomKey() (key [keyBytes]byte) {
	_, _ = rand.Read(key[:]) // never fails, as crypto/rand promises
	return key
}

// key loads the key from the file that was named, or from the default one.
// Where that can be neither read nor made, a key of this run must do; a file
// that is there and is no secret is an error.
func key(path string, log *slog.Logger) ([keyBytes]byte, error) {
	if path == "" {
		path = config.DefaultSecret
	}
	k, err := loadKey(path)
	if errors.Is(err, errNoSecretFile) {
		log.Warn("this run has a key of its own: after a restart, or at a second balancer, clients may meet another server; name a file with `secret FILE`", "error", err)
		return randomKey(), nil
	}
	return k, err
}
