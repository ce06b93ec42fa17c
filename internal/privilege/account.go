// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package privilege

import (
	"fmt"
	"os/user"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// account is a user as the kernel knows one, and as programs do.
type account struct {
	name, home string
	uid, gid   int
	groups     []int
}

// lookup finds a user by name or number in /etc/passwd. A number that is not
// there has no groups that we could know, so it is an error too.
func lookup(name string) (*account, error) {
	find := user.Lookup
	if strings.Trim(name, "0123456789") == "" {
		find = user.LookupId
	}
	u, err := find(name)
	if err != nil {
		return nil, &Error{
			what: fmt.Sprintf("run as user %q: there is no such user", name),
			hint: "one for cygnet alone is made by: useradd --system --shell /usr/sbin/nologin cygnet",
		}
	}
	ids, err := u.GroupIds()
	if err != nil {
		return nil, fmt.Errorf("run as user %q: find the groups: %w", name, err)
	}
	a := &account{name: u.Username, home: u.HomeDir}
	for _, id := range append([]string{u.Uid, u.Gid}, ids...) {
		n, err := strconv.ParseUint(id, 10, 31)
		if err != nil {
			return nil, fmt.Errorf("run as user %q: id %q: expected a number below 2147483648", name, id)
		}
		a.groups = append(a.groups, int(n))
	}
	a.uid, a.gid, a.groups = a.groups[0], a.groups[1], a.groups[2:]
	if a.uid == 0 {
		return nil, &Error{
			what: fmt.Sprintf("run as user %q: that is root, so nothing would be given up", name),
			hint: "name another user, or leave `user` out",
		}
	}
	return a, nil
}

// assume makes us that user, real, effective and saved; the user last, for
// then we may no more. A group of root's that is not this user's goes first.
func (a *account) assume() error {
	if err := unix.Setgroups(a.groups); err != nil {
		return fmt.Errorf("set groups %v: %w", a.groups, err)
	}
	if err := unix.Setresgid(a.gid, a.gid, a.gid); err != nil {
		return fmt.Errorf("set group %d: %w", a.gid, err)
	}
	if err := unix.Setresuid(a.uid, a.uid, a.uid); err != nil {
		return fmt.Errorf("set user %d: %w", a.uid, err)
	}
	return nil
}

// environ returns the environment as a login would make it.
func (a *account) environ(env []string) []string {
	for name, value := range map[string]string{"HOME": a.home, "USER": a.name, "LOGNAME": a.name} {
		env = slices.DeleteFunc(env, func(s string) bool { return strings.HasPrefix(s, name+"=") })
		env = append(env, name+"="+value)
	}
	return env
}
