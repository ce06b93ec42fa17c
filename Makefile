# SPDX-FileCopyrightText: 2026 The Cygnet Authors
# SPDX-License-Identifier: MIT

GO       ?= go
PREFIX   ?= /usr/local
FUZZTIME ?= 5s

# Nothing of the C library, no paths of the building machine, no debug symbols.
BUILD = CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w'
TOOL  = $(GO) tool -modfile=.ci/tools.mod

# Packages that know no operating system: tested for 32 bits too, as on a
# Raspberry Pi. An amd64 kernel runs them; elsewhere they are only compiled.
PURE     = ./internal/wire ./acl ./internal/sched ./internal/flow ./internal/neigh
PURE_RUN = $(if $(filter amd64,$(shell $(GO) env GOHOSTARCH)),,-run '^$$' -exec true)

.DEFAULT_GOAL := help
.PHONY: help build test test-32 test-race lint fuzz bench demo cross install

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## the static binary, bin/cygnet
	$(BUILD) -o bin/cygnet ./cmd/cygnet

# -p 1: the namespace tests of two packages at once would spoil each other's
# timing. -count=1: the cache does not see the programs that tests run.
test: ## everything a change must pass; installs what the tests need (as root on Debian)
	.ci/install-test-tools
	$(GO) vet ./...
	REQUIRE_NETNS=1 $(GO) test -p 1 -count=1 -timeout 20m ./...
	$(MAKE) fuzz test-32 cross

test-32: ## the pure packages' tests, for 32 bits
	CGO_ENABLED=0 GOARCH=386 $(GO) test $(PURE_RUN) $(PURE)

test-race: ## the tests that need no root, with the race detector
	env -u REQUIRE_NETNS $(GO) test -race -timeout 20m ./...

lint: ## gofmt, vet, staticcheck, and the import rule
	@unformatted=$$(gofmt -l .); [ -z "$$unformatted" ] || { echo "gofmt -w" $$unformatted; exit 1; }
	$(GO) vet ./...
	$(TOOL) staticcheck ./...
	$(TOOL) golangci-lint run

fuzz: ## each fuzz target for FUZZTIME (5s)
	GO=$(GO) .ci/fuzz $(FUZZTIME)

bench: ## cygnet beside Pen, in network namespaces; needs root
	.ci/install-test-tools
	CYGNET_BENCH=1 $(GO) test ./internal/lab -run TestBench -count=1 -v -timeout 60m

demo: build ## a whole segment with real traffic on this machine; needs root
	@[ "$$(id -u)" = 0 ] || { echo "the demo makes network namespaces, so it needs root: sudo bin/cygnet lab"; exit 1; }
	bin/cygnet lab

cross: ## binaries for linux on amd64, arm64 and arm, in bin/
	GOOS=linux GOARCH=amd64 $(BUILD) -o bin/cygnet-linux-amd64 ./cmd/cygnet
	GOOS=linux GOARCH=arm64 $(BUILD) -o bin/cygnet-linux-arm64 ./cmd/cygnet
	GOOS=linux GOARCH=arm GOARM=6 $(BUILD) -o bin/cygnet-linux-armv6 ./cmd/cygnet
	GOOS=linux GOARCH=arm GOARM=7 $(BUILD) -o bin/cygnet-linux-armv7 ./cmd/cygnet

# Not built again here: root often has no Go.
install: | bin/cygnet ## bin/cygnet to $(DESTDIR)$(PREFIX)/sbin
	install -D -m 0755 bin/cygnet $(DESTDIR)$(PREFIX)/sbin/cygnet

bin/cygnet:
	$(MAKE) build
