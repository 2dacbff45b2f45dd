#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A policy is changed under load until it has come into force in the kernel so many times, now saying this,
# now that, and both allow the same: not one packet of what is allowed is lost, and not one of what is
# denied gets through.
# usage: policy-flips.sh [--flips N]    10,000 by default, which take a minute
# combinations: xdp=native socket-lb=on

# shellcheck source=deploy/e2e/lib/check.sh
source "$(dirname "$0")/lib/check.sh"

FLIPS=10000
RATE=250
if [[ ${1:-} == --flips ]]; then FLIPS=$2; fi
[[ $FLIPS =~ ^[1-9][0-9]*$ ]] || die "--flips is a number, not '$FLIPS'"

# The last port is what changes.
manifests() {
  cat <<YAML
apiVersion: v1
kind: Namespace
metadata: {name: test, labels: {team: x}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: flipping, namespace: test}
spec:
  podSelector: {matchLabels: {app: web}}
  policyTypes: [Ingress, Egress]
  ingress:
    - from:
        - {podSelector: {matchLabels: {role: friend}}}
        - {ipBlock: {cidr: $(lab_addr client 4)/32}}
        - {ipBlock: {cidr: "$(lab_addr client 6)/128"}}
      ports: [{protocol: UDP, port: 8080}, {port: 8080}, {port: 20000}]
  egress:
    - to: [{podSelector: {matchLabels: {role: friend}}}]
YAML
  pod_object web-1 '{role: friend}'
  pod_object web-2 '{role: stranger}'
  pod_object web-3 '{app: web}'
  pod_object web-4 '{app: web}'
  echo '---'
  # Each node's own endpoint: the client's address is kept.
  service web 10 'type: NodePort' 'nodePort: 30010' 'externalTrafficPolicy: Local'
  endpoints web web-3 web-4
}

streams_start() {
  flow_start pod-tcp4 web-1 stream "$(vip 10 4)" 80 --rate 100
  flow_start pod-tcp6 web-1 stream "$(lab_addr web-3 6)" 8080 --rate 100
  flow_start pod-udp4 web-1 stream "$(vip 10 4)" 80 --rate 100 --udp
  flow_start out-tcp6 client stream "$(lab_addr node-b 6)" 30010 --rate 100
  flow_start out-udp4 client stream "$(lab_addr node-b 4)" 30010 --rate 100 --udp
  flow_start held4 web-1 hold "$(vip 10 4)" 80 --count 20
  flow_start held6 client hold "$(lab_addr node-b 6)" 30010 --count 20
  flow_start denied4 web-2 stream "$(lab_addr web-3 4)" 8080 --rate 50 --timeout 500 --udp
  flow_start denied6 web-3 stream "$(lab_addr web-2 6)" 8080 --rate 50 --timeout 500
}

streams_end() {
  local label
  for label in pod-tcp4 pod-tcp6 pod-udp4 out-tcp6 out-udp4; do stream_ends "$label"; done
  for label in held4 held6; do held_ends "$label" 20; done
  for label in denied4 denied6; do
    flow_end "$label"
    expect "$label: $(jq .attempts <<<"$FLOW_SUMMARY") requests, none answered" "0 true" \
      "$(jq -r '"\(.attempts - .failed) \(.attempts > 0)"' <<<"$FLOW_SUMMARY")"
  done
}

# How often pods of node-b were led to other rules, by the kernel: the guard's epoch is raised with each of
# these stores, and not for changes to and fro that were taken together.
in_force() {
  bpftool -j map dump pinned "$(node_dir node-b)/bpffs/maps/guard_v1" | jq '.[0].formatted.value.epoch'
}
flipped() { (($(in_force) - BEFORE >= FLIPS)); }
friend_only() {
  [[ $(probe web-1 "$(lab_addr web-3 4)" 8080 tcp) == web-3* &&
    $(answer web-2 "$(lab_addr web-3 4)" 8080 tcp --timeout 600) == "timed out" ]]
}

lab_begin
lab_cluster
mkdir -p "$(api_manifests)"
cp "$ROOT/deploy/demo/cluster.yaml" "$(api_manifests)"
manifests | api_put test.yaml
api_start client "$(lab_addr client 4)" --history 20000
lab_agents
check_await "the policy is in force" friend_only
streams_start
BEFORE=$(in_force)
api_tell "flip?namespace=test&name=flipping&rate=$RATE&count=$((100 * FLIPS))" >/dev/null
began=$SECONDS
await $((60 + FLIPS / 10)) flipped || fail "the policy came into force $FLIPS times" "only $(($(in_force) - BEFORE))"
took=$((SECONDS - began))
api_tell "flip?namespace=test&name=flipping&rate=1&count=0" >/dev/null
streams_end
check "the policy has come into force $(($(in_force) - BEFORE)) times in $took s" \
  test $(($(in_force) - BEFORE)) -ge "$FLIPS"
check_await "… and it is in force" friend_only
e2e_end
