// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cygnet/internal/command"
	"cygnet/internal/events"
)

func TestUndo(t *testing.T) {
	tests := []struct {
		name  string
		steps func(o *office)
	}{
		{"one's own last", func(o *office) {
			o.must(alice, "debug 1")
			o.must(bob, "timeout 2")
			o.want(command.Who{Name: "uid 1000 pid 999"}, "undo", "undone by: debug 0\n0\n")
			o.want(alice, "timeout", "2\n")
			o.refused(alice, "nothing of yours", "undo")
		}},
		{"one before another", func(o *office) {
			o.must(alice, "debug 1", "debug 2")
			o.want(alice, "undo", "undone by: debug 1\n1\n")
			o.want(alice, "undo", "undone by: debug 0\n0\n")
		}},
		{"by number", func(o *office) {
			o.must(alice, "debug 1")
			o.must(bob, "timeout 2")
			o.want(bob, "undo 1", "undone by: debug 0\n0\n")
			o.refused(bob, "undo 1: it was taken back already", "undo 1")
			o.refused(bob, "undo 77: no such change", "undo 77")
			o.refused(bob, "not the number of a change", "undo x")
			o.refused(bob, "one word too many", "undo 1 2")
		}},
		{"overlaid", func(o *office) {
			o.must(alice, "debug 1")
			o.must(bob, "debug 2")
			o.refused(alice, "undo 1: debug was changed since, by uid 1001 in change 2", "undo")
			o.must(bob, "undo")
			o.want(alice, "undo", "undone by: debug 0\n0\n")
		}},
		{"overlaid, of a list", func(o *office) {
			o.must(alice, "acl 5 permit 10.0.0.1", "acl 5 permit 10.0.0.2", "acl 5 permit 10.0.0.3", "acl 5 permit 10.0.0.9")
			o.must(bob, "no acl 5 at 1")
			o.refused(alice, "undo 4: acl 5 was changed since, by uid 1001 in change 5", "undo 4")
			o.must(bob, "undo")
			o.want(alice, "undo 4", "undone by: no acl 5 at 4\n")
		}},
		{"overlaid from within", func(o *office) {
			o.Do(alice, []string{"service web listen 10.77.0.11:80", "service web server a address 10.77.0.3"})
			o.must(bob, "service web server b address 10.77.0.4")
			o.refused(alice, "service web server 1 b was changed since", "undo")
		}},
		{"a service", func(o *office) {
			o.Do(alice, []string{"service web listen 10.77.0.11:80", "service web server a address 10.77.0.3 weight 7", "service web prio", "service web server a drain"})
			before := o.Config()
			o.must(bob, "no service web")
			o.must(bob, "undo")
			if d := command.Delta(before, o.Config()); d != nil {
				o.t.Errorf("not as before: %q", d)
			}
			o.must(alice, "undo 1")
			if o.Config().Service("web") != nil {
				o.t.Error("still there")
			}
		}},
		{"a list", func(o *office) {
			o.must(alice, "acl 1 permit 10.77.0.66", "acl 1 at 1 deny 10.77.0.67", "acl 1 default permit", "tarpit_acl 1")
			before := o.Config()
			o.must(alice, "no acl 1", "undo")
			if d := command.Delta(before, o.Config()); d != nil {
				o.t.Errorf("not as before: %q", d)
			}
		}},
		{"a state", func(o *office) {
			o.must(alice, "server 0 disable", "undo")
			if got := o.Config().Services[0].Servers[0].State; got != "" {
				o.t.Errorf("state %q", got)
			}
		}},
		{"a blacklisting", func(o *office) {
			o.must(alice, "server 0 blacklist 60")
			o.want(alice, "undo", "undone by: server 0 blacklist 0\n")
			if !o.Config().Services[0].Servers[0].Out.IsZero() {
				o.t.Error("still out")
			}
		}},
		{"a blacklisting that is over", func(o *office) {
			o.must(alice, "debug 1", "server 0 blacklist 60")
			o.must(bob, "timeout 2")
			o.expire(time.Now().Add(time.Minute))
			o.want(alice, "undo", "note: nothing is left of change 2 to take back\n")
			o.want(alice, "undo", "undone by: debug 0\n0\n")
			o.want(bob, "undo", "undone by: timeout 1\n1\n")
		}},
		{"a reload", func(o *office) {
			o.save(o.file, "debug 4\nacl 1 permit 10.77.0.66\n")
			o.must(root, "reload")
			o.want(alice, "debug", "4\n")
			o.must(root, "undo")
			o.want(alice, "debug", "0\n")
			if o.Config().Lists["1"].Len() != 0 {
				o.t.Error("the list is still there")
			}
		}},
		{"what the machine refuses", func(o *office) {
			o.must(alice, "debug 1")
			o.refuses = problemsOf(fmt.Errorf("no"))[0]
			o.refused(alice, "no", "undo")
			o.refuses = nil
			o.must(alice, "undo")
		}},
		{"what takes effect at the next start", func(o *office) {
			o.must(root, "user cygnet")
			o.must(root, "undo")
			o.want(root, "user", "no user\n")
		}},
		{"over TCP", func(o *office) {
			o.must(command.Who{Name: "10.0.0.9:4711"}, "debug 1")
			o.refused(command.Who{Name: "10.0.0.8:4712"}, "nothing of yours", "undo")
			o.must(command.Who{Name: "10.0.0.9:4712"}, "undo")
		}},
		{"one of too many", func(o *office) {
			for n := range keptChanges + 1 {
				o.must(alice, fmt.Sprintf("timeout %d", n+2))
			}
			o.refused(alice, "undo 1: no such change among the last 100", "undo 1")
			o.must(alice, "undo 101", "undo 100")
			o.want(alice, "timeout", fmt.Sprintf("%d\n", keptChanges))
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { tt.steps(open(t, whole, "# empty\n")) })
	}
}

// TestChangesAreTold: what, who, and each state of a server.
func TestChangesAreTold(t *testing.T) {
	o := open(t, whole, "")
	o.must(alice, "server 0 drain", "server 0 blacklist 60", "server 0 enable", "debug 0")
	var told []string
	for _, e := range o.Recent(99) {
		if e.Kind == events.ServerState {
			told = append(told, fmt.Sprintf("%s %s %s %s", e.Who, e.Service, e.Server, e.Text))
		} else {
			told = append(told, e.Text)
		}
	}
	want := "change 1: server 0 drain|uid 1000 pid 71 default 0 drain|change 2: server 0 blacklist 60|change 3: server 0 enable|uid 1000 pid 71 default 0 enable"
	if got := strings.Join(told, "|"); got != want {
		t.Errorf("told %s", got)
	}
}

func TestSummariesEnd(t *testing.T) {
	long := strings.Repeat("é", 2000)
	for _, tt := range []struct{ in, want string }{
		{"a", "a"}, {"a|b", "a; b"}, {"1|2|3|4|5|6|7|8|9|10", "1; 2; 3; 4; 5; 6; 7; 8; and 2 more lines"},
		{long, strings.Repeat("é", 500) + "..."}, {"a|" + long + "|b", "a; and 2 more lines"},
	} {
		if got := summary(strings.Split(tt.in, "|")); got != tt.want {
			t.Errorf("summary of %.50s: %.50s", tt.in, got)
		}
	}
	if summary(nil) != "" {
		t.Error("summary of nothing")
	}
}
