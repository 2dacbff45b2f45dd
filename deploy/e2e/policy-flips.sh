#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A policy is changed ten thousand times under load, between two contents that both allow this and deny
# that: not one packet of what is allowed is lost, and not one of what is denied gets through.
# combinations: xdp=native socket-lb=on

# shellcheck source=deploy/e2e/lib/check.sh
source "$(dirname "$0")/lib/check.sh"

FLIPS=${FLIPS:-10000}
RATE=400

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
    expect "$label: $(jq .attempts <<<"$FLOW_SUMMARY") requests, none answered" 0 \
      "$(jq '.attempts - .failed' <<<"$FLOW_SUMMARY")"
  done
}

flipped() { (($(api_tell flipped) >= FLIPS)); }
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
lab_agents --policy on
check_await "the policy is in force" friend_only
streams_start
before=$(agent_status node-b | jq .policy.generation)
api_tell "flip?namespace=test&name=flipping&rate=$RATE&count=$FLIPS" >/dev/null
await 120 flipped || fail "the policy was changed $FLIPS times" "only $(api_tell flipped)"
streams_end
after=$(agent_status node-b | jq .policy.generation)
# Changes that come while one is being brought into force are taken together.
check "$FLIPS changes of the policy, of which the kernel got $((after - before))" \
  test $((after - before)) -ge 100
check_await "… and it is in force" friend_only
e2e_end
