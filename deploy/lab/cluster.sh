# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The cluster of deploy/demo/ as a lab: node-a with web-1 and web-2, node-b with web-3 and web-4,
# and the client, whose way to the external addresses goes through node-a.

EXTERNAL4=203.0.113.0/24
EXTERNAL6=2001:db8:113::/64

# lab_cluster [RP_FILTER]: machines and servers; no agent yet.
lab_cluster() {
  local pod
  lab_node node-a 1 "${1:-2}"
  lab_node node-b 2 "${1:-2}"
  lab_client
  lab_towards node-a "$EXTERNAL4" "$EXTERNAL6"
  lab_pod web-1 node-a 11
  lab_pod web-2 node-a 12
  lab_pod web-3 node-b 11
  lab_pod web-4 node-b 12
  for pod in web-1 web-2 web-3 web-4; do lab_serve "$pod" 8080; done
}

# lab_agents [FLAG…]: an agent on each node, both synced.
lab_agents() {
  agent_spawn node-a "$@"
  agent_spawn node-b "$@"
  agent_wait node-a
  agent_wait node-b
}
