// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
)

func TestSecretIsMadeOnceAndReadAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "secret")
	first, err := loadKey(path)
	if err != nil {
		t.Fatal(err)
	}
	if second, err := loadKey(path); err != nil || second != first {
		t.Errorf("read again: %x, %v; want %x", second, err, first)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".secret-*")); len(left) > 0 {
		t.Errorf("temporary files stay: %v", left)
	}
	if other, _ := loadKey(filepath.Join(t.TempDir(), "secret")); other == first {
		t.Error("two files have one key")
	}
}

func TestManyStartsAtOnceMakeOneSecret(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	keys := make([][keyBytes]byte, 16)
	var wg sync.WaitGroup
	for i := range keys {
		wg.Go(func() {
			var err error
			if keys[i], err = loadKey(path); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, k := range keys {
		if k != keys[0] {
			t.Fatalf("different keys: %x, %x", k, keys[0])
		}
	}
}

func TestAFileThatIsNoSecretIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	for _, content := range []string{"", "short\n"} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := loadKey(path); err == nil {
			t.Errorf("%q was taken for a secret", content)
		}
	}
}
