#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Pods come and go while the agent runs: their veths are found and left as netlink tells.

# shellcheck source=deploy/e2e/lib/check.sh
source "$(dirname "$0")/lib/check.sh"

manifests() {
  service web 10
  endpoints web "$@"
}

attached() {
  [[ $(agent_status node-a | jq -r --arg name "$1" \
    '.devices[] | select(.name == $name) | .attached') == true ]]
}

absent() { ! agent_status node-a | jq -e --arg name "$1" '.devices[] | select(.name == $name)'; }

pod_arrives() {
  lab_pod late node-a 13
  lab_serve late 8080
  check_await "the new pod's veth gets its programs" attached pod-late
  with_all as_client
  { manifests late; pod_object late; } | everywhere test.yaml
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

e2e_cluster
manifests web-3 | everywhere test.yaml
lab_agents
pod_arrives
pod_leaves
pod_replaced_while_down
e2e_end
