// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package logging

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// open returns a log to t that is closed with the test.
func open(t *testing.T, to Target) *Log {
	t.Helper()
	l, err := Open(to, &bytes.Buffer{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close(time.Minute) })
	return l
}

var when = regexp.MustCompile(`time=\S+ `)

// contents returns a file without the times in it.
func contents(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return when.ReplaceAllString(string(b), "")
}

// eventually polls until cond holds, and fails the test after 10 s.
func eventually(t *testing.T, what string, cond func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !cond(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("in vain: %s", what)
		}
	}
}

func TestAWordSaysWhereTheLogGoes(t *testing.T) {
	for to, want := range map[string]kind{
		"": toStderr, "-": toStderr, "syslog": toLocalSyslog,
		"10.0.0.1:514": toRemoteSyslog, "[2001:db8::1]:514": toRemoteSyslog, "logs.example:514": toRemoteSyslog,
		"/var/log/cygnet": toFile, "./syslog": toFile, "logs:514/x": toFile, "word": toFile, "a:b": toFile, "a:": toFile,
	} {
		if got := (Target{To: to}).kind(); got != want {
			t.Errorf("%q: kind %d, want %d", to, got, want)
		}
	}
}

func TestOneLoggerWhateverItGoesTo(t *testing.T) {
	var stderr bytes.Buffer
	path := filepath.Join(t.TempDir(), "log")
	l, err := Open(Target{}, &stderr)
	if err != nil {
		t.Fatal(err)
	}
	log := l.Logger().With("service", "web").WithGroup("g").With("a", 1)
	log.Info("first")
	log.Debug("not wanted")
	if err := l.Use(Target{To: path, Format: "json", Debug: 2}); err != nil {
		t.Fatal(err)
	}
	log.Debug("second", "b", 2)
	if err := l.Use(Target{To: "/nowhere/log"}); err == nil {
		t.Error("a log in a folder that does not exist was opened")
	}
	log.Info("third")
	l.Close(time.Minute)
	log.Info("late")

	if diff := cmp.Diff("level=INFO msg=first service=web g.a=1\n", when.ReplaceAllString(stderr.String(), "")); diff != "" {
		t.Errorf("standard error (-want +got):\n%s", diff)
	}
	want := `{"level":"DEBUG","msg":"second","service":"web","g":{"a":1,"b":2}}
{"level":"INFO","msg":"third","service":"web","g":{"a":1}}
`
	if diff := cmp.Diff(want, regexp.MustCompile(`"time":"[^"]*",`).ReplaceAllString(contents(t, path), "")); diff != "" {
		t.Errorf("file (-want +got):\n%s", diff)
	}
	lines, _, _ := l.Lines().Since(0)
	if len(lines) != 4 || !strings.HasSuffix(lines[1], "level=DEBUG msg=second service=web g.a=1 g.b=2") {
		t.Errorf("the newest lines are %q", lines)
	}
	if l.Lost() != 1 {
		t.Errorf("%d lines lost, want the late one", l.Lost())
	}
	if err := l.Use(Target{}); err != nil || l.Reopen() != nil {
		t.Errorf("a closed log does not stay closed: %v", err)
	}
}

