#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `millrace trace` against what packets really do: who will serve a client, who serves him now, what
# is refused and why, by Services and by policies. A trace leaves no flow, no count and no affinity behind.
# combinations: xdp=native socket-lb=on

# shellcheck source=deploy/e2e/lib/check.sh
source "$(dirname "$0")/lib/check.sh"

declare -A EXTERNAL=([4]=203.0.113.70 [6]=2001:db8:113::70)
SOURCE_PORT=42000

manifests() {
  service web 70 'type: LoadBalancer' 'nodePort: 30070'
  ingress "${EXTERNAL[@]}"
  endpoints web web-2 web-3 web-4
  echo ---
  service sticky 71 'sessionAffinity: ClientIP'
  endpoints sticky web-2 web-3
  echo ---
  service empty 72
  endpoints empty
  echo ---
  service elsewhere 73 'internalTrafficPolicy: Local'
  endpoints elsewhere web-3
  echo ---
  service guarded 74 'type: LoadBalancer' 'loadBalancerSourceRanges: ["192.0.2.0/24", "2001:db8:2::/64"]'
  ingress 203.0.113.74 2001:db8:113::74
  endpoints guarded web-2
}

# trace OPTION…: of node-a's agent, as JSON.
trace() { "$MILLRACE" trace --run-dir "$(node_dir node-a)/run" -o json "$@"; }

# told DESCRIPTION JQ WANTED OPTION…: a trace says this.
told() {
  local what=$1 filter=$2 wanted=$3
  shift 3
  expect "$what" "$wanted" "$(trace "$@" | jq -r "$filter")"
}

# left: everything that a trace might leave behind.
left() {
  "$MILLRACE" flows --run-dir "$(node_dir node-a)/run" --replies -o json |
    jq -c '[.flows[] | [.protocol, .source, .source_port, .destination, .state]] | sort'
  "$MILLRACE" drops --run-dir "$(node_dir node-a)/run" --all -o json
}

# Who answers a client at the nodePort of node-a, told before and after he has asked.
outside() {
  local family=$1 proto=$2 option=() will now answered
  local to=(--from "$(lab_addr client "$family")" --to "$(lab_addr node-a "$family")" --port 30070
    --protocol "$proto" --source-port $((++SOURCE_PORT)))
  if [[ $proto == udp ]]; then option=(--udp); fi
  will=$(trace "${to[@]}" | jq -r '.service.candidates[] | select(.chosen) | "\(.pod) \(.chosen_by)"')
  answered=$(ask client "$(lab_addr node-a "$family")" 30070 "${option[@]}" --timeout 5000 \
    --source-port "$SOURCE_PORT" | cut -d' ' -f1)
  expect "IPv$family $proto: it tells who will serve the client" "demo/$answered maglev" "$will"
  if [[ $proto == udp ]]; then
    now=$(trace "${to[@]}" | jq -r '"\(.flow.service) \(.leaves.destination)"')
    expect "IPv$family $proto: … and who does" \
      "test/web:u $(lab_addr "$answered" "$family")" "$now"
  fi
}

# A pod's next backend, where affinity has one.
sticky() {
  local family=$1 answered
  answered=$(ask web-1 "$(vip 71 "$family")" 80 --timeout 5000 --source-port $((++SOURCE_PORT)) | cut -d' ' -f1)
  told "IPv$family: affinity leads where the pod went last" \
    '.service.candidates[] | select(.chosen) | "\(.pod) \(.chosen_by)"' "demo/$answered affinity" \
    --from "$(lab_addr web-1 "$family")" --to "$(vip 71 "$family")" --port 80
}

from_a_pod() {
  local family=$1 option=()
  if ((family == 6)); then option=(--ipv6); fi
  local from=(--from demo/web-1 "${option[@]}")
  told "IPv$family: three candidates, one chosen at random" \
    '[.service.candidates[] | .candidate] + [[.service.candidates[] | select(.chosen)] | length] | tostring' \
    '[true,true,true,1]' "${from[@]}" --to svc/test/web --port 80
  told "IPv$family: no endpoint" '"\(.outcome) \(.reason)"' 'REJECTED no_endpoint' \
    "${from[@]}" --to test/empty --port 80
  told "IPv$family: unknown port" '"\(.outcome) \(.reason)"' 'REJECTED unknown_port' \
    "${from[@]}" --to test/web --port 81
  told "IPv$family: no local endpoint" '"\(.outcome) \(.reason) \(.service.traffic_policy)"' \
    'DROPPED no_local_endpoint Local' "${from[@]}" --to test/elsewhere --port 80
  told "IPv$family: SCTP, too, where there is no such port" '"\(.outcome) \(.reason)"' \
    'REJECTED unknown_port' "${from[@]}" --to test/web --port 80 --protocol sctp
  told "IPv$family: straight to a pod, by the stack" '"\(.outcome) \(.way) \(.service)"' \
    'DELIVERED stack {"name":"","frontend":"","traffic_policy":"","choice":"","affinity_s":0,"source_ranges":false,"candidates":[]}' \
    "${from[@]}" --to demo/web-2 --port 8080
}

