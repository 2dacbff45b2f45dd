#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Two agents on one machine, each in its own network namespace: what one does, the other does not
# notice.

# shellcheck source=deploy/e2e/lib/check.sh
source "$(dirname "$0")/lib/check.sh"

only() {
  service "$1" "$2"
  endpoints "$1" "$3"
}

names() {
  "$MILLRACE" services --run-dir "$(node_dir "$1")/run" -o json | jq -r '[.services[].name] | sort | join(",")'
}

second_agent_refused() {
  local pid=${AGENT_PID[node-a]} status=0
  agent_spawn node-a
  wait "${AGENT_PID[node-a]}" || status=$?
  AGENT_PID[node-a]=$pid
  check "a second agent on the same run dir stops with an error" test "$status" -ne 0
  expect "… and the first goes on" "web-1 $(lab_addr web-2 4)" \
    "$(answer web-2 "$(vip 10 4)" 80 tcp)"
}

each_serves_its_own() {
  local family=$1 proto=$2
  expect "IPv$family $proto: node-a serves its service" "web-1 $(lab_addr web-2 "$family")" \
    "$(answer web-2 "$(vip 10 "$family")" 80 "$proto")"
  expect "IPv$family $proto: node-b serves its service" "web-3 $(lab_addr web-4 "$family")" \
    "$(answer web-4 "$(vip 11 "$family")" 80 "$proto")"
  expect "IPv$family $proto: node-a does not serve node-b's" "timed out" \
    "$(probe web-2 "$(vip 11 "$family")" 80 "$proto")"
  expect "IPv$family $proto: node-b does not serve node-a's" "timed out" \
    "$(probe web-4 "$(vip 10 "$family")" 80 "$proto")"
}

# cgroup MACHINE: the name of the cgroup v2 folder that a process there runs in.
cgroup() { lab_in "$1" sed -n 's|^0::.*/||p' /proc/self/cgroup; }

# The socket hooks of a node see what runs in its folder.
each_has_its_cgroup() {
  local node
  for node in node-a node-b; do
    expect "$node's processes run in its cgroup" "$LAB_ID-$node" "$(cgroup "$node")"
  done
  expect "… and a pod's in that of its node" "$LAB_ID-node-b" "$(cgroup web-4)"
  expect "… and the client's in none of theirs" "" "$(cgroup client | grep "$LAB_ID" || :)"
}

devices() { agent_status "$1" | jq -r '[.devices[].name] | sort | join(",")'; }

e2e_cluster
only on-a 10 web-1 | put_manifest node-a test.yaml
only on-b 11 web-3 | put_manifest node-b test.yaml
lab_agents
expect "node-a knows its services" on-a "$(names node-a)"
expect "node-b knows its services" on-b "$(names node-b)"
expect "node-a stands on its devices" eth0,pod-web-1,pod-web-2 "$(devices node-a)"
expect "node-b stands on its devices" eth0,pod-web-3,pod-web-4 "$(devices node-b)"
if [[ $(node_cgroup node-a) != none ]]; then each_has_its_cgroup; fi
with_all_at_once each_serves_its_own
second_agent_refused
agent_end node-b KILL
expect "node-a serves while node-b's agent is dead" "web-1 $(lab_addr web-2 6)" \
  "$(answer web-2 "$(vip 10 6)" 80 udp)"
e2e_end
