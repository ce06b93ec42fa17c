# SPDX-FileCopyrightText: 2026 The Cygnet Authors
# SPDX-License-Identifier: MIT

GO       ?= go
PREFIX   ?= /usr/local
FUZZTIME ?= 5s

# Nothing of the C library, no paths of the building machine, no debug symbols, and
# no HTTP/2, which neither checks nor metrics speak: half a megabyte.
BUILD = CGO_ENABLED=0 $(GO) build -trimpath -tags nethttpomithttp2 -ldflags '-s -w'
TOOL  = $(GO) tool -modfile=.ci/tools.mod

# Packages that know no operating system: tested for 32 bits too, as on a
# Raspberry Pi. An amd64 kernel runs them; elsewhere they are only compiled.
PURE     = ./internal/wire ./acl ./internal/sched ./internal/flow ./internal/neigh ./internal/capture ./internal/holds
PURE_RUN = $(if $(filter amd64,$(shell $(GO) env GOHOSTARCH)),,-run '^$$' -exec true)

# What ARM is tested with, by qemu: packages that ask nothing of a kernel that it does
# not know, and of time only what synctest fakes. It is some fifteen times slower than the machine, so rapid tries less
# (-short), and tests that are long because they try very many are left out.
ARM      = $(PURE) ./engine ./internal/events ./internal/config ./internal/command ./internal/metrics \
	./internal/headless
ARM_SKIP = ^(TestForgedSourcesPushOutNobodyCaught|TestTwoOfUsDoNotTalkForEver|TestLimitsSpareOthers|TestPlausiblePorts|TestFreeAddressesOfIPv6AreBounded|TestOthersKeepTheirSlotsWhenOneOfEightLeaves|TestConnectionsAreBounded)$$
ARM_TEST = CGO_ENABLED=0 $(GO) test -short -timeout 20m -skip '$(ARM_SKIP)'

# No binary may have more bytes.
MAX_SIZE = 19999999

.DEFAULT_GOAL := help
.PHONY: help build test test-32 test-arm test-race lint fuzz bench bench-quick demo screen cross install uninstall

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## the static binary, bin/cygnet
	$(BUILD) -o bin/cygnet ./cmd/cygnet

# -p 1: the namespace tests of two packages at once would spoil each other's
# timing. -count=1: the cache does not see the programs that tests run.
test: ## everything a change must pass; installs what the tests need (as root on Debian)
	.ci/install-test-tools
	$(GO) vet ./...
	REQUIRE_NETNS=1 $(GO) test -p 1 -count=1 -timeout 40m ./...
	$(GO) test -run '^$$' -bench . -benchtime 1x ./... # each benchmark once: that it can run
	$(MAKE) fuzz test-32 test-arm cross bench-quick

test-32: ## the pure packages' tests, for 32 bits
	CGO_ENABLED=0 GOARCH=386 $(GO) test $(PURE_RUN) $(PURE)

test-arm: ## the unit tests for arm and arm64, by qemu-user
	.ci/install-test-tools
	GOARCH=arm GOARM=6 $(ARM_TEST) -exec qemu-arm-static $(ARM)
	GOARCH=arm64 $(ARM_TEST) -exec qemu-aarch64-static $(ARM)

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
	CYGNET_BENCH=1 $(GO) test ./engine -run TestBench -count=1 -v

bench-quick: ## what a frame costs beside Pen, in less than a minute; needs root
	CYGNET_BENCH_QUICK=1 $(GO) test ./internal/lab -run TestBenchQuick -count=1 -v

demo: build ## a whole segment with real traffic on this machine; needs root
	@[ "$$(id -u)" = 0 ] || { echo "the demo makes network namespaces, so it needs root: sudo bin/cygnet lab"; exit 1; }
	bin/cygnet lab

screen: build ## what the dashboard shows on the lab, into the README; needs root and tmux
	.ci/screen

cross: ## binaries for linux on amd64, arm64 and arm, in bin/
	GOOS=linux GOARCH=amd64 $(BUILD) -o bin/cygnet-linux-amd64 ./cmd/cygnet
	GOOS=linux GOARCH=arm64 $(BUILD) -o bin/cygnet-linux-arm64 ./cmd/cygnet
	GOOS=linux GOARCH=arm GOARM=6 $(BUILD) -o bin/cygnet-linux-armv6 ./cmd/cygnet
	GOOS=linux GOARCH=arm GOARM=7 $(BUILD) -o bin/cygnet-linux-armv7 ./cmd/cygnet
	@for f in bin/cygnet-linux-*; do size=$$(stat -c %s "$$f"); echo "$$f: $$size bytes"; \
		[ "$$size" -le $(MAX_SIZE) ] || { echo "$$f is larger than $(MAX_SIZE) bytes: go tool nm -size -sort size shows why"; exit 1; }; done

# Not built again here: root often has no Go. The binary prints its own manual
# page and completions, so a cross-built one cannot be installed this way.
SHARE = $(DESTDIR)$(PREFIX)/share
LIB   = $(DESTDIR)$(PREFIX)/lib
UNITS = cygnet.service cygnet@.service

install: | bin/cygnet ## binary, manual page, completions and units, to $(DESTDIR)$(PREFIX)
	install -D -m 0755 bin/cygnet $(DESTDIR)$(PREFIX)/sbin/cygnet
	install -d $(SHARE)/man/man8 $(SHARE)/bash-completion/completions $(SHARE)/zsh/site-functions \
		$(SHARE)/fish/vendor_completions.d $(LIB)/systemd/system
	umask 022; bin/cygnet --man >$(SHARE)/man/man8/cygnet.8
	umask 022; bin/cygnet completion bash >$(SHARE)/bash-completion/completions/cygnet
	umask 022; bin/cygnet completion zsh >$(SHARE)/zsh/site-functions/_cygnet
	umask 022; bin/cygnet completion fish >$(SHARE)/fish/vendor_completions.d/cygnet.fish
	umask 022; for unit in $(UNITS); do \
		sed 's|/usr/sbin/|$(PREFIX)/sbin/|' cmd/cygnet/systemd/$$unit >$(LIB)/systemd/system/$$unit || exit; \
	done
	install -D -m 0644 cmd/cygnet/systemd/cygnet.tmpfiles $(LIB)/tmpfiles.d/cygnet.conf
	install -D -m 0644 cmd/cygnet/systemd/cygnet.sysusers $(LIB)/sysusers.d/cygnet.conf
	[ ! -e cmd/cygnet/grafana.json ] || install -D -m 0644 cmd/cygnet/grafana.json $(SHARE)/cygnet/grafana.json
	@[ -n "$(DESTDIR)" ] || echo "for the units: systemd-sysusers; systemd-tmpfiles --create; systemctl daemon-reload"

uninstall: ## remove what install put there; configuration and secret stay
	rm -f $(DESTDIR)$(PREFIX)/sbin/cygnet $(SHARE)/man/man8/cygnet.8 $(SHARE)/bash-completion/completions/cygnet \
		$(SHARE)/zsh/site-functions/_cygnet $(SHARE)/fish/vendor_completions.d/cygnet.fish \
		$(UNITS:%=$(LIB)/systemd/system/%) $(LIB)/tmpfiles.d/cygnet.conf $(LIB)/sysusers.d/cygnet.conf \
		$(SHARE)/cygnet/grafana.json
	[ ! -d $(SHARE)/cygnet ] || rmdir $(SHARE)/cygnet

bin/cygnet:
	$(MAKE) build
