# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The root file system of the guests: the container image of Millrace, tools, the kernel's modules, and
# the services as each system wants them. Sourced.

# NICs; what Millrace stands on; what the rule sets need.
VM_MODULES=(virtio_pci virtio_net veth sch_ingress cls_bpf inet_diag udp_diag tcp_diag nf_tables nft_ct
  nft_nat nft_masq nft_chain_nat nft_numgen nft_reject_inet nft_reject_ipv4 nft_compat ip_tables iptable_nat
  iptable_filter xt_comment xt_conntrack xt_addrtype xt_mark xt_MASQUERADE xt_nat xt_statistic xt_tcpudp
  nf_conntrack)
VM_TOOLS=(sh ip tc ethtool iperf3 nft iptables-nft iptables-nft-restore)

# vm_image FILE
vm_image() {
  local root=$LAB_DIR/root image
  image=$LAB_DIR/millrace.tar
  note "Making the guests' root file system" >&2
  "$ROOT/deploy/image/build" "$ROOT/target/millrace" "$image" >/dev/null
  image_unpack "$image" "$root"
  vm_tools "$root"
  install -m 755 "$NATIVE_OUT/deploy/bench/probe/path_probe" "$ROOT/deploy/vm/guest" "$root/bin"
  vm_services "$root/bench"
  install -m 755 "$ROOT/deploy/vm/init" "$root/init"
  initramfs_pack "$root" "$LAB_DIR/root.cpio"
  initramfs_modules "$KERNEL" "$LAB_DIR/modules.cpio" "${VM_MODULES[@]}"
  cat "$LAB_DIR/root.cpio" "$LAB_DIR/modules.cpio" >"$1"
}

vm_tools() {
  local root=$1
  local -a extensions
  mkdir -p "$root"/{bin,dev,proc,sys,run,tmp,var}
  ln -s ../run "$root/var/run"
  guest_tools "$root" "${VM_TOOLS[@]}"
  mapfile -t extensions < <(find /usr/lib/*/xtables -name '*.so')
  guest_copy "$root" "${extensions[@]}"
  # shellcheck disable=SC2046 # one word each
  guest_copy "$root" $(libraries_of "${extensions[@]}")
}

# vm_services FOLDER: the services in three languages. Those that are measured have one endpoint.
vm_services() {
  local node
  mkdir -p "$1/manifests"
  services "$SERVICES" "far=$(lab_addr streams 4)" "near=$(lab_addr requests 4)" near_port=30081 \
    far_node=node-b near_node=node-b >"$1/list"
  for node in node-a node-b; do
    services_to_nft "$(lab_addr "$node" 4)" "$PODS4.0.0/16" <"$1/list" >"$1/nft-$node"
  done
  services_to_iptables "$PODS4.0.0/16" <"$1/list" >"$1/iptables"
  services_to_manifests "$1/manifests" <"$1/list"
  vm_manifests >"$1/manifests/cluster.yaml"
}

vm_manifests() {
  local node pod
  for node in node-a node-b; do
    printf 'apiVersion: v1\nkind: Node\nmetadata: {name: %s}\n' "$node"
    printf 'spec: {podCIDRs: [%s.%s.0/24]}\n' "$PODS4" "${LAB_INDEX[$node]}"
    printf 'status: {addresses: [{type: InternalIP, address: %s}]}\n---\n' "$(lab_addr "$node" 4)"
  done
  for pod in asker streams requests; do
    printf 'apiVersion: v1\nkind: Pod\nmetadata: {name: %s, namespace: bench}\n' "$pod"
    printf 'spec: {nodeName: %s, containers: [{name: iperf3, image: example.org/iperf3}]}\n' \
      "${LAB_POD_NODE[$pod]}"
    printf 'status: {phase: Running, podIPs: [{ip: %s}]}\n---\n' "$(lab_addr "$pod" 4)"
  done
}
