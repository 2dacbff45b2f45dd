# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The lab's machines and wires. Everything is a network namespace named $LAB_ID-NAME, so that
# several labs of one machine do not meet.
#
#   client 172.30.0.100 ──┐
#                       wire (bridge, 172.30.0.254: the default gateway of the nodes)
#   node I 172.30.0.I ────┘
#     └─ pod 10.244.I.N, routed by a veth of its own (no bridge), gateway 10.244.I.1
#
# IPv6 likewise: fd00:30::I on the wire, fd00:10:244:I::N for pods. No offload is turned off.

WIRE4=172.30.0
WIRE6=fd00:30:
PODS4=10.244
PODS6=fd00:10:244
declare -A LAB_INDEX=()   # node → its number on the wire
declare -A LAB_POD_NODE=() # pod → node
declare -A LAB_POD_HOST=() # pod → last part of its addresses

# ns NAME: the path of a machine's network namespace.
ns() { printf '/run/netns/%s-%s' "$LAB_ID" "$1"; }

# lab_exec NAME COMMAND…: the calling subshell becomes the command, on a machine of the lab. Not `ip
# netns exec`, which would hide mounts. The node's cgroup is joined first: sockets stay in the one
# that they were made in.
lab_exec() {
  local name=$1
  shift
  cgroup_join "${LAB_POD_NODE[$name]:-$name}"
  exec nsenter --net="$(ns "$name")" "$@"
}

# lab_in NAME COMMAND…: run on a machine of the lab.
lab_in() { (lab_exec "$@"); }

lab_ip() {
  local name=$1
  shift
  ip -n "$LAB_ID-$name" "$@"
}

# lab_set NAME KEY=VALUE…: sysctls of a machine.
lab_set() {
  local name=$1
  shift
  lab_in "$name" sysctl -qw "$@"
}

lab_machine() {
  ip netns add "$LAB_ID-$1"
  # Addresses are ready at once: no duplicate address detection.
  lab_set "$1" net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0
  lab_ip "$1" link set lo up
}

# lab_plug NAME: eth0 of a machine, its other end a port of the wire.
lab_plug() {
  lab_ip "$1" link add name eth0 type veth peer name "to-$1" netns "$LAB_ID-wire"
  lab_ip wire link set "to-$1" master bridge0 up
  lab_ip "$1" link set eth0 up
}

# lab_cable MACHINE DEVICE: what XDP needs of the far end of an uplink, where it is asked for on veths.
# Frames that a local stack sends into a veth have a partial checksum, which nobody would complete
# once XDP has sent them on: without tx offload the far end completes it. And what XDP sends back is
# received by a veth only if it has an XDP program, too.
lab_cable() {
  [[ $LAB_XDP == native ]] || return 0
  lab_in "$1" ethtool -K "$2" tx off >/dev/null
  lab_pass "$1" "$2"
}

# lab_pass MACHINE DEVICE: an XDP program that lets everything through.
lab_pass() { lab_ip "$1" link set dev "$2" xdpdrv obj "$PASS_XDP" sec xdp.frags; }

# lab_address NAME DEVICE HOST: an address of the wire, and the way to everywhere else.
lab_address() {
  lab_ip "$1" addr add "$WIRE4.$3/24" dev "$2"
  lab_ip "$1" addr add "$WIRE6:$3/64" dev "$2" nodad
  lab_ip "$1" route add default via "$WIRE4.254"
  lab_ip "$1" -6 route add default via "$WIRE6:254"
}

lab_wire() {
  lab_machine wire
  lab_ip wire link add name bridge0 type bridge
  lab_ip wire link set bridge0 up
  lab_ip wire addr add "$WIRE4.254/24" dev bridge0
  lab_ip wire addr add "$WIRE6:254/64" dev bridge0 nodad
  # Beyond the wire there is nothing, and nobody who would say so.
  lab_ip wire route add blackhole default
  lab_ip wire -6 route add blackhole default
}

lab_client() {
  lab_machine client
  # A node that does not serve an address routes it back, and says that the gateway is nearer: who believes
  # that asks no node any more when one does serve it.
  lab_set client net.ipv4.conf.all.accept_redirects=0 net.ipv4.conf.default.accept_redirects=0 \
    net.ipv6.conf.all.accept_redirects=0 net.ipv6.conf.default.accept_redirects=0
  lab_plug client
  lab_address client eth0 100
}

# lab_node NAME INDEX [RP_FILTER]: a node, 2 = loose reverse path filter (systemd), 1 = strict.
lab_node() {
  local name=$1 index=$2 rp_filter=${3:-2} other
  cgroup_make "$name"
  lab_machine "$name"
  lab_set "$name" net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 \
    net.ipv4.conf.all.rp_filter="$rp_filter" net.ipv4.conf.default.rp_filter="$rp_filter"
  lab_plug "$name"
  lab_cable wire "to-$name"
  lab_address "$name" eth0 "$index"
  for other in "${!LAB_INDEX[@]}"; do
    lab_route "$name" "${LAB_INDEX[$other]}"
    lab_route "$other" "$index"
  done
  LAB_INDEX[$name]=$index
  # Where a container runtime would keep its pods' namespaces: those of other nodes have the same
  # addresses in another lab.
  mkdir -p "$LAB_DIR/$name/netns"
}

