#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# UDP datagrams that need several packets (S-061), asked and answered: each answer is as long as its
# question, and its checksum covers it all.

# shellcheck source=deploy/e2e/lib/check.sh
source "$(dirname "$0")/lib/check.sh"

manifests() {
  local n
  for n in 1 2 3; do
    service "one-$n" "1$n" 'type: NodePort' "nodePort: 3001$n"
    endpoints "one-$n" "web-$n"
    echo ---
  done
  service host-a 21 'type: NodePort' 'nodePort: 30021'
  endpoints host-a node-a
  echo ---
  service outside 23
  endpoints outside client
}

# large FAMILY DESCRIPTION MACHINE ADDRESS PORT NAME SOURCE: in datagrams of several sizes: whole, just
# too big, some fragments, and as many as there can be. SOURCE: a machine, or an address.
large() {
  local family=$1 what=$2 machine=$3 address=$4 port=$5 name=$6 source=$7 size
  [[ $source == *[.:]* ]] || source=$(lab_addr "$source" "$family")
  for size in 1400 1480 8000 60000; do
    expect "IPv$family: $what, $size bytes" "$name $source $size" \
      "$(ask "$machine" "$address" "$port" --udp --size "$size" --timeout 1500 |
        awk '{ print NF == 4 ? $1 " " $2 " " $4 : $0 }')"
  done
}

through_services() {
  local family=$1 node_a
  node_a=$(lab_addr node-a "$family")
  large "$family" 'pod → ClusterIP, same node' web-1 "$(vip 12 "$family")" 80 web-2 web-1
  large "$family" 'pod → ClusterIP, other node' web-1 "$(vip 13 "$family")" 80 web-3 web-1
  large "$family" 'pod → ClusterIP, itself' web-1 "$(vip 11 "$family")" 80 web-1 \
    "$(pod_source web-1 "$family" web-1)"
  large "$family" 'pod → ClusterIP, this host' web-1 "$(vip 21 "$family")" 80 node-a web-1
  large "$family" 'pod → ClusterIP, outside the cluster' web-1 "$(vip 23 "$family")" 80 client web-1
  large "$family" 'host → ClusterIP, same node' node-a "$(vip 11 "$family")" 80 web-1 \
    "$(host_source node-a "$family" web-1)"
  large "$family" 'host → ClusterIP, other node' node-a "$(vip 13 "$family")" 80 web-3 node-a
  large "$family" 'client → NodePort, backend here' client "$node_a" 30011 web-1 client
  large "$family" 'client → NodePort, backend elsewhere' client "$node_a" 30013 web-3 node-a
  large "$family" 'client → NodePort, this host' client "$node_a" 30021 node-a client
}

directly() {
  local family=$1
  large "$family" 'pod → pod directly, same node' web-1 "$(lab_addr web-2 "$family")" 8080 web-2 web-1
  large "$family" 'pod → pod directly, other node' web-1 "$(lab_addr web-3 "$family")" 8080 \
    web-3 web-1
  large "$family" 'client → this host directly' client "$(lab_addr node-a "$family")" 8080 \
    node-a client
}

e2e_cluster
lab_serve node-a 8080
lab_serve client 8080
lab_route client 1
manifests | everywhere test.yaml
lab_agents
for family in 4 6; do
  through_services "$family"
  directly "$family"
done
e2e_end
