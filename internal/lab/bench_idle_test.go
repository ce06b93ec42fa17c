// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"encoding/binary"
	"fmt"
	"net"
	"slices"
	"testing"
	"time"
)

const (
	// idleTime is how long the balancers are watched doing nothing.
	idleTime = 10 * time.Second

	// Round trips are measured one after the other, at so many a round and
	// one each askEvery.
	roundTripsARound = 3000
	askEvery         = time.Millisecond

	answerLimit = time.Second
)

// idle measures what the balancers need while nobody wants anything of them,
// just after their start.
func (b *bench) idle(t *testing.T) {
	t.Helper()
	t.Logf("measuring: %v of idleness", idleTime)
	rows := b.table.add(
		benchRow{what: "idle for 10 s: memory (VmRSS), MB", goals: []benchGoal{atMost(32, "")}},
		benchRow{what: "idle for 10 s: peak memory (VmHWM), MB"},
		benchRow{what: "idle for 10 s: CPU, % of one core", goals: []benchGoal{atMost(0.5, "")}})
	time.Sleep(idleTime / 2) // until nothing of the start is left to do: servers are waited for
	var before [2]time.Duration
	for round := range 2 {
		for i, p := range b.balancers() {
			used, err := cpuTime(p.tcp.proc)
			if err != nil {
				t.Fatal(err)
			}
			if round == 0 {
				before[i] = used
				continue
			}
			for row, line := range []string{"VmRSS", "VmHWM"} {
				mb, err := memory(p.tcp.proc, line)
				if err != nil {
					t.Fatal(err)
				}
				rows[row].cell(p).values = []float64{mb}
			}
			rows[2].cell(p).values = []float64{100 * (used - before[i]).Seconds() / idleTime.Seconds()}
		}
		if round == 0 {
			time.Sleep(idleTime) // the measurement itself
		}
	}
}

// answers measures the time from a question to its answer, over UDP.
func (b *bench) answers(t *testing.T) {
	t.Helper()
	b.setClientOffload(t, false) // else Pen forwards what nobody takes
	b.compare(t, b.all(), func(p *benchPath) ([]float64, error) {
		trips, err := b.roundTrips(p, roundTripsARound)
		if err != nil {
			return nil, err
		}
		slices.Sort(trips)
		us := func(share float64) float64 { return trips[int(share*float64(len(trips)-1))].Seconds() * 1e6 }
		return []float64{us(0.5), us(0.99)}, nil
	}, benchRow{what: "DNS over UDP, 1000 queries/s: median round trip, µs", goals: []benchGoal{atMost(1, "pen")}},
		benchRow{what: "DNS over UDP, 1000 queries/s: 99th percentile, µs", goals: []benchGoal{atMost(1, "pen")}})
}

// roundTrips sends n datagrams to the echo service, one after the other, and
// gives how long each took to come back.
func (b *bench) roundTrips(p *benchPath, n int) (trips []time.Duration, err error) {
	var conn net.Conn
	err = b.client.Do(func() error {
		conn, err = net.Dial("udp", joinPort(p.udp.addr, dnsPort))
		return err
	})
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	pace := time.NewTicker(askEvery)
	defer pace.Stop()
	for i := range n {
		<-pace.C
		trip, err := roundTrip(conn, uint16(i))
		if err != nil {
			return nil, fmt.Errorf("round trip %d: %w", i, err)
		}
		trips = append(trips, trip)
	}
	return trips, nil
}

// roundTrip asks a question of DNS and waits for its answer.
func roundTrip(conn net.Conn, number uint16) (time.Duration, error) {
	query, err := questionDNS(number)
	if err != nil {
		return 0, err
	}
	var buf [512]byte
	began := time.Now()
	if err := conn.SetReadDeadline(began.Add(answerLimit)); err != nil {
		return 0, err
	}
	if _, err := conn.Write(query); err != nil {
		return 0, err
	}
	n, err := conn.Read(buf[:])
	took := time.Since(began)
	if err == nil && (n <= len(query) || binary.BigEndian.Uint16(buf[:]) != number) {
		err = fmt.Errorf("%d bytes came back that are no answer to query %d", n, number)
	}
	return took, err
}
