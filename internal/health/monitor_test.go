// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package health

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cygnet/engine"
	"cygnet/internal/config"
)

var _ Segment = (*engine.Engine)(nil)

// web is server 1 of the service web, checked in that way every 2 s.
func web(kind string) Target {
	check := config.NewService("web").Check
	check.Kind = kind
	return Target{Service: "web", VIP: vip4, Port: 80, Addr: server4, Timeout: time.Second, Check: check}
}

// scripted is a Checker that says what it is told to.
type scripted struct {
	mu    sync.Mutex
	began []time.Time
	out   outcome
	took  time.Duration
}

func (c *scripted) Check(ctx context.Context, _ way) outcome {
	c.mu.Lock()
	c.began = append(c.began, time.Now())
	took := c.took
	c.mu.Unlock()
	select {
	case <-ctx.Done():
	case <-time.After(took):
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.out
}

// say tells it how checks end from now on.
func (c *scripted) say(o outcome) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.out = o
}

// take tells it how long checks take from now on.
func (c *scripted) take(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.took = d
}

// times is when checks began.
func (c *scripted) times() []time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.began
}

// run runs a Monitor of one server in a bubble; its Checker says what script does.
func run(t *testing.T, target Target, body func(s *fakeSegment, m *Monitor, c *scripted)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := newFake()
		m := New(s)
		c := &scripted{out: pass("ok")}
		m.check = func(*Target) Checker { return c }
		m.Configure([]Target{target})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- m.Run(ctx) }()
		synctest.Wait()
		body(s, m, c)
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
}

// after lets time pass, and says what the state is then.
func (s *fakeSegment) after(d time.Duration) string {
	time.Sleep(d)
	synctest.Wait()
	h := s.health()
	text := h.State.String()
	if h.Turn > 0 {
		text += fmt.Sprintf(" %d/%d", h.Turn, h.Turns)
	}
	if !h.Held.IsZero() {
		text += " held"
	}
	return text
}

func expect(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %s, want %s", what, got, want)
	}
}

func TestStartRiseFall(t *testing.T) {
	run(t, web("tcp"), func(s *fakeSegment, m *Monitor, c *scripted) {
		expect(t, "first pass", s.after(0), "up")
		expect(t, "second pass", s.after(2*time.Second), "up")
		c.say(fail("no"))
		expect(t, "one failure", s.after(2*time.Second), "up 1/3")
		expect(t, "two failures", s.after(2*time.Second), "up 2/3")
		c.say(pass("ok"))
		expect(t, "a pass between", s.after(2*time.Second), "up")
		c.say(fail("http 503 from VIP"))
		s.after(4 * time.Second)
		expect(t, "three failures", s.after(2*time.Second), "down")
		expect(t, "the reason", s.health().Why, "http 503 from VIP")
		if at := s.health().Since; !at.Equal(c.times()[len(c.times())-1]) {
			t.Errorf("down since %v", at)
		}
		expect(t, "four failures", s.after(2*time.Second), "down")
		c.say(pass("ok"))
		expect(t, "one pass", s.after(2*time.Second), "down 1/2")
		expect(t, "two passes", s.after(2*time.Second), "up")
		if n := len(s.health().Last); n != resultsKept {
			t.Errorf("%d results", n)
		}
	})
}

func TestFirstFailureDecides(t *testing.T) {
	run(t, web("tcp"), func(s *fakeSegment, m *Monitor, c *scripted) {
		added := web("tcp")
		added.Addr = other4
		late := &scripted{out: fail("no")}
		m.check = func(*Target) Checker { return late }
		m.Configure([]Target{web("tcp"), added})
		synctest.Wait()
		state := func() engine.Health { return s.lastTold(added.key()) }
		expect(t, "the first failure", state().State.String(), "down")
		late.say(pass("ok"))
		s.after(2 * time.Second)
		expect(t, "the first pass", state().State.String(), "up")
	})
}

