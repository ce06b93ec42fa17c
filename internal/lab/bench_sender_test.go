// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"testing"
	"time"

	"cygnet/internal/link/afpacket"
	"cygnet/internal/wire"
)

const (
	// senders is how many different clients the frames seem to come from.
	senders = 256

	// burst is how many frames a paced sender sends at once: few, as single
	// frames cannot be timed.
	burst = 8

	// senderVariable makes a child of the benchmark the sender; its value is
	// the job in JSON.
	senderVariable = "CYGNET_BENCH_SENDER"
)

// senderJob is what a sender is to send.
type senderJob struct {
	Dev      string // the interface
	Notation string // of a frame, with two %v, for the client and To
	To       netip.AddrPort
	Rate     int           // frames a second, or fullSpeed
	Limit    time.Duration // nobody may send for longer
	Flows    int           // of TCP; 0 is one for each of the senders
	Opens    bool          // see flowFrames
}

// startSender starts a child that sends frames of a protocol to one of a path's
// ends until it is killed. It is pinned to a core as a whole: the scheduler of
// Go would else be seen on the balancer's.
//
// It sits at the switch's end of the balancer's wire: a sender behind a wire of
// its own has as much work with a frame as the balancer, and cannot saturate it.
func (b *bench) startSender(to benchEnd, proto benchProto, rate int, limit time.Duration) (*Process, error) {
	from, err := b.client.MAC()
	if err != nil {
		return nil, err
	}
	mac, err := to.host.MAC()
	if err != nil {
		return nil, err
	}
	job, err := json.Marshal(senderJob{
		Dev: to.host.port(), Notation: fmt.Sprintf("%v > %v %s", from, mac, proto.notation),
		To: netip.AddrPortFrom(to.addr, proto.port), Rate: rate, Limit: limit,
		Flows: proto.flows, Opens: proto.opens,
	})
	if err != nil {
		return nil, err
	}
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	theSwitch := &Host{Name: "switch", lab: b.lab, ns: b.lab.segment.ns}
	p := theSwitch.Command("taskset", "-c", fmt.Sprint(b.cores[1]), program, "-test.run=^TestBenchSender$")
	p.Cmd.Env = append(os.Environ(), senderVariable+"="+string(job))
	return p, p.Start()
}

// TestBenchSender is the child's main function.
func TestBenchSender(t *testing.T) {
	text := os.Getenv(senderVariable)
	if text == "" {
		t.Skip("this is a part of TestBench, which starts it")
	}
	var job senderJob
	if err := json.Unmarshal([]byte(text), &job); err != nil {
		t.Fatal(err)
	}
	if err := job.send(); err != nil {
		t.Fatal(err)
	}
}

// send does the job.
func (j senderJob) send() error {
	batches, err := j.batches()
	if err != nil {
		return err
	}
	dev, err := net.InterfaceByName(j.Dev)
	if err != nil {
		return err
	}
	queue, err := afpacket.Open(dev.Name, dev.Index, afpacket.Options{Wait: time.Second})
	if err != nil {
		return err
	}
	defer queue.Close()
	flows := flowFrames{flows: j.Flows, opens: j.Opens}
	next := time.Now()
	for end := next.Add(j.Limit); ; {
		for _, batch := range batches {
			now := time.Now()
			for now.Before(next) { // sleeping is a hundred times too coarse
				now = time.Now()
			}
			// One that was kept waiting does not make up for it at once.
			if next = next.Add(j.interval()); now.Sub(next) > time.Millisecond {
				next = now
			}
			if now.After(end) {
				return errors.New("the sender was not stopped")
			}
			if j.Flows > 0 {
				flows.fill(batch)
			}
			if err := queue.Send(batch); err != nil {
				return err
			}
		}
	}
}

// interval is the time from one batch to the next.
func (j senderJob) interval() time.Duration {
	if j.Rate == fullSpeed {
		return 0
	}
	return time.Second * burst / time.Duration(j.Rate)
}

// batches are a frame of each client, in batches to be sent at once.
func (j senderJob) batches() (batches []*wire.Batch, err error) {
	size := burst
	if j.Rate == fullSpeed {
		size = wire.BatchSize
	}
	for i := range senders {
		// Addresses that nobody has.
		from := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 78, 0, byte(i)}), uint16(20000+i))
		frame, err := wire.ParseText(fmt.Sprintf(j.Notation, from, j.To))
		if err != nil {
			return nil, err
		}
		if i%size == 0 {
			batches = append(batches, wire.NewBatch(size, wire.VnetLen+len(frame)))
		}
		batch := batches[i/size]
		slot := &batch.Slots[batch.N]
		slot.Set(frame)
		slot.Send = true
		batch.N++
	}
	return batches, nil
}

func TestSendersFramesAreSmallAndFromManyClients(t *testing.T) {
	for _, proto := range []benchProto{benchUDP(), benchTCP()} {
		for _, rate := range []int{fullSpeed, 1000} {
			to := netip.AddrPortFrom(netip.MustParseAddr(vip), proto.port)
			job := senderJob{Notation: "02:00:00:00:00:01 > 02:00:00:00:00:02 " + proto.notation, To: to, Rate: rate}
			batches, err := job.batches()
			if err != nil {
				t.Fatal(err)
			}
			clients := map[netip.Addr]bool{}
			for _, b := range batches {
				for _, slot := range b.Slots[:b.N] {
					var f wire.Frame
					d := f.Parse(slot.Frame())
					if d != wire.DefectNone || slot.Len != 60 || !f.TransportChecksumOK() || !slot.Send {
						t.Errorf("%v: %d bytes, defect %v", &f, slot.Len, d)
					}
					clients[f.Src] = true
				}
			}
			if len(clients) != senders {
				t.Errorf("%s: %d clients, want %d", proto.name, len(clients), senders)
			}
		}
	}
}
