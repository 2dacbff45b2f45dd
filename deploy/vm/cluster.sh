# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The cluster that the guests make, with the lab's addresses: the pod asker on node-a asks, and so does the
# client from outside; on node-b the pod streams answers iperf3, and the pod requests the probe. Sourced.
# shellcheck disable=SC2034 # the lab's own

# The client's second address: the way to and from it leads through node-a.
CLIENT_DIRECT=172.30.0.101

LAB_INDEX=([node-a]=1 [node-b]=2)
LAB_POD_NODE=([asker]=node-a [streams]=node-b [requests]=node-b)
LAB_POD_HOST=([asker]=10 [streams]=20 [requests]=21)

cluster() {
  local name
  for name in client node-a node-b; do in_guest "$name" guest node "$(lab_addr "$name" 4)"; done
  in_guest client ip addr add "$CLIENT_DIRECT/32" dev eth0
  guest_pods node-a node-b asker
  guest_pods node-b node-a streams requests
  # The way without a proxy has the hops of the one through a NodePort.
  in_guest client ip route add "$PODS4.${LAB_INDEX[node-b]}.0/24" via "$(lab_addr node-a 4)" src "$CLIENT_DIRECT"
  in_guest node-b ip route add "$CLIENT_DIRECT" via "$(lab_addr node-a 4)"
  in_guest node-b guest serve streams iperf3 --server --port 8080
  # Goes to the background by itself, once it listens.
  in_guest node-b guest ask requests path_probe serve 8080 >/dev/null
}

# guest_pods NODE OTHER POD…: and the node's way to the pods of the other one.
guest_pods() {
  local node=$1 other=$2 pod
  shift 2
  in_guest "$node" ip route add "$PODS4.${LAB_INDEX[$other]}.0/24" via "$(lab_addr "$other" 4)"
  for pod; do
    in_guest "$node" guest pod "$pod" "$(lab_addr "$pod" 4)" "$(lab_gateway "$node" 4)"
  done
}
