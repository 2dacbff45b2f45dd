#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# SCTP services (S-170), set up and answered by raw sockets, whose checksums cover every byte: the
# backend drops what has a wrong one, and so does the client.
# combinations: xdp=native socket-lb=on
# combinations: xdp=off socket-lb=off

# shellcheck source=deploy/e2e/lib/check.sh
source "$(dirname "$0")/lib/check.sh"

# All three share each port number (S-012).
MANIFEST_PROTOCOLS=(TCP UDP SCTP)

manifests() {
  local n
  for n in 1 2 3; do
    service "one-$n" "1$n" 'type: LoadBalancer' "nodePort: 3001$n" \
      "externalIPs: [203.0.113.1$n, \"2001:db8:113::1$n\"]"
    ingress "203.0.113.2$n" "2001:db8:113::2$n"
    endpoints "one-$n" "web-$n"
    echo ---
  done
  service none 24 'type: NodePort' 'nodePort: 30024'
  endpoints none
}

external() { if (($2 == 4)); then echo "203.0.113.$1"; else echo "2001:db8:113::$1"; fi; }

# sctp WHAT NAME SOURCE MACHINE ADDRESS PORT [OPTION…]
sctp() {
  local what=$1 name=$2 source=$3
  shift 3
  expect "$what" "$name $source" "$(answer "$1" "$2" "$3" sctp "${@:4}")"
}

from_a_pod() {
  local family=$1 web_1 node_a
  web_1=$(lab_addr web-1 "$family")
  node_a=$(lab_addr node-a "$family")
  sctp "IPv$family: pod → ClusterIP, same node" web-2 "$web_1" web-1 "$(vip 12 "$family")" 80
  sctp "IPv$family: pod → ClusterIP, other node" web-3 "$web_1" web-1 "$(vip 13 "$family")" 80
  sctp "IPv$family: pod → ClusterIP, itself" web-1 "$node_a" web-1 "$(vip 11 "$family")" 80
  sctp "IPv$family: pod → NodePort" web-3 "$web_1" web-1 "$node_a" 30013
  sctp "IPv$family: pod → pod directly" web-3 "$web_1" web-1 "$(lab_addr web-3 "$family")" 8080
  sctp "IPv$family: host → ClusterIP, same node" web-1 "$node_a" node-a "$(vip 11 "$family")" 80
  sctp "IPv$family: host → ClusterIP, other node" web-3 "$node_a" node-a "$(vip 13 "$family")" 80
}

from_outside() {
  local family=$1 client node_a
  client=$(lab_addr client "$family")
  node_a=$(lab_addr node-a "$family")
  sctp "IPv$family: client → NodePort, backend here" web-1 "$client" client "$node_a" 30011
  sctp "IPv$family: client → NodePort, backend elsewhere" web-3 "$node_a" client "$node_a" 30013
  sctp "IPv$family: client → externalIP" web-1 "$client" client "$(external 11 "$family")" 80
  sctp "IPv$family: client → LoadBalancer VIP" web-3 "$node_a" client "$(external 23 "$family")" 80
}

# Packets of many lengths: the checksum's change depends on it.
lengths() {
  local family=$1 size node_a
  node_a=$(lab_addr node-a "$family")
  for size in 37 38 39 64 255 256 257 1000 1400; do
    sctp "IPv$family: client → NodePort, INIT of $size bytes" web-3 "$node_a" \
      client "$node_a" 30013 --size "$size"
  done
}

refused() {
  local family=$1
  expect "IPv$family: no endpoint, asked by a pod" refused \
    "$(answer web-1 "$(vip 24 "$family")" 80 sctp)"
  expect "IPv$family: no endpoint, asked from outside" refused \
    "$(answer client "$(lab_addr node-a "$family")" 30024 sctp)"
  expect "IPv$family: unknown port of a ClusterIP" refused \
    "$(answer web-1 "$(vip 11 "$family")" 81 sctp)"
}

# Two VIPs lead one source port to one backend; and a port is free again once it is aborted.
same_source_port() {
  local family=$1 web_1
  web_1=$(lab_addr web-1 "$family")
  sctp "IPv$family: a source port, through a ClusterIP" web-3 "$web_1" \
    web-1 "$(vip 13 "$family")" 80 --source-port 41000
  sctp "IPv$family: the same source port to the same backend directly" web-3 "$web_1" \
    web-1 "$(lab_addr web-3 "$family")" 8080 --source-port 41000
  sctp "IPv$family: the same source port, once more through the ClusterIP" web-3 "$web_1" \
    web-1 "$(vip 13 "$family")" 80 --source-port 41000
}

told() {
  local flows
  flows=$("$MILLRACE" flows --run-dir "$(node_dir node-a)/run" --service test/one-3 -o json)
  expect 'millrace flows names the protocol' sctp \
    "$(jq -r '[.. | .protocol? // empty] | unique | join(",")' <<<"$flows")"
}

e2e_cluster
manifests | everywhere test.yaml
lab_agents
for family in 4 6; do
  from_a_pod "$family"
  from_outside "$family"
  lengths "$family"
  refused "$family"
  same_source_port "$family"
done
told
e2e_end
