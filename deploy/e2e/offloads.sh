#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Big packets: TCP with segmentation offload through every kind of translation, UDP segmentation
# offload, and receive offload on the veths.

# shellcheck source=deploy/e2e/lib/check.sh
source "$(dirname "$0")/lib/check.sh"

manifests() {
  service far 10 'type: NodePort' 'nodePort: 30010'
  endpoints far web-3
  echo ---
  service near 11 'type: NodePort' 'nodePort: 30011'
  endpoints near web-2
}

offload_is_on() {
  lab_in "$1" ethtool -k eth0 | grep -q '^tcp-segmentation-offload: on'
}

# throughput FROM ADDRESS PORT: Mbit/s of 64 MiB, or what iperf3 says is wrong.
throughput() {
  bulk_data "$1" "$2" "$3" -n 64M |
    jq -r 'if .error then .error else (.end.sum_received.bits_per_second / 1e6 | floor) end'
}

# fast DESCRIPTION FROM ADDRESS PORT: carries bulk data. Without working offloads the sender falls
# to retransmission of single packets, less than a hundredth of this mark; a busy machine does not
# come near it. Speed is for the benches to judge.
fast() {
  local mbit
  mbit=$(throughput "$2" "$3" "$4")
  if [[ $mbit =~ ^[0-9]+$ ]] && ((mbit > 20)); then
    pass "$1: $mbit Mbit/s"
  else
    fail "$1" "$mbit Mbit/s"
  fi
}

bulk() {
  local family=$1
  fast "$2, IPv$family: pod → ClusterIP, other node" web-1 "$(vip 10 "$family")" 80
  fast "$2, IPv$family: pod → ClusterIP, same node" web-1 "$(vip 11 "$family")" 80
  fast "$2, IPv$family: host → ClusterIP, same node" node-a "$(vip 11 "$family")" 80
  fast "$2, IPv$family: client → NodePort, backend here" client "$(lab_addr node-a "$family")" 30011
  fast "$2, IPv$family: client → NodePort, backend elsewhere" client \
    "$(lab_addr node-a "$family")" 30010
}

# Sixteen datagrams in one piece: the kernel cuts them up after translation.
segmented_udp() {
  local family=$1 answered
  answered=$(answer web-1 "$(vip 10 "$family")" 80 udp --size 1200 --segments 16)
  expect "IPv$family: 16 UDP datagrams in one piece to a ClusterIP" \
    "web-3 $(lab_addr web-1 "$family")" "$answered"
  answered=$(answer client "$(lab_addr node-a "$family")" 30010 udp --size 1200 --segments 16)
  expect "IPv$family: 16 UDP datagrams in one piece to a NodePort" \
    "web-3 $(lab_addr node-a "$family")" "$answered"
}

gro_everywhere() {
  local machine
  for machine in web-1 web-2 web-3 client node-a node-b; do
    lab_in "$machine" ethtool -K eth0 gro on
  done
  for machine in web-1 web-2; do lab_in node-a ethtool -K "pod-$machine" gro on; done
  lab_in node-b ethtool -K pod-web-3 gro on
}

e2e_cluster
manifests | everywhere test.yaml
lab_agents
segmenting=(web-1 client)
# The kernel turns it off on a veth whose peer has an XDP program, as the wire has then.
[[ $LAB_XDP == native ]] || segmenting+=(node-a)
for machine in "${segmenting[@]}"; do
  check "$machine segments in the device" offload_is_on "$machine"
done
segmented_udp 4
segmented_udp 6
# iperf3 takes the place of the peers.
lab_serve_end_all
lab_iperf web-2 8080
lab_iperf web-3 8080
bulk 4 "GSO"
bulk 6 "GSO"
gro_everywhere
bulk 4 "GSO and GRO"
bulk 6 "GSO and GRO"
e2e_end
