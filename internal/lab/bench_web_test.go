// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// tryLimit bounds what may hang, such as an upload that never ends.
const tryLimit = 20 * time.Second

// try runs a program to its end and gives its stdout. Its failure is an error
// with the first line of what it said.
func (b *bench) try(p *Process, limit time.Duration) (stdout string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	err = p.Run(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return "", fmt.Errorf("not done after %v", limit)
	}
	if err != nil {
		said, _, _ := strings.Cut(strings.TrimSpace(p.Stderr()), "\n")
		return "", fmt.Errorf("%w: %s", err, said)
	}
	return p.Stdout(), nil
}

// clientOffloads are the two ways that the client is measured with: as it
// comes, and as Pen needs it.
func (b *bench) withClientOffloads(t *testing.T, measure func(when string)) {
	t.Helper()
	for _, on := range []bool{true, false} {
		b.setClientOffload(t, on)
		measure(map[bool]string{true: "client's offloads on", false: "client's tx off"}[on])
	}
}

// pages measures downloads, whose bulk goes past the balancer.
func (b *bench) pages(t *testing.T) {
	t.Helper()
	b.withClientOffloads(t, func(when string) {
		b.compare(t, b.all(), func(p *benchPath) ([]float64, error) { return b.requests(p, 20000, "small", 1) },
			benchRow{what: "ab -n 20000 -c 20, 100 bytes, " + when + ": requests/s",
				goals: []benchGoal{atLeast(0.85, "direct"), atLeast(1, "pen")}})
	})
	b.withClientOffloads(t, func(when string) {
		const gbit = 1_024_000 * 8 / 1e9
		b.compare(t, b.all(), func(p *benchPath) ([]float64, error) { return b.requests(p, 1000, "big", gbit) },
			benchRow{what: "ab -n 1000 -c 20, 1 024 000 bytes, " + when + ": Gbit/s", goals: []benchGoal{atLeast(0.95, "direct")}})
	})
}

// abRate is where ab says how fast it was.
var abRate = regexp.MustCompile(`Requests per second: +([0-9.]+) `)

// requests lets ab fetch a page n times and gives the requests a second, times
// scale. A request that failed makes all fail.
func (b *bench) requests(p *benchPath, n int, page string, scale float64) ([]float64, error) {
	out, err := b.try(b.client.Command("ab", "-q", "-n", fmt.Sprint(n), "-c", "20", "-s", "5", p.url(pagePort, page)), tryLimit)
	if err != nil {
		return nil, err
	}
	for _, want := range []string{fmt.Sprintf("Complete requests:      %d\n", n), "Failed requests:        0\n"} {
		if !strings.Contains(out, want) {
			return nil, fmt.Errorf("ab does not say %q", strings.TrimSpace(want))
		}
	}
	m := abRate.FindStringSubmatch(out)
	if m == nil || strings.Contains(out, "Non-2xx") {
		return nil, errors.New("ab tells no rate, or of answers that are no pages")
	}
	rate, err := strconv.ParseFloat(m[1], 64)
	return []float64{rate * scale}, err
}

// uploads measures what goes through the balancer as a whole: as super-frames
// from the client, as single frames, and as single frames that the balancer's
// kernel merges on arrival, as it does behind a real card.
func (b *bench) uploads(t *testing.T) {
	t.Helper()
	file, sum := randomFile(t)
	upload := func(p *benchPath) ([]float64, error) { return b.upload(p, file, sum) }
	b.withClientOffloads(t, func(when string) {
		row := benchRow{what: "upload of 100 MB, " + when + ": Gbit/s"}
		if b.offloads {
			row.goals = []benchGoal{atLeast(0.7, "direct")}
		}
		b.compare(t, b.all(), upload, row)
	})
	b.setClientOffload(t, true)
	b.compare(t, b.all(), func(p *benchPath) ([]float64, error) {
		if err := p.tcp.host.mergeOnArrival(); err != nil {
			return nil, err
		}
		values, err := upload(p)
		return values, errors.Join(err, p.tcp.host.SetOffload(Merging, false), p.tcp.host.SetPortOffload(TxChecksum, true))
	}, benchRow{what: "upload of 100 MB, behind GRO: Gbit/s", goals: []benchGoal{atLeast(6, "pen"), atLeast(2, "")}})
}

// upload sends the file once and gives Gbit/s. The file must arrive whole.
func (b *bench) upload(p *benchPath, file, sum string) ([]float64, error) {
	limit := fmt.Sprint(tryLimit.Seconds())
	out, err := b.try(b.client.Command("curl", "-sS", "-m", limit, "--connect-timeout", "5", "-H", "Expect:",
		"-w", "%{speed_upload}", "-T", file, p.url(uploadPort, "")), tryLimit+time.Second)
	if err != nil {
		return nil, err
	}
	said, speed, _ := strings.Cut(out, "\n")
	if want := fmt.Sprintf("%s %d", sum, uploadBytes); said != want {
		return nil, fmt.Errorf("the server got %q, want %q", said, want)
	}
	perSecond, err := strconv.ParseFloat(speed, 64)
	return []float64{perSecond * 8 / 1e9}, err
}
