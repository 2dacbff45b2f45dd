# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Clusters of the same shape, one for each system that is compared, all on the lab's wire:
#
#   client ── wire ── SYSTEM-a (pods SYSTEM-c, which asks, and SYSTEM-n, which answers)
#                └─── SYSTEM-b (pod SYSTEM-f, which answers)
#
# The service "far" has its endpoints on SYSTEM-b, "near" on SYSTEM-a: three addresses of one pod.
# Both nodes of a cluster carry the system's rules or agent, as they would. millrace-tc has all
# accelerations off, millrace has them on: XDP on the nodes' uplinks, and the socket hooks.
#
# The wire is made as real ones are, for all alike, which XDP on veths needs: frames are not longer
# than the MTU and have whole checksums, and nodes put them together again as they receive them (GRO).

SYSTEMS=(direct nftables iptables millrace-tc millrace)
# Short, because devices are named by them.
declare -A SHORT=([direct]=dir [nftables]=nft [iptables]=ipt [millrace-tc]=tc [millrace]=mr)
PROBE=$NATIVE_OUT/deploy/bench/probe/path_probe
PORT=8080
# The client's second address: the way to and from it leads through the node dir-a, so that the
# measurement without a proxy has the same hops as the one through a NodePort.
CLIENT_DIRECT=172.30.1.100

clusters() {
  local i system
  [[ $LAB_XDP == native ]] || die "the wire is not made for XDP: set LAB_XDP=native"
  lab_client
  lab_set client net.ipv4.tcp_tw_reuse=1
  wire_is_a_switch
  congestion_control client
  for i in "${!SYSTEMS[@]}"; do
    cluster "${SHORT[${SYSTEMS[i]}]}" $((2 * i + 1))
    [[ ${SYSTEMS[i]} == millrace ]] || uplinks_copy "${SHORT[${SYSTEMS[i]}]}"
  done
  direct_client
  for system in "${SYSTEMS[@]}"; do
    if [[ $system == millrace* ]]; then agents "$system"; fi
  done
}

# The kernel would show bridged packets to the wire's own netfilter hooks.
wire_is_a_switch() {
  if lab_in wire test -e /proc/sys/net/bridge/bridge-nf-call-iptables; then
    lab_set wire net.bridge.bridge-nf-call-iptables=0 net.bridge.bridge-nf-call-ip6tables=0
  fi
}

# A veth that has an XDP program copies every frame that it receives, which no NIC does. So the uplinks
# of all systems have one, and XDP is compared with what it replaces.
uplinks_copy() {
  local node
  for node in "$1-a" "$1-b"; do lab_pass "$node" eth0; done
}

# What the kernel was built with may be BBR, whose pace follows its own guesses of the bandwidth: here
# that is the speed of the processors, and one stream varied twofold from round to round.
congestion_control() { lab_set "$1" net.ipv4.tcp_congestion_control=reno; }

# cluster SHORT INDEX
cluster() {
  local node
  for node in "$1-a" "$1-b"; do
    lab_node "$node" $(($2 + ${#LAB_INDEX[@]} % 2))
    lab_in "$node" ethtool -K eth0 gro on
    # All packets come and go by one device, which routers find worth a redirect.
    lab_set "$node" net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.eth0.send_redirects=0
  done
  lab_pod "$1-c" "$1-a" 10
  lab_pod "$1-n" "$1-a" 20
  lab_pod "$1-f" "$1-b" 20
  for node in "$1-c" "$1-n" "$1-f"; do congestion_control "$node"; done
  lab_set "$1-c" net.ipv4.tcp_tw_reuse=1
  server "$1-n"
  server "$1-f"
}

# server POD: three addresses, and somebody who answers on all.
server() {
  local node=${LAB_POD_NODE[$1]} address
  for address in $(addresses "$1"); do
    lab_ip "$1" addr replace "$address/32" dev eth0
    lab_ip "$node" route replace "$address" dev "pod-$1"
  done
  LAB_SERVERS+=("$(lab_in "$1" "$PROBE" serve "$PORT")")
}

addresses() {
  local first
  first=$(lab_addr "$1" 4)
  echo "$first ${first}1 ${first}2"
}

direct_client() {
  lab_ip client addr add "$CLIENT_DIRECT/32" dev eth0
  lab_ip client route add "$PODS4.${LAB_INDEX[dir-b]}.0/24" via "$(lab_addr dir-a 4)" \
    src "$CLIENT_DIRECT"
  lab_ip dir-a route add "$CLIENT_DIRECT" dev eth0
  lab_ip dir-b route add "$CLIENT_DIRECT" via "$(lab_addr dir-a 4)"
}

# agents SYSTEM: on both nodes, started but not waited for.
agents() {
  local short=${SHORT[$1]} node
  # Read by agent_spawn.
  local -x LAB_XDP=native LAB_SOCKET_LB=on
  if [[ $1 == millrace-tc ]]; then LAB_XDP=off LAB_SOCKET_LB=off; fi
  for node in "$short-a" "$short-b"; do
    cluster_manifests "$short" | put_manifest "$node" cluster.yaml
    agent_spawn "$node"
  done
}

cluster_manifests() {
  local node pod address
  for node in "$1-a" "$1-b"; do
    printf 'apiVersion: v1\nkind: Node\nmetadata: {name: %s}\n' "$node"
    printf 'status: {addresses: [{type: InternalIP, address: %s}]}\n---\n' "$(lab_addr "$node" 4)"
  done
  # A machine with three addresses stands for three pods.
  for pod in "$1-c" "$1-n" "$1-f"; do
    for address in $(addresses "$pod"); do
      printf 'apiVersion: v1\nkind: Pod\nmetadata: {name: %s, namespace: bench}\n' "pod-$address"
      printf 'spec: {nodeName: %s, containers: [{name: probe, image: example.org/probe}]}\n' \
        "${LAB_POD_NODE[$pod]}"
      printf 'status: {phase: Running, podIPs: [{ip: %s}]}\n---\n' "$address"
    done
  done
}

# way SYSTEM PATH: who asks, and which address and port.
way() {
  local short=${SHORT[$1]}
  case $1/$2 in
  direct/clusterip_remote) echo "$short-c $(lab_addr "$short-f" 4) $PORT" ;;
  direct/clusterip_local) echo "$short-c $(lab_addr "$short-n" 4) $PORT" ;;
  direct/nodeport_remote) echo "client $(lab_addr "$short-f" 4) $PORT" ;;
  */clusterip_remote) echo "$short-c 10.96.0.10 80" ;;
  */clusterip_local) echo "$short-c 10.96.0.11 80" ;;
  */nodeport_remote) echo "client $(lab_addr "$short-a" 4) 30080" ;;
  esac
}

