#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Checks what deploy/bench/path compares with: the rule sets and manifests are accepted, and it is
# they that carry the requests. The group "bench" of deploy/verify runs it.

# shellcheck source=deploy/lab/lab.sh
source "$(dirname "${BASH_SOURCE[0]}")/../../lab/lab.sh"
# shellcheck source=deploy/lib/check.sh
source "$ROOT/deploy/lib/check.sh"
# shellcheck source=deploy/bench/services/services.sh
source "$ROOT/deploy/bench/services/services.sh"
# shellcheck source=deploy/bench/services/cluster.sh
source "$ROOT/deploy/bench/services/cluster.sh"

SYSTEMS=(direct nftables iptables)
COUNT=10

# rows COUNT: the services, with addresses as in the bench.
rows() { services "$1" "far=10.244.2.20 10.244.2.21" near=10.244.1.20 far_node=b near_node=a; }

syntax() {
  local variant count
  for count in "$COUNT" 600; do
    check "nft accepts the rules of $count services" \
      lab_in client nft -c -f <(rows "$count" | services_to_nft 172.30.0.1 10.244.0.0/16)
    for variant in iptables-nft iptables-legacy; do
      check "$variant-restore accepts the rules of $count services" \
        lab_in client "$variant-restore" --test <(rows "$count" | services_to_iptables 10.244.0.0/16)
    done
  done
  expect "rules of more than 1,000 endpoints have no comments on services" 0 \
    "$(rows 600 | services_to_iptables 10.244.0.0/16 | grep -c 'comment "bench/')"
}

# answered SYSTEM PATH: over which protocols requests are answered.
answered() {
  local metric protocols=()
  for metric in connections datagrams; do
    if measure "$1" "$2" "$metric" 20 2>/dev/null | grep -q "^$metric [1-9]"; then
      protocols+=("$metric")
    fi
  done
  echo "${protocols[*]}"
}

require_root
LAB_XDP=native
lab_begin
clusters >/dev/null
syntax
for path in clusterip_remote clusterip_local nodeport_remote; do
  expect "direct: $path answers" "connections datagrams" "$(answered direct "$path")"
  for system in nftables iptables; do
    expect "$system: $path does not answer without rules" "" "$(answered "$system" "$path")"
  done
done
load "$COUNT"
for path in clusterip_remote clusterip_local nodeport_remote; do
  for system in nftables iptables; do
    expect "$system: $path answers" "connections datagrams" "$(answered "$system" "$path")"
  done
done
figures bench
