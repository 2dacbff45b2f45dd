# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The systems that are compared, and what is measured of each. Sourced.
# shellcheck disable=SC2034 # read by run

# Those without the kernel's connection tracking first: its hooks stay.
SYSTEMS=(direct millrace-tc millrace millrace-xdp nftables iptables)
PATHS=(clusterip nodeport)
METRICS=(stream datagrams_received connections)

# system_begin SYSTEM: on both nodes.
system_begin() {
  local node
  for node in node-a node-b; do
    case $1 in
    direct) ;;
    nftables) in_guest "$node" nft -f "/bench/nft-$node" ;;
    iptables) in_guest "$node" iptables-nft-restore /bench/iptables ;;
    millrace) in_guest "$node" guest agent "$node" --cluster-cidr "$PODS4.0.0/16" ;;
    millrace-xdp) in_guest "$node" guest agent "$node" --cluster-cidr "$PODS4.0.0/16" --xdp native ;;
    millrace-tc) in_guest "$node" guest agent "$node" --cluster-cidr "$PODS4.0.0/16" --xdp off --socket-lb off ;;
    esac || die "$1 does not start on $node"
  done
}

system_end() {
  local node
  for node in node-a node-b; do
    case $1 in
    direct) ;;
    nftables | iptables) in_guest "$node" nft flush ruleset ;;
    millrace*) in_guest "$node" guest agent_end >/dev/null ;;
    esac || die "$1 does not end on $node"
  done
}

# way SYSTEM PATH METRIC: the guest, its pod or -, the address and port to ask.
way() {
  local pod=streams cluster_ip=10.96.0.10 node_port=30080
  if [[ $3 == connections ]]; then pod=requests cluster_ip=10.96.0.11 node_port=30081; fi
  case $1/$2 in
  direct/clusterip) echo "node-a asker $(lab_addr $pod 4) 8080" ;;
  direct/nodeport) echo "client - $(lab_addr $pod 4) 8080" ;;
  */clusterip) echo "node-a asker $cluster_ip 80" ;;
  */nodeport) echo "client - $(lab_addr node-a 4) $node_port" ;;
  esac
}

# measure SYSTEM PATH METRIC: one figure; what went wrong, if it did.
measure() {
  local guest pod address port answer
  read -r guest pod address port <<<"$(way "$@")"
  case $3 in
  connections)
    answer=$(in_guest "$guest" guest ask "$pod" path_probe connections "$address" "$port" $((SECONDS_EACH * 1000)))
    sed -n 's/^connections //p' <<<"$answer" | grep '^[1-9]'
    ;;
  stream) iperf "$@" '.end.sum_received.bits_per_second / 1e9' ;;
  datagrams_received) iperf "$@" '.end.sum | (.packets - .lost_packets) / .seconds' --udp --length 64 --bitrate 0 ;;
  esac || { say "$answer"; return 1; }
}

# iperf SYSTEM PATH METRIC FILTER [OPTION…]
iperf() {
  local guest pod address port filter=$4
  read -r guest pod address port <<<"$(way "$1" "$2" "$3")"
  answer=$(in_guest "$guest" guest ask "$pod" iperf3 --json --interval 0 --client "$address" --port "$port" \
    --time "$SECONDS_EACH" --connect-timeout 5000 "${@:5}")
  jq -e "$filter" <<<"$answer"
}
