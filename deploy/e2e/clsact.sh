#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The clsact way of attaching, as on kernels older than 6.6: the basic traffic over it, and from tcx
# to it and back without cutting anybody off.
# combinations: xdp=off socket-lb=off

# shellcheck source=deploy/e2e/lib/check.sh
source "$(dirname "$0")/lib/check.sh"

LAB_SOCKET_LB=off # every packet is to meet the programs of the devices

manifests() {
  service near 10 'type: NodePort' 'nodePort: 30010'
  endpoints near web-1
  echo ---
  service far 11 'type: NodePort' 'nodePort: 30011'
  endpoints far web-3
}

# ways NODE: by what its devices have programs, and how many of each: "tcx 12", "clsact 12".
ways() {
  agent_status "$1" | jq -r '.devices[].tc' | sort -u
  find "$(node_dir "$1")/bpffs/links" -name 'if*_*_in4' | wc -l
  lab_in "$1" tc -j filter show dev eth0 ingress | jq '[.[] | select(.options.bpf_name)] | length'
}

# expect_way clsact|tcx: on both nodes.
expect_way() {
  local node wanted='clsact 0 2'
  # node-a and node-b have an uplink and two pods each.
  if [[ $1 == tcx ]]; then wanted='tcx 3 0'; fi
  for node in node-a node-b; do
    expect "$node attaches by $1, and by nothing else" "$wanted" "$(ways "$node" | paste -sd' ')"
  done
}

traffic() {
  local family=$1 proto=$2 on=$3
  expect "IPv$family $proto, $on: pod → ClusterIP, a pod here" "web-1 $(lab_addr web-2 "$family")" \
    "$(answer web-2 "$(vip 10 "$family")" 80 "$proto")"
  expect "IPv$family $proto, $on: pod → ClusterIP, a pod elsewhere" \
    "web-3 $(lab_addr web-2 "$family")" "$(answer web-2 "$(vip 11 "$family")" 80 "$proto")"
  expect "IPv$family $proto, $on: pod → itself" "web-1 $(lab_addr node-a "$family")" \
    "$(answer web-1 "$(vip 10 "$family")" 80 "$proto")"
  expect "IPv$family $proto, $on: host → ClusterIP, a pod elsewhere" \
    "web-3 $(lab_addr node-a "$family")" "$(answer node-a "$(vip 11 "$family")" 80 "$proto")"
  expect "IPv$family $proto, $on: client → NodePort, a pod there" \
    "web-1 $(lab_addr client "$family")" \
    "$(answer client "$(lab_addr node-a "$family")" 30010 "$proto")"
  expect "IPv$family $proto, $on: client → NodePort, a pod elsewhere" \
    "web-3 $(lab_addr node-a "$family")" \
    "$(answer client "$(lab_addr node-a "$family")" 30011 "$proto")"
}

# switch_to WAY FLAG…: new agents, in the middle of connections through them.
switch_to() {
  local way=$1 label
  shift
  flow_start held4 web-2 hold "$(vip 11 4)" 80 --count 50
  flow_start held6 client hold "$(lab_addr node-a 6)" 30011 --count 50
  agent_end node-a KILL
  agent_end node-b TERM
  lab_agents "$@"
  for label in held4 held6; do
    flow_end "$label"
    expect "to $way: $label: 50 connections go on" "0 0 0" \
      "$(jq -r '"\(.failed_connects) \(.resets) \(.stalls)"' <<<"$FLOW_SUMMARY")"
  done
  expect_way "$way"
  with_all traffic "$way"
}

e2e_cluster
manifests | everywhere test.yaml
lab_agents --tcx off
expect_way clsact
with_all traffic clsact
switch_to tcx --tcx auto
switch_to clsact --tcx off
agent_end node-a TERM
check "cleanup succeeds" agent_cleanup node-a
expect "… and no clsact qdisc is left" 0 \
  "$(lab_in node-a tc -j qdisc show | jq '[.[] | select(.kind == "clsact")] | length')"
e2e_end
