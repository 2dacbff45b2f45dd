#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What XDP carries, and that it does: requests from outside to backends on other nodes and their
# answers never reach the stack of the entry node, by one uplink or from one to another; backends
# here are left to tc. It comes and goes under traffic, and stays away where it cannot be.
# combinations: xdp=native socket-lb=on

LAB_XDP=${LAB_XDP:-native}
# shellcheck source=deploy/e2e/lib/check.sh
source "$(dirname "$0")/lib/check.sh"

OTHER4=172.31.0 # the second wire: node-a's eth1 and a client of its own
OTHER6=fd00:31:

manifests() {
  service far 10 'type: LoadBalancer' 'nodePort: 30010' \
    'externalIPs: [203.0.113.10, "2001:db8:113::10"]'
  ingress 203.0.113.20 2001:db8:113::20
  endpoints far web-3
  echo ---
  service near 11 'type: NodePort' 'nodePort: 30011'
  endpoints near web-2
  echo ---
  service mixed 12 'type: NodePort' 'nodePort: 30012'
  endpoints mixed web-1 web-2 web-3 web-4
}

external() { if (($2 == 4)); then echo "203.0.113.$1"; else echo "2001:db8:113::$1"; fi; }

# other FAMILY HOST: an address of the second wire.
other() { if (($1 == 4)); then echo "$OTHER4.$2"; else echo "$OTHER6:$2"; fi; }

second_wire() {
  lab_machine client2
  lab_ip client2 link add name eth0 type veth peer name eth1 netns "$LAB_ID-node-a"
  lab_cable client2 eth0
  lab_ip client2 link set eth0 up
  lab_ip node-a link set eth1 up
  lab_ip client2 addr add "$(other 4 100)/24" dev eth0
  lab_ip client2 addr add "$(other 6 100)/64" dev eth0 nodad
  lab_ip node-a addr add "$(other 4 1)/24" dev eth1
  lab_ip node-a addr add "$(other 6 1)/64" dev eth1 nodad
}

# sent DEVICE tx|redirect: frames that came in by this device of node-a and that XDP sent: back, or to
# another device. The driver counts them.
sent() {
  lab_in node-a ethtool -S "$1" |
    awk -v name="^rx_queue_[0-9]+_xdp_$2:$" '$1 ~ name { sum += $2 } END { print sum + 0 }'
}

# Packets that went up for a neighbour's sake: one now and then for each next hop to keep it, and those whose
# next hop was not known, as of a neighbour that nobody has asked for a minute.
neighbours_used() {
  lab_in node-a curl -sf http://127.0.0.1:10249/metrics |
    awk '/^millrace_packets_total{counter="neighbour(s_used|_misses)"}/ { n += $2 } END { printf "%d", n }'
}

# tap_start DEVICE: watch what the stack of node-a receives there over TCP and UDP. Short copies in a
# big buffer: none may be missed while tcpdump waits for a processor.
tap_start() {
  rm -f "$LAB_DIR"/tap*
  USED=$(neighbours_used)
  lab_exec node-a tcpdump -i "$1" -Q in -nn -l -s 128 -B 16384 --immediate-mode 'tcp or udp' \
    >"$LAB_DIR/tap" 2>"$LAB_DIR/tap.err" &
  TAP=$!
  await 20 grep -q 'listening on' "$LAB_DIR/tap.err" || die "tcpdump: $(cat "$LAB_DIR/tap.err")"
}

# tap_end: how many packets that were goes to TAPPED, and how many to KEPT for neighbours' sake. What comes last is a request to a port where
# nobody listens: once that is seen, so is all before.
tap_end() {
  ask client "$(lab_addr node-a 4)" 9 --udp >/dev/null || :
  await 20 grep -q '\.9: UDP' "$LAB_DIR/tap" || die "tcpdump sees nothing"
  process_end INT "$TAP"
  grep -q '^0 packets dropped by kernel' "$LAB_DIR/tap.err" || die "tcpdump missed packets"
  TAPPED=$(grep ' IP6\? ' "$LAB_DIR/tap" | grep -vc '\.9: UDP') || :
  KEPT=$(($(neighbours_used) - USED))
}

# past_stack DESCRIPTION: none of what was tapped.
past_stack() {
  expect "$1: … and the stack of the entry node sees none of it but $KEPT for neighbours' sake" \
    "$KEPT" "$TAPPED"
}

xdp_state() {
  agent_status "$1" | jq -r --arg name "$2" '.devices[] | select(.name == $name) | .xdp'
}