func TestDamping(t *testing.T) {
	run(t, web("tcp"), func(s *fakeSegment, m *Monitor, c *scripted) {
		flap := func() { // it falls
			c.say(fail("no"))
			for s.health().State == engine.HealthUp {
				s.after(time.Second)
			}
			c.say(pass("ok"))
		}
		rise := func(want time.Duration) {
			t.Helper()
			since := time.Now()
			for s.health().State != engine.HealthUp {
				s.after(time.Second)
				if time.Since(since) > 10*time.Minute {
					t.Fatal("it does not rise")
				}
			}
			if took := time.Since(since); took != want {
				t.Errorf("it rose after %v, want %v", took, want)
			}
		}
		for _, want := range []time.Duration{
			4 * time.Second, 4 * time.Second, 10 * time.Second, 20 * time.Second, 40 * time.Second,
			80 * time.Second, 160 * time.Second, 5 * time.Minute, 5 * time.Minute,
		} {
			flap()
			rise(want)
		}
		s.after(time.Minute)
		flap()
		rise(4 * time.Second)
	})
}

func TestHeldWhileItFails(t *testing.T) {
	run(t, web("tcp"), func(s *fakeSegment, m *Monitor, c *scripted) {
		w := m.watches[key{service: "web", server: server4}]
		w.mu.Lock()
		w.course.falls = []time.Time{time.Now(), time.Now()}
		w.mu.Unlock()
		c.say(fail("no"))
		s.after(4 * time.Second)
		expect(t, "the third fall", s.after(2*time.Second), "down held")
		expect(t, "failing still", s.after(20*time.Second), "down")
		c.say(pass("ok"))
		expect(t, "it rises as ever", s.after(4*time.Second), "up")
	})
}

func TestHoldEndsBetweenChecks(t *testing.T) {
	target := web("tcp")
	target.Check.Interval = 7 * time.Second
	run(t, target, func(s *fakeSegment, m *Monitor, c *scripted) {
		w := m.watches[key{service: "web", server: server4}]
		w.mu.Lock()
		w.course.falls = []time.Time{time.Now(), time.Now()}
		w.course.fall, w.course.rise = 1, 1
		w.mu.Unlock()
		c.say(fail("no"))
		expect(t, "the third fall", s.after(7*time.Second), "down held")
		c.say(pass("ok"))
		expect(t, "just before", s.after(10*time.Second-time.Millisecond), "down 1/1 held")
		expect(t, "the hold is over", s.after(time.Millisecond), "up")
	})
}

func TestJitter(t *testing.T) {
	target := web("tcp")
	target.Check.Jitter = 500 * time.Millisecond
	run(t, target, func(s *fakeSegment, m *Monitor, c *scripted) {
		s.after(10 * time.Minute)
		var gaps []time.Duration
		for i := range c.times()[1:] {
			gaps = append(gaps, c.times()[i+1].Sub(c.times()[i]))
		}
		if low, high := slices.Min(gaps), slices.Max(gaps); low < 2*time.Second || high > 2500*time.Millisecond || high-low < 300*time.Millisecond {
			t.Errorf("between checks: %v to %v", low, high)
		}
	})
}

func TestSlowCheckDelaysTheNext(t *testing.T) {
	target := web("tcp")
	target.Timeout = 5 * time.Second
	run(t, target, func(s *fakeSegment, m *Monitor, c *scripted) {
		c.take(time.Hour)
		s.after(20 * time.Second)
		if n := len(c.times()); n != 5 { // at 0, 2, 7, 12 and 17 s
			t.Errorf("%d checks in 20 s", n)
		}
	})
}

func TestNoSourceYet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFake()
		s.sources = nil
		m := New(s)
		m.check = func(*Target) Checker { return &scripted{out: fail("refused")} }
		m.Configure([]Target{web("tcp")})
		ctx, cancel := context.WithCancel(t.Context())
		defer func() { cancel(); m.work.Wait() }()
		go m.Run(ctx)
		expect(t, "while it may be claimed", s.after(2900*time.Millisecond), "unchecked")
		expect(t, "by ARP", s.after(200*time.Millisecond), "up")
		if h := s.health(); h.Why != noSource || h.Check != "arp" {
			t.Errorf("told: %+v", h)
		}
		s.set(func() { s.sources = []netip.Addr{source4} })
		expect(t, "checked as it should be", s.after(2*time.Second), "down")
		if h := s.health(); h.Why != "refused" || h.Check != "tcp" || !h.Soft {
			t.Errorf("told: %+v", h)
		}
	})
}

