#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# NetworkPolicies on real traffic: who may reach whom, by labels, ports and blocks, through services, from
# nodes and from outside. Rows are those of NetworkPolicy: "policy S12".
# combinations: xdp=native socket-lb=on
# combinations: xdp=off socket-lb=off

# shellcheck source=deploy/e2e/lib/check.sh
source "$(dirname "$0")/lib/check.sh"
# shellcheck source=deploy/e2e/lib/policy.sh
source "$ROOT/deploy/e2e/lib/policy.sh"

FRIENDS='{podSelector: {matchLabels: {role: friend}}}'

manifests() {
  service local 70 'type: NodePort' 'nodePort: 30070' 'externalTrafficPolicy: Local'
  endpoints local web-3
  echo '---'
  service spread 71 'type: NodePort' 'nodePort: 30071'
  endpoints spread web-3
  echo '---'
  service self 72
  endpoints self web-1
}

ingress_is_per_pod() {
  policies "$(policy closed '{podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress]}')"
  every_way "policy S5: nobody reaches an isolated pod" are_denied web-1 web-3 8080
  every_way "policy S2, S22: it reaches others, and their answers reach it" are_allowed web-3 web-1 8080
  every_way "policy S16, D1: its own node does" are_allowed node-b web-3 8080
  every_way "policy S17: another node does not" are_denied node-a web-3 8080
  every_way "policy S1: a pod that nobody selects is open" are_allowed client web-1 8080
}

peers_by_label() {
  policies "$(policy friends "{podSelector: {matchLabels: {app: web}}, ingress: [{from: [$FRIENDS]}]}")"
  every_way "policy S7: a pod that the selector names" are_allowed web-2 web-3 8080
  every_way "policy S7: another" are_denied web-1 web-3 8080
  every_way "policy S7: nobody from outside" are_denied client web-3 8080
  pods role=friend
  every_way "policy L6: a label makes it a friend" are_allowed web-1 web-3 8080
  pods
  every_way "policy L6: … and without it, it is none" are_denied web-1 web-3 8080
}

ports() {
  policies "$(policy ports "{podSelector: {matchLabels: {app: web}}, ingress: [{ports: [{port: web}]}]}")"
  allowed_is "policy P4: the named port, to anybody" web-1 web-3 4 8080 tcp
  allowed_is "policy P4: … from outside, too" client web-3 6 8080 tcp
  denied_is "policy P6: not the same port of UDP" web-1 web-3 4 8080 udp
  denied_is "policy P4: no other port" web-1 web-3 6 8081 tcp
  policies "$(policy ports "{podSelector: {matchLabels: {app: web}}, ingress: [{ports:
    [{protocol: UDP, port: 8000, endPort: 8080}]}]}")"
  allowed_is "policy P3: the last port of a range" web-1 web-3 6 8080 udp
  denied_is "policy P3: one beyond it" web-1 web-3 4 8081 udp
  denied_is "policy S26: not of TCP" web-1 web-3 4 8080 tcp
}

blocks() {
  local to
  policies "$(policy blocks "{podSelector: {matchLabels: {app: web}}, ingress: [{from: [
    {ipBlock: {cidr: $(lab_addr client 4)/32}}, {ipBlock: {cidr: \"$(lab_addr client 6)/128\"}},
    {ipBlock: {cidr: 10.244.1.0/24, except: [$(lab_addr web-1 4)/32]}}]}]}")"
  for family in 4 6; do
    to=$(lab_addr node-b "$family")
    to_is allowed "policy D3: the client by a nodePort of the pod's node, IPv$family" client "$to" 30070 tcp
    to_is allowed "policy D3: … likewise UDP, IPv$family" client "$to" 30071 udp
    to_is denied "policy D3: by another node it has that node's address, IPv$family" \
      client "$(lab_addr node-a "$family")" 30071 tcp
  done
  allowed_is "policy S14: a block matches pods" web-2 web-3 4 8080 tcp
  denied_is "policy S12: but those excepted" web-1 web-3 4 8080 tcp
  denied_is "policy L7: a block of one family says nothing of the other" web-2 web-3 6 8080 tcp
}

egress() {
  local itself=denied
  if [[ $LAB_SOCKET_LB == on ]]; then itself=allowed; fi
  policies "$(policy out "{podSelector: {matchLabels: {app: asks}}, policyTypes: [Egress],
    egress: [{to: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 8080}, {protocol: UDP, port: 8080}]}]}")"
  for family in 4 6; do
    for proto in tcp udp; do
      to_is allowed "policy S21: the backend and its port count, IPv$family $proto" \
        web-1 "$(vip 71 "$family")" 80 "$proto"
      # A socket that is led to its own pod sends nothing that leaves it (S19).
      to_is "$itself" "policy S20, D4: itself through a service, IPv$family $proto" \
        web-1 "$(vip 72 "$family")" 80 "$proto"
    done
    to_is allowed "policy S19: itself by its own address, IPv$family" \
      web-1 "$(lab_addr web-1 "$family")" 8080 tcp
  done
  every_way "policy S5: nobody else" are_denied web-1 web-2 8080
  every_way "policy S2: it may still be asked" are_allowed client web-1 8080
  every_way "policy S16, D2: the node itself" are_allowed web-1 node-a 9000
}

