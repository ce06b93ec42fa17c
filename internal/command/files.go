// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"unicode/utf8"
)

const (
	maxDepth = 8        // files within files, the outermost counted
	maxFile  = 16 << 20 // bytes: 100 000 rules and their comments

	// endOfFile is the key of comments that no line follows.
	endOfFile = "end"
)

func fileCommands() []Command {
	return []Command{{
		Name: "include", Args: "FILE", Help: "read lines from a file; a relative path is from the including file's folder",
		Group: Global, Mark: OwnerOnly, run: runInclude,
	}}
}

// runInclude reads a file of lines as part of the transaction under way.
func runInclude(s *session, args []string) error {
	if len(args) == 0 || args[0] == "" {
		return missing("include", "FILE")
	}
	if err := done("include "+quoted(args[0]), args[1:]); err != nil {
		return err
	}
	path := args[0]
	if len(s.reading) > 0 && !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(s.reading[len(s.reading)-1]), path)
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return refuse("", "%s: %v", path, err)
	}
	switch {
	case slices.Contains(s.reading, path):
		return refuse("leave it out there", "%s: it includes itself", path)
	case len(s.reading) == maxDepth:
		return refuse(fmt.Sprintf("files may include files %d deep", maxDepth), "%s: included too deep", path)
	}
	if len(s.reading) > 0 {
		s.note("%s is included: `write` puts its lines into the one file", path)
	}
	text, sum, err := readFile(path, !s.live && !s.again)
	s.files[path] = sum
	if err != nil {
		return err
	}
	s.readAll(path, text)
	s.key = "include"
	return nil
}

// readAll takes every line of a file. What is wrong with one does not keep the
// others from being looked at.
func (s *session) readAll(path, text string) {
	outer, comments := s.line, s.comments
	s.reading = append(s.reading, path)
	s.comments = nil
	n := 0
	for text := range strings.SplitSeq(text, "\n") {
		n++
		if comment, ok := asComment(text); ok {
			s.comments = append(s.comments, comment)
			if p, ok := penControlPort(comment); ok {
				s.penPort = p
			}
			continue
		}
		s.take(Line{Text: text, Origin: fmt.Sprintf("%s:%d", path, n), file: true})
	}
	s.keepComments(endOfFile)
	s.penPort = 0
	s.reading = s.reading[:len(s.reading)-1]
	s.line, s.comments = outer, comments
}

// asComment returns a line that is nothing but a comment, and not the one that
// `write` begins each file with.
func asComment(text string) (comment string, ok bool) {
	text = strings.TrimSpace(text)
	if !strings.HasPrefix(text, "#") || text == Header || len(text) > maxLine || !printable(text) {
		return "", false
	}
	return text, true
}

func printable(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool { return !allowed(r) })
}

// keepComments gives the comments read since the last line to what this one
// is about, each once: a file that is read again does not add its own again.
func (s *session) keepComments(key string) {
	for _, c := range s.comments {
		if s.cfg.Comments == nil {
			s.cfg.Comments = map[string][]string{}
		}
		if !slices.Contains(s.cfg.Comments[key], c) {
			s.cfg.Comments[key] = append(slices.Clone(s.cfg.Comments[key]), c)
		}
	}
	s.comments = nil
}

// Sum tells whether a file is still what was read; zero for one that could not
// be read, or only once.
type Sum [sha256.Size]byte

// readFile reads a file of lines. Only at the start, when nobody waits for us,
// may it be a pipe (`-F <(generate)`).
func readFile(path string, pipes bool) (lines string, sum Sum, err error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return "", sum, fileProblem(path, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", sum, fileProblem(path, err)
	}
	m := info.Mode()
	switch {
	case m.IsDir():
		return "", sum, refuse("name a file of commands, one a line", "%s: is a directory", path)
	case !m.IsRegular() && !pipes:
		return "", sum, refuse("name a file of commands, one a line", "%s: not a regular file", path)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	switch {
	case err != nil:
		return "", sum, fileProblem(path, err)
	case len(text) > maxFile:
		return "", sum, refuse("split it: include FILE", "%s: longer than %d MiB", path, maxFile>>20)
	case m.IsRegular():
		sum = sha256.Sum256(text)
	}
	return string(text), sum, nil
}

// fileProblem says what is wrong with a file, without the call that failed.
func fileProblem(path string, err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		err = p.Err
	}
	hint := ""
	switch {
	case errors.Is(err, fs.ErrNotExist):
		hint = "a relative path is from the including file's folder, or from where cygnet was started"
	case errors.Is(err, fs.ErrPermission):
		hint = "it must be readable for the user that cygnet runs as"
	}
	return refuse(hint, "%s: %v", path, err)
}