// At the start nobody is asked before our sources are claimed.
func TestFirstAnswerIsLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFake()
		s.silent, s.known = true, map[netip.Addr]time.Time{}
		m := New(s)
		m.Configure([]Target{web("arp")})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- m.Run(ctx) }()
		expect(t, "asked", s.after(1500*time.Millisecond), "unchecked")
		s.set(func() { s.known[server4] = time.Now() })
		expect(t, "answered", s.after(100*time.Millisecond), "up")
		cancel()
		<-done
	})
}

func TestSourceLost(t *testing.T) {
	run(t, web("tcp"), func(s *fakeSegment, m *Monitor, c *scripted) {
		s.set(func() { s.sources, s.silent = nil, true })
		c.say(fail("no"))
		expect(t, "nothing is concluded", s.after(time.Minute), "up")
		expect(t, "but it is said", s.health().Why, noSource)
		if len(c.times()) != 1 {
			t.Errorf("%d checks", len(c.times()))
		}
	})
}

func TestLinkDown(t *testing.T) {
	run(t, web("tcp"), func(s *fakeSegment, m *Monitor, c *scripted) {
		s.after(time.Second)
		c.say(fail("no"))
		c.take(500 * time.Millisecond)
		s.after(1200 * time.Millisecond) // a check is under way
		m.SetLink(false)
		m.SetLink(false)
		n := len(c.times())
		expect(t, "nothing is concluded", s.after(time.Minute), "up")
		if len(c.times()) != n {
			t.Errorf("%d checks without a link", len(c.times())-n)
		}
		c.say(pass("ok"))
		m.SetLink(true)
		expect(t, "the link is back", s.after(600*time.Millisecond), "up")
		if len(c.times()) != n+1 {
			t.Errorf("%d checks", len(c.times())-n)
		}
	})
}

func TestConfigure(t *testing.T) {
	run(t, web("tcp"), func(s *fakeSegment, m *Monitor, c *scripted) {
		s.after(time.Second)
		m.Configure([]Target{web("tcp")})
		s.after(time.Millisecond)
		if len(c.times()) != 1 {
			t.Errorf("what stays is checked out of turn")
		}
		c.say(fail("no"))
		expect(t, "failing", s.after(3*time.Second), "up 2/3")
		changed := web("tcp")
		changed.Check.Fall = 2
		m.Configure([]Target{changed})
		expect(t, "changed: counts start anew, at once", s.after(0), "up 1/2")
		moved := changed
		moved.Addr = other4
		m.Configure([]Target{moved})
		s.after(0)
		there := func() string { return s.lastTold(moved.key()).State.String() }
		expect(t, "moved: one failure decides", there(), "down")
		c.say(pass("ok"))
		s.after(2 * time.Second)
		expect(t, "moved: one pass suffices", there(), "up")
		told := len(s.healths[moved.key()])
		m.Configure(nil)
		s.after(time.Minute)
		if now := len(s.healths[moved.key()]); now != told {
			t.Errorf("told of a server that is gone")
		}
	})
}

func TestChangedWhileChecked(t *testing.T) {
	run(t, web("tcp"), func(s *fakeSegment, m *Monitor, c *scripted) {
		c.say(fail("the old way"))
		c.take(500 * time.Millisecond)
		s.after(2100 * time.Millisecond)
		changed := web("arp")
		m.check = m.checker
		m.Configure([]Target{changed})
		expect(t, "told", s.after(time.Second), "up")
		expect(t, "why", s.health().Why, "")
		expect(t, "kind", s.health().Check, "arp")
	})
}

func TestFramesThatDidNotLeave(t *testing.T) {
	run(t, web("tcp"), func(s *fakeSegment, m *Monitor, c *scripted) {
		c.say(outcome{})
		expect(t, "nothing is concluded", s.after(time.Minute), "up")
	})
}

// numbered is the name of the i-th service.
func numbered(i int) string { return fmt.Sprintf("web-%d", i) }

