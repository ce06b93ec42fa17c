// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package link

import (
	"slices"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"cygnet/internal/wire"
)

const interrupts = `            CPU0       CPU1       CPU2       CPU3
  1:          0          0          0          0  IO-APIC   1-edge      eth0x
 24:     123456          0          0          0  PCI-MSI 524288-edge      eth0
 25:       1234          0          0          0  PCI-MSI 524289-edge      eth0-rx-0
 26:       1234          0          0          0  PCI-MSI 524290-edge      usb, eth0-TxRx-1
 27:       1234          0          0          0  PCI-MSI 524291-edge      eth0-tx-0
 28:       1234          0          0          0  PCI-MSI 524292-edge      eth1-rx-0
NMI:          0          0          0          0   Non-maskable interrupts
`

func TestSteering(t *testing.T) {
	mac := wire.MAC{2, 0, 0, 0, 0, 1}
	base := map[string]string{
		"class/net/eth0/ifindex":    "7\n",
		"class/net/eth0/address":    mac.String() + "\n",
		"devices/system/cpu/online": "0-3\n",
	}
	const (
		rx0 = "class/net/eth0/queues/rx-0/rps_cpus"
		rx1 = "class/net/eth0/queues/rx-1/rps_cpus"
		one = "eth0 has one receive queue, so that one CPU does the kernel's part for all 3 workers: echo f >/sys/class/net/eth0/queues/rx-0/rps_cpus"
		two = "eth0 has 2 receive queues, so that so many CPUs do the kernel's part for 3 workers: for q in /sys/class/net/eth0/queues/rx-*; do echo f >$q/rps_cpus; done"
		all = "all 3 interrupts of eth0 go to CPU 0: echo 1 >/proc/irq/25/smp_affinity_list; echo 2 >/proc/irq/26/smp_affinity_list"
	)
	irq := func(effective ...string) map[string]string {
		files := map[string]string{"interrupts": interrupts}
		for i, cpus := range effective {
			files["irq/2"+string(rune('4'+i))+"/smp_affinity_list"] = "0-3\n"
			files["irq/2"+string(rune('4'+i))+"/effective_affinity_list"] = cpus + "\n"
		}
		return files
	}
	for _, tt := range []struct {
		name      string
		sys, proc map[string]string
		workers   int
		want      []string
	}{
		{"one queue", map[string]string{rx0: "0\n"}, nil, 3, []string{one}},
		{"one queue, many CPUs", map[string]string{rx0: "00000000,00000000\n"}, nil, 3, []string{one}},
		{"one queue, steered", map[string]string{rx0: "00000000,00000008\n"}, nil, 3, nil},
		{"one queue, one worker", map[string]string{rx0: "0\n"}, nil, 1, nil},
		{"two queues", map[string]string{rx0: "0\n", rx1: "0\n"}, nil, 3, []string{two}},
		{"two queues, one steered", map[string]string{rx0: "0\n", rx1: "2\n"}, nil, 3, nil},
		{"two queues, enough", map[string]string{rx0: "0\n", rx1: "0\n"}, nil, 2, nil},
		{"queues to send alone", map[string]string{"class/net/eth0/queues/tx-0/xps_cpus": "0\n"}, nil, 3, nil},
		{"one CPU", map[string]string{rx0: "0\n", "devices/system/cpu/online": "0\n"}, nil, 3, nil},
		{"another namespace's number", map[string]string{rx0: "0\n", "class/net/eth0/ifindex": "8\n"}, nil, 3, nil},
		{"another namespace's address", map[string]string{rx0: "0\n", "class/net/eth0/address": "02:00:00:00:00:02\n"}, nil, 3, nil},
		{"interrupts on one CPU", nil, irq("0", "0", "0"), 3, []string{all}},
		{"interrupts on several", nil, irq("0", "1", "0"), 3, nil},
		{"interrupts anywhere", nil, irq("0-3", "0-3", "0-3"), 3, nil},
		{"interrupts that nobody tells of", nil, irq(), 3, nil},
		{"one interrupt", nil, map[string]string{"interrupts": "24: 1 eth0\n", "irq/24/smp_affinity_list": "0\n"}, 3, nil},
		{"interrupts of the device", map[string]string{"class/net/eth0/device/msi_irqs/31": "msix\n", "class/net/eth0/device/msi_irqs/30": "msix\n"},
			map[string]string{"irq/30/smp_affinity_list": "1\n", "irq/31/smp_affinity_list": "1\n"}, 3,
			[]string{"all 2 interrupts of eth0 go to CPU 1: echo 0 >/proc/irq/30/smp_affinity_list"}},
		{"both", map[string]string{rx0: "0\n"}, irq("0", "0", "0"), 3, []string{one, all}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sys, proc := fstest.MapFS{}, fstest.MapFS{}
			for _, files := range []map[string]string{base, tt.sys} {
				for name, text := range files {
					sys[name] = &fstest.MapFile{Data: []byte(text)}
				}
			}
			for name, text := range tt.proc {
				proc[name] = &fstest.MapFile{Data: []byte(text)}
			}
			if diff := cmp.Diff(tt.want, Steering(sys, proc, &Interface{Name: "eth0", Index: 7, MAC: mac}, tt.workers)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestSteeringManyInterrupts(t *testing.T) {
	proc := fstest.MapFS{}
	sys := fstest.MapFS{
		"class/net/eth0/ifindex": {Data: []byte("7")}, "class/net/eth0/address": {Data: []byte("00:00:00:00:00:00")},
		"devices/system/cpu/online": {Data: []byte("0-15")},
	}
	for _, irq := range []string{"40", "41", "42", "43", "44", "45", "46"} {
		sys["class/net/eth0/device/msi_irqs/"+irq] = &fstest.MapFile{}
		proc["irq/"+irq+"/smp_affinity_list"] = &fstest.MapFile{Data: []byte("0")}
	}
	const want = "all 7 interrupts of eth0 go to CPU 0: echo 1 >/proc/irq/41/smp_affinity_list; echo 2 >/proc/irq/42/smp_affinity_list; " +
		"echo 3 >/proc/irq/43/smp_affinity_list; echo 4 >/proc/irq/44/smp_affinity_list; and so on"
	if diff := cmp.Diff([]string{want}, Steering(sys, proc, &Interface{Name: "eth0", Index: 7}, 4)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCPUListAndMask(t *testing.T) {
	for _, tt := range []struct {
		list string
		cpus []int
		mask string
	}{
		{"0", []int{0}, "1"},
		{"0-1", []int{0, 1}, "3"},
		{"1,3-4", []int{1, 3, 4}, "1a"},
		{"0,32,63", []int{0, 32, 63}, "80000001,00000001"},
		{"64", []int{64}, "1,00000000,00000000"},
	} {
		if got := cpuList(tt.list); !slices.Equal(got, tt.cpus) {
			t.Errorf("%q: %v, want %v", tt.list, got, tt.cpus)
		}
		if got := cpuMask(tt.cpus); got != tt.mask {
			t.Errorf("%v: %s, want %s", tt.cpus, got, tt.mask)
		}
	}
	for _, bad := range []string{"", "x", "1-", "-1", "0-x", "0,", "0-999999999"} {
		if got := cpuList(bad); got != nil {
			t.Errorf("%q: %v", bad, got)
		}
	}
}
