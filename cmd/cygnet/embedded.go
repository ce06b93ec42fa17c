// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"embed"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

// embedded are the files that a system wants beside the binary, so that the
// binary alone is enough to install Cygnet.
//
//go:embed systemd/cygnet.service systemd/cygnet@.service systemd/cygnet.tmpfiles systemd/cygnet.sysusers grafana.json
var embedded embed.FS

// embeddedFiles are the paths of the embedded files by their names.
func embeddedFiles() map[string]string {
	files := map[string]string{}
	_ = fs.WalkDir(embedded, ".", func(p string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			files[path.Base(p)] = p
		}
		return err
	})
	return files
}

// printFile prints one of the embedded files, or without a name lists them.
func printFile(words []string, stdout, stderr io.Writer) int {
	files := embeddedFiles()
	names := slices.Sorted(maps.Keys(files))
	if len(words) == 0 {
		return show(stdout, stderr, strings.Join(names, "\n")+"\n")
	}
	at, ok := files[words[0]]
	if !ok || len(words) > 1 {
		return fail(stderr, writtenError{{
			What: fmt.Sprintf("files %q: no such file here", strings.Join(words, " ")),
			Hint: "there are: " + strings.Join(names, ", "),
		}})
	}
	text, err := embedded.ReadFile(at)
	if err != nil {
		return fail(stderr, err)
	}
	return show(stdout, stderr, string(text))
}