func TestManyTargetsAreSpread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFake()
		m := New(s)
		var all []Target
		for i := range 100 {
			target := web("arp")
			target.Service = numbered(i)
			all = append(all, target)
		}
		m.Configure(all)
		ctx, cancel := context.WithCancel(t.Context())
		start := time.Now()
		done := make(chan error)
		go func() { done <- m.Run(ctx) }()
		s.after(time.Second)
		cancel()
		<-done
		first, last := 0, time.Duration(0)
		for _, all := range s.healths {
			at := all[len(all)-1].Since.Sub(start)
			if at == 0 {
				first++
			}
			last = max(last, at)
		}
		if len(s.healths) != 100 || first > 2 || last > spreadOver || last < spreadOver/2 {
			t.Errorf("%d servers, %d at once, the last after %v", len(s.healths), first, last)
		}
	})
}

// Where there are many servers, they are seen to in step: the moments at which the
// Monitor does anything do not grow with them.
func TestManyServersAreSeenToInStep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFake()
		s.silent = true // so that it looks again and again
		clear(s.known)
		m := New(s)
		start := time.Now()
		var all []Target
		for i := range 2 * manyTargets {
			target := web("arp")
			target.Service = numbered(i)
			target.Addr = netip.AddrFrom4([4]byte{10, 78, 0, byte(i / 2)})
			all = append(all, target)
		}
		m.Configure(all)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- m.Run(ctx) }()
		s.after(10 * time.Second)
		cancel()
		<-done
		if len(s.looks) < 50*len(all) {
			t.Errorf("only %d looks", len(s.looks))
		}
		for _, at := range s.looks {
			if since := at.Sub(start); since%inStep != 0 {
				t.Fatalf("looked after %v, want multiples of %v", since, inStep)
			}
		}
		moments := map[time.Time]bool{}
		for _, at := range s.asked {
			moments[at] = true
		}
		if len(moments) < 100 {
			t.Errorf("it asked at only %d moments: the checks are not spread", len(moments))
		}
	})
}

// Checks that wait for a source address at the start are spread all the same.
func TestManyServersAreSpreadOnceThereIsASource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFake()
		s.sources = nil
		m := New(s)
		c := &scripted{out: pass("ok")}
		m.check = func(*Target) Checker { return c }
		var all []Target
		for i := range 2 * manyTargets {
			target := web("tcp")
			target.Service, target.Addr = numbered(i), netip.AddrFrom4([4]byte{10, 78, 0, byte(i)})
			all = append(all, target)
			s.known[target.Addr] = time.Now()
		}
		m.Configure(all)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- m.Run(ctx) }()
		s.after(time.Second)
		s.set(func() { s.sources = []netip.Addr{source4} })
		s.after(20 * time.Second)
		cancel()
		<-done
		moments := map[time.Time]bool{}
		for _, at := range c.times() {
			moments[at] = true
		}
		if len(moments) < 200 {
			t.Errorf("checks began at only %d moments of 20 s", len(moments))
		}
	})
}

func TestTargets(t *testing.T) {
	cfg := config.New()
	cfg.Sources = []config.Source{{Addr: source4}}
	add := func(name, kind string, vip netip.Addr, port uint16, proto uint8) {
		s := cfg.MakeService(name)
		s.VIP, s.Port, s.Proto, s.Check.Kind, s.Timeout = vip, port, proto, kind, 700*time.Millisecond
		s.Servers = []config.Server{{Number: 3, Name: "web-03", Addr: server4}}
		s.Emergency = config.Host{Addr: server4}
	}
	add("default", "", vip4, 443, 6)
	add("six", "", vip6, 80, 6)
	add("every", "https", vip4, 0, 6)
	add("dns", "dns", vip4, 0, 17)
	add("none", "none", vip4, 80, 6)
	cfg.MakeService("empty")
	got := ""
	for _, target := range Targets(cfg) {
		got += fmt.Sprintf("%s %s %s %d %v;", target.Service, target.Check.Kind, target.Addr, target.Port, target.Timeout)
	}
	expect(t, "targets", got, "default tcp 10.77.0.11 443 700ms;six arp 10.77.0.11 80 700ms;every https 10.77.0.11 443 700ms;dns dns 10.77.0.11 53 700ms;")
}