func TestReopenFollowsTheName(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	l := open(t, Target{To: path})
	l.Logger().Info("old")
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	l.Logger().Info("still old")
	if err := l.Reopen(); err != nil {
		t.Fatal(err)
	}
	l.Logger().Info("new")
	l.Close(time.Minute)
	if diff := cmp.Diff("level=INFO msg=old\nlevel=INFO msg=\"still old\"\n", contents(t, path+".1")); diff != "" {
		t.Errorf("renamed (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff("level=INFO msg=new\n", contents(t, path)); diff != "" {
		t.Errorf("new (-want +got):\n%s", diff)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm()&^fileMode != 0 {
		t.Errorf("the file is %v, %v", info.Mode(), err)
	}
}

func TestReopenInVainKeepsTheFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "logs")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	l := open(t, Target{To: filepath.Join(dir, "log")})
	if err := os.Rename(dir, dir+".moved"); err != nil {
		t.Fatal(err)
	}
	if err := l.Reopen(); err == nil {
		t.Error("reopened in a folder that has gone")
	}
	l.Logger().Info("kept")
	l.Close(time.Minute)
	if diff := cmp.Diff("level=INFO msg=kept\n", contents(t, filepath.Join(dir+".moved", "log"))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := open(t, Target{}).Reopen(); err != nil {
		t.Errorf("standard error cannot be reopened, and need not be: %v", err)
	}
}

func TestErrorsSayWhatAndWhy(t *testing.T) {
	dir := t.TempDir()
	for _, tt := range []struct {
		target Target
		want   string
	}{
		{Target{To: dir}, `log file "` + dir + `": is a directory`},
		{Target{To: "/nowhere/log"}, `log file "/nowhere/log": no such file or directory`},
		{Target{To: "/dev/null/\x1b"}, `log file "/dev/null/\x1b": not a directory`},
		{Target{To: "10.0.0.1:0"}, `log to syslog at "10.0.0.1:0": expected HOST:PORT, and a port from 1 to 65535`},
		{Target{To: "10.0.0.1:65536"}, `log to syslog at "10.0.0.1:65536": expected HOST:PORT, and a port from 1 to 65535`},
		{Target{To: ":514"}, `log to syslog at ":514": expected HOST:PORT, and a port from 1 to 65535`},
		{Target{Format: "xml"}, `log format "xml": expected text or json`},
	} {
		l, err := Open(tt.target, &bytes.Buffer{})
		if l != nil || err == nil || err.Error() != tt.want {
			t.Errorf("%+v: %v, want %s", tt.target, err, tt.want)
		}
	}
}

func TestAPipeWithoutAReaderBlocksNobody(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	mkfifo(t, path)
	if _, err := Open(Target{To: path}, &bytes.Buffer{}); err == nil {
		t.Error("a pipe without a reader was opened")
	}
}

func TestNothingThatIsLoggedControlsATerminal(t *testing.T) {
	const evil = "a\nlevel=ERROR msg=forged\r\x1b[2J\u009b2J\u202e\x7f\xff\u2028\U000e0001"
	for _, format := range []string{"text", "json"} {
		path := filepath.Join(t.TempDir(), "log")
		l := open(t, Target{To: path, Format: format})
		l.Logger().WithGroup(evil).Info(evil, evil, evil, "bytes", []byte(evil))
		l.Close(time.Minute)
		b := contents(t, path)
		if strings.Count(b, "\n") != 1 || strings.ContainsFunc(strings.TrimSuffix(b, "\n"), hidden) {
			t.Errorf("%s: %q", format, b)
		}
		if format == "json" {
			checkJSON(t, b, evil)
		}
		if lines, _, _ := l.Lines().Since(0); len(lines) != 1 || strings.ContainsFunc(lines[0], hidden) {
			t.Errorf("newest lines: %q", lines)
		}
	}
}

func TestConcurrentUseLosesNothing(t *testing.T) {
	dir := t.TempDir()
	l := open(t, Target{To: filepath.Join(dir, "0")})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 100 {
				l.Logger().Info("line")
			}
		})
	}
	for _, name := range []string{"1", "2", "3"} {
		if err := l.Use(Target{To: filepath.Join(dir, name)}); err != nil {
			t.Error(err)
		}
	}
	wg.Wait()
	l.Close(time.Minute)
	written := 0
	for _, name := range []string{"0", "1", "2", "3"} {
		written += strings.Count(contents(t, filepath.Join(dir, name)), "msg=line\n")
	}
	if written != 400 || l.Lost() != 0 {
		t.Errorf("%d lines written and %d lost, of 400", written, l.Lost())
	}
}

func TestTheNewestThousandLines(t *testing.T) {
	l := open(t, Target{To: os.DevNull})
	for range linesKept + 5 {
		l.Logger().Info("line", slog.Int("n", 1))
	}
	if got, _, lost := l.Lines().Since(0); len(got) != 1000 || lost != 5 {
		t.Errorf("%d lines kept and %d overwritten", len(got), lost)
	}
}
