# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Many services as three systems want them: rules for nft and iptables, manifests for Millrace.

SERVICES_DIR=$ROOT/deploy/bench/services
export IPTABLES=iptables-nft
# So many lines of rules at a time: the kernel's work for one nft transaction grows with its square.
export NFT_LINES=15000

# services COUNT VARIABLE=VALUE…: the list of model.awk, which says what is to be given.
services() {
  local count=$1 variables=() variable
  shift
  for variable; do variables+=(-v "$variable"); done
  awk -v services="$count" "${variables[@]}" -f "$SERVICES_DIR/model.awk"
}

# services_to_nft NODE-ADDRESS POD-CIDR <LIST: input of nft -f
services_to_nft() {
  local family=ip
  if [[ $1 == *:* ]]; then family=ip6; fi
  awk -v node="$1" -v pods="$2" -v family=$family -f "$SERVICES_DIR/endpoint.awk" \
    -f "$SERVICES_DIR/nft.awk"
}

# services_to_iptables POD-CIDR <LIST: input of iptables-restore, or of ip6tables-restore
services_to_iptables() {
  awk -v pods="$1" -f "$SERVICES_DIR/endpoint.awk" -f "$SERVICES_DIR/iptables.awk"
}

# services_to_manifests FOLDER <LIST
services_to_manifests() { awk -v dir="$1" -f "$SERVICES_DIR/manifests.awk"; }
