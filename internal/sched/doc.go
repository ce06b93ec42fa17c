// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

// Package sched decides which server gets a flow. A Compiler turns the servers
// of a service into a Plan, in which choosing is an index into a table of slots:
// keyed Maglev (Eisenbud et al., "Maglev: A Fast and Reliable Software Network
// Load Balancer", NSDI 2016, section 3.4) with weights.
//
// Which server a client gets depends on the key, the client and the servers,
// and on nothing else: not on the order in which servers were written, not on
// earlier flows, not on when the process started. Two balancers with one key
// choose alike.
package sched
