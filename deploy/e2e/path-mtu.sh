#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A narrow place behind the translation: who sends too much is told so, in terms of the address that
# it knows (S-060), and the connection goes on in smaller packets. The same under policies that allow nothing but
# the connection itself (policy S24, D5).

# shellcheck source=deploy/e2e/lib/check.sh
source "$(dirname "$0")/lib/check.sh"
# shellcheck source=deploy/e2e/lib/policy.sh
source "$ROOT/deploy/e2e/lib/policy.sh"

NARROW=1400

manifests() {
  service narrow 10 'type: NodePort' 'nodePort: 30010'
  endpoints narrow web-3
}

# path_mtu MACHINE ADDRESS: what the machine has learned of the way there; empty if nothing.
path_mtu() {
  lab_ip "$1" route get "$2" | sed -n 's/.* mtu \([0-9]*\).*/\1/p'
}

# way_from MACHINE ADDRESS: where its packets to the service go: there, or, if its sockets are led,
# to the backend at once.
way_from() {
  if [[ $1 != client && $LAB_SOCKET_LB == on ]]; then lab_addr web-3 "$family"; else echo "$2"; fi
}

# learns DESCRIPTION FROM ADDRESS PORT: bulk data comes through, because the sender was told. Untold,
# it would send packets that nobody forwards, and nothing but the first small ones would arrive.
learns() {
  local bytes
  bytes=$(bulk_data "$2" "$3" "$4" -n 32M |
    jq -r 'if .error then .error else .end.sum_received.bytes end')
  if [[ $bytes =~ ^[0-9]+$ ]] && ((bytes >= 1024 * 1024)); then
    pass "$1: bulk data comes through"
  else
    fail "$1: bulk data comes through" "$bytes"
  fi
  expect "$1: the sender knows the path MTU of the service" "$NARROW" \
    "$(path_mtu "$2" "$(way_from "$2" "$3")")"
}

everybody_learns() {
  local family
  for family in 4 6; do
    learns "$1IPv$family: pod → ClusterIP" web-1 "$(vip 10 "$family")" 80
    learns "$1IPv$family: client → NodePort" client "$(lab_addr node-a "$family")" 30010
  done
}

# forget MACHINE…: what they have learned.
forget() {
  local machine
  for machine in "$@"; do
    lab_ip "$machine" route flush cache
    lab_ip "$machine" -6 route flush cache
  done
  expect "what was learned is forgotten" '' "$(path_mtu client "$(lab_addr node-a 6)")"
}

# Nobody tells anybody anything, but for these connections.
only_these() {
  policies "$(policy closed '{podSelector: {}, policyTypes: [Ingress, Egress]}')" \
    "$(policy in '{podSelector: {matchLabels: {app: web}}, ingress: [{ports: [{port: 8080}]}]}')" \
    "$(policy out '{podSelector: {matchLabels: {app: asks}}, policyTypes: [Egress],
      egress: [{to: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 8080}]}]}')"
  denied_is "a pod may reach nothing else" web-1 web-2 4 8080 tcp
  denied_is "… and nobody it" client web-1 6 8080 tcp
}

policy_cluster
manifests | everywhere test.yaml
agent_spawn node-a
# The narrow place is in the routing of this host, which the programs would pass by.
agent_spawn node-b --host-routing stack
agent_wait node-a
agent_wait node-b
# iperf3 takes the place of the peer.
lab_serve_end web-3
lab_iperf web-3 8080
lab_ip node-b link set pod-web-3 mtu "$NARROW"
everybody_learns ''
forget web-1 client
only_these
everybody_learns 'under policies, '
e2e_end
