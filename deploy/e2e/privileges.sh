#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The agent with the chart's capabilities and no others, and with less: what it does, and what it says. Its files and
# ports are nobody else's.
# combinations: xdp=native socket-lb=on

# shellcheck source=deploy/e2e/lib/check.sh
source "$(dirname "$0")/lib/check.sh"

FULL_MILLRACE=$MILLRACE
# By linux/capability.h.
declare -A CAPABILITY_BIT=([NET_ADMIN]=12 [SYS_ADMIN]=21 [PERFMON]=38 [BPF]=39)

manifests() {
  service web 10 'type: NodePort' 'nodePort: 30010'
  endpoints web web-3
}

chart_capabilities() {
  sed -nE 's/^capabilities: \[(.*)\]$/\1/p' "$ROOT/deploy/chart/millrace/values.yaml" | tr -d , | tr ' ' '\n'
}

# confine_without [CAPABILITY…]: agents that are started from now on have the chart's, but for these.
confine_without() {
  local capability set=-all
  MILLRACE=$LAB_DIR/millrace-confined
  MASK=0
  for capability in $(chart_capabilities); do
    [[ " $* " != *" $capability "* ]] || continue
    set+=,+${capability,,}
    MASK=$((MASK | 1 << CAPABILITY_BIT[$capability]))
  done
  printf '#!/bin/sh\nexec setpriv --inh-caps -all --bounding-set %s -- %q "$@"\n' "$set" "$FULL_MILLRACE" >"$MILLRACE"
  chmod +x "$MILLRACE"
}

# Nothing of it is left for the next one.
stop_agent() {
  MILLRACE=$FULL_MILLRACE
  agent_end node-a TERM
  agent_cleanup node-a >/dev/null
  rm -f "$(node_dir node-a)/agent.log"
}

# serves NAME: an agent that has just been started.
serves() {
  expect "$1: it has these and no others" "$(printf '%016x' $MASK)" \
    "$(sed -nE 's/^CapEff:\s*//p' "/proc/${AGENT_PID[node-a]}/status")"
  expect "$1: XDP, socket hooks, no problem" "native on 0" \
    "$(jq -r '"\(.features.xdp) \(.features.socket_lb) \(.problems | length)"' <<<"$SYNCED_STATUS")"
  expect "$1: every device has its programs" "" "$(jq -r '.devices[] | select(.attached | not).name' <<<"$SYNCED_STATUS")"
  expect "$1: a ClusterIP answers" "web-3 $(lab_addr web-1 4)" "$(answer web-1 "$(vip 10 4)" 80 tcp)"
  expect "$1: a NodePort answers" "web-3 $(lab_addr node-a 6)" "$(answer client "$(lab_addr node-a 6)" 30010 udp)"
}

# serves_without NAME CAPABILITY…
serves_without() {
  confine_without "${@:2}"
  agent_start node-a
  serves "$1"
  stop_agent
}

# ends_without NAME WORDS CAPABILITY…: it does not start, and says what is missing.
ends_without() {
  local status=0
  confine_without "${@:3}"
  agent_spawn node-a
  wait "${AGENT_PID[node-a]}" || status=$?
  unset "AGENT_PID[node-a]"
  check "$1: it does not start" test "$status" -ne 0
  check "$1: it says so: $2" grep -qF -- "$2" "$(node_dir node-a)/agent.log"
  rm -f "$(node_dir node-a)/agent.log"
}

mode_of() { stat -c %a "$(node_dir node-a)/$1"; }

files_are_its_own() {
  expect "the admin socket is root's" 600 "$(mode_of run/admin.sock)"
  expect "the lock is root's" 600 "$(mode_of run/agent.lock)"
  expect "the folder of both is root's" 700 "$(mode_of run)"
  expect "the folder of pins is root's" 700 "$(mode_of bpffs)"
  expect "its folders are" "700 700" "$(mode_of bpffs/maps) $(mode_of bpffs/links)"
}

# All that listens on the node, and is not bound to the loopback device.
ports_are_kube_proxys() {
  local listening
  listening=$(lab_in node-a ss -H -ltuwn | awk '{ print $1, $5 }' | sed 's/\[::ffff:127.0.0.1\]/127.0.0.1/' | sort)
  expect "health is for everybody, metrics are for the node" "tcp *:10256 tcp 127.0.0.1:10249" "$(xargs <<<"$listening")"
}

# On a bpffs of the host's nothing has to be mounted.
serves_without_sys_admin() {
  local log
  log=$(node_dir node-a)/agent.log
  mkdir -p "$(node_dir node-a)/bpffs"
  mount -t bpf -o mode=0700 bpf "$(node_dir node-a)/bpffs"
  confine_without SYS_ADMIN
  agent_start node-a
  serves "without SYS_ADMIN, on the host's bpffs"
  check "without SYS_ADMIN it says whose sockets it cannot look at" \
    grep -qE 'cannot enter the network namespace .*/web-1: Operation not permitted' "$log"
  agent_end node-a KILL
  agent_start node-a
  expect "without SYS_ADMIN another agent finds all as it was" 0 "$(jq .entries_written <<<"$SYNCED_STATUS")"
  stop_agent
}

e2e_cluster
manifests | everywhere test.yaml
agent_start node-b
confine_without
agent_start node-a
serves "with the chart's capabilities"
files_are_its_own
ports_are_kube_proxys
stop_agent
serves_without "without BPF, which SYS_ADMIN stands for" BPF
serves_without "without PERFMON, which SYS_ADMIN stands for" PERFMON
ends_without "without NET_ADMIN" "no CAP_NET_ADMIN" NET_ADMIN
ends_without "without BPF and SYS_ADMIN" "no CAP_BPF" BPF SYS_ADMIN
ends_without "without PERFMON and SYS_ADMIN" "no CAP_PERFMON" PERFMON SYS_ADMIN
ends_without "without SYS_ADMIN, and no bpffs" "CAP_SYS_ADMIN" SYS_ADMIN
serves_without_sys_admin
e2e_end
