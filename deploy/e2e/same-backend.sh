#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A client outside reaches one address by two nodes: both lead its flow to the same backend, before
# and after one is removed, and after a restart.

# shellcheck source=deploy/e2e/lib/check.sh
source "$(dirname "$0")/lib/check.sh"

PODS=(web-1 web-2 web-3 web-4)
PORTS=24 # source ports asked from in each round
declare -A EXTERNAL=([4]=203.0.113.40 [6]=2001:db8:113::40)

# manifests POD…: the service and its endpoints.
manifests() {
  service web 40 'type: LoadBalancer' "externalIPs: [${EXTERNAL[4]}, \"${EXTERNAL[6]}\"]"
  endpoints web "$@"
}

# by_node NODE FAMILY PROTO FIRST-PORT: "PORT POD", a line for each source port.
by_node() {
  lab_towards "$1" "$EXTERNAL4" "$EXTERNAL6"
  answer client "${EXTERNAL[$2]}" 80 "$3" --source-port "$4" --count "$PORTS" |
    awk -v port="$4" '{ print port++, $1 }'
}

# agree FAMILY PROTO WHEN FIRST-PORT POD…: both nodes say the same, and all these pods are used.
agree() {
  local family=$1 proto=$2 when=$3 first=$4 one other
  shift 4
  one=$(by_node node-a "$family" "$proto" "$first")
  other=$(by_node node-b "$family" "$proto" "$first")
  expect "IPv$family $proto: node-a and node-b choose the same backends $when" "$one" "$other"
  expect "IPv$family $proto: … of all that there are" "$(printf '%s\n' "$@")" \
    "$(cut -d' ' -f2 <<<"$one" | sort -u)"
}

# endpoints_are POD…: on both nodes; in force when this returns.
endpoints_are() {
  local node
  manifests "$@" | everywhere test.yaml
  for node in node-a node-b; do
    check_await "$node has $# endpoints" holds "$node" $#
  done
}

# holds NODE COUNT: the frontends in its kernel have so many endpoints, in both families.
holds() {
  local family
  for family in 4 6; do
    bpftool -j map dump pinned "$(node_dir "$1")/bpffs/maps/svcs${family}_v4" |
      jq -e --argjson count "$2" \
        '[.[].formatted.value | select(.id > 0) | .all.count] | length > 0 and all(. == $count)' \
        >/dev/null || return 1
  done
}

e2e_cluster
lab_set client net.ipv4.tcp_tw_reuse=1
manifests "${PODS[@]}" | everywhere test.yaml
lab_agents
with_all agree 'at first' 41000 "${PODS[@]}"
endpoints_are "${PODS[@]:0:3}"
with_all agree 'without web-4' 42000 "${PODS[@]:0:3}"
agent_end node-b KILL
agent_start node-b
with_all agree 'after a restart' 43000 "${PODS[@]:0:3}"
e2e_end