# lab_route NODE INDEX: the way to the pods of another node.
lab_route() {
  lab_ip "$1" route add "$PODS4.$2.0/24" via "$WIRE4.$2"
  lab_ip "$1" -6 route add "$PODS6:$2::/64" via "$WIRE6:$2"
}

# lab_pod NAME NODE HOST: a pod with one veth, its addresses ending in HOST.
lab_pod() {
  lab_machine "$1"
  lab_pod_plug "$@"
}

# lab_pod_plug NAME NODE HOST: a machine becomes a pod of the node.
lab_pod_plug() {
  local pod=$1 node=$2 host=$3 index=${LAB_INDEX[$2]}
  lab_ip "$pod" link add name eth0 type veth peer name "pod-$pod" netns "$LAB_ID-$node"
  lab_ip "$pod" link set eth0 up
  lab_ip "$node" link set "pod-$pod" up
  lab_ip "$pod" addr add "$PODS4.$index.$host/32" dev eth0
  lab_ip "$pod" addr add "$PODS6:$index::$host/128" dev eth0 nodad
  lab_ip "$node" addr add "$PODS4.$index.1/32" dev "pod-$pod"
  lab_ip "$node" addr add "$PODS6:$index::1/128" dev "pod-$pod" nodad
  lab_ip "$pod" route add "$PODS4.$index.1" dev eth0
  lab_ip "$pod" route add default via "$PODS4.$index.1"
  lab_ip "$pod" -6 route add "$PODS6:$index::1" dev eth0
  lab_ip "$pod" -6 route add default via "$PODS6:$index::1"
  lab_ip "$node" route add "$PODS4.$index.$host" dev "pod-$pod"
  lab_ip "$node" -6 route add "$PODS6:$index::$host" dev "pod-$pod"
  ln -s "$(ns "$pod")" "$LAB_DIR/$node/netns/$pod"
  LAB_POD_NODE[$pod]=$node
  LAB_POD_HOST[$pod]=$host
}

# lab_pod_delete NAME: the pod's veth goes, then its namespace. Without the first the veth would
# go when the kernel finds time for it, and a pod of the same name could not be made until then.
lab_pod_delete() {
  lab_kill "$LAB_ID-$1"
  rm "$LAB_DIR/${LAB_POD_NODE[$1]}/netns/$1"
  lab_ip "${LAB_POD_NODE[$1]}" link del "pod-$1"
  ip netns del "$LAB_ID-$1"
  unset "LAB_POD_NODE[$1]" "LAB_POD_HOST[$1]" "LAB_SERVERS[$1]"
}

# lab_towards NODE PREFIX…: how the client reaches external addresses.
lab_towards() {
  local index=${LAB_INDEX[$1]} prefix
  shift
  for prefix in "$@"; do
    case $prefix in
    *:*) lab_ip client -6 route replace "$prefix" via "$WIRE6:$index" ;;
    *) lab_ip client route replace "$prefix" via "$WIRE4.$index" ;;
    esac
  done
}

# lab_kill NAMESPACE: end what runs there, for it would keep the namespace; gone when this returns.
lab_kill() {
  local pids
  mapfile -t pids < <(ip netns pids "$1")
  process_end KILL "${pids[@]}"
}

lab_net_delete() {
  local name
  for name in $(ip netns list | awk -v p="$LAB_ID-" 'index($1, p) == 1 { print $1 }'); do
    lab_kill "$name"
    ip netns del "$name"
  done
}

# lab_addr MACHINE 4|6: the address of a node, a pod or the client.
lab_addr() {
  local index=${LAB_INDEX[$1]:-} node=${LAB_POD_NODE[$1]:-}
  if [[ $1 == client ]]; then index=100; fi
  case $2:$node in
  4:) echo "$WIRE4.$index" ;;
  6:) echo "$WIRE6:$index" ;;
  4:*) echo "$PODS4.${LAB_INDEX[$node]}.${LAB_POD_HOST[$1]}" ;;
  6:*) echo "$PODS6:${LAB_INDEX[$node]}::${LAB_POD_HOST[$1]}" ;;
  esac
}

# lab_gateway NODE 4|6: the address that its pods know it by.
lab_gateway() {
  case $2 in
  4) echo "$PODS4.${LAB_INDEX[$1]}.1" ;;
  6) echo "$PODS6:${LAB_INDEX[$1]}::1" ;;
  esac
}
