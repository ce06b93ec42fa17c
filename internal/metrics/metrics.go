// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package metrics

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

// metric is one name under which numbers are exposed.
type metric struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
}

// metrics are all names, with what they mean. Frames and bytes everywhere are
// those of engine.Traffic: as on the wire, from Ethernet header to payload.
type metrics struct {
	all []*prometheus.Desc

	receivedFrames, receivedBytes metric
	sentFrames, sentBytes         metric
	frames, bytes                 metric

	serviceEnabled, serviceAddress metric
	serviceFrames, serviceBytes    metric
	serviceFlows, serviceServing   metric

	serverFrames, serverBytes            metric
	serverFlows, serverWeight            metric
	serverOpened, serverRetried          metric
	serverState, serverMACKnown          metric
	serverUp, serverHealth, serverCheck  metric
	listHits                             metric
	tarpitHits, tarpitHitsLost, captured metric

	heldNow, heldSeconds, verified, unverified metric
	escaped, backscatter, caughtBytes          metric
	captures, conflicts, captureState          metric
	captureAnswers, repairs, questions         metric
	limited                                    metric

	flows, flowsRoom, clients               metric
	flowsAdded, flowsUnstored, flowsAdopted metric

	linkUp, linkDrops, linkRecvErrors, linkSendErrors metric

	eventsLost, logLost                              metric
	standby, generation, started, tickAge, buildInfo metric
}

// namer makes metrics that share the label `interface`, and keeps their list.
type namer struct {
	constant prometheus.Labels
	all      []*prometheus.Desc
}

func (n *namer) counter(name, help string, labels ...string) metric {
	return n.metric(prometheus.CounterValue, name, help, labels)
}

func (n *namer) gauge(name, help string, labels ...string) metric {
	return n.metric(prometheus.GaugeValue, name, help, labels)
}

func (n *namer) metric(kind prometheus.ValueType, name, help string, labels []string) metric {
	desc := prometheus.NewDesc("cygnet_"+name, help, labels, n.constant)
	n.all = append(n.all, desc)
	return metric{desc, kind}
}

func newMetrics(iface string) *metrics {
	n := &namer{constant: prometheus.Labels{"interface": iface}}
	m := new(metrics)
	m.nameTraffic(n)
	m.nameServices(n)
	m.nameServers(n)
	m.nameFlows(n)
	m.nameHolds(n)
	m.nameCapture(n)
	m.nameRest(n)
	m.all = n.all
	return m
}

func (m *metrics) nameTraffic(n *namer) {
	m.receivedFrames = n.counter("received_frames_total", "Frames that workers received.")
	m.receivedBytes = n.counter("received_bytes_total", "Bytes that workers received, from Ethernet header to payload.")
	m.sentFrames = n.counter("sent_frames_total", "Frames that workers sent.")
	m.sentBytes = n.counter("sent_bytes_total", "Bytes that workers sent, from Ethernet header to payload.")
	m.frames = n.counter("frames_total", "Frames received, by how they ended: one reason each.", "reason", "verdict")
	m.bytes = n.counter("bytes_total", "Bytes received, by how their frames ended: one reason each.", "reason", "verdict")

	m.listHits = n.counter("list_hits_total", "How often a rule of an access list decided. Equal rules count as one; "+
		fmt.Sprintf(`rule "default" is what no rule decided, "other" all rules beyond the first %d.`, rulesExported), "list", "rule")
	m.tarpitHits = n.counter("tarpit_hits_total", "SYNs that the tarpit answered.")
	m.tarpitHitsLost = n.counter("tarpit_hits_lost_total", "Hits that came too fast to become events; they are in cygnet_tarpit_hits_total.")
	m.captured = n.gauge("tarpit_captured_addresses", "Addresses that the tarpit answers for while no host is heard using them.")
}

func (m *metrics) nameServices(n *namer) {
	service := []string{"service", "vip", "port", "proto"}
	m.serviceEnabled = n.gauge("service_enabled", "1 while the service as a whole is on.", service...)
	m.serviceAddress = n.gauge("service_address_state", "1 for the state that the service's address is in, 0 for the others.", append(service, "state")...)
	m.serviceFrames = n.counter("service_frames_total", "Frames for the service that were sent to its servers.", service...)
	m.serviceBytes = n.counter("service_bytes_total", "Bytes for the service that were sent to its servers.", service...)

	m.serviceFlows = n.gauge("service_flows", "Open flows of the service.", service...)
	m.serviceServing = n.gauge("service_serving", "1 for who is given the service's new flows, 0 for the others.", append(service, "serving")...)
}

