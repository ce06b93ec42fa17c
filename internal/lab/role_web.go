// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// serveWeb is a web server. GET answers who served whom; PUT and POST answer
// the SHA-256 and the length of what was uploaded, as sha256sum prints it.
func serveWeb(ctx context.Context, name, listen string) error {
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: webHandler(name), ReadHeaderTimeout: 10 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() }) // it only closes sockets; Serve tells
	defer stop()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// serverHeader tells the client which server answered.
const serverHeader = "X-Server"

func webHandler(name string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(serverHeader, name)
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			client, _, _ := net.SplitHostPort(r.RemoteAddr)
			// The client's own address: direct server return hides nobody.
			fmt.Fprintf(w, "%s served %s at %s\n", name, client, strings.TrimSuffix(r.Host, ":80"))
			return
		}
		sum := sha256.New()
		n, err := io.Copy(sum, r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		fmt.Fprintf(w, "%x %d\n", sum.Sum(nil), n)
	})
}
