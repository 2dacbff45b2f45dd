#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# loadBalancerSourceRanges (S-112 … S-116): who may ask a VIP, changed live; nobody else notices.
# combinations: xdp=native socket-lb=on
# combinations: xdp=off socket-lb=off

# shellcheck source=deploy/e2e/lib/check.sh
source "$(dirname "$0")/lib/check.sh"

PODS=(web-2 web-3)
declare -A EXTERNAL=([4]=203.0.113.60 [6]=2001:db8:113::60)

# put RANGE…: the service, and a change of it.
put() {
  local ranges=''
  if (($#)); then ranges=$(printf '"%s", ' "$@"); fi
  {
    service guarded 60 'type: LoadBalancer' 'nodePort: 30060' \
      "loadBalancerSourceRanges: [$ranges]"
    ingress "${EXTERNAL[@]}"
    endpoints guarded "${PODS[@]}"
  } | everywhere guarded.yaml
}

served() { [[ $(probe "$1" "$2" "$3" tcp) == web-[23]\ * ]]; }
# Long enough for one SYN.
is_dropped() { [[ $(answer "$1" "$2" "$3" tcp --timeout 800) == "timed out" ]]; }

# only MACHINE…: of the client, this host and the pod these are served, and the others are not.
only() {
  local machine family
  for family in 4 6; do
    for machine in client node-a web-1; do
      if [[ " $* " == *" $machine "* ]]; then
        check_await "IPv$family: $machine is served" served "$machine" "${EXTERNAL[$family]}" 80
      else
        check_await "IPv$family: $machine is not" is_dropped "$machine" "${EXTERNAL[$family]}" 80
      fi
    done
  done
}

# of MACHINE: its addresses, as ranges.
of() { echo "$(lab_addr "$1" 4)/32" "$(lab_addr "$1" 6)/128"; }

e2e_cluster
read -ra ranges <<<"$(of client)"
put "${ranges[@]}"
lab_agents
only client
check_await "a nodePort is for everybody" served web-1 "$(lab_addr node-b 4)" 30060
check_await "… and so is the ClusterIP" served node-a "$(vip 60 6)" 80
read -ra ranges <<<"$(of web-1)"
put "${ranges[@]}"
only web-1
read -ra ranges <<<"$(of node-a)"
put "${ranges[@]}"
only node-a
put
only client node-a web-1
e2e_end
