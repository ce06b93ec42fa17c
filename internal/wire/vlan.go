// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package wire

import "encoding/binary"

// TagLen is the length of an 802.1Q tag in bytes: TPID and TCI (IEEE 802.1Q, 9.3).
const TagLen = 4

// macsLen is where a tag belongs: behind both addresses.
const macsLen = 12

// InsertTag puts a tag (TPID and tag control information, IEEE 802.1Q 9.3) into the
// untagged frame in b: TagLen bytes of headroom, a virtio header, the frame. The
// tagged frame's virtio header begins with b. It moves what the kernel is told of
// offsets in the frame: where checksumming begins, and how long all headers are.
func InsertTag(b []byte, tpid, tci uint16) {
	copy(b, b[TagLen:TagLen+VnetLen+macsLen])
	tag := b[VnetLen+macsLen:]
	binary.BigEndian.PutUint16(tag, tpid)
	binary.BigEndian.PutUint16(tag[2:], tci)
	v := Vnet(b[:VnetLen])
	if v.Flags()&VnetNeedsCsum != 0 {
		v.setCsumStart(v.CsumStart() + TagLen)
	}
	if n := v.HdrLen(); n != 0 {
		v.setHdrLen(n + TagLen)
	}
}