# measure SYSTEM PATH METRIC MS: lines "METRIC VALUE"; nothing if it failed, which is said.
measure() {
  local from to port
  read -r from to port <<<"$(way "$1" "$2")"
  lab_in "$from" "$PROBE" "$3" "$to" "$port" "$4" ||
    warn "$2/$3 of $1 failed: $from to $to:$port"
}

# load COUNT: so many services on every node, all nodes at a time.
load() {
  local system node jobs=() job status=0
  for system in "${SYSTEMS[@]}"; do
    [[ $system != direct ]] || continue
    cluster_services "${SHORT[$system]}" "$1" >"$LAB_DIR/$system.services"
    for node in "${SHORT[$system]}-a" "${SHORT[$system]}-b"; do
      "load_${system%-tc}" "$node" "$1" <"$LAB_DIR/$system.services" &
      jobs+=("$!")
    done
  done
  for job in "${jobs[@]}"; do wait "$job" || status=1; done
  ((status == 0)) || die "cannot load $1 services: see above"
}

cluster_services() {
  services "$2" "far=$(addresses "$1-f")" "near=$(addresses "$1-n")" "far_node=$1-b" "near_node=$1-a"
}

load_nftables() {
  services_to_nft "$(lab_addr "$1" 4)" "$PODS4.0.0/16" |
    lab_in "$1" split -l "$NFT_LINES" --filter='nft -f -'
  forget_connections "$1"
}

load_iptables() {
  services_to_iptables "$PODS4.0.0/16" | lab_in "$1" "$IPTABLES-restore"
  forget_connections "$1"
}

# Connections of the last load would wait for their timeouts and fill the table.
forget_connections() { lab_in "$1" conntrack -F 2>/dev/null; }

# The files of the load before stay: the numbers of the services in them are the same.
load_millrace() {
  local node=$1 list=$LAB_DIR/$1.services staged=$LAB_DIR/$1.staged target file
  target=$(node_manifests "$1")
  mkdir -p "$staged"
  tee "$list" | services_to_manifests "$staged"
  for file in "$target"/services-*.yaml; do
    if [[ ! -e $staged/${file##*/} ]]; then rm -f "$file"; fi
  done
  mv "$staged"/*.yaml "$target"
  agent_wait "$node"
  await_services "$node" "$(frontends <"$list")"
}

# await_services NODE ENTRIES: at most a minute. Each question starts a JVM, so not too many.
await_services() {
  local end=$((SECONDS + 60)) status
  until status=$(agent_status "$1") && jq -e --argjson entries "$2" '(.problems | length) == 0 and
      any(.tables[]; .name == "svcs4" and .entries >= $entries)' <<<"$status" >/dev/null; do
    if ((SECONDS > end)); then
      die "the agent of $1 lacks services: $(jq -c '{tables, problems}' <<<"$status" | cut -c 1-2000)"
    fi
    read -r -t 0.5 <> <(:) || continue
  done
}

# frontends <LIST: how many entries the services make at least: one for each ClusterIP and port, for
# each ClusterIP, and for each NodePort.
frontends() { awk -F '\t' '!seen[$2]++ { n++ } { n += $5 ? 2 : 1 } END { print n }'; }
