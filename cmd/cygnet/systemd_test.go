// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// unitSettings reads a unit file: the values of each Section.Key.
func unitSettings(t *testing.T, name string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("systemd", name))
	if err != nil {
		t.Fatal(err)
	}
	settings, section := map[string]string{}, ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		if line[0] == '[' {
			section = strings.Trim(line, "[]")
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if _, twice := settings[section+"."+key]; !ok || twice {
			t.Errorf("%s: %q: not a setting, or a second one", name, line)
		}
		settings[section+"."+key] = value
	}
	return settings
}

func TestUnitSettings(t *testing.T) {
	const capabilities = "CAP_NET_RAW CAP_NET_ADMIN CAP_BPF"
	want := map[string]string{
		"Unit.StartLimitIntervalSec": "0",

		"Service.Type":                     "notify",
		"Service.NotifyAccess":             "main",
		"Service.WatchdogSec":              "10",
		"Service.ExecStart":                "/usr/sbin/cygnet --no-tui -f -F /etc/cygnet/cygnet.conf --socket /run/cygnet/cygnet.sock",
		"Service.ExecReload":               "/usr/sbin/cygnet ctl /run/cygnet/cygnet.sock reload",
		"Service.Restart":                  "on-failure",
		"Service.RestartSec":               "2",
		"Service.RestartPreventExitStatus": "2",

		"Service.User":                     "cygnet",
		"Service.Group":                    "cygnet",
		"Service.UMask":                    "0027",
		"Service.StateDirectory":           "cygnet",
		"Service.StateDirectoryMode":       "0700",
		"Service.RuntimeDirectory":         "cygnet",
		"Service.RuntimeDirectoryMode":     "0750",
		"Service.RuntimeDirectoryPreserve": "yes",
		"Service.ConfigurationDirectory":   "cygnet",
		"Service.ReadWritePaths":           "-/etc/cygnet",
		"Service.AmbientCapabilities":      capabilities,
		"Service.CapabilityBoundingSet":    capabilities,
		"Service.LimitMEMLOCK":             "infinity",
		"Service.ProtectSystem":            "strict",
		"Service.ProtectProc":              "invisible",
		"Service.RestrictAddressFamilies":  "AF_UNIX AF_INET AF_INET6 AF_NETLINK AF_PACKET",
		"Service.SystemCallArchitectures":  "native",
		"Service.SystemCallFilter":         "@system-service bpf",
		"Service.SystemCallErrorNumber":    "EPERM",

		"Install.WantedBy": "multi-user.target",
	}
	for _, key := range strings.Fields(`NoNewPrivileges ProtectHome PrivateTmp PrivateDevices ProtectKernelTunables
		ProtectKernelModules ProtectKernelLogs ProtectControlGroups ProtectClock ProtectHostname RestrictNamespaces
		RestrictRealtime RestrictSUIDSGID LockPersonality MemoryDenyWriteExecute`) {
		want["Service."+key] = "yes"
	}
	got := unitSettings(t, "cygnet.service")
	for key, value := range want {
		if got[key] != value {
			t.Errorf("%s is %q, want %q", key, got[key], value)
		}
	}

	instance := unitSettings(t, "cygnet@.service")
	maps.Copy(got, map[string]string{
		"Unit.Description":   got["Unit.Description"] + " on %i",
		"Service.ExecStart":  `/usr/sbin/cygnet --no-tui -f -O "dsr_if %i" -F /etc/cygnet/%i.conf --socket /run/cygnet/%i.sock`,
		"Service.ExecReload": "/usr/sbin/cygnet ctl /run/cygnet/%i.sock reload",
	})
	if diff := cmp.Diff(got, instance); diff != "" {
		t.Errorf("cygnet@.service differs in more than its instance (-want +got):\n%s", diff)
	}
}

// TestNetnsUnitsVerify asks systemd itself about copies of the units that run
// the program built from this tree. No systemd need be running.
func TestNetnsUnitsVerify(t *testing.T) {
	if os.Getenv("REQUIRE_NETNS") != "1" {
		t.Skip("needs systemd-analyze: run with REQUIRE_NETNS=1")
	}
	dir := t.TempDir()
	binary := filepath.Join(dir, "cygnet")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("build cygnet: %v\n%s", err, out)
	}
	for _, name := range []string{"cygnet.service", "cygnet@.service"} {
		text, err := os.ReadFile(filepath.Join("systemd", name))
		if err != nil {
			t.Fatal(err)
		}
		unit := filepath.Join(dir, name)
		if err := os.WriteFile(unit, bytes.ReplaceAll(text, []byte("/usr/sbin/cygnet"), []byte(binary)), 0o644); err != nil {
			t.Fatal(err)
		}
		// The manual page is not installed.
		verify := exec.Command("systemd-analyze", "verify", "--man=no", unit)
		var stderr bytes.Buffer
		verify.Stderr = &stderr
		if err := verify.Run(); err != nil || stderr.Len() > 0 {
			t.Errorf("systemd-analyze verify %s: %v\n%s", name, err, &stderr)
		}
	}
}
