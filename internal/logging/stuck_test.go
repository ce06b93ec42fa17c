// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package logging

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func mkfifo(t *testing.T, path string) {
	t.Helper()
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
}

// checkJSON fails the test unless the message reads back as it was logged.
func checkJSON(t *testing.T, line, msg string) {
	t.Helper()
	var got struct{ Msg string }
	if err := json.Unmarshal([]byte(line), &got); err != nil || got.Msg != strings.ToValidUTF8(msg, string(utf8.RuneError)) {
		t.Errorf("%q reads back as %q, %v", line, got.Msg, err)
	}
}

// stuck is a terminal that nobody reads until it is released.
type stuck struct {
	release chan struct{}
	bytes.Buffer
}

func (s *stuck) Write(b []byte) (int, error) {
	<-s.release
	return s.Buffer.Write(b)
}

func TestAStuckTerminalBlocksNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stuck{release: make(chan struct{})}
		l, err := Open(Target{}, s)
		if err != nil {
			t.Fatal(err)
		}
		for range waiting + 100 {
			l.Logger().Info("line")
		}
		close(s.release)
		synctest.Wait()
		l.Logger().Info("line")
		l.Close(time.Minute)
		written := strings.Count(s.String(), "msg=line\n")
		if l.Lost() == 0 || written+int(l.Lost()) != waiting+101 {
			t.Errorf("%d lines written and %d lost, of %d", written, l.Lost(), waiting+101)
		}
		if said := fmt.Sprintf(`level=WARN msg="log lines lost: they could not be written, or not fast enough" count=%d`, l.Lost()); strings.Count(s.String(), said) != 1 {
			t.Errorf("not said once: %s", said)
		}
	})
}

func TestAStuckTargetCanBeLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stuck{release: make(chan struct{})}
		l, err := Open(Target{}, s)
		if err != nil {
			t.Fatal(err)
		}
		for range 10 {
			l.Logger().Info("line")
		}
		synctest.Wait() // the first is being written
		path := filepath.Join(t.TempDir(), "log")
		start := time.Now()
		if err := l.Use(Target{To: path}); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took != usePatience {
			t.Errorf("leaving took %v", took)
		}
		l.Logger().Info("free")
		l.Close(time.Minute)
		close(s.release)
		want := "level=INFO msg=free\nlevel=WARN msg=\"log lines lost: they could not be written, or not fast enough\" count=9\n"
		if diff := cmp.Diff(want, contents(t, path)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestCloseGivesUpOnAStuckTerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stuck{release: make(chan struct{})}
		l, err := Open(Target{}, s)
		if err != nil {
			t.Fatal(err)
		}
		l.Logger().Info("line")
		start := time.Now()
		l.Close(time.Second)
		l.Close(time.Second) // not again
		if took := time.Since(start); took != time.Second {
			t.Errorf("Close took %v", took)
		}
		close(s.release)
	})
}

func TestLastWordsAreNotWaitedForForever(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stuck{release: make(chan struct{})}
		start := time.Now()
		if n, err := (Patient{W: s, For: time.Second}).Write([]byte("why")); n != 3 || err != nil {
			t.Errorf("Write: %d, %v", n, err)
		}
		if took := time.Since(start); took != time.Second {
			t.Errorf("waited %v", took)
		}
		close(s.release)
		synctest.Wait()
		_, _ = Patient{W: s, For: time.Second}.Write([]byte("why"))
		if s.String() != "whywhy" {
			t.Errorf("wrote %q", s.String())
		}
	})
}

// full is a disk that has room for so many bytes.
type full struct {
	room atomic.Int64
	bytes.Buffer
}

func (f *full) Write(b []byte) (int, error) {
	n := min(int64(len(b)), f.room.Load())
	f.room.Add(-n)
	f.Buffer.Write(b[:n])
	if n < int64(len(b)) {
		return int(n), errors.New("no space left on device")
	}
	return int(n), nil
}

func TestAFullDiskIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := &full{}
		l, err := Open(Target{}, disk)
		if err != nil {
			t.Fatal(err)
		}
		l.Logger().Info("a")
		l.Logger().Info("b")
		synctest.Wait()
		disk.room.Store(1 << 20)
		l.Logger().Info("c")
		l.Logger().Info("d")
		l.Close(time.Minute)
		want := "level=INFO msg=c\nlevel=WARN msg=\"log lines lost: they could not be written, or not fast enough\" count=2\nlevel=INFO msg=d\n"
		if diff := cmp.Diff(want, when.ReplaceAllString(disk.String(), "")); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestDevFullIsCounted(t *testing.T) {
	l := open(t, Target{To: "/dev/full"})
	for range 3 {
		l.Logger().Info("line")
	}
	eventually(t, "three lines lost", func() bool { return l.Lost() == 3 })
}

func TestALineThatWasCutOffEndsBeforeTheNext(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	s := &file{f: write, torn: true} // as a disk left it that was full half-way
	if err := s.write(entry{line: []byte("next\n")}); err != nil {
		t.Fatal(err)
	}
	s.close()
	b := make([]byte, 64)
	if n, _ := read.Read(b); string(b[:n]) != "\nnext\n" || s.torn {
		t.Errorf("wrote %q", b[:n])
	}
}
