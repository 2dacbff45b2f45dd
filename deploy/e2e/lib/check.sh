# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Sourced by every test of deploy/e2e: checks, requests, and the cluster they run on.

# shellcheck source=deploy/lab/lab.sh
source "$(dirname "${BASH_SOURCE[0]}")/../../lab/lab.sh"
# shellcheck source=deploy/lib/check.sh
source "$ROOT/deploy/lib/check.sh"
# shellcheck source=deploy/lab/cluster.sh
source "$ROOT/deploy/lab/cluster.sh"
# shellcheck source=deploy/e2e/lib/manifests.sh
source "$ROOT/deploy/e2e/lib/manifests.sh"

TOPIC=$(basename "$0" .sh)
LAB_KEEP_LOGS=${LAB_KEEP_LOGS:-$ROOT/target/log/e2e/$TOPIC}

# check_await DESCRIPTION COMMAND…: passes if it succeeds within 30 s.
check_await() {
  local what=$1
  shift
  if await 30 "$@"; then pass "$what"; else fail "$what" "not within 30 s: $*"; fi
}

# answer MACHINE ADDRESS PORT PROTO [OPTION…]: "NAME SOURCE", or how it failed. The long wait is for
# machines that are busy.
answer() {
  local machine=$1 address=$2 port=$3 proto=$4 option=()
  shift 4
  if [[ $proto != tcp ]]; then option=("--$proto"); fi
  ask "$machine" "$address" "$port" "${option[@]}" --timeout 5000 "$@" |
    awk '{ print /^[^ ]+ [0-9a-f.:]+ [0-9]+ [0-9]+$/ ? $1 " " $2 : $0 }'
}

# probe …: as `answer`, but waits just long enough for a second SYN: for what nobody shall answer,
# and for what is asked again until it is right.
probe() { answer "$@" --timeout 1500; }

# answers …: as `answer`, of many requests: each different outcome once, sorted, joined by commas.
answers() { answer "$@" --count 48 | sort -u | paste -sd, -; }

# pod_source POD FAMILY BACKEND: the address from which the backend sees the pod's request to a
# ClusterIP. A packet that came back to its sender would be dropped, so it is given the node's
# address; a socket is led to its own pod before there is any packet.
pod_source() {
  if [[ $1 == "$3" && $LAB_SOCKET_LB == off ]]; then
    lab_addr "${LAB_POD_NODE[$1]}" "$2"
  else
    lab_addr "$1" "$2"
  fi
}

# host_source NODE FAMILY BACKEND: the address that the host's routing chooses (S-082): on the way to
# the VIP, or, where sockets are led to backends, on the way to the pod.
host_source() {
  if [[ ${LAB_POD_NODE[$3]} == "$1" && $LAB_SOCKET_LB == on ]]; then
    lab_gateway "$1" "$2"
  else
    lab_addr "$1" "$2"
  fi
}

# with_all FUNCTION ARGUMENT…: call it for both families and both protocols: FUNCTION 4|6 tcp|udp ….
with_all() {
  local function=$1 family proto
  shift
  for family in 4 6; do
    for proto in tcp udp; do "$function" "$family" "$proto" "$@"; done
  done
}

