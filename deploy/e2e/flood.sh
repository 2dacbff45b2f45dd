#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A SYN flood that fills the flow tables while 1,000 connections idle for 30 s and then speak: all
# are alive. Pods open connections all the while, clients outside do as soon as it is over.
# combinations: xdp=native socket-lb=on
# combinations: xdp=off socket-lb=off

# shellcheck source=deploy/e2e/lib/check.sh
source "$(dirname "$0")/lib/check.sh"

ENTRIES=8192    # of each flow table
RATE=4000       # SYNs a second, each family: without a limit they would fill the table in a second
IDLE_MS=30000
HOLD_S=40       # of the connections: two requests each, the second after the pause
FLOOD_S=55      # at most; it is ended when the connections have spoken

# held LABEL: what became of these connections.
held() {
  local label=$1 count=$2
  flow_await "$label"
  expect "$label: $count connections idle for $((IDLE_MS / 1000)) s: none reset, none stalled, all speak" \
    "0 0 0 $((2 * count))" \
    "$(jq -r '"\(.failed_connects) \(.resets) \(.stalls) \(.exchanges)"' <<<"$FLOW_SUMMARY")"
}

hold() {
  local label=$1 machine=$2 address=$3 port=$4 count=$5
  flow_start "$label" "$machine" hold "$address" "$port" --count "$count" \
    --interval "$IDLE_MS" --seconds "$HOLD_S" --timeout 5000
}

# counted NAME: a drop reason or a counter of node-a.
counted() {
  "$MILLRACE" drops --all --run-dir "$(node_dir node-a)/run" -o json |
    jq -r --arg name "$1" \
      '[.drops[] | select(.reason == $name).packets, 0] + [.counters[] | select(.name == $name).value] | add'
}

# flow_tables FILTER: of both flow tables of node-a, as node-a tells.
flow_tables() { agent_status node-a | jq -e "[.tables[] | select(.name | startswith(\"flows\")) | $1] | all" >/dev/null; }

refused() { (($(counted flow_limit) > 1000)); }

new_from_pod() {
  expect "under the flood: IPv$1 connections of a pod to a service succeed" "web-3,web-4" \
    "$(answer web-1 "$(vip 20 "$1")" 80 tcp --count 48 | awk '{ print $1 }' | sort -u | paste -sd, -)"
}

# All of them, twice in a row: one may have luck under the flood, too.
outside_is_served() {
  local family
  for family in 4 6; do
    [[ $(answer client "$(lab_addr node-a "$family")" 30020 tcp --count 20 |
      grep -cE '^web-[34] ') == 20 ]] || return 1
  done
}

fills_up_lines() { grep -c 'flow table fills up' "$(node_dir node-a)/agent.log"; }

e2e_cluster 2
{
  service flood 20 'type: NodePort' 'nodePort: 30020'
  endpoints flood web-3 web-4
} | everywhere flood.yaml
lab_agents --max-flows4 "$ENTRIES" --max-flows6 "$ENTRIES"

hold outside4 client "$(lab_addr node-a 4)" 30020 400
hold outside6 client "$(lab_addr node-a 6)" 30020 400
hold pod4 web-1 "$(vip 20 4)" 80 100
hold pod6 web-1 "$(vip 20 6)" 80 100
for family in 4 6; do
  flow_start "flood$family" client flood "$(lab_addr node-a "$family")" 30020 --rate "$RATE" \
    --seconds "$FLOOD_S"
done
check_await "both flow tables are under pressure, and status says so" flow_tables .pressure
check_await "flows are refused, and drops says so" refused
for family in 4 6; do new_from_pod "$family"; done
for label in outside4 outside6; do held "$label" 400; done
for label in pod4 pod6; do held "$label" 100; done
check "no table has more entries than it may" flow_tables '(.entries | tonumber) < '"$ENTRIES * 95 / 100"
expect "no half of a flow was evicted" 0 "$(counted flows_healed)"
for family in 4 6; do
  flow_end "flood$family"
  note "IPv$family: $(jq .sent <<<"$FLOW_SUMMARY") SYNs of the flood"
done
SECONDS=0
check_await "when it is over clients outside are served again" outside_is_served
note "after $SECONDS s; $(counted flow_limit) packets refused, $(counted plain_untracked) untracked"
check_await "pressure ends" flow_tables '.pressure | not'
expect "the log has one line for each table" 2 "$(fills_up_lines)"
e2e_end
