// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// anyCore leaves it to the kernel where a program runs.
const anyCore = -1

// twoCores are the first and the last core that we may use: a balancer and a
// sender on one core would measure each other.
func twoCores(t *testing.T) [2]int {
	t.Helper()
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		t.Fatal(err)
	}
	var cores []int
	for i := range len(set) * strconv.IntSize {
		if set.IsSet(i) {
			cores = append(cores, i)
		}
	}
	if len(cores) < 2 {
		t.Fatal("the benchmark needs two cores: one for the balancer, one for who sends to it")
	}
	return [2]int{cores[0], cores[len(cores)-1]}
}

// cpuTime is the CPU time that a process has used, in user space and in the
// kernel, ended threads included. Work on the way of a frame that the process
// sends is in it: the wire's, the switch's, and the receiving port's.
func cpuTime(p *Process) (time.Duration, error) {
	// The process's CPU clock, as clock_getcpuclockid(3) makes it from a
	// process number (CPUCLOCK_SCHED = 2, linux/posix-timers.h); in
	// nanoseconds, where /proc/PID/stat counts hundredths of a second.
	clock := int32(^p.Cmd.Process.Pid<<3 | 2)
	var ts unix.Timespec
	if err := unix.ClockGettime(clock, &ts); err != nil {
		return 0, fmt.Errorf("CPU time of process %d: %w", p.Cmd.Process.Pid, err)
	}
	return time.Duration(ts.Nano()), nil
}

// memory reads a line of /proc/PID/status that is in kB, and gives MB (10^6).
func memory(p *Process, line string) (float64, error) {
	file := fmt.Sprintf("/proc/%d/status", p.Cmd.Process.Pid)
	status, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	m := regexp.MustCompile(`(?m)^` + line + `:\s+(\d+) kB$`).FindSubmatch(status)
	if m == nil {
		return 0, fmt.Errorf("no %s in %s", line, file)
	}
	kib, err := strconv.ParseFloat(string(m[1]), 64)
	return kib * 1024 / 1e6, err
}

// machine says on what was measured.
func machine(rounds int) string {
	var u unix.Utsname
	kernel := "an unknown kernel"
	if unix.Uname(&u) == nil {
		kernel = unix.ByteSliceToString(u.Release[:])
	}
	pen := "of an unknown version"
	if out, err := exec.Command("dpkg-query", "-W", "-f", "${Version}", "pen").Output(); err == nil {
		pen = string(out)
	}
	return fmt.Sprintf("%s, %d cores, Linux %s %s, %s, pen %s; %d rounds\n",
		processor(), runtime.NumCPU(), kernel, runtime.GOARCH, runtime.Version(), pen, rounds)
}

// processor is the name of the CPU, or of the board where the kernel does not
// name it.
func processor() string {
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "an unknown processor"
	}
	m := regexp.MustCompile(`(?m)^(?:model name|Model)\s*:\s*(.+)$`).FindSubmatch(info)
	if m == nil {
		return "an unknown processor"
	}
	return strings.TrimSpace(string(m[1]))
}
