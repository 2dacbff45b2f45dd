#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# From kube-proxy to Millrace under traffic, and back: what its rules carry goes on, what begins later is
# ours; and the other way round. node-a has kube-proxy's rules of nftables, node-b those of iptables.
# combinations: xdp=native socket-lb=off
# combinations: xdp=off socket-lb=on

# shellcheck source=deploy/e2e/lib/check.sh
source "$(dirname "$0")/lib/check.sh"
# shellcheck source=deploy/e2e/lib/kube-proxy.sh
source "$ROOT/deploy/e2e/lib/kube-proxy.sh"

PODS=(web-1 web-2 web-3 web-4)
NODES=(node-a node-b)
HELD=25

manifests() {
  service web 10 'type: NodePort' 'nodePort: 30010'
  endpoints web "${PODS[@]}"
}

kube_proxy() {
  local node family
  for node in "${NODES[@]}"; do
    for family in 4 6; do
      listed $family web 10 30010 "${PODS[@]}" | kube_proxy_load "$node" $family
    done
  done
}

# The ways that connections are made by: who asks, whom.
declare -A WAY=()
ways() {
  local family
  for family in 4 6; do
    WAY[a-pod-$family]="web-1 $(vip 10 $family) 80"
    WAY[b-pod-$family]="web-3 $(vip 10 $family) 80"
    WAY[a-port-$family]="client $(lab_addr node-a $family) 30010"
    WAY[b-port-$family]="client $(lab_addr node-b $family) 30010"
  done
}

# held_start WHEN INTERVAL: connections by every way that ask again after so many ms.
held_start() {
  local way from to port
  for way in "${!WAY[@]}"; do
    read -r from to port <<<"${WAY[$way]}"
    flow_start "$1-$way" "$from" hold "$to" "$port" --count $HELD --interval "$2"
  done
}

held_end() {
  local way
  for way in "${!WAY[@]}"; do
    held_ends "$1-$way" $HELD
    total $HELD '[.failed_connects, .resets, .stalls]'
  done
}

# total CONNECTIONS FILTER: of the traffic that has just ended; the filter lists what failed of it.
CONNECTIONS=0
FAILURES=0
total() {
  CONNECTIONS=$((CONNECTIONS + $1))
  FAILURES=$((FAILURES + $(jq "$2 | map(. // 0) | add" <<<"$FLOW_SUMMARY")))
}

# kept_start WHEN: sockets of UDP that ask and ask again.
kept_start() {
  local way from to port
  for way in "${!WAY[@]}"; do
    read -r from to port <<<"${WAY[$way]}"
    flow_start "$1-udp-$way" "$from" keep "$to" "$port" --udp --interval 100
  done
}

# They stay with one backend: who else answered would know nothing of what was said before.
kept_end() {
  local way
  for way in "${!WAY[@]}"; do
    flow_end "$1-udp-$way"
    expect "$1-udp-$way: $(jq .exchanges <<<"$FLOW_SUMMARY") exchanges of a socket, all with one backend" \
      "1 0 0 0" "$(jq -r '"\(.names | length) \(.aborted) \(.failures) \(.timeouts)"' <<<"$FLOW_SUMMARY")"
    total 1 '[.aborted, .failures, .timeouts]'
  done
}

STREAMS=(new-tcp4 new-tcp6 new-tcp6b new-tcp4b new-udp4 new-udp6)
streams_start() {
  flow_start new-tcp4 web-1 stream "$(vip 10 4)" 80 --rate 50
  flow_start new-tcp6 client stream "$(lab_addr node-a 6)" 30010 --rate 50
  flow_start new-tcp6b web-3 stream "$(vip 10 6)" 80 --rate 50
  flow_start new-tcp4b client stream "$(lab_addr node-b 4)" 30010 --rate 50
  flow_start new-udp4 client stream "$(lab_addr node-a 4)" 30010 --rate 50 --udp
  flow_start new-udp6 web-3 stream "$(vip 10 6)" 80 --rate 50 --udp
}

streams_end() {
  local label
  for label in "${STREAMS[@]}"; do
    stream_ends "$label"
    total "$(jq .attempts <<<"$FLOW_SUMMARY")" '[.failed]'
  done
}

# takeover NODE [OPTION…], handback NODE [OPTION…]: what it prints, and its status if that is not 0.
takeover() {
  local flags
  mapfile -t flags < <(agent_paths "$1")
  on_node "$1" takeover "${flags[@]}" "${@:2}"
}

handback() {
  local flags
  mapfile -t flags < <(agent_flags "$1")
  on_node "$1" handback "${flags[@]}" "${@:2}"
}

# on_node NODE COMMAND…: with the image as from `kubectl debug node/…`: the node's file system is /host.
on_node() {
  local node=$1 root=()
  shift
  if [[ -n $LAB_IMAGE ]]; then root=(--host-root /host); fi
  LAB_CAPABILITIES=${LAB_CAPABILITIES:+$LAB_CAPABILITIES,sys_chroot} \
    lab_in "$node" "$MILLRACE" "$@" "${root[@]}" 2>&1 || echo "status $?"
}

serving_is() { [[ $(agent_status "$1" | jq -r .serving) == "$2" ]]; }

carried() { agent_status "$1" | jq -r '.others_carry // false'; }

# What is over is forgotten soon.
hasten() {
  local node
  for node in "${NODES[@]}"; do
    lab_set "$node" net.netfilter.nf_conntrack_udp_timeout=20 net.netfilter.nf_conntrack_udp_timeout_stream=20 \
      net.netfilter.nf_conntrack_tcp_timeout_time_wait=5 net.netfilter.nf_conntrack_tcp_timeout_close=5
  done
}

