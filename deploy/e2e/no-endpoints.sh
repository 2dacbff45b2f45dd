#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What a client sees when nobody can answer: REJECT without any endpoint (S-050…S-053), for an
# unknown port (S-056); DROP where only the traffic policy leaves none (S-054); and what the
# policies keep serving (S-071, S-073, S-075, S-083).

# shellcheck source=deploy/e2e/lib/check.sh
source "$(dirname "$0")/lib/check.sh"

manifests() {
  service empty 10 'type: LoadBalancer' 'nodePort: 30010' \
    'externalIPs: [203.0.113.10, "2001:db8:113::10"]'
  ingress 203.0.113.20 2001:db8:113::20
  endpoints empty
  echo ---
  service internal 11 'internalTrafficPolicy: Local'
  endpoints internal web-3
  echo ---
  service internal-here 12 'internalTrafficPolicy: Local'
  endpoints internal-here web-2 web-3
  echo ---
  service external 13 'type: LoadBalancer' 'nodePort: 30013' 'externalTrafficPolicy: Local' \
    'externalIPs: [203.0.113.13, "2001:db8:113::13"]'
  ingress 203.0.113.23 2001:db8:113::23
  endpoints external web-3
  echo ---
  service external-here 14 'type: LoadBalancer' 'nodePort: 30014' 'externalTrafficPolicy: Local' \
    'externalIPs: [203.0.113.14, "2001:db8:113::14"]'
  ingress 203.0.113.24 2001:db8:113::24
  endpoints external-here web-2 web-3
  echo ---
  service internal-hosts 16 'internalTrafficPolicy: Local'
  endpoints internal-hosts node-a node-b
}

# leaving MACHINE…: the service whose endpoint goes during the test.
leaving() {
  service leaving 15
  endpoints leaving "$@"
}

external() { if (($2 == 4)); then echo "203.0.113.$1"; else echo "2001:db8:113::$1"; fi; }

rejected() {
  local family=$1 proto=$2
  expect "IPv$family $proto: pod → ClusterIP without endpoints" refused \
    "$(answer web-1 "$(vip 10 "$family")" 80 "$proto")"
  expect "IPv$family $proto: host → ClusterIP without endpoints" refused \
    "$(answer node-a "$(vip 10 "$family")" 80 "$proto")"
  expect "IPv$family $proto: client → externalIP without endpoints" refused \
    "$(answer client "$(external 10 "$family")" 80 "$proto")"
  expect "IPv$family $proto: client → LoadBalancer VIP without endpoints" refused \
    "$(answer client "$(external 20 "$family")" 80 "$proto")"
  expect "IPv$family $proto: client → NodePort without endpoints" refused \
    "$(answer client "$(lab_addr node-a "$family")" 30010 "$proto")"
  expect "IPv$family $proto: pod → unknown port of a ClusterIP" refused \
    "$(answer web-1 "$(vip 15 "$family")" 81 "$proto")"
  expect "IPv$family $proto: host → unknown port of a ClusterIP" refused \
    "$(answer node-a "$(vip 15 "$family")" 81 "$proto")"
}

dropped() {
  local family=$1 proto=$2
  expect "IPv$family $proto: pod → ClusterIP, internal Local, endpoints elsewhere" "timed out" \
    "$(probe web-1 "$(vip 11 "$family")" 80 "$proto")"
  expect "IPv$family $proto: client → NodePort, external Local, endpoints elsewhere" "timed out" \
    "$(probe client "$(lab_addr node-a "$family")" 30013 "$proto")"
  expect "IPv$family $proto: client → externalIP, external Local, endpoints elsewhere" "timed out" \
    "$(probe client "$(external 13 "$family")" 80 "$proto")"
  expect "IPv$family $proto: client → VIP, external Local, endpoints elsewhere" "timed out" \
    "$(probe client "$(external 23 "$family")" 80 "$proto")"
}