from_elsewhere() {
  local family=$1
  told "IPv$family: not of the source ranges" '"\(.outcome) \(.reason)"' 'DROPPED source_range' \
    --from "$(lab_addr client "$family")" --to "$(lookup 74 "$family")" --port 80
  told "IPv$family: this host to a pod of its own meets one program" \
    '[.hooks[].program] | join(",")' "pod_out$family" \
    --from "$(lab_addr node-a "$family")" --to "$(lab_addr web-1 "$family")" --port 8080
  told "IPv$family: a client to a pod meets two" '[.hooks[].program] | join(",")' \
    "uplink_in$family,pod_out$family" \
    --from "$(lab_addr client "$family")" --to "$(lab_addr web-1 "$family")" --port 8080
  told "IPv$family: a remote backend is reached by this node's address, from a port of the range" \
    '"\(.leaves.source) \(.source_port_chosen) \(.way)"' "$(lab_addr node-a "$family") true wire" \
    --from "$(lab_addr client "$family")" --to "$(lab_addr node-a "$family")" --port 30071
}

lookup() { case $2 in 4) echo "203.0.113.$1" ;; 6) echo "2001:db8:113::$1" ;; esac; }

# refused DESCRIPTION TEXT OPTION…: the command fails, and says this.
refused() {
  local what=$1 text=$2 output status=0
  shift 2
  output=$(trace "$@" 2>&1) || status=$?
  expect "$what" "1 yes" "$status $([[ $output == *"$text"* ]] && echo yes || echo "$output")"
}

mistakes() {
  refused 'an unknown pod is named' '--from: no pod test/nobody is known here' \
    --from test/nobody --to test/web --port 80
  refused 'what is no name, too' '--to web is neither an address nor NAMESPACE/NAME' \
    --from demo/web-1 --to web --port 80
  refused 'a missing port' '--port is not between 1 and 65535' --from demo/web-1 --to test/web
}

# Pods of demo take web-1 alone in, at one port.
policy() {
  cat <<YAML
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: only-web-1, namespace: demo}
spec:
  podSelector: {matchLabels: {app: web}}
  policyTypes: [Ingress]
  ingress:
    - from: [{ipBlock: {cidr: $(lab_addr web-1 4)/32}}, {ipBlock: {cidr: "$(lab_addr web-1 6)/128"}}]
      ports: [{port: 8080}]
YAML
}

is_denied() {
  [[ $(trace --from "$(lab_addr client "$1")" --to "$(lab_addr node-a "$1")" --port 30076 |
    jq -r '"\(.outcome) \(.reason) \(.ingress.pod) \(.ingress.verdict) \(.ingress.policies[0])"') == \
    "DROPPED policy_ingress demo/web-2 denied demo/only-web-1" ]]
}

under_policies() {
  local family=$1
  check_await "IPv$family: who is not let in is told, and by which policy" is_denied "$family"
  expect "IPv$family: … and so it is" "timed out" \
    "$(answer client "$(lab_addr node-a "$family")" 30076 tcp --timeout 800)"
  told "IPv$family: who is let in is told by which rule, through a Service as well" \
    '"\(.outcome) \(.ingress.verdict) \(.ingress.policy) \(.ingress.rule) \(.egress.text)"' \
    'DELIVERED allowed demo/only-web-1 0 no policy isolates the pod in this direction' \
    --from "$(lab_addr web-1 "$family")" --to "$(vip 76 "$family")" --port 80
  expect "IPv$family: … and so he is" "web-2" \
    "$(answer web-1 "$(vip 76 "$family")" 80 tcp | cut -d' ' -f1)"
  told "IPv$family: this node needs no rule" '"\(.outcome) \(.ingress.text)"' \
    'DELIVERED its own node opens the connection, which needs no rule' \
    --from "$(lab_addr node-a "$family")" --to "$(lab_addr web-2 "$family")" --port 8080
}

e2e_cluster
{
  manifests
  echo ---
  service remote 75 'type: LoadBalancer' 'nodePort: 30071'
  endpoints remote web-3
  echo ---
  service near 76 'type: NodePort' 'nodePort: 30076'
  endpoints near web-2
} | everywhere test.yaml
lab_agents
for family in 4 6; do
  for proto in tcp udp; do outside "$family" "$proto"; done
  sticky "$family"
done
before=$(left)
for family in 4 6; do
  from_a_pod "$family"
  from_elsewhere "$family"
done
mistakes
expect 'nothing is left behind: no flow, no count' "$before" "$(left)"
policy | everywhere policy.yaml
for family in 4 6; do under_policies "$family"; done
e2e_end
