// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"fmt"
	"strings"

	"github.com/safchain/ethtool"
)

// Offload is work that a network card does for the kernel, by the names of
// `ethtool -K`. A veth passes work on undone, as virtual cards do.
type Offload string

// The offloads that matter to a balancer on this wire.
const (
	TxChecksum   Offload = "tx"  // the sender leaves transport checksums unfinished
	Segmentation Offload = "tso" // the sender hands over TCP super-frames of up to 64 KiB
	Merging      Offload = "gro" // the receiver merges TCP frames into super-frames
)

// features are the kernel's names for what ethtool(8) calls by one short name
// (include/linux/netdev_features.h).
func (o Offload) features() []string {
	switch o {
	case TxChecksum:
		return []string{"tx-checksum-ip-generic"}
	case Segmentation:
		return []string{"tx-tcp-segmentation", "tx-tcp6-segmentation", "tx-tcp-ecn-segmentation", "tx-tcp-mangleid-segmentation"}
	case Merging:
		return []string{"rx-gro"}
	}
	return nil
}

// SetOffload switches an offload of the host's eth1. Without TxChecksum the
// kernel does without Segmentation too.
func (h *Host) SetOffload(o Offload, on bool) error {
	return h.Do(func() error { return setFeatures(NIC, o, on) })
}

// SetPortOffload switches an offload of the switch's end of the host's wire:
// what the switch sends on to the host, segmented or not.
func (h *Host) SetPortOffload(o Offload, on bool) error {
	return visit(h.lab.segment.ns, func() error { return setFeatures(h.port(), o, on) })
}

// setFeatures switches an interface of the thread's namespace, and checks that
// the kernel did so: a feature it cannot change it leaves alone in silence.
func setFeatures(dev string, o Offload, on bool) error {
	tool, err := ethtool.NewEthtool()
	if err != nil {
		return fmt.Errorf("open ethtool: %w", err)
	}
	defer tool.Close()
	change := map[string]bool{}
	for _, f := range o.features() {
		change[f] = on
	}
	if err := tool.Change(dev, change); err != nil {
		return fmt.Errorf("switch %s of %s: %w", o, dev, err)
	}
	got, err := tool.Features(dev)
	if err != nil {
		return fmt.Errorf("read the features of %s: %w", dev, err)
	}
	var stuck []string
	for f := range change {
		if got[f] != on {
			stuck = append(stuck, f)
		}
	}
	if len(stuck) > 0 {
		return fmt.Errorf("switch %s of %s: the kernel does not change %s", o, dev, strings.Join(stuck, ", "))
	}
	return nil
}
