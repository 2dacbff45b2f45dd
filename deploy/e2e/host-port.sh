#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# hostPorts of Pods (S-171): from outside, from pods of either node, from the node itself and from the
# pod itself; the client's address is kept; one number on two nodes; a pod that is replaced.
# combinations: xdp=native socket-lb=on
# combinations: xdp=off socket-lb=off

# shellcheck source=deploy/e2e/lib/check.sh
source "$(dirname "$0")/lib/check.sh"

# with_host_ports NAME PORT…: the Pod; each PORT is served at 8080.
with_host_ports() {
  local name=$1 port ports=()
  shift
  for port in "$@"; do
    ports+=("{containerPort: 8080, hostPort: $port}" "{containerPort: 8080, hostPort: $port, protocol: UDP}")
  done
  pod_object "$name" | sed "s|image: example.org/web|&, ports: [$(IFS=,; echo "${ports[*]}")]|"
}

# pods_are WEB_1_PORT WEB_2_PORT: whose hostPorts are which.
pods_are() {
  {
    with_host_ports web-1 "$1"
    with_host_ports web-2 "$2"
    with_host_ports web-3 8088
    pod_object web-4
  } | everywhere pods.yaml
}

from_everywhere() {
  local family=$1 proto=$2 from
  for from in client web-2 web-4; do
    expect "IPv$family $proto: $from → hostPort of web-1" "web-1 $(lab_addr "$from" "$family")" \
      "$(answer "$from" "$(lab_addr node-a "$family")" 8088 "$proto")"
  done
  expect "IPv$family $proto: client → the same number of the other node" \
    "web-3 $(lab_addr client "$family")" \
    "$(answer client "$(lab_addr node-b "$family")" 8088 "$proto")"
  expect "IPv$family $proto: web-1 → its own hostPort" "web-1 $(pod_source web-1 "$family" web-1)" \
    "$(answer web-1 "$(lab_addr node-a "$family")" 8088 "$proto")"
  expect "IPv$family $proto: node-b → hostPort of web-1" "web-1 $(lab_addr node-b "$family")" \
    "$(answer node-b "$(lab_addr node-a "$family")" 8088 "$proto")"
}

# A node's packets to itself meet no program; its sockets do.
from_the_node_itself() {
  local family=$1 proto=$2 loopback=127.0.0.1
  [[ $LAB_SOCKET_LB == on ]] || return 0
  if ((family == 6)); then loopback=::1; fi
  for address in "$(lab_addr node-a "$family")" "$loopback"; do
    expect "IPv$family $proto: node-a → hostPort of web-1 at $address" \
      "web-1 $(lab_gateway node-a "$family")" "$(answer node-a "$address" 8088 "$proto")"
  done
}

served_by() { [[ $(probe client "$(lab_addr node-a "$1")" 8088 "$2") == "$3 "* ]]; }

another_pod_takes_it() {
  local family=$1 proto=$2
  check_await "IPv$family $proto: another pod takes the hostPort" served_by "$family" "$proto" web-2
  expect "IPv$family $proto: … and the first has another one" "web-1 $(lab_addr client "$family")" \
    "$(answer client "$(lab_addr node-a "$family")" 8089 "$proto")"
}

listed() { "$MILLRACE" services --run-dir "$(node_dir node-a)/run" | awk '$3 == "HostPort" { print $2, $4 }'; }

e2e_cluster
pods_are 8088 8089
lab_agents
with_all from_everywhere
with_all from_the_node_itself
expect "they are listed" "pod/web-1 8088/TCP,pod/web-1 8088/UDP,pod/web-2 8089/TCP,pod/web-2 8089/UDP" \
  "$(listed | sort | paste -sd, -)"
pods_are 8089 8088
with_all another_pod_takes_it
e2e_end