# carried FAMILY PROTO DESCRIPTION ADDRESS PORT: answered by web-3, and XDP did it all: of UDP each
# request and each answer is one frame.
carried() {
  local family=$1 proto=$2 what="IPv$1 $2: client → $3" before
  before=$(($(sent eth0 tx) + $(neighbours_used)))
  expect "$what, backend elsewhere" "web-3 $(lab_addr node-a "$family")" \
    "$(answers client "$4" "$5" "$proto")"
  if [[ $proto == udp ]]; then
    expect "$what: each request and answer is sent by XDP" 96 \
      $(($(sent eth0 tx) + $(neighbours_used) - before))
  fi
}

to_other_node() {
  local family=$1 proto=$2
  # Whoever is next on the way is known then.
  answer client "$(lab_addr node-a "$family")" 30010 "$proto" >/dev/null
  tap_start eth0
  carried "$family" "$proto" NodePort "$(lab_addr node-a "$family")" 30010
  carried "$family" "$proto" externalIP "$(external 10 "$family")" 80
  carried "$family" "$proto" "LoadBalancer VIP" "$(external 20 "$family")" 80
  tap_end
  past_stack "IPv$family $proto"
}

to_this_node() {
  local family=$1 proto=$2 before
  before=$(sent eth0 tx)
  tap_start eth0
  expect "IPv$family $proto: client → NodePort, backend here: source kept" \
    "web-2 $(lab_addr client "$family")" \
    "$(answers client "$(lab_addr node-a "$family")" 30011 "$proto")"
  tap_end
  expect "IPv$family $proto: … XDP sends none of it" 0 $(($(sent eth0 tx) - before))
  check "IPv$family $proto: … and leaves it to the stack ($TAPPED packets)" test "$TAPPED" -ge 48
}

# Each of four backends gets its quarter of 480 requests, ± 10 %: five times what chance explains.
to_everywhere() {
  local family=$1 proto=$2 shares
  shares=$(answer client "$(lab_addr node-a "$family")" 30012 "$proto" --count 480 | cut -d' ' -f1 |
    sort | uniq -c | awk '{ print $2 ($1 >= 72 && $1 <= 168 ? "" : " of 480: " $1) }')
  expect "IPv$family $proto: backends here and elsewhere get equal shares" \
    $'web-1\nweb-2\nweb-3\nweb-4' "$shares"
}

missing_neighbour() {
  local family=$1 proto=$2 before
  lab_ip node-a "-$family" neigh flush dev eth0
  expect "IPv$family $proto: answered while the next hop is not known" \
    "web-3 $(lab_addr node-a "$family")" \
    "$(answer client "$(lab_addr node-a "$family")" 30010 "$proto")"
  before=$(($(sent eth0 tx) + $(neighbours_used)))
  answer client "$(lab_addr node-a "$family")" 30010 "$proto" >/dev/null
  check "IPv$family $proto: … and by XDP once it is" \
    test $(($(sent eth0 tx) + $(neighbours_used) - before)) -ge 2
}

from_uplink_to_uplink() {
  local family=$1 proto=$2 there back
  answer client2 "$(other "$family" 1)" 30010 "$proto" >/dev/null
  there=$(sent eth1 redirect)
  back=$(sent eth0 redirect)
  tap_start any
  expect "IPv$family $proto: client of another wire → NodePort, backend elsewhere" \
    "web-3 $(lab_addr node-a "$family")" \
    "$(answers client2 "$(other "$family" 1)" 30010 "$proto")"
  tap_end
  check "IPv$family $proto: … redirected from uplink to uplink" \
    test $(($(sent eth1 redirect) - there + KEPT)) -ge 48
  check "IPv$family $proto: … and so are the answers" \
    test $(($(sent eth0 redirect) - back + KEPT)) -ge 48
  past_stack "IPv$family $proto"
}

# bulk FAMILY DESCRIPTION CLIENT ADDRESS OPTION…: a second of it arrives, past the stack.
bulk() {
  local bytes what="IPv$1: $2"
  bulk_data "$3" "$4" 30010 -n 1K >/dev/null # the next hops are known then
  tap_start any
  bytes=$(bulk_data "$3" "$4" 30010 -t 1 "${@:5}" |
    jq -r '.error // (.end.sum_received // .end.sum).bytes')
  tap_end
  if [[ $bytes =~ ^[0-9]+$ ]] && ((bytes >= 1024 * 1024)); then
    pass "$what: $((bytes / 125000)) Mbit"
  else
    fail "$what" "$bytes bytes"
  fi
  past_stack "$what"
}

