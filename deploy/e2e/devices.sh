#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Pods come and go while the agent runs, and so do addresses of the node (S-092): their veths, and where
# NodePorts are served, are found and left as netlink tells.

# shellcheck source=deploy/e2e/lib/check.sh
source "$(dirname "$0")/lib/check.sh"

manifests() {
  service web 10 'type: NodePort' 'nodePort: 30010'
  endpoints web "$@"
}

attached() {
  [[ $(agent_status node-a | jq -r --arg name "$1" \
    '.devices[] | select(.name == $name) | .attached') == true ]]
}

absent() { ! agent_status node-a | jq -e --arg name "$1" '.devices[] | select(.name == $name)'; }

pod_arrives() {
  new_pod late node-a 13
  lab_serve late 8080
  check_await "the new pod's veth gets its programs" attached pod-late
  with_all as_client
  manifests late | everywhere test.yaml
  check_await "the new pod answers" late_answers
  with_all as_backend
}

as_client() {
  expect "IPv$1 $2: the new pod reaches a service" "web-3 $(lab_addr late "$1")" \
    "$(answer late "$(vip 10 "$1")" 80 "$2")"
}

as_backend() {
  expect "IPv$1 $2: the new pod is reached through a service" "late $(lab_addr web-1 "$1")" \
    "$(answer web-1 "$(vip 10 "$1")" 80 "$2")"
}

late_answers() { [[ $(probe web-1 "$(vip 10 4)" 80 tcp) == late* ]]; }

pod_leaves() {
  manifests web-4 | everywhere test.yaml
  lab_serve_end late
  lab_pod_delete late
  everywhere pod-late.yaml </dev/null
  check_await "the deleted pod's veth is forgotten" absent pod-late
  check_await "its service goes on elsewhere" web_4_answers
  expect "no device is left in error" 0 \
    "$(agent_status node-a | jq '[.devices[] | select(.attached | not)] | length')"
}

web_4_answers() { [[ $(probe web-1 "$(vip 10 4)" 80 tcp) == "web-4 $(lab_addr web-1 4)" ]]; }

# The same pod again, while the agent is down: its veth has a new ifindex.
pod_replaced_while_down() {
  agent_end node-a KILL
  lab_pod_delete web-2
  lab_pod web-2 node-a 12
  lab_serve web-2 8080
  manifests web-2 | everywhere test.yaml
  agent_start node-a
  with_all replaced
}

replaced() {
  expect "IPv$1 $2: a pod replaced while the agent was down is reached" \
    "web-2 $(lab_addr web-1 "$1")" "$(answer web-1 "$(vip 10 "$1")" 80 "$2")"
  expect "IPv$1 $2: … and reaches itself" "web-2 $(pod_source web-2 "$1" web-2)" \
    "$(answer web-2 "$(vip 10 "$1")" 80 "$2")"
}

# address add|del HOST: another address of node-a, in both families.
address() {
  lab_ip node-a addr "$1" "$WIRE4.$2/24" dev eth0
  lab_ip node-a addr "$1" "$WIRE6:$2/64" dev eth0 nodad
}

# node_port HOST 4|6 PROTO: who answers at that address of the wire.
node_port() {
  local at=$WIRE4.$1
  (($2 == 4)) || at=$WIRE6:$1
  probe client "$at" 30010 "$3"
}

answers_at() { [[ $(node_port "$1" 4 tcp) == web-3* && $(node_port "$1" 6 udp) == web-3* ]]; }

silent_at() { [[ $(node_port "$1" 4 tcp) != web* && $(node_port "$1" 6 udp) != web* ]]; }

# Clients of the address that stays do not notice.
addresses_change() {
  local label
  flow_start stays4 client stream "$(lab_addr node-a 4)" 30010 --rate 100
  flow_start stays6 client stream "$(lab_addr node-a 6)" 30010 --rate 100 --udp
  flow_start stays client hold "$(lab_addr node-a 4)" 30010 --count 20
  address add 51
  check_await "an address that comes has the NodePorts" answers_at 51
  address add 52
  address del 51
  check_await "another instead: it has them" answers_at 52
  check_await "… and the one before no more" silent_at 51
  address del 52
  check_await "an address that goes has none" silent_at 52
  for label in stays4 stays6; do stream_ends "$label"; done
  held_ends stays 20
  expect "no address is a problem" '[]' "$(agent_status node-a | jq -c .problems)"
}

e2e_cluster
manifests web-3 | everywhere test.yaml
lab_agents
addresses_change
pod_arrives
pod_leaves
pod_replaced_while_down
e2e_end
