#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Session affinity (S-150 … S-157): a client stays with one backend, whatever frontend it asks and by
# whatever node it comes, until that backend goes or the affinity does. Without, it meets several.
# combinations: xdp=native socket-lb=on
# combinations: xdp=off socket-lb=off

# shellcheck source=deploy/e2e/lib/check.sh
source "$(dirname "$0")/lib/check.sh"

PODS=(web-1 web-2 web-3 web-4)
declare -A EXTERNAL=([4]=203.0.113.50 [6]=2001:db8:113::50)

# put AFFINITY POD…: the service, and a change of it.
put() {
  {
    service sticky 50 'type: LoadBalancer' 'nodePort: 30050' "sessionAffinity: $1"
    ingress "${EXTERNAL[@]}"
    endpoints sticky "${@:2}"
  } | everywhere sticky.yaml
}

# met MACHINE ADDRESS PORT PROTO: which pods answer twelve connections, or what becomes of those that
# none does, joined by commas.
met() { answer "$@" --count 12 | cut -d' ' -f1 | sort -u | paste -sd, -; }

# stays DESCRIPTION MACHINE ADDRESS PORT PROTO: with one pod, whose name goes to MET.
stays() {
  MET=$(met "${@:2}") || :
  if [[ " ${PODS[*]} " == *" $MET "* ]]; then pass "$1"; else fail "$1" "answers of: $MET"; fi
}

is_met() { [[ $(met "${@:2}") == "$1" ]]; }
meets_one() { [[ " ${PODS[*]} " == *" $(met "$@") "* ]]; }
meets_several() { [[ $(met "$@") == *,* ]]; }

inside() {
  local family=$1 proto=$2 pod loopback
  loopback=$(if ((family == 4)); then echo 127.0.0.1; else echo ::1; fi)
  stays "IPv$family $proto: a pod stays with one backend" web-1 "$(vip 50 "$family")" 80 "$proto"
  pod=$MET
  expect "IPv$family $proto: … by the VIP as well" "$pod" \
    "$(met web-1 "${EXTERNAL[$family]}" 80 "$proto")"
  stays "IPv$family $proto: this host does" node-a "$(vip 50 "$family")" 80 "$proto"
  [[ $LAB_SOCKET_LB == on ]] || return 0
  expect "IPv$family $proto: … by a NodePort on loopback as well (S-156)" "$MET" \
    "$(met node-a "$loopback" 30050 "$proto")"
}

outside() {
  local family=$1 proto=$2 pod
  stays "IPv$family $proto: a client outside does" client "${EXTERNAL[$family]}" 80 "$proto"
  pod=$MET
  expect "IPv$family $proto: … by the NodePort as well" "$pod" \
    "$(met client "$(lab_addr node-a "$family")" 30050 "$proto")"
  expect "IPv$family $proto: … and by the other node" "$pod" \
    "$(met client "$(lab_addr node-b "$family")" 30050 "$proto")"
}

# S-153: its backend goes, and comes back.
leaves() {
  local old rest=() pod
  stays "the pod's backend" web-1 "$(vip 50 4)" 80 tcp
  old=$MET
  for pod in "${PODS[@]}"; do [[ $pod == "$old" ]] || rest+=("$pod"); done
  put ClientIP "${rest[@]}"
  check_await "its backend is gone: it goes elsewhere" is_elsewhere "$old"
  pod=$(met web-1 "$(vip 50 4)" 80 tcp) || :
  put ClientIP "${PODS[@]}"
  check_await "… it comes back" is_complete
  expect "… and it stays there" "$pod" "$(met web-1 "$(vip 50 4)" 80 tcp)"
}

is_elsewhere() { meets_one web-1 "$(vip 50 4)" 80 tcp && ! is_met "$1" web-1 "$(vip 50 4)" 80 tcp; }

# All pods are in the set, as the kernel has it: no client may be asked, for each has its backend.
is_complete() {
  bpftool -j map dump pinned "$(node_dir node-a)/bpffs/maps/svcs4_v4" |
    jq -e --argjson count "${#PODS[@]}" \
      '[.[].formatted.value | select(.id > 0 and .affinity_s > 0) | .all.count] | all(. == $count)' \
      >/dev/null
}

# S-154
switched() {
  put None "${PODS[@]}"
  check_await "affinity off: a pod meets several" meets_several web-1 "$(vip 50 4)" 80 tcp
  check_await "… so does this host" meets_several node-a "$(vip 50 6)" 80 tcp
  check_await "… and a client outside" meets_several client "$(lab_addr node-a 4)" 30050 udp
  put ClientIP "${PODS[@]}"
  check_await "affinity on: a pod meets one" meets_one web-1 "$(vip 50 4)" 80 tcp
  check_await "… so does this host" meets_one node-a "$(vip 50 6)" 80 tcp
  check_await "… and a client outside" meets_one client "$(lab_addr node-a 4)" 30050 udp
}

restarted() {
  local before
  before=$(met web-1 "$(vip 50 4)" 80 tcp) || :
  agent_end node-a KILL
  agent_start node-a
  expect "the agent's death changes nothing" "$before" "$(met web-1 "$(vip 50 4)" 80 tcp)"
}

e2e_cluster
put ClientIP "${PODS[@]}"
lab_agents
with_all inside
with_all outside
leaves
switched
restarted
e2e_end
