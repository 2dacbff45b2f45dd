# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Rules of the shape that kube-proxy writes, in both of its modes and for both families. node-a has those
# of nftables, node-b those of iptables.

# shellcheck source=deploy/bench/services/services.sh
source "$ROOT/deploy/bench/services/services.sh"

declare -A KUBE_PROXY_MODE=([node-a]=nftables [node-b]=iptables)

# listed FAMILY NAME NUMBER NODE-PORT MACHINE…: a service of manifests.sh as the rules' generators read it.
listed() {
  local family=$1 name=$2 number=$3 node_port=$4 proto machine address
  shift 4
  for proto in tcp udp; do
    printf '%s\t%s\t%s\t80\t%s\t-' "$name" "$(vip "$number" "$family")" $proto "$node_port"
    for machine; do
      address=$(lab_addr "$machine" "$family")
      if ((family == 6)); then address="[$address]"; fi
      printf '\t%s:8080' "$address"
    done
    echo
  done
}

pod_block() { if (($1 == 4)); then echo "$PODS4.0.0/16"; else echo "$PODS6::/48"; fi; }

# kube_proxy_load NODE FAMILY <LIST: its rules, instead of those of before.
kube_proxy_load() {
  local node=$1 family=$2 restore=iptables-nft-restore
  if [[ ${KUBE_PROXY_MODE[$node]} == nftables ]]; then
    services_to_nft "$(lab_addr "$node" "$family")" "$(pod_block "$family")" | lab_in "$node" nft -f -
    return
  fi
  if ((family == 6)); then restore=ip6tables-nft-restore; fi
  services_to_iptables "$(pod_block "$family")" | lab_in "$node" "$restore"
}

# kube_proxy_traces NODE: how many of its tables and chains there are. KUBE-FIREWALL is the kubelet's.
kube_proxy_traces() {
  lab_in "$1" nft list ruleset 2>/dev/null | grep -E '^table ip6? kube-proxy|chain KUBE-' | grep -vc KUBE-FIREWALL || :
}
