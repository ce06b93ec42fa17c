// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package headless

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// numbered makes pages that say which they are, at their beginning and end.
func numbered() func(io.Writer, bool) error {
	n := 0
	return func(w io.Writer, stopped bool) error {
		n++
		_, err := fmt.Fprintf(w, "page %d %v %s page %d", n, stopped, strings.Repeat("x", 1<<16), n)
		return err
	}
}

func content(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestStatusFileIsRewritten(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "status.html")
	synctest.Test(t, func(t *testing.T) {
		f, err := OpenStatusFile(path, numbered())
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { f.Run(ctx) })
		expect := func(want string) {
			t.Helper()
			if got := content(t, path); !strings.HasPrefix(got, want) {
				t.Errorf("the file begins with %.20q, want %q", got, want)
			}
		}
		expect("page 1 false")
		time.Sleep(StatusFileEvery + time.Second)
		expect("page 2 false")
		cancel()
		wg.Wait()
		expect("page 3 true")
		if f.LastError() != nil || f.Failed() != 0 {
			t.Errorf("%d errors, the last %v", f.Failed(), f.LastError())
		}
	})
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o644 {
		t.Errorf("mode is %v, %v; want 0644", info.Mode(), err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("the folder holds %v, want the page alone", left)
	}
}

func TestStatusFileTriesAgain(t *testing.T) {
	var fault error
	dir := t.TempDir()
	f, err := OpenStatusFile(filepath.Join(dir, "status.html"), func(w io.Writer, _ bool) error {
		_, _ = io.WriteString(w, "half")
		return fault
	})
	if err != nil {
		t.Fatal(err)
	}
	fault = errors.New("no page today")
	f.rewrite(false)
	if !errors.Is(f.LastError(), fault) || f.Failed() != 1 {
		t.Errorf("%d failed, the last with %v; want 1, %v", f.Failed(), f.LastError(), fault)
	}
	fault = nil
	f.path = filepath.Join(dir, "gone", "status.html") // the folder was taken away
	f.rewrite(false)
	if !errors.Is(f.LastError(), os.ErrNotExist) || f.Failed() != 2 {
		t.Errorf("%d failed, the last with %v; want 2, %v", f.Failed(), f.LastError(), os.ErrNotExist)
	}
	if err := os.MkdirAll(filepath.Join(f.path, "a folder"), 0o755); err != nil { // in place of the file
		t.Fatal(err)
	}
	f.rewrite(false)
	if left, _ := os.ReadDir(filepath.Dir(f.path)); f.LastError() == nil || len(left) != 1 {
		t.Errorf("%v, and the folder holds %v; want an error and no temporary file", f.LastError(), left)
	}
	if err := os.RemoveAll(f.path); err != nil {
		t.Fatal(err)
	}
	f.rewrite(false)
	if f.LastError() != nil || content(t, f.path) != "half" {
		t.Errorf("after the trouble: %v", f.LastError())
	}
}

func TestStatusFileRefusals(t *testing.T) {
	dir := t.TempDir()
	page := func(io.Writer, bool) error { return nil }
	for path, want := range map[string]string{
		"/dev/null":                           "write status page /dev/null: not a regular file",
		dir:                                   "not a regular file",
		filepath.Join(dir, "no", "page.html"): "no such file or directory",
	} {
		if _, err := OpenStatusFile(path, page); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
}

func TestStatusFileFollowsALink(t *testing.T) {
	dir := t.TempDir()
	file, link := filepath.Join(dir, "file"), filepath.Join(dir, "link")
	if err := errors.Join(os.WriteFile(file, nil, 0o600), os.Symlink(file, link)); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenStatusFile(link, numbered()); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode().Type() != os.ModeSymlink {
		t.Errorf("the link became %v, %v", info.Mode(), err)
	}
	if !strings.HasPrefix(content(t, file), "page 1") {
		t.Error("the file behind the link is not the page")
	}
}

func TestStatusFileIsWholeAtAnyTime(t *testing.T) {
	f, err := OpenStatusFile(filepath.Join(t.TempDir(), "status.html"), numbered())
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for range 200 {
			f.rewrite(false)
		}
	})
	defer wg.Wait()
	for last := 0; last < 201; {
		page := content(t, f.path)
		var n int
		if _, err := fmt.Sscanf(page, "page %d false", &n); err != nil || !strings.HasSuffix(page, fmt.Sprintf("x page %d", n)) {
			t.Fatalf("read %d bytes that begin with %.30q", len(page), page)
		}
		if n < last {
			t.Fatalf("page %d came after page %d", n, last)
		}
		last = n
	}
}
