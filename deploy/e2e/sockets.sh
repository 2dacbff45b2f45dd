#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Socket load balancing: pods and host processes are led to a backend as they connect, see the
# frontend, and their packets need no translation. nodePorts on loopback (S-093 … S-095), the host's
# own hostNetwork pods, refusal (S-050, S-056), restarts, and switching it off.
# combinations: xdp=native socket-lb=on

# shellcheck source=deploy/e2e/lib/check.sh
source "$(dirname "$0")/lib/check.sh"

LAB_SOCKET_LB=on # whatever the combination: it is the subject

manifests() {
  service far 10 'type: NodePort' 'nodePort: 30010'
  endpoints far web-3
  echo ---
  service near 11 'type: NodePort' 'nodePort: 30011'
  endpoints near web-1
  echo ---
  service host 12 'type: NodePort' 'nodePort: 30012'
  endpoints host node-a
  echo ---
  service empty 13
  endpoints empty
  echo ---
  service elsewhere 14 'internalTrafficPolicy: Local'
  endpoints elsewhere web-3
}

loopback() { if (($1 == 4)); then echo 127.0.0.1; else echo ::1; fi; }

# asked_every_way WHAT FAMILY WANTED MACHINE ADDRESS PORT: TCP, UDP with and without a peer, and for
# IPv4 all that from an IPv6 socket. The peer tool checks the addresses that sockets show. A socket
# without a peer does not hear of a refusal.
asked_every_way() {
  local what=$1 family=$2 wanted=$3 way
  local ways=('tcp' 'udp' 'udp --unconnected')
  shift 3
  if ((family == 4)); then ways+=('tcp --mapped' 'udp --mapped' 'udp --unconnected --mapped'); fi
  for way in "${ways[@]}"; do
    [[ $wanted != refused || $way != *unconnected* ]] || continue
    # shellcheck disable=SC2086 # options
    expect "IPv$family $way: $what" "$wanted" "$(name_of "$@" $way)"
  done
}

# name_of …: as `answer`, without the source address.
name_of() {
  local reply
  reply=$(answer "$@")
  if [[ $reply == *' '[0-9a-f]* ]]; then reply=${reply%% *}; fi
  echo "$reply"
}

# counter NODE NAME
counter() {
  "$MILLRACE" drops --all --run-dir "$(node_dir "$1")/run" -o json |
    jq --arg name "$2" '[.counters[] | select(.name == $name) | .value | tonumber] | add // 0'
}

served() {
  local family=$1 node
  node=$(lab_addr node-a "$family")
  asked_every_way 'pod → ClusterIP of a pod elsewhere' "$family" web-3 web-2 "$(vip 10 "$family")" 80
  asked_every_way 'pod → ClusterIP of a pod beside it' "$family" web-1 web-2 "$(vip 11 "$family")" 80
  asked_every_way 'pod → ClusterIP of itself' "$family" web-1 web-1 "$(vip 11 "$family")" 80
  asked_every_way 'pod → NodePort of its node' "$family" web-3 web-2 "$node" 30010
  asked_every_way 'pod → hostNetwork pod of its node' "$family" node-a web-2 "$(vip 12 "$family")" 80
  asked_every_way 'host → ClusterIP of a pod elsewhere' "$family" web-3 node-a "$(vip 10 "$family")" 80
  asked_every_way 'host → ClusterIP of a pod here' "$family" web-1 node-a "$(vip 11 "$family")" 80
  asked_every_way 'host → its own hostNetwork pod' "$family" node-a node-a "$(vip 12 "$family")" 80
  asked_every_way 'host → its own NodePort' "$family" web-3 node-a "$node" 30010
  asked_every_way 'host → NodePort of its own hostNetwork pod' "$family" node-a node-a "$node" 30012
}