served() {
  local family=$1 proto=$2 client
  client=$(lab_addr client "$family")
  expect "IPv$family $proto: pod → ClusterIP, internal Local: only the endpoint here" \
    "web-2 $(lab_addr web-1 "$family")" "$(answers web-1 "$(vip 12 "$family")" 80 "$proto")"
  expect "IPv$family $proto: client → NodePort, external Local: only here, source kept" \
    "web-2 $client" "$(answers client "$(lab_addr node-a "$family")" 30014 "$proto")"
  expect "IPv$family $proto: client → externalIP, external Local: only here, source kept" \
    "web-2 $client" "$(answers client "$(external 14 "$family")" 80 "$proto")"
  expect "IPv$family $proto: client → VIP, external Local: only here, source kept" \
    "web-2 $client" "$(answers client "$(external 24 "$family")" 80 "$proto")"
  expect "IPv$family $proto: the node with the endpoint serves its NodePort" \
    "web-3 $client" "$(answer client "$(lab_addr node-b "$family")" 30013 "$proto")"
  expect "IPv$family $proto: pod → externalIP, external Local: every endpoint (S-071)" \
    "web-3 $(lab_addr web-1 "$family")" "$(answer web-1 "$(external 13 "$family")" 80 "$proto")"
  expect "IPv$family $proto: host → VIP, external Local: every endpoint (S-072)" \
    "web-3 $(lab_addr node-a "$family")" "$(answer node-a "$(external 23 "$family")" 80 "$proto")"
}

# S-083: what runs in the host's network is on this node as a pod is, and the host is a client of it.
internal_and_hosts() {
  local family=$1 proto=$2
  expect "IPv$family $proto: pod → ClusterIP, internal Local: the hostNetwork endpoint of its node" \
    "node-a $(lab_addr web-1 "$family")" "$(answers web-1 "$(vip 16 "$family")" 80 "$proto")"
  expect "IPv$family $proto: … and of the other node for its pods" \
    "node-b $(lab_addr web-3 "$family")" "$(answers web-3 "$(vip 16 "$family")" 80 "$proto")"
  expect "IPv$family $proto: host → ClusterIP, internal Local: only the endpoint here" \
    "web-2 $(host_source node-a "$family" web-2)" \
    "$(answers node-a "$(vip 12 "$family")" 80 "$proto")"
  expect "IPv$family $proto: host → ClusterIP, internal Local, endpoints elsewhere" "timed out" \
    "$(probe node-a "$(vip 11 "$family")" 80 "$proto")"
  # Without sockets that are led, host → own address goes over lo, where no program stands.
  [[ $LAB_SOCKET_LB == on ]] || return 0
  expect "IPv$family $proto: host → ClusterIP, internal Local: the hostNetwork endpoint is itself" \
    "node-a" "$(answers node-a "$(vip 16 "$family")" 80 "$proto" | cut -d' ' -f1)"
}

# S-075: a client on the node is no client from outside, so external Local leaves it every endpoint.
own_node_port() {
  local family=$1 proto=$2 node
  node=$(lab_addr node-a "$family")
  expect "IPv$family $proto: pod → NodePort of its own node, external Local, endpoints elsewhere" \
    "web-3 $(lab_addr web-1 "$family")" "$(answer web-1 "$node" 30013 "$proto")"
  if [[ $LAB_SOCKET_LB == on ]]; then
    expect "IPv$family $proto: host → NodePort of its own, external Local, endpoints elsewhere" \
      "web-3 $node" "$(answer node-a "$node" 30013 "$proto")"
  else
    expect "IPv$family $proto: host → NodePort of its own: not without the socket hooks" refused \
      "$(answer node-a "$node" 30013 "$proto")"
  fi
}

counted() {
  local reason
  for reason in no_endpoint unknown_port no_local_endpoint; do
    check "millrace drops counts $reason" test "$(drop_count node-a "$reason")" -gt 0
  done
}

# S-055: who has a connection keeps it when the last endpoint goes; new ones are refused.
last_endpoint_leaves() {
  flow_start kept web-1 hold "$(vip 15 4)" 80 --count 20
  leaving | everywhere leaving.yaml
  check_await "a new connection is refused once the last endpoint has gone" refused_now
  flow_end kept
  expect "connections to the endpoint that left go on" "0 0" \
    "$(jq -r '"\(.resets) \(.stalls)"' <<<"$FLOW_SUMMARY")"
}

refused_now() { [[ $(probe web-1 "$(vip 15 4)" 80 tcp) == refused ]]; }

e2e_cluster
lab_serve node-a 8080
lab_serve node-b 8080
manifests | everywhere test.yaml
leaving web-3 | everywhere leaving.yaml
lab_agents
with_all_at_once rejected
with_all_at_once dropped
with_all_at_once served
with_all_at_once internal_and_hosts
with_all_at_once own_node_port
counted
last_endpoint_leaves
e2e_end