// nameServers names what is told of each server, and of the emergency and abuse
// servers under these names.
func (m *metrics) nameServers(n *namer) {
	server := []string{"service", "server", "addr"}
	m.serverFrames = n.counter("server_frames_total", "Frames sent to the server.", server...)
	m.serverBytes = n.counter("server_bytes_total", "Bytes sent to the server.", server...)
	m.serverFlows = n.gauge("server_flows", "Open flows of the server.", server...)
	m.serverOpened = n.counter("server_flows_opened_total", "Flows that the server was given.", server...)
	m.serverRetried = n.counter("server_syns_retried_total", "SYNs to the server that were sent again: it may not answer.", server...)
	m.serverWeight = n.gauge("server_weight", "The server's share of new flows, relative to the weights of the others; 1 unless configured.", server...)
	m.serverState = n.gauge("server_state", "1 for the state that the server is in, 0 for the others.", append(server, "state")...)
	m.serverMACKnown = n.gauge("server_mac_known", "1 while the server's MAC address is known, without which it cannot serve.", server...)
	m.serverUp = n.gauge("server_up", "1 while checks find that the server serves, or there are none.", server...)
	m.serverHealth = n.gauge("server_health", "1 for what checks say of the server, 0 for the others.", append(server, "health")...)
	m.serverCheck = n.gauge("server_check_duration_seconds", "How long the last check of the server took. Absent before the first.", server...)
}

func (m *metrics) nameFlows(n *namer) {
	m.flows = n.gauge("flows", "Open flows, by how far they have come.", "state")
	m.flowsRoom = n.gauge("flows_room", "Flows for which there is room.")
	m.clients = n.gauge("clients", "Clients that are known.")
	m.flowsAdded = n.counter("flows_added_total", "Flows that were stored.")
	m.flowsUnstored = n.counter("flows_unstored_total", "Flows for which there was no room: they are kept together by hashing.")
	m.flowsAdopted = n.counter("flows_adopted_total", "Flows that were stored without their beginning being seen: another balancer's, or older than this process.")
}

// nameHolds names what the tarpit caught. There are no labels of addresses:
// anybody could make as many series as they like.
func (m *metrics) nameHolds(n *namer) {
	m.heldNow = n.gauge("tarpit_held_connections", "Connections that the tarpit holds now.")
	m.heldSeconds = n.counter("tarpit_held_seconds_total", "For how long the tarpit held connections, all together, up to each one's last segment.")
	m.verified = n.counter("tarpit_verified_total", "Connections to the tarpit whose client proved its source.")
	m.unverified = n.gauge("tarpit_unverified_syns", "SYNs to the tarpit, less the connections that were verified: of scanners that never answer, sent again, or forged.")
	m.escaped = n.counter("tarpit_escaped_total", "Held connections that their client gave up.")
	m.backscatter = n.counter("tarpit_backscatter_total", "Segments that answer what somebody sent in a captured address's name.")
	m.caughtBytes = n.counter("tarpit_payload_bytes_total", "Bytes of payload that held clients sent, sent again or not.")
}

func (m *metrics) nameCapture(n *namer) {
	m.captureState = n.gauge("tarpit_addresses", "Addresses by what is known of them: free are captured, owned are hosts heard on the segment.", "state")
	m.captures = n.counter("tarpit_captures_total", "Times that an address became the tarpit's.")
	m.conflicts = n.counter("tarpit_conflicts_total", "Times that an owner showed up after the tarpit had answered for its address, which it left to it at once.")
	m.captureAnswers = n.counter("tarpit_address_answers_total", "ARP replies and neighbor advertisements for captured addresses.", "protocol")
	m.repairs = n.counter("tarpit_repairs_total", "Frames that told an asker an owner's MAC, after a conflict.")
	m.questions = n.counter("tarpit_questions_total", "Questions of the tarpit, whether somebody holds an address.")
	m.limited = n.counter("tarpit_limited_total", "What the tarpit did not do because it would have been too much.", "limit")
}

func (m *metrics) nameRest(n *namer) {
	m.linkUp = n.gauge("link_up", "1 while the interface carries frames.")
	m.linkDrops = n.counter("link_kernel_drops_total", "Frames for us that found the receive buffer full.")
	m.linkRecvErrors = n.counter("link_receive_errors_total", "Failed receive calls.")
	m.linkSendErrors = n.counter("link_send_errors_total", "Frames that were decided on and not sent.", "cause")

	m.eventsLost = n.counter("events_lost_total", "Events that a reader was too slow for.")
	m.logLost = n.counter("log_lines_lost_total", "Log lines that could not be written fast enough.")

	m.standby = n.gauge("standby", "1 while on standby: everything is kept warm, nothing is announced.")
	m.generation = n.gauge("config_generation", "How often the configuration was replaced since the start.")
	m.started = n.gauge("start_time_seconds", "When the engine started, in seconds since 1970. Absent before.")
	m.tickAge = n.gauge("last_tick_age_seconds", "Time since the engine's last tick; it ticks many times a second. Absent before the first.")
	m.buildInfo = n.gauge("build_info", "1, with what is running as labels.", "version", "revision", "goversion")
}