# The packets of `served` carried the backend's address already.
nothing_translated() {
  expect "no packet of all these was translated" "$TRANSLATED" "$(counter node-a translated)"
  expect "… and no flow of the service is known" 0 \
    "$("$MILLRACE" flows --service far --run-dir "$(node_dir node-a)/run" -o json |
      jq '.flows | length')"
}

on_loopback() {
  local family=$1 address
  address=$(loopback "$family")
  asked_every_way 'host → NodePort on loopback' "$family" web-3 node-a "$address" 30010
  asked_every_way 'host → NodePort on loopback, hostNetwork pod' "$family" node-a \
    node-a "$address" 30012
  asked_every_way 'pod → the same port of its own loopback' "$family" refused \
    web-2 "$address" 30010
}

unserved() {
  local family=$1 machine
  for machine in web-2 node-a; do
    asked_every_way "$machine → ClusterIP without endpoints" "$family" refused \
      "$machine" "$(vip 13 "$family")" 80
    expect "IPv$family tcp: $machine → unknown port of a ClusterIP" refused \
      "$(answer "$machine" "$(vip 10 "$family")" 81 tcp)"
  done
  expect "IPv$family tcp: pod → ClusterIP, internal Local, endpoints elsewhere" "timed out" \
    "$(probe web-2 "$(vip 14 "$family")" 80 tcp)"
}

# Connections, and a UDP client, on both sides of the agent's death; and those made meanwhile.
survives_restart() {
  flow_start held web-2 hold "$(vip 10 4)" 80 --count 20
  flow_start new web-2 stream "$(vip 11 6)" 80 --rate 50
  agent_end node-a KILL
  asked_every_way 'pod → ClusterIP while the agent is dead' 4 web-3 web-2 "$(vip 10 4)" 80
  agent_start node-a
  flow_end held
  expect "connections outlive the agent" "0 0 0" \
    "$(jq -r '"\(.failed_connects) \(.resets) \(.stalls)"' <<<"$FLOW_SUMMARY")"
  flow_end new
  expect "connecting works all the time" 0 "$(jq .failed <<<"$FLOW_SUMMARY")"
  expect "a restart writes nothing" 0 "$(agent_status node-a | jq '.entries_written | tonumber')"
}

# Programs of sockets on node-a's cgroup.
programs() { bpftool cgroup show "$(node_cgroup node-a)" | grep -c ' sock_' || :; }

# Packets are translated one by one then; loopback is the host's own again.
switched_off() {
  agent_end node-a TERM
  LAB_SOCKET_LB=off agent_start node-a
  expect "status says why it is off" "off: --socket-lb=off" \
    "$(agent_status node-a | jq -r .features.socket_lb)"
  expect "no program is left on the cgroup" 0 "$(programs)"
  expect "packets are translated instead" "web-3 $(lab_addr web-2 4)" \
    "$(answer web-2 "$(vip 10 4)" 80 tcp)"
  check "… and counted" test "$(counter node-a translated)" -gt "$TRANSLATED"
  expect "the loopback address is left alone" refused "$(answer node-a 127.0.0.1 30010 tcp)"
  agent_end node-a TERM
  agent_start node-a
  asked_every_way 'pod → ClusterIP, switched on again' 4 web-3 web-2 "$(vip 10 4)" 80
  agent_end node-a TERM
  agent_cleanup node-a >/dev/null
  expect "cleanup leaves no program on the cgroup" 0 "$(programs)"
}

e2e_cluster
[[ $(node_cgroup node-a) != none ]] || die "sockets are served only where cgroup v2 is mounted"
lab_serve node-a 8080
manifests | everywhere test.yaml
lab_agents
expect "status says that it is on" on "$(agent_status node-a | jq -r .features.socket_lb)"
TRANSLATED=$(counter node-a translated)
served 4
served 6
nothing_translated
on_loopback 4
on_loopback 6
unserved 4
unserved 6
check "refusals are counted" test "$(counter node-a sockets_refused)" -gt 0
survives_restart
switched_off
e2e_end
