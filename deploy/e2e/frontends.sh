#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every kind of frontend, from everywhere, to a backend here and elsewhere: who answers, and the
# source address the backend sees (S-070, S-077, S-079, S-081, S-082, S-117, S-119). node-b and all
# veths run with strict reverse path filters. Last, with a FORWARD policy of DROP (S-085).

# shellcheck source=deploy/e2e/lib/check.sh
source "$(dirname "$0")/lib/check.sh"

PODS=(web-1 web-2 web-3 web-4)

# Service one-N has web-N as its only endpoint, so a test knows who must answer.
manifests() {
  local n
  for n in 1 2 3 4; do
    service "one-$n" "1$n" 'type: LoadBalancer' "nodePort: 3001$n" \
      "externalIPs: [203.0.113.1$n, \"2001:db8:113::1$n\"]"
    ingress "203.0.113.2$n" "2001:db8:113::2$n"
    endpoints "one-$n" "web-$n"
    echo ---
  done
  service all 20 'type: NodePort' 'nodePort: 30020'
  endpoints all "${PODS[@]}"
  echo ---
  service host-a 21 'type: NodePort' 'nodePort: 30021'
  endpoints host-a node-a
  echo ---
  service host-b 22 'type: NodePort' 'nodePort: 30022'
  endpoints host-b node-b
  echo ---
  service outside 23
  endpoints outside client
}

external() { if (($2 == 4)); then echo "203.0.113.$1"; else echo "2001:db8:113::$1"; fi; }

# outside_source FAMILY ENTRY BACKEND: the client, or the node that had to masquerade it.
outside_source() {
  if [[ ${LAB_POD_NODE[$3]:-$3} == "$2" ]]; then lab_addr client "$1"; else lab_addr "$2" "$1"; fi
}

pod_to_cluster_ip() {
  local family=$1 proto=$2 pod source
  for pod in "${PODS[@]}"; do
    source=$(pod_source web-1 "$family" "$pod")
    expect "IPv$family $proto: web-1 → ClusterIP of $pod" "$pod $source" \
      "$(answer web-1 "$(vip "1${pod#web-}" "$family")" 80 "$proto")"
  done
}

host_to_cluster_ip() {
  local family=$1 proto=$2 pod
  for pod in "${PODS[@]}"; do
    expect "IPv$family $proto: node-a → ClusterIP of $pod" \
      "$pod $(host_source node-a "$family" "$pod")" \
      "$(answer node-a "$(vip "1${pod#web-}" "$family")" 80 "$proto")"
  done
}

