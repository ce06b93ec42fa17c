// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// version is the version that the module was built as.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.Main.Version
	}
	return "(unknown)"
}

// revision is the commit that was built, as far as the linker wrote it down.
func revision() string {
	revision, modified := "", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			switch {
			case s.Key == "vcs.revision":
				revision = s.Value[:min(len(s.Value), 12)]
			case s.Key == "vcs.modified" && s.Value == "true":
				modified = " and local changes"
			}
		}
	}
	return revision + modified
}

// versionText tells which build this is.
func versionText() string {
	text := "cygnet " + version()
	if r := revision(); r != "" {
		text += " " + r
	}
	return fmt.Sprintf("%s\n%s %s/%s\n", text, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