audit() {
  local before
  before=$(packet_count node-b policy_audited)
  policies "$(policy audited '{podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress]}' |
    sed 's|name: audited,|& annotations: {millrace.io/audit: "true"},|')"
  check_await "an audited policy counts what it would deny" is_audited "$before"
  every_way "… and lets it through" are_allowed web-1 web-3 8080
}

is_audited() {
  probe web-1 "$(lab_addr web-3 4)" 8080 tcp >/dev/null
  (($(packet_count node-b policy_audited) > $1))
}

# A dead agent leaves all in force.
survives() {
  policies "$(policy closed '{podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress]}')"
  every_way "before the agent dies" are_denied web-1 web-3 8080
  # What the change has left behind is deleted a second later.
  read -r -t 2 <> <(:) || :
  agent_end node-b KILL
  every_way "policies outlive the agent" are_denied web-1 web-3 8080
  every_way "… and what they allow" are_allowed node-b web-3 8080
  agent_start node-b
  expect "a restart writes nothing" 0 "$(jq .entries_written <<<"$SYNCED_STATUS")"
  every_way "… and changes nothing" are_denied web-1 web-3 8080
  policies
  every_way "policy e2e 33: without policies all is open again" are_allowed web-1 web-3 8080
}

spoofing() {
  local before
  before=$(drop_count node-a spoofed)
  lab_ip web-1 addr add "$(lab_addr web-2 4)/32" dev eth0
  answer web-1 "$(lab_addr web-3 4)" 8080 udp --source "$(lab_addr web-2 4)" --timeout 500 >/dev/null || :
  lab_ip web-1 addr del "$(lab_addr web-2 4)/32" dev eth0
  check "a pod sends from its own addresses only" test "$(drop_count node-a spoofed)" -gt "$before"
}

# A pod that nobody has told of, and what a Node without podCIDRs closes: nothing. Policies hold there, too.
unknown_pod() {
  lab_pod unknown node-b 30
  lab_serve unknown 8080
  policies "$(policy closed '{podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress]}')"
  every_way "policy L1: a pod without an object is closed" are_denied web-1 unknown 8080
  sed 's/podCIDRs: .*/unschedulable: false/' "$ROOT/deploy/demo/cluster.yaml" | put_manifest node-b cluster.yaml
  every_way "… but not where the Node has no podCIDRs" are_allowed web-1 unknown 8080
  every_way "… and there policies hold" are_denied web-1 web-3 8080
  put_manifest node-b cluster.yaml <"$ROOT/deploy/demo/cluster.yaml"
  every_way "… once it has some, it is closed again" are_denied unknown web-1 8080
  lab_pod_delete unknown
}

policy_cluster
lab_serve web-3 8081
lab_serve node-a 9000
manifests | everywhere test.yaml
lab_agents
every_way "policy S1: all is open without policies" are_allowed web-1 web-3 8080
ingress_is_per_pod
peers_by_label
ports
blocks
egress
audit
spoofing
unknown_pod
survives
e2e_end