# at_once COMMAND… -- COMMAND…: all of them at the same time, for what waits in vain. Each in a subshell, so that
# it leaves nothing behind but its checks.
at_once() {
  local command=() out=$LAB_DIR/at-once-$BASHPID n passed failed
  local -a pids=()
  set -- "$@" --
  while (($#)); do
    if [[ $1 != -- ]]; then
      command+=("$1")
    else
      n=${#pids[@]}
      rm -f "$out.$n.figures"
      (
        PASSED=0 FAILED=0
        "${command[@]}"
        echo "$PASSED $FAILED" >"$out.$n.figures"
      ) >"$out.$n" 2>&1 &
      pids+=($!)
      command=()
    fi
    shift
  done
  for n in "${!pids[@]}"; do
    wait "${pids[n]}" || :
    cat "$out.$n"
    [[ -s $out.$n.figures ]] || die "checks did not end"
    read -r passed failed <"$out.$n.figures"
    PASSED=$((PASSED + passed))
    FAILED=$((FAILED + failed))
  done
}

# with_all_at_once FUNCTION ARGUMENT…: as with_all, all four at once.
with_all_at_once() {
  local function=$1
  shift
  at_once "$function" 4 tcp "$@" -- "$function" 4 udp "$@" -- \
    "$function" 6 tcp "$@" -- "$function" 6 udp "$@"
}

# e2e_cluster [RP_FILTER]: the demo's cluster with this topic's manifests still to come.
e2e_cluster() {
  local node
  lab_begin
  lab_cluster "${1:-2}"
  for node in node-a node-b; do
    mkdir -p "$(node_manifests "$node")"
    cp "$ROOT"/deploy/demo/{cluster,pods}.yaml "$(node_manifests "$node")"
  done
}

# tell FILE: the text on stdin becomes objects that all agents see: by their folders, or by the API server.
tell() { if [[ -n $API_MACHINE ]]; then api_put "$1"; else everywhere "$1"; fi; }

# new_pod NAME NODE HOST: a pod that starts. As in a cluster its object shows its addresses before anybody
# is sent to it: its node closes pods that it does not know. Let in when this returns.
new_pod() {
  lab_pod "$@"
  pod_object "$1" | tell "pod-$1.yaml"
  await 30 is_let_in "$1" || fail "the pod $1 is let in by its node" "not within 30 s"
}

# is_let_in POD: its node holds for both its addresses what policies say.
is_let_in() {
  local family maps
  maps=$(node_dir "${LAB_POD_NODE[$1]}")/bpffs/maps
  for family in 4 6; do
    # shellcheck disable=SC2046 # a word for each byte
    bpftool map lookup pinned "$maps/subjects${family}_v1" key hex $(pod_bytes "$1" "$family") || return 1
  done
}

# pod_bytes POD 4|6: its address, byte for byte.
pod_bytes() {
  local index=${LAB_INDEX[${LAB_POD_NODE[$1]}]} host=${LAB_POD_HOST[$1]} part
  if (($2 == 4)); then
    # shellcheck disable=SC2046 # a word for each byte
    printf '%02x ' $(tr . ' ' <<<"$PODS4.$index.$host")
  else
    for part in ${PODS6//:/ } "$index" 0 0 0 "$host"; do printf '%04x' "0x$part"; done | sed 's/../& /g'
  fi
}

# stream_ends LABEL: a flow_start of single requests is over; there were some, and none failed.
stream_ends() {
  flow_end "$1"
  expect "$1: $(jq .attempts <<<"$FLOW_SUMMARY") requests, none failed" "0 true" \
    "$(jq -r '"\(.failed) \(.attempts > 0)"' <<<"$FLOW_SUMMARY")"
}

# held_ends LABEL COUNT: a flow_start of COUNT held connections is over; they were used, and none was cut.
held_ends() {
  local paused
  flow_end "$1"
  paused=$(jq -r 'if .paused_ms > 0 then ", while the machine stood still for \(.paused_ms) ms" else "" end' \
    <<<"$FLOW_SUMMARY")
  expect "$1: $2 connections, $(jq .exchanges <<<"$FLOW_SUMMARY") exchanges, none cut$paused" "0 0 true" \
    "$(jq -r '"\(.resets) \(.stalls) \(.exchanges > 0)"' <<<"$FLOW_SUMMARY")"
}

# drop_count NODE REASON: packets that it dropped so far.
drop_count() {
  "$MILLRACE" drops --run-dir "$(node_dir "$1")/run" -o json |
    jq --arg reason "$2" '[.drops[] | select(.reason == $reason) | .packets] | add // 0'
}

# packet_count NODE COUNTER: packets or flows that it counted so far.
packet_count() {
  "$MILLRACE" drops --run-dir "$(node_dir "$1")/run" -o json |
    jq --arg counter "$2" '[.counters[] | select(.name == $counter) | .value] | add // 0'
}

# e2e_end: the last line is the topic's figures.
e2e_end() { figures "$TOPIC"; }
