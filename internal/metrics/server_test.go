// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package metrics

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	soon   = 10 * time.Second // far more than anything here takes
	faster = 20               // are the timeouts of a server under test
)

// ask sends one request, over a connection of its own.
func ask(t *testing.T, method, url string) (status int, body string) {
	t.Helper()
	status, body, err := try(method, url)
	if err != nil {
		t.Fatal(err)
	}
	return status, body
}

// try is ask for where no answer is an answer, too.
func try(method, url string) (status int, body string, err error) {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: soon}
	req, err := http.NewRequest(method, url, nil)
	if err != nil {
		return 0, "", err
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b), err
}

// serve runs a server of h on a free port until the test ends or stop is
// called. Its timeouts are shorter by the factor faster.
func serve(t *testing.T, h http.Handler) (s *Server, stop func() error) {
	t.Helper()
	s, err := Listen("0", h)
	if err != nil {
		t.Fatal(err)
	}
	for _, timeout := range []*time.Duration{&s.http.ReadHeaderTimeout, &s.http.ReadTimeout, &s.http.WriteTimeout, &s.http.IdleTimeout} {
		*timeout /= faster
	}
	return s, start(t, s)
}

// start runs s until the test ends or stop is called.
func start(t *testing.T, s *Server) (stop func() error) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	stop = sync.OnceValue(func() error { cancel(); return <-ended })
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	return stop
}

func url(s *Server) string { return "http://" + s.Addr().String() }

func dial(t *testing.T, s *Server) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(soon)); err != nil {
		t.Fatal(err)
	}
	return conn
}

func okHandler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
}

func TestServes(t *testing.T) {
	s, stop := serve(t, NewHandler(sourcesOf(full(time.Now()))))
	if host, _, _ := net.SplitHostPort(s.Addr().String()); host != "127.0.0.1" {
		t.Errorf("a bare port is served on %s", host)
	}
	if status, _ := ask(t, "GET", url(s)+"/metrics"); status != 200 {
		t.Errorf("status %d", status)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	if conn, err := net.Dial("tcp", s.Addr().String()); err == nil {
		conn.Close()
		t.Error("still listens after the end")
	}
}

func TestListenFails(t *testing.T) {
	s, err := Listen("0", okHandler())
	if err != nil {
		t.Fatal(err)
	}
	_, err = Listen(s.Addr().String(), okHandler())
	if err == nil || !strings.Contains(err.Error(), "address already in use") {
		t.Errorf("taken: %v", err)
	}
	s.Close()
	s.Close() // again is no harm
	again, err := Listen(s.Addr().String(), okHandler())
	if err != nil {
		t.Fatalf("after Close: %v", err)
	}
	again.Close()
	if _, err := Listen("nonsense", okHandler()); err == nil {
		t.Error("listens on nonsense")
	}
}

func TestRunReturnsAfterClose(t *testing.T) {
	s, err := Listen("0", okHandler())
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() { ended <- s.Run(t.Context()) }()
	ask(t, "GET", url(s))
	s.Close()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if err := s.Run(t.Context()); err != nil {
		t.Errorf("run after Close: %v", err)
	}
}

func TestRunReturnsTheListenersError(t *testing.T) {
	s, err := Listen("0", okHandler())
	if err != nil {
		t.Fatal(err)
	}
	s.listener.Close()
	if err := s.Run(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "serve metrics on 127.0.0.1:") {
		t.Errorf("got %v", err)
	}
}

func TestAnswersUnderWayAreFinished(t *testing.T) {
	entered, leave := make(chan bool), make(chan bool)
	s, stop := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(entered)
		<-leave
		fmt.Fprint(w, "whole")
	}))
	conn := dial(t, s)
	fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	<-entered
	ended := make(chan error)
	go func() { ended <- stop() }()
	for { // until no more are let in
		c, err := net.Dial("tcp", s.Addr().String())
		if err != nil {
			break
		}
		c.Close()
	}
	close(leave)
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); string(body) != "whole" {
		t.Errorf("got %q, %v", body, err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestAStuckAnswerDelaysTheEndByASecond(t *testing.T) {
	entered, leave := make(chan bool), make(chan bool)
	defer close(leave)
	s, stop := serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { close(entered); <-leave }))
	fmt.Fprint(dial(t, s), "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	<-entered
	begun := time.Now()
	if err := stop(); err != nil {
		t.Error(err)
	}
	if took := time.Since(begun); took < endPatience || took > endPatience+soon/2 {
		t.Errorf("took %v, want %v", took, endPatience)
	}
}
