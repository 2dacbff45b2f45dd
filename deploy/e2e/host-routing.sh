#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Who delivers established connections between pods: the programs, past the host's netfilter, or the
# host's stack (--host-routing). New connections are netfilter's to judge either way, and open ones
# outlive agents and the change of the setting.
# combinations: xdp=native socket-lb=on

# shellcheck source=deploy/e2e/lib/check.sh
source "$(dirname "$0")/lib/check.sh"

# One connection is two packets that open it, and at least six that follow.
OPENING=2

# A counter of what the stack of each node forwards to or from the pods' servers.
count_forwarded() {
  local node
  for node in node-a node-b; do
    lab_in "$node" nft -f - <<'NFT'
table inet e2e {
  counter forwarded {}
  chain refused {}
  chain forward {
    type filter hook forward priority 0
    tcp sport 8080 counter name forwarded
    tcp dport 8080 counter name forwarded
    jump refused
  }
}
NFT
  done
}

# forwarded NODE: packets since it was asked last.
forwarded() {
  lab_in "$1" nft -j reset counter inet e2e forwarded |
    jq '[.nftables[].counter | values | .packets] | add'
}

# connection MODE FAMILY POD NODE: one from web-1 to the pod, as the stack of the node sees it.
connection() {
  local mode=$1 family=$2 pod=$3 node=$4 packets
  forwarded "$node" >/dev/null
  expect "$mode, IPv$family: web-1 → $pod" "$pod $(lab_addr web-1 "$family")" \
    "$(answer web-1 "$(lab_addr "$pod" "$family")" 8080 tcp)"
  packets=$(forwarded "$node")
  if [[ $mode == bpf ]]; then
    check "$mode, IPv$family: … past the stack of $node but for $OPENING packets: $packets" \
      test "$packets" -eq "$OPENING"
  else
    check "$mode, IPv$family: … by the stack of $node: $packets packets" \
      test "$packets" -gt $((2 * OPENING))
  fi
}

# connections MODE: to the same and to the other node, as both see it.
connections() {
  local family
  for family in 4 6; do
    connection "$1" "$family" web-2 node-a
    connection "$1" "$family" web-3 node-a
    connection "$1" "$family" web-3 node-b
    expect "$1, IPv$family: UDP to web-3, many times" "web-3 $(lab_addr web-1 "$family")" \
      "$(answers web-1 "$(lab_addr web-3 "$family")" 8080 udp)"
  done
}

# judged MODE: a rule of the host's forbids what is new, and what is open goes on.
judged() {
  local pod
  flow_start open web-1 hold "$(lab_addr web-2 4)" 8080 --count 4
  lab_in node-a nft add rule inet e2e refused tcp flags syn drop
  for pod in web-2 web-3; do
    expect "$1: netfilter forbids a new connection to $pod" 'timed out' \
      "$(probe web-1 "$(lab_addr "$pod" 4)" 8080 tcp)"
  done
  lab_in node-a nft flush chain inet e2e refused
  unbroken open "$1: the open ones go on"
}

# unbroken LABEL WHAT
unbroken() {
  flow_end "$1"
  expect "$2: $(jq .exchanges <<<"$FLOW_SUMMARY") exchanges, no reset" "0 0 0" \
    "$(jq -r '"\(.failed_connects) \(.resets) \(.stalls)"' <<<"$FLOW_SUMMARY")"
}

# agents_anew MODE: killed, and started with this setting; in force when this returns.
agents_anew() {
  local node
  for node in node-a node-b; do
    agent_end "$node" KILL
    agent_start "$node" --host-routing "$1"
    expect "$node: status says so" "$1" "$(agent_status "$node" | jq -r .features.host_routing)"
  done
}

e2e_cluster
lab_agents
count_forwarded
connections bpf
judged bpf
flow_start here web-1 hold "$(lab_addr web-2 4)" 8080 --count 20
flow_start away web-1 hold "$(lab_addr web-3 6)" 8080 --count 20
agents_anew bpf
agents_anew stack
unbroken here 'connections on the node outlive agents and the change'
unbroken away 'connections to the other node likewise'
connections stack
judged stack
e2e_end
