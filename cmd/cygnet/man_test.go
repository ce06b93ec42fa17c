// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cygnet/internal/command"
)

// groupTitle has everything in it that roff could misread.
func groupTitle(g command.Group) string {
	return [...]string{"All", "One (after `service NAME`)", ".Third's \"\\x\"", "Fourth"}[g%4]
}

func TestManPage(t *testing.T) {
	page := manPage("v1.2-3", someFlags(), groupTitle)
	for _, c := range command.Commands() {
		if !strings.Contains(page, "\n"+bold(c.Name)) {
			t.Errorf("%q: not in the page", c.Name)
		}
	}
	for _, f := range someFlags() {
		if f.letter != "" && !strings.Contains(page, bold("-"+f.letter)) || f.isLong() && !strings.Contains(page, bold("--"+f.name)) {
			t.Errorf("%+v: not in the page", f)
		}
	}
	if found := placeholder.FindString(page); found != "" {
		t.Errorf("not filled in: %s", found)
	}
	for line := range strings.Lines(page) {
		if strings.HasPrefix(line, ".") && !knownMacro.MatchString(line) || strings.HasPrefix(line, "'") {
			t.Errorf("no macro of man(7) that is used here: %q", line)
		}
		if hyphen.MatchString(line) && !strings.HasPrefix(line, ".TH") && !strings.HasPrefix(line, `.\"`) {
			t.Errorf("a hyphen where a minus was meant: %q", line)
		}
	}
}

var (
	placeholder = regexp.MustCompile(`@[A-Z]+@`)
	knownMacro  = regexp.MustCompile(`^\.(TH|SH|SS|PP|TP|TQ|IP|RS|RE|nf|fi|br|nh|ad|B|I|BR|BI|IR|RI|RB)\b|^\.\\"`)
	hyphen      = regexp.MustCompile(`(^|[\s(BI])-{1,2}\w`)
)

// TestManOptions and TestManCommands are an excerpt of what is made of tables.
func TestManOptions(t *testing.T) {
	got := manOptions([]flagDoc{
		{"U", "udp", "", "UDP, not TCP; as `udp`"},
		{"F", "F", "FILE", ".conf isn't needed"},
		{"", "log-format", "text|json", "the log's form"},
		{"n", "n", "", "without effect"},
		{"D", "D", "", "without effect"},
	})
	want := `.TP
\fB\-U\fR, \fB\-\-udp\fR
UDP, not TCP; as \fBudp\fR
.TP
\fB\-F\fR \fIFILE\fR
\&.conf isn\(aqt needed
.TP
\fB\-\-log\-format\fR \fBtext\fR|\fBjson\fR
the log\(aqs form
.TP
\fB\-n\fR
.TQ
\fB\-D\fR
without effect
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestManCommands(t *testing.T) {
	got := manCommands([]command.Command{
		{Name: "acl", Args: "LIST [at POS] permit|deny PREFIX, or acl LIST default", Help: "add an entry", Group: command.Global},
		{Name: "listen", Args: "[VIP[:PORT] [tcp|udp]]", Help: `"quoted" \ back`, Group: command.Service},
	}, groupTitle)
	want := `.SS All
.TP
\fBacl\fR \fILIST\fR [\fBat\fR \fIPOS\fR] \fBpermit\fR|\fBdeny\fR \fIPREFIX\fR, or \fBacl\fR \fILIST\fR \fBdefault\fR
add an entry
.SS One (after \fBservice NAME\fR)
.TP
\fBlisten\fR [\fIVIP\fR[:\fIPORT\fR] [\fBtcp\fR|\fBudp\fR]]
\(dqquoted\(dq \e back
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestManPageFormats asks the formatters that are installed.
func TestManPageFormats(t *testing.T) {
	page := manPage("v1.2-3", someFlags(), groupTitle)
	for _, formatter := range [][]string{
		{"groff", "-man", "-Tutf8", "-ww"},
		{"mandoc", "-man", "-Tlint", "-W", "warning"},
	} {
		if _, err := exec.LookPath(formatter[0]); err != nil {
			t.Logf("%s is not installed", formatter[0])
			continue
		}
		cmd := exec.Command(formatter[0], formatter[1:]...)
		cmd.Stdin = strings.NewReader(page)
		var said strings.Builder
		cmd.Stderr = &said
		out, err := cmd.Output()
		if formatter[0] == "mandoc" {
			said.Write(out)
		}
		if err != nil || said.Len() > 0 {
			t.Errorf("%q: %v\n%s", formatter, err, &said)
		}
	}
}