outside_to_node_port() {
  local family=$1 proto=$2 pod entry
  for entry in node-a node-b; do
    for pod in "${PODS[@]}"; do
      expect "IPv$family $proto: client → NodePort of $pod on $entry" \
        "$pod $(outside_source "$family" "$entry" "$pod")" \
        "$(answer client "$(lab_addr "$entry" "$family")" "3001${pod#web-}" "$proto")"
    done
  done
}

outside_to_external() {
  local family=$1 proto=$2 pod n
  for pod in "${PODS[@]}"; do
    n=${pod#web-}
    expect "IPv$family $proto: client → externalIP of $pod" \
      "$pod $(outside_source "$family" node-a "$pod")" \
      "$(answer client "$(external "1$n" "$family")" 80 "$proto")"
    expect "IPv$family $proto: client → LoadBalancer VIP of $pod" \
      "$pod $(outside_source "$family" node-a "$pod")" \
      "$(answer client "$(external "2$n" "$family")" 80 "$proto")"
  done
}

# S-077: who has a route to the ClusterIPs is served there as at a NodePort.
outside_to_cluster_ip() {
  local family=$1 proto=$2 pod
  for pod in "${PODS[@]}"; do
    expect "IPv$family $proto: client → ClusterIP of $pod, by a route" \
      "$pod $(outside_source "$family" node-a "$pod")" \
      "$(answer client "$(vip "1${pod#web-}" "$family")" 80 "$proto")"
  done
}

host_network_backend() {
  local family=$1 proto=$2
  expect "IPv$family $proto: web-1 → ClusterIP of a hostNetwork pod of its node" \
    "node-a $(lab_addr web-1 "$family")" "$(answer web-1 "$(vip 21 "$family")" 80 "$proto")"
  expect "IPv$family $proto: web-1 → ClusterIP of a hostNetwork pod of the other node" \
    "node-b $(lab_addr web-1 "$family")" "$(answer web-1 "$(vip 22 "$family")" 80 "$proto")"
  expect "IPv$family $proto: node-a → ClusterIP of a hostNetwork pod of the other node" \
    "node-b $(lab_addr node-a "$family")" "$(answer node-a "$(vip 22 "$family")" 80 "$proto")"
  expect "IPv$family $proto: client → NodePort of a hostNetwork pod of that node" \
    "node-a $(lab_addr client "$family")" \
    "$(answer client "$(lab_addr node-a "$family")" 30021 "$proto")"
  expect "IPv$family $proto: client → NodePort of a hostNetwork pod of the other node" \
    "node-b $(lab_addr node-a "$family")" \
    "$(answer client "$(lab_addr node-a "$family")" 30022 "$proto")"
}

# An endpoint outside the cluster: translated, then the host's own stack routes it.
outside_backend() {
  local family=$1 proto=$2
  expect "IPv$family $proto: web-1 → ClusterIP of an endpoint outside the cluster" \
    "client $(lab_addr web-1 "$family")" "$(answer web-1 "$(vip 23 "$family")" 80 "$proto")"
  expect "IPv$family $proto: node-a → ClusterIP of an endpoint outside the cluster" \
    "client $(lab_addr node-a "$family")" "$(answer node-a "$(vip 23 "$family")" 80 "$proto")"
}

spread() {
  local family=$1 proto=$2
  expect "IPv$family $proto: requests spread over all endpoints" "web-1,web-2,web-3,web-4" \
    "$(answers web-2 "$(vip 20 "$family")" 80 "$proto" | tr , '\n' | cut -d' ' -f1 | sort -u |
      paste -sd, -)"
}

untouched() {
  local family=$1 proto=$2
  expect "IPv$family $proto: web-1 → web-3 without a service" "web-3 $(lab_addr web-1 "$family")" \
    "$(answer web-1 "$(lab_addr web-3 "$family")" 8080 "$proto")"
  expect "IPv$family $proto: client → node-a's own server" "node-a $(lab_addr client "$family")" \
    "$(answer client "$(lab_addr node-a "$family")" 8080 "$proto")"
  expect "IPv$family $proto: unknown port of an externalIP is left alone (S-058)" "timed out" \
    "$(probe client "$(external 11 "$family")" 81 "$proto")"
}

# One source port, two services, one backend: the second flow's port is remapped, both work.
same_source_port() {
  local family=$1
  flow_start "port$family" web-1 hold "$(vip 13 "$family")" 80 --source-port 41000
  expect "IPv$family tcp: a source port used by another flow to the same backend" \
    "web-3 $(lab_addr web-1 "$family")" \
    "$(answer web-1 "$(lab_addr web-3 "$family")" 8080 tcp --source-port 41000)"
  flow_end "port$family"
  expect "IPv$family tcp: … and that other flow goes on" 0 "$(jq .resets <<<"$FLOW_SUMMARY")"
}

# S-085: what a node translates on its way through passes the node's forward chain by: no policy is in
# the way, and no rule is needed that accepts it. On node-b the same packets are from a node to a pod,
# which is for the pods' network to accept.
forward_policy_drop() {
  lab_in node-a nft -f - <<'NFT'
table inet e2e {
  chain forward { type filter hook forward priority 0; policy drop; }
}
NFT
  with_all_at_once past_the_policy
}

past_the_policy() {
  local family=$1 proto=$2 pod n
  for pod in web-2 web-3; do
    n=${pod#web-}
    expect "FORWARD DROP: IPv$family $proto: client → NodePort of $pod" \
      "$pod $(outside_source "$family" node-a "$pod")" \
      "$(answer client "$(lab_addr node-a "$family")" "3001$n" "$proto")"
    expect "FORWARD DROP: IPv$family $proto: client → LoadBalancer VIP of $pod" \
      "$pod $(outside_source "$family" node-a "$pod")" \
      "$(answer client "$(external "2$n" "$family")" 80 "$proto")"
    expect "FORWARD DROP: IPv$family $proto: node-a → ClusterIP of $pod" \
      "$pod $(host_source node-a "$family" "$pod")" \
      "$(answer node-a "$(vip "1$n" "$family")" 80 "$proto")"
    # What a socket was led to a pod is between pods, for which the node's network has to have a rule.
    [[ $LAB_SOCKET_LB == off ]] || continue
    expect "FORWARD DROP: IPv$family $proto: web-1 → ClusterIP of $pod" \
      "$pod $(lab_addr web-1 "$family")" "$(answer web-1 "$(vip "1$n" "$family")" 80 "$proto")"
  done
  expect "FORWARD DROP: IPv$family $proto: web-1 → web-3 without a service is dropped" "timed out" \
    "$(probe web-1 "$(lab_addr web-3 "$family")" 8080 "$proto")"
}

e2e_cluster
lab_set node-b net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.eth0.rp_filter=1
lab_serve node-a 8080
lab_serve node-b 8080
manifests | everywhere test.yaml
lab_agents
with_all pod_to_cluster_ip
with_all host_to_cluster_ip
with_all outside_to_node_port
with_all outside_to_external
lab_towards node-a 10.96.1.0/24 fd00:10:96::/64
with_all outside_to_cluster_ip
with_all host_network_backend
with_all spread
with_all_at_once untouched
lab_serve client 8080
lab_route client 1
with_all outside_backend
same_source_port 4
same_source_port 6
forward_policy_drop
e2e_end
