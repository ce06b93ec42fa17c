// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// hotFile lists the functions that a frame meets, as `package function` and what the
// compiler makes of each: how many bounds checks are left in it, and whether it can be
// inlined.
const hotFile = "testdata/hot.golden"

// TestHotFunctions holds in place what the compiler makes of the packet path: nothing
// escapes to the heap (that appending finds room, tests of allocations see), bounds checks become no more, and what was small enough to be
// inlined still is. After a change that is meant: UPDATE_HOT=1 go test ./cmd/cygnet -run Hot
func TestHotFunctions(t *testing.T) {
	if !strings.HasPrefix(runtime.Version(), "go1.26") || runtime.GOARCH != "amd64" {
		t.Skipf("what %s for %s makes of it is not what the file says", runtime.Version(), runtime.GOARCH)
	}
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("needs the compiler")
	}
	wanted := readHot(t)
	found := map[string]*hot{}
	for _, dir := range hotPackages(wanted) {
		compileHot(t, dir, found)
	}
	var now strings.Builder
	for _, w := range wanted {
		got := found[w.name]
		if got == nil {
			t.Errorf("%s: there is no such function any more", w.name)
			continue
		}
		fmt.Fprintln(&now, got)
		if len(got.escapes) > 0 {
			t.Errorf("%s: on the heap: %q", w.name, got.escapes)
		}
		if got.checks > w.checks {
			t.Errorf("%s: %d bounds checks, want %d", w.name, got.checks, w.checks)
		}
		if w.inlined && !got.inlined {
			t.Errorf("%s: cannot be inlined any more", w.name)
		}
	}
	if os.Getenv("UPDATE_HOT") == "1" {
		if err := os.WriteFile(hotFile, []byte(now.String()), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// hot is a function of the packet path.
type hot struct {
	name    string // with its package's folder
	checks  int
	inlined bool
	escapes []string
}

func (h *hot) String() string {
	text := fmt.Sprintf("%s checks %d", h.name, h.checks)
	if h.inlined {
		text += " inlined"
	}
	return text
}

func readHot(t *testing.T) (all []*hot) {
	t.Helper()
	text, err := os.ReadFile(hotFile)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		h := &hot{}
		name, rest, ok := strings.Cut(strings.TrimSpace(line), " checks ")
		checks, inlined, _ := strings.Cut(rest, " ")
		if h.checks, err = strconv.Atoi(checks); err != nil || !ok {
			t.Fatalf("%s: %q: want `package function checks N [inlined]`", hotFile, line)
		}
		h.name, h.inlined = name, inlined == "inlined"
		all = append(all, h)
	}
	return all
}

func hotPackages(all []*hot) (dirs []string) {
	for _, h := range all {
		dir, _, _ := strings.Cut(h.name, " ")
		dirs = append(dirs, dir)
	}
	slices.Sort(dirs)
	return slices.Compact(dirs)
}

var (
	hotLine = regexp.MustCompile(`^(\S+\.go):(\d+):\d+: (.*)$`)
	// A constant's text that a panic would need is on no heap.
	constant = regexp.MustCompile(`^"[^"]*" escapes to heap`)
)

// compileHot compiles a package and notes what the compiler tells of its functions.
func compileHot(t *testing.T, dir string, found map[string]*hot) {
	t.Helper()
	root := filepath.Join("..", "..")
	cmd := exec.Command("go", "build", "-gcflags=-m -d=ssa/check_bce/debug=1", "./"+dir)
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	where := functionsOf(t, root, dir, found)
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		m := hotLine.FindStringSubmatch(lines.Text())
		if m == nil {
			continue
		}
		line, _ := strconv.Atoi(m[2])
		name := where(filepath.Base(m[1]), line)
		if name == "" || filepath.Dir(m[1]) != dir {
			continue
		}
		h := found[name]
		switch said := m[3]; {
		case strings.HasPrefix(said, "Found Is"):
			h.checks++
		case strings.HasPrefix(said, "can inline ") && !strings.Contains(said, ".func"):
			h.inlined = true
		case constant.MatchString(said), strings.HasPrefix(said, "append "): // to what has room
		case strings.HasSuffix(said, "escapes to heap"), strings.HasPrefix(said, "moved to heap"):
			h.escapes = append(h.escapes, said)
		}
	}
}

// functionsOf enters the functions of a package, and finds the one that a line is in.
func functionsOf(t *testing.T, root, dir string, found map[string]*hot) func(file string, line int) string {
	t.Helper()
	type span struct {
		file     string
		from, to int
		name     string
	}
	var all []span
	files, err := filepath.Glob(filepath.Join(root, dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	set := token.NewFileSet()
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok {
				name := dir + " " + functionName(fn)
				found[name] = &hot{name: name}
				all = append(all, span{filepath.Base(path), set.Position(fn.Pos()).Line, set.Position(fn.End()).Line, name})
			}
		}
	}
	return func(file string, line int) string {
		for _, s := range all {
			if s.file == file && s.from <= line && line <= s.to {
				return s.name
			}
		}
		return ""
	}
}

// functionName is a function's name with its receiver's type, as (*worker).handle.
func functionName(fn *ast.FuncDecl) string {
	if fn.Recv == nil {
		return fn.Name.Name
	}
	of := fn.Recv.List[0].Type
	star := ""
	if p, ok := of.(*ast.StarExpr); ok {
		of, star = p.X, "*"
	}
	if g, ok := of.(*ast.IndexExpr); ok {
		of = g.X
	}
	return fmt.Sprintf("(%s%s).%s", star, of.(*ast.Ident).Name, fn.Name.Name)
}