begins_beside_kube_proxy() {
  local node
  streams_start
  held_start before 100
  held_start idle 6000
  kept_start before
  expect "takeover without an agent says so" "status 3" "$(takeover node-a | tail -n 1)"
  lab_agents
  for node in "${NODES[@]}"; do
    check "$node serves" serving_is "$node" SERVES
    expect "$node leaves to kube-proxy what that carries" true "$(carried "$node")"
  done
  held_start after 100
}

refuses_while_kube_proxy_runs() {
  local before fd pid
  before=$(kube_proxy_traces node-a)
  cp "$(type -P sleep)" "$LAB_DIR/kube-proxy"
  lab_exec node-a "$LAB_DIR/kube-proxy" 300 >/dev/null 2>&1 &
  pid=$!
  check_await "a kube-proxy runs" grep -qx kube-proxy "/proc/$pid/comm"
  expect "takeover refuses while kube-proxy runs" "status 1" "$(takeover node-a | tail -n 1)"
  expect "… and a dry run says that it would" "would refuse: kube-proxy runs (process $pid)" \
    "$(takeover node-a --dry-run | grep -o "^would refuse: kube-proxy runs (process $pid)")"
  process_end KILL "$pid"
  expect "… and nothing was removed" "$before" "$(kube_proxy_traces node-a)"
}

takes_over() {
  local node said
  for node in "${NODES[@]}"; do
    said=$(takeover "$node" --dry-run)
    check "$node: a dry run names ${KUBE_PROXY_MODE[$node]}" \
      grep -qE '^would remove (nftables: the table ip6? kube-proxy|ip6?tables-nft nat: .* KUBE-SERVICES)' <<<"$said"
    check "$node: … and removes nothing" test "$(kube_proxy_traces "$node")" -gt 1
    said=$(takeover "$node")
    check "$node: takeover removes it" grep -q '^removed ' <<<"$said"
    expect "$node: nothing of kube-proxy is left" 0 "$(kube_proxy_traces "$node")"
    expect "$node: doing it again removes nothing" "nothing to remove" "$(takeover "$node" | grep nothing)"
  done
}

# The kubelet's, and that of others, were not touched.
others_are_left() {
  expect "node-b: the kubelet's chains are left" 1 \
    "$(lab_in node-b iptables-nft-save -t filter | grep -c '^:KUBE-FIREWALL')"
  expect "node-b: a rule of somebody else's is left" 1 \
    "$(lab_in node-b iptables-nft-save -t nat | grep -c 'not ours')"
}

others_begin() {
  lab_in node-b iptables-nft -N KUBE-FIREWALL
  lab_in node-b iptables-nft -A INPUT -j KUBE-FIREWALL
  lab_in node-b iptables-nft -t nat -A POSTROUTING -s 192.0.2.0/24 -m comment --comment 'not ours' -j MASQUERADE
}

drained() { [[ $(carried "$1") == false ]]; }

drains() {
  local node
  for node in "${NODES[@]}"; do
    check "$node: what kube-proxy carried has ended" await 60 drained "$node"
  done
  takeover node-a >/dev/null
  takeover node-b >/dev/null
  for node in "${NODES[@]}"; do
    expect "$node: then what was kept for them goes" 0 \
      "$(lab_in "$node" nft list ruleset 2>/dev/null | grep -ci millrace || :)"
  done
}

hands_back() {
  local node
  expect "handback refuses without kube-proxy's rules" "status 1" "$(handback node-a | tail -n 1)"
  check "… and goes on serving" serving_is node-a SERVES
  kube_proxy
  held_start ours 100
  kept_start ours
  for node in "${NODES[@]}"; do
    check "$node: a dry run counts what would be moved" grep -q '^would be moved to connection tracking: [1-9]' \
      <<<"$(handback "$node" --dry-run)"
    handback "$node" >"$LAB_DIR/$node.handback"
    check "$node: handback moves connections" grep -q '^moved to connection tracking: ' "$LAB_DIR/$node.handback"
    check "$node: … and says to end the agent" grep -q '^the agent still runs' "$LAB_DIR/$node.handback"
    check "$node is handed back" serving_is "$node" HANDED_BACK
  done
  held_start theirs 100
}

stays_handed_back_over_a_restart() {
  agent_end node-a KILL
  agent_start node-a
  check "an agent that starts again leaves it so" serving_is node-a HANDED_BACK
}

undoes() {
  expect "undo serves again" "serving again" "$(handback node-b --undo | grep -o '^serving again')"
  check "node-b serves" serving_is node-b SERVES
  check "… and hands back once more" grep -q '^new connections are left' <<<"$(handback node-b)"
}

goes() {
  local node
  for node in "${NODES[@]}"; do
    agent_end "$node" TERM
    check "$node: without an agent handback removes the programs" grep -q '^removed folder' <<<"$(handback "$node")"
    expect "$node: nothing is left to hand back" "nothing to hand back" \
      "$(handback "$node" | grep -o '^nothing to hand back')"
  done
}

e2e_cluster
ways
manifests | everywhere test.yaml
kube_proxy
hasten
others_begin
begins_beside_kube_proxy
refuses_while_kube_proxy_runs
takes_over
others_are_left
# Of idle ones each asks at least once after all that.
held_start afterwards 100
sleep 7
held_end before
held_end idle
kept_end before
held_end after
drains
hands_back
stays_handed_back_over_a_restart
undoes
goes
sleep 7
held_end afterwards
held_end ours
kept_end ours
held_end theirs
streams_end
printf 'connections of before, during and after: %d, of which failed: %d\n' "$CONNECTIONS" "$FAILURES"
e2e_end
