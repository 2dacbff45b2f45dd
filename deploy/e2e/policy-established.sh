#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Connections that are open when a policy denies them (policy S23, D6): an open TCP connection and an
# exchange over UDP are cut, whichever way they came, and --established keep leaves them. New ones are
# denied either way.
# combinations: xdp=native socket-lb=on
# combinations: xdp=off socket-lb=off

# shellcheck source=deploy/e2e/lib/check.sh
source "$(dirname "$0")/lib/check.sh"
# shellcheck source=deploy/e2e/lib/policy.sh
source "$ROOT/deploy/e2e/lib/policy.sh"

# Who reaches web-3 on node-b, and how: LABEL MACHINE FRONTEND; see `frontend`.
WAYS=(
  'ClusterIP,another-node  web-1  vip'
  'ClusterIP,same-node     web-4  vip'
  'ClusterIP,a-friend      web-2  vip'
  'NodePort,another-node   client node-a'
  'NodePort,same-node      client node-b'
)

manifests() {
  service web 90 'type: NodePort' 'nodePort: 30090'
  endpoints web web-3
}

# frontend NAME FAMILY: address and port.
frontend() {
  case $1 in
  vip) echo "$(vip 90 "$2") 80" ;;
  *) echo "$(lab_addr "$1" "$2") 30090" ;;
  esac
}

# each_way FUNCTION ARGUMENT…: FUNCTION LABEL MACHINE ADDRESS PORT PROTO ARGUMENT… for every way, family and
# protocol; the label says all of it.
each_way() {
  local function=$1 way label machine to family proto address port
  for way in "${WAYS[@]}"; do
    read -r label machine to <<<"$way"
    for family in 4 6; do
      read -r address port <<<"$(frontend "$to" "$family")"
      for proto in tcp udp; do
        "$function" "$label,IPv$family,$proto" "$machine" "$address" "$port" "$proto" "${@:2}"
      done
    done
  done
}

# each_way_at_once FUNCTION: likewise, all at the same time.
each_way_at_once() {
  local commands=()
  each_way collect "$1"
  at_once "${commands[@]:1}"
}

collect() { commands+=(-- "${@:6}" "${@:1:5}"); }

begin() {
  local option=()
  if [[ $5 == udp ]]; then option=(--udp); fi
  flow_start "$1" "$2" keep "$3" "$4" --timeout 1000 "${option[@]}"
}

# fate LABEL …: what becomes of it: "cut" or "goes on".
fate() {
  local seen
  flow_await "$1"
  seen=$(jq -r 'if .timeouts > 0 then "cut" elif .failures > 0 then "fails" else "goes on" end' <<<"$FLOW_SUMMARY")
  expect "$WHEN: ${1//,/, }" "$(wanted "$1" cut 'goes on')" "$seen"
}

# wanted LABEL DENIED ALLOWED: which of the two it is, by the labels in CUT.
# shellcheck disable=SC2053 # CUT is a pattern
wanted() { if [[ $1 == $CUT ]]; then echo "$2"; else echo "$3"; fi; }

new_one() {
  to_is "$(wanted "$1" denied allowed)" "$WHEN: new: ${1//,/, }" "${@:2:4}"
}

# change WHEN CUT POLICY…: all is open and under way, and then come these policies; new connections whose label
# is like CUT are denied, and those that are open are as OPEN says: cut or kept.
change() {
  local WHEN=$1 CUT=$2
  policies
  each_way_at_once is_open
  each_way begin
  policies "${@:3}"
  each_way_at_once new_one
  # Each asks once more.
  kill "${FLOW_PID[@]}"
  if [[ $OPEN == kept ]]; then CUT=none; fi
  each_way fate
}

is_open() { await 30 answers_are "${@:2:4}" || fail "$1 is open" "not within 30 s"; }

INGRESS=$(policy ingress '{podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress],
  ingress: [{from: [{podSelector: {matchLabels: {role: friend}}}]}]}')
EGRESS=$(policy egress '{podSelector: {matchLabels: {app: asks}}, policyTypes: [Egress]}')

policy_cluster
manifests | everywhere test.yaml
lab_agents
OPEN='cut'
change "its pod's ingress denied" '@(ClusterIP,another-node|ClusterIP,same-node|NodePort)*' "$INGRESS"
change "its client's egress denied" 'ClusterIP,@(another-node|a-friend)*' "$EGRESS"
for node in node-a node-b; do
  agent_end "$node" TERM
  agent_start "$node" --established keep
done
OPEN='kept'
change "kept, its pod's ingress denied" '@(ClusterIP,another-node|ClusterIP,same-node|NodePort)*' "$INGRESS"
e2e_end
