#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A pod is closed from the moment its veth exists (policy L1): who has tried to reach it all the time, and
# what it tries itself from its first moment on, sees not one success before a policy allows it; whether the
# agent lives or not.
# combinations: xdp=native socket-lb=on
# combinations: xdp=off socket-lb=off

# shellcheck source=deploy/e2e/lib/check.sh
source "$(dirname "$0")/lib/check.sh"
# shellcheck source=deploy/e2e/lib/policy.sh
source "$ROOT/deploy/e2e/lib/policy.sh"

ROUNDS=${ROUNDS:-4}
HOST=20 # the last part of the new pod's addresses
ATTEMPTS=0
ANSWERED=0

CLOSED='{podSelector: {matchLabels: {app: new}}, policyTypes: [Ingress, Egress]}'
OPEN='{podSelector: {matchLabels: {app: new}}, ingress: [{}], egress: [{}]}'

late_address() { if (($1 == 4)); then echo "$PODS4.1.$HOST"; else echo "$PODS6:1::$HOST"; fi; }

manifests() {
  service late 80 'type: NodePort' 'nodePort: 30080'
  endpoints late late
}

# From the same node, from another, from outside, directly and through the service.
attempts_start() {
  local family
  for family in 4 6; do
    flow_start "near$family" web-1 stream "$(late_address "$family")" 8080 --rate 100 --timeout 300
    flow_start "far$family" web-3 stream "$(late_address "$family")" 8080 --rate 100 --timeout 300
    flow_start "vip$family" web-3 stream "$(vip 80 "$family")" 80 --rate 100 --timeout 300 --udp
    flow_start "outside$family" client stream "$(lab_addr node-a "$family")" 30080 --rate 100 --timeout 300
    flow_start "from-near$family" late stream "$(lab_addr web-1 "$family")" 8080 --rate 100 --timeout 300 --udp
    flow_start "from-far$family" late stream "$(lab_addr web-3 "$family")" 8080 --rate 100 --timeout 300
    flow_start "from-out$family" late stream "$(lab_addr client "$family")" 8080 --rate 100 --timeout 300 --udp
  done
}

attempts_end() {
  local label attempts
  for label in "${!FLOW_PID[@]}"; do
    flow_end "$label"
    attempts=$(jq ".attempts // 0" <<<"$FLOW_SUMMARY")
    if ((attempts == 0)); then fail "$label is tried" "not once"; fi
    ATTEMPTS=$((ATTEMPTS + attempts))
    ANSWERED=$((ANSWERED + $(jq '(.attempts // 0) - (.failed // 0)' <<<"$FLOW_SUMMARY")))
  done
}

# What would show the new pod's packets by the node's address: as a CNI plug-in that masquerades.
masquerade() {
  lab_in node-a nft -f - <<NFT
table ip cni {
  chain post {
    type nat hook postrouting priority srcnat
    ip saddr $PODS4.0.0/16 ip daddr != $PODS4.0.0/16 masquerade
  }
}
table ip6 cni {
  chain post {
    type nat hook postrouting priority srcnat
    ip6 saddr $PODS6::/48 ip6 daddr != $PODS6::/48 masquerade
  }
}
NFT
}

# round agent|no-agent: the pod comes up, its object somewhat later, and goes.
round() {
  lab_machine late
  LAB_POD_NODE[late]="node-a"
  LAB_POD_HOST[late]=$HOST
  lab_serve late 8080
  attempts_start
  lab_pod_plug late node-a "$HOST"
  read -r -t 1 <> <(:) || :
  pod_object late '{app: new}' | everywhere late.yaml
  read -r -t 1.5 <> <(:) || :
  attempts_end
}

round_over() {
  everywhere late.yaml </dev/null
  lab_pod_delete late
}

policy_cluster
masquerade
lab_serve client 8080
LAB_POD_NODE[late]="node-a" LAB_POD_HOST[late]=$HOST
manifests | everywhere late-service.yaml
policies "$(policy closed "$CLOSED")"
lab_agents
for ((n = 0; n < ROUNDS; n++)); do
  round
  if ((n < ROUNDS - 1)); then round_over; fi
done
expect "policy L1: $ATTEMPTS attempts in $ROUNDS starts, none answered" 0 "$ANSWERED"
policies "$(policy closed "$OPEN")"
every_way "policy L2: once it is allowed it is reached" are_allowed web-3 late 8080
every_way "… and reaches others" are_allowed late client 8080
round_over
policies "$(policy closed "$CLOSED")"
ATTEMPTS=0 ANSWERED=0
agent_end node-a KILL
round
expect "policy L1: without an agent, $ATTEMPTS attempts, none answered" 0 "$ANSWERED"
agent_start node-a
policies "$(policy closed "$OPEN")"
every_way "once the agent is back and the pod is allowed it is reached" are_allowed web-3 late 8080
e2e_end
