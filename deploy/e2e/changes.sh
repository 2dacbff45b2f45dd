#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Services change while the agent runs: what is no longer asked for stops answering (S-100), what
# was never asked for does not begin (S-001, S-002, S-110, S-111), the rest goes on.

# shellcheck source=deploy/e2e/lib/check.sh
source "$(dirname "$0")/lib/check.sh"

# put SPEC-LINE… [-- INGRESS-ADDRESS…]: the service that changes.
put() {
  local spec=()
  while (($#)) && [[ $1 != -- ]]; do
    spec+=("$1")
    shift
  done
  {
    service moving 10 "${spec[@]}"
    if (($# > 1)); then ingress "${@:2}"; fi
    endpoints moving web-2
  } | everywhere moving.yaml
}

# becomes DESCRIPTION WANTED MACHINE ADDRESS PORT: over PROTO, once the change has arrived.
PROTO=tcp
becomes() {
  local what="$PROTO: $1" wanted=$2
  shift 2
  if await 30 answer_is "$wanted" "$@"; then
    pass "$what"
  else
    fail "$what" "expected: $wanted, got: $(probe "$@" "$PROTO")"
  fi
}

answer_is() { [[ $(probe "${@:2}" "$PROTO") == "$1" ]]; }

# at DESCRIPTION WANTED MACHINE vip|cluster-ip|PORT: in both families at once. WANTED: "web-2" by its own
# address, or how it fails.
at() {
  at_once at_one 4 "$@" -- at_one 6 "$@"
}

at_one() {
  local family=$1 what=$2 wanted=$3 machine=$4 address port=80
  case $5 in
  vip) address=$(if ((family == 4)); then echo 203.0.113.30; else echo 2001:db8:113::30; fi) ;;
  cluster-ip) address=$(vip 10 "$family") ;;
  *)
    address=$(lab_addr node-a "$family")
    port=$5
    ;;
  esac
  if [[ $wanted == web-2 ]]; then wanted+=" $(lab_addr "$machine" "$family")"; fi
  becomes "IPv$family: $what" "$wanted" "$machine" "$address" "$port"
}

type_changes() {
  put 'type: LoadBalancer' 'nodePort: 30010' -- 203.0.113.30 2001:db8:113::30
  at "LoadBalancer: the VIP answers" web-2 client vip
  at "… and the NodePort" web-2 client 30010
  put 'type: NodePort' 'nodePort: 30011'
  at "NodePort changed: the new one answers" web-2 client 30011
  at "… the old one does not" refused client 30010
  at "… nor does the VIP" "timed out" client vip
  put 'type: ClusterIP'
  at "ClusterIP: the NodePort stops answering" refused client 30011
  at "… the ClusterIP goes on" web-2 web-1 cluster-ip
  put 'type: LoadBalancer' 'nodePort: 30010' -- 203.0.113.30 2001:db8:113::30
  at "LoadBalancer again: the VIP answers" web-2 client vip
  put 'type: ClusterIP' -- 203.0.113.30 2001:db8:113::30
  at "ClusterIP, its status says otherwise: the VIP does not" "timed out" client vip
  at "… nor does the NodePort" refused client 30010
}

# There and back: what has no ClusterIP is not ours, whatever it was.
away_and_back() {
  local what
  for what in ExternalName headless; do
    put 'type: NodePort' 'nodePort: 30010'
    at "NodePort, to become $what" web-2 client 30010
    put_without_cluster_ip "$what"
    at "$what: the NodePort stops answering" refused client 30010
    at "… and so does what was its ClusterIP" "timed out" web-1 cluster-ip
    put 'type: ClusterIP'
    at "ClusterIP again: it answers" web-2 web-1 cluster-ip
  done
}

put_without_cluster_ip() {
  case $1 in
  ExternalName)
    service moving 10 'type: ExternalName' 'externalName: example.org' | sed '/clusterIPs\?:/d'
    ;;
  headless)
    service moving 10 | sed -e 's/clusterIP: .*/clusterIP: None/' -e 's/clusterIPs: .*/clusterIPs: [None]/'
    endpoints moving web-2
    ;;
  esac | everywhere moving.yaml
}

# A service that Millrace has to leave alone: its frontends must not be ours.
left_alone() {
  {
    service headless 20 | sed -e 's/clusterIP: .*/clusterIP: None/' -e 's/clusterIPs: .*/clusterIPs: [None]/'
    endpoints headless web-2
    echo ---
    service proxied 21 'type: LoadBalancer'
    echo 'status: {loadBalancer: {ingress: [{ip: 203.0.113.31, ipMode: Proxy}, {hostname: lb.example}]}}'
    endpoints proxied web-2
    echo ---
    service named 22 'type: ExternalName' 'externalName: example.org'
    echo ---
    service foreign 23 | sed 's|^metadata: {|&labels: {service.kubernetes.io/service-proxy-name: other}, |'
    endpoints foreign web-2
    echo ---
    service ours 24
    endpoints ours web-2
  } | everywhere left-alone.yaml
  becomes "a service after these in the file answers" "web-2 $(lab_addr web-1 4)" \
    web-1 "$(vip 24 4)" 80
  becomes "ipMode Proxy: the address is not ours" "timed out" client 203.0.113.31 80
  becomes "… its ClusterIP is" "web-2 $(lab_addr web-1 4)" web-1 "$(vip 21 4)" 80
  becomes "ExternalName: its ClusterIP is not ours" "timed out" web-1 "$(vip 22 4)" 80
  becomes "another proxy's service is not ours" "timed out" web-1 "$(vip 23 4)" 80
  expect "none of them is a problem" 0 "$(agent_status node-a | jq '.problems | length')"
}

removed() {
  local node
  for node in node-a node-b; do drop_manifest "$node" moving.yaml; done
  becomes "a removed service stops answering" "timed out" web-1 "$(vip 10 4)" 80
  becomes "… the others go on" "web-2 $(lab_addr web-1 4)" web-1 "$(vip 24 4)" 80
}

e2e_cluster
put 'type: ClusterIP'
lab_agents
for PROTO in tcp udp; do
  type_changes
  away_and_back
done
PROTO=tcp
left_alone
removed
e2e_end
