#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# An endpoint of a UDP service is removed while its server goes on: sockets that were led to it move
# at once to the other endpoint, connected ones by an error (S-160, S-161, F-02). TCP
# connections to it, and sockets that have nothing to do with the service, live on. Then the same for
# each kind of frontend and client, by new sockets with the same source port (S-165).
# combinations: xdp=native socket-lb=on
# combinations: xdp=off socket-lb=off

# shellcheck source=deploy/e2e/lib/check.sh
source "$(dirname "$0")/lib/check.sh"

# Who keeps what open, and what becomes of it: LABEL MACHINE WHERE PEER-OPTION… ; see `targets`.
CLIENTS=(
  'pod      web-1  vip    --udp'
  'host     node-a vip    --udp'
  'mapped   web-1  vip    --udp --mapped'
  'loose    web-1  vip    --unconnected'
  'tcp      web-1  vip'
  'stranger web-1  direct --udp'
  'other    web-1  second --udp'
)

# endpoints_are POD: of the service `first`; `second` keeps web-2 all the time.
endpoints_are() {
  {
    service first 50
    endpoints first "$1"
    echo ---
    service second 51
    endpoints second web-2
  } | everywhere test.yaml
}

# target WHERE FAMILY: address and port.
target() {
  case $1 in
  vip) echo "$(vip 50 "$2") 80" ;;
  second) echo "$(vip 51 "$2") 80" ;;
  direct) echo "$(lab_addr web-2 "$2") 8080" ;;
  esac
}

# clients FAMILY COMMAND: run COMMAND LABEL MACHINE WHERE OPTION… for each; IPv4 alone has mapped
# addresses.
clients() {
  local family=$1 line fields
  for line in "${CLIENTS[@]}"; do
    read -r -a fields <<<"$line"
    [[ $family == 4 || ${fields[0]} != mapped ]] || continue
    "$2" "$family" "${fields[@]}"
  done
}

begin() {
  local family=$1 label=$2 machine=$3 address port
  read -r address port <<<"$(target "$4" "$family")"
  flow_start "$label" "$machine" keep "$address" "$port" --timeout 10000 "${@:5}"
}

# judge FAMILY LABEL …: how often it was told, and who answered, in turn.
judge() {
  local label=$2 told=false names='["web-2"]'
  flow_end "$label"
  case $label in
  pod | host | mapped) names='["web-2","web-4"]' ;;
  loose) names='["web-2","web-4"]' ;;
  esac
  if [[ $label == @(pod|host|mapped) && $LAB_SOCKET_LB == on ]]; then told=true; fi
  expect "IPv$1: $label: told, failures, lost requests, who answered" "$told 0 0 $names" \
    "$(jq -r '"\(.aborted > 0) \(.failures) \(.timeouts) \(.names | tojson)"' <<<"$FLOW_SUMMARY")"
}

ended() { agent_status node-a | jq -e ".sockets.ended >= $1" >/dev/null; }

# One family after the other: what is ended is ended in both.
removal() {
  local family=$1 sockets=$2
  endpoints_are web-2
  check_await "IPv$family: web-2 serves" served_by web-2 "$family"
  clients "$family" begin
  endpoints_are web-4
  if [[ $LAB_SOCKET_LB == on ]]; then
    check_await "IPv$family: sockets are ended before their backend is freed" left_in_time "$family"
  fi
  check_await "IPv$family: web-4 serves" served_by web-4 "$family"
  check_await "IPv$family: the endpoint is gone" backends_are 4 "$family"
  if [[ $LAB_SOCKET_LB == on ]]; then
    check_await "IPv$family: $sockets sockets are ended in all" ended "$sockets"
  fi
  clients "$family" judge
}

served_by() { [[ $(answers web-1 "$(vip 50 "$2")" 80 udp) == "$1 "* ]]; }

values() { bpftool -j map dump pinned "$(node_dir node-a)/bpffs/maps/$1_v1"; }

# withdrawn FAMILY: ids of backends that are removed and not free yet, as JSON.
withdrawn() {
  values "backends$1" |
    jq -c '[.[].formatted | select(.value.svc > 0 and .value.flags % 2 == 0) | .key]'
}

# left_in_time FAMILY: there are such backends, and no socket is connected to them. They are asked
# for again, as they may have been freed between: only then would sockets end late.
left_in_time() {
  local gone
  gone=$(withdrawn "$1")
  [[ $gone != "[]" ]] || return 1
  values "socks$1" | jq -e --argjson gone "$gone" 'all(.[].formatted.value;
    .flags % 2 == 0 or (.backend as $id | $gone | index($id) | not))' >/dev/null &&
    [[ $(withdrawn "$1") == "$gone" ]]
}

# backends_are COUNT FAMILY: of both services and protocols; the removed are told apart by a flag.
backends_are() {
  values "backends$2" |
    jq -e "[.[].formatted.value | select(.flags % 2 == 1)] | length == $1" >/dev/null
}

# Who asks always from one port, and what: MACHINE WHERE; see `steered`.
ASKERS=(
  'asker  cluster-ip'
  'asker  local'
  'asker  node-port-b'
  'node-a cluster-ip'
  'node-a local'
  'client node-port-a'
  'client node-port-b'
  'client vip'
)

# steered WHERE FAMILY: address and port.
steered() {
  case $1 in
  cluster-ip) echo "$(vip 52 "$2") 80" ;;
  local) echo "$(vip 53 "$2") 80" ;;
  node-port-a) echo "$(lab_addr node-a "$2") 30052" ;;
  node-port-b) echo "$(lab_addr node-b "$2") 30052" ;;
  vip) if (($2 == 4)); then echo "203.0.113.52 80"; else echo "2001:db8:113::52 80"; fi ;;
  esac
}

# steer POD READY: the only endpoint of both services.
steer() {
  {
    service steered 52 'type: LoadBalancer' 'nodePort: 30052'
    ingress 203.0.113.52 2001:db8:113::52
    endpoints steered "$1"
    echo ---
    service steered-local 53 'internalTrafficPolicy: Local'
    endpoints steered-local "$1"
  } | sed "s/ready: true/ready: $2, serving: $2/" | everywhere steered.yaml
}

# steered_to POD|refused DESCRIPTION: all of them, once it is in force.
steered_to() {
  local line family fields
  for line in "${ASKERS[@]}"; do
    read -r -a fields <<<"$line"
    for family in 4 6; do
      check_await "IPv$family: ${fields[0]} → ${fields[1]}, always from one port: $2" \
        steered_there "$1" "${fields[0]}" "$(steered "${fields[1]}" "$family")"
    done
  done
}

steered_there() {
  local address port
  read -r address port <<<"$3"
  [[ $(probe "$2" "$address" "$port" udp --source-port 12345) == "$1"* ]]
}

fixed_source_port() {
  new_pod asker node-a 13
  steer web-1 false
  steered_to refused "refused while its endpoint is not ready"
  steer web-1 true
  steered_to web-1 "served once it is"
  steer web-2 true
  steered_to web-2 "and by the next one when that is gone"
}

e2e_cluster
endpoints_are web-2
lab_agents --max-backends 64
removal 4 3
removal 6 5
fixed_source_port
expect "nothing was lost for a reason" "[]" "$(agent_status node-a | jq -c .problems)"
e2e_end