bulk_both_ways() {
  local family=$1 node_a
  node_a=$(lab_addr node-a "$family")
  bulk "$family" "TCP from the client" client "$node_a"
  bulk "$family" "TCP to the client" client "$node_a" -R
  bulk "$family" "UDP from the client" client "$node_a" -u -b 50M -l 1200
  bulk "$family" "TCP from another wire" client2 "$(other "$family" 1)"
  bulk "$family" "TCP to another wire" client2 "$(other "$family" 1)" -R
}

traffic_start() {
  flow_start held client hold "$(lab_addr node-a 4)" 30010 --count 50
  flow_start tcp client stream "$(lab_addr node-a 6)" 30012 --rate 100
  flow_start udp client stream "$(lab_addr node-a 4)" 30010 --rate 100 --udp
}

traffic_end() {
  local label
  flow_end held
  expect "$1: 50 connections, $(jq .exchanges <<<"$FLOW_SUMMARY") exchanges, none cut" "0 0 0" \
    "$(jq -r '"\(.failed_connects) \(.resets) \(.stalls)"' <<<"$FLOW_SUMMARY")"
  for label in tcp udp; do
    flow_end "$label"
    expect "$1: $label: $(jq .attempts <<<"$FLOW_SUMMARY") requests, none failed" 0 \
      "$(jq .failed <<<"$FLOW_SUMMARY")"
  done
}

# restarted WAY: the agent, killed, with another --xdp.
restarted() {
  agent_end node-a KILL
  LAB_XDP=$1 agent_start node-a --uplinks eth0,eth1
}

comes_and_goes() {
  local before way
  traffic_start
  for way in native off native auto native; do
    restarted "$way"
    if [[ $way != native ]]; then
      check "--xdp $way on a veth: status says so" grep -q '^off: ' <<<"$(xdp_state node-a eth0)"
    fi
  done
  expect "--xdp native again" native "$(xdp_state node-a eth0)"
  traffic_end "kill -9 and --xdp off and on"
  agent_end node-a KILL
  before=$(sent eth0 tx)
  expect "without an agent" "web-3 $(lab_addr node-a 4)" \
    "$(answers client "$(lab_addr node-a 4)" 30010 udp)"
  before=$(($(sent eth0 tx) - before))
  check "… XDP goes on: $before frames of 96" test "$before" -ge 90
}

auto_leaves_it_to_tc() {
  local before
  restarted auto
  expect "--xdp auto: why a veth has none" \
    "off: a veth, whose frames may lack checksums (--xdp native attaches there, too)" \
    "$(xdp_state node-a eth0)"
  before=$(sent eth0 tx)
  with_all served_by_tc "--xdp auto"
  expect "--xdp auto: XDP sends nothing" "$before" "$(sent eth0 tx)"
}

served_by_tc() {
  expect "IPv$1 $2: $3: served by tc" "web-3 $(lab_addr node-a "$1")" \
    "$(answers client "$(lab_addr node-a "$1")" 30010 "$2")"
}

# Somebody else's program: it stays, and the node is served all the same.
place_taken() {
  agent_end node-a KILL
  check "cleanup takes XDP off" agent_cleanup node-a
  lab_pass node-a eth0
  agent_start node-a --uplinks eth0,eth1
  check "another XDP program on the device: status says so" \
    grep -q '^off: an XDP program of somebody else' <<<"$(xdp_state node-a eth0)"
  check "… and so does the log" grep -q 'XDP.*eth0.*somebody else\|eth0.*XDP.*somebody else' \
    "$(node_dir node-a)/agent.log"
  expect "… the other device has ours" native "$(xdp_state node-a eth1)"
  with_all served_by_tc "another XDP program on the device"
}

e2e_cluster
second_wire
manifests | everywhere test.yaml
agent_spawn node-a --uplinks eth0,eth1
agent_spawn node-b
agent_wait node-a
agent_wait node-b
expect "XDP stands on eth0" native "$(xdp_state node-a eth0)"
expect "XDP stands on eth1" native "$(xdp_state node-a eth1)"
with_all to_other_node
with_all to_this_node
with_all to_everywhere
with_all missing_neighbour
with_all from_uplink_to_uplink
comes_and_goes
auto_leaves_it_to_tc
place_taken
agent_end node-a KILL
lab_ip node-a link set dev eth0 xdpdrv off
agent_start node-a --uplinks eth0,eth1
lab_serve_end web-3
lab_iperf web-3 8080
bulk_both_ways 4
bulk_both_ways 6
e2e_end
