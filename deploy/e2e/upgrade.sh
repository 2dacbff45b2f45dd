#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# An agent of another version, in which flows and frontends have other layouts, takes over from this one under a
# thousand long connections and streams of new ones, also if it is killed in the middle: nothing is cut, nothing
# fails. The way back is refused, and changes nothing.
# combinations: xdp=native socket-lb=off
# combinations: xdp=off socket-lb=on

# shellcheck source=deploy/e2e/lib/check.sh
source "$(dirname "$0")/lib/check.sh"
# shellcheck source=deploy/e2e/lib/next.sh
source "$ROOT/deploy/e2e/lib/next.sh"

HELD=250
KILLS=4

manifests() {
  service web 10 'type: NodePort' 'nodePort: 30010'
  endpoints web web-1 web-2 web-3 web-4
}

traffic_start() {
  flow_start held-pod4 web-1 hold "$(vip 10 4)" 80 --count $HELD --interval 500
  flow_start held-pod6 web-3 hold "$(vip 10 6)" 80 --count $HELD --interval 500
  flow_start held-out4 client hold "$(lab_addr node-a 4)" 30010 --count $HELD --interval 500
  flow_start held-out6 client hold "$(lab_addr node-b 6)" 30010 --count $HELD --interval 500
  flow_start new-tcp4 web-1 stream "$(vip 10 4)" 80 --rate 100
  flow_start new-tcp6 web-4 stream "$(vip 10 6)" 80 --rate 100
  flow_start new-out4 client stream "$(lab_addr node-a 4)" 30010 --rate 100
  flow_start new-out6 client stream "$(lab_addr node-b 6)" 30010 --rate 100
  flow_start new-udp4 client stream "$(lab_addr node-a 4)" 30010 --rate 50 --udp
  flow_start new-udp6 web-1 stream "$(vip 10 6)" 80 --rate 50 --udp
}

traffic_end() {
  local label
  for label in held-pod4 held-pod6 held-out4 held-out6; do
    flow_end "$label"
    expect "$1: $label: $HELD connections, $(jq .exchanges <<<"$FLOW_SUMMARY") exchanges, no reset, no stall" \
      "0 0 0" "$(jq -r '"\(.failed_connects) \(.resets) \(.stalls)"' <<<"$FLOW_SUMMARY")"
  done
  for label in new-tcp4 new-tcp6 new-out4 new-out6 new-udp4 new-udp6; do
    flow_end "$label"
    expect "$1: $label: $(jq .attempts <<<"$FLOW_SUMMARY") requests, none failed" 0 \
      "$(jq .failed <<<"$FLOW_SUMMARY")"
  done
}

pins() { find "$(node_dir "$1")/bpffs/maps" -type f -printf '%f\n' | sort; }

# next_agent FUNCTION ARGUMENT…: with the next version's programs.
next_agent() { MILLRACE=$NEXT_MILLRACE "$@"; }

# carried NODE MAP: "FATE FROM-TO", and the entries in CARRIED.
carried() {
  local former
  former=$(jq -c --arg map "$2" '.former_maps[] | select(.map == $map)' <<<"$SYNCED_STATUS")
  CARRIED=$(jq '.carried // 0' <<<"$former")
  jq -r '"\(.fate) \(.from_version)-\(.to_version)"' <<<"$former"
}

upgraded() {
  local map fate
  for map in flows4 flows6; do
    fate=$(carried "$1" "$map")
    carried "$1" "$map" >/dev/null
    expect "$1: $map: $CARRIED entries are carried over" "CARRIED 1-2" "$fate"
    check "$1: … as many as there are connections, at least" test "$CARRIED" -ge $HELD
  done
  expect "$1: svcs4 is carried over" "CARRIED 4-5" "$(carried "$1" svcs4)"
  expect "$1: endpoints4 is written anew" "REWRITTEN 1-2" "$(carried "$1" endpoints4)"
  nothing_is_left "$1"
}

nothing_is_left() {
  expect "$1: pins of the version before are gone, and gates" 0 \
    "$(pins "$1" | grep -cE '^(flows[46]_v1|svcs[46]_v4|endpoints[46]_v1|gate_.*)$' || :)"
  expect "$1: programs stand on all devices" 0 \
    "$(next_agent agent_status "$1" | jq '[.devices[] | select(.attached | not)] | length')"
}

upgrade() {
  agent_end "$1" TERM
  next_agent agent_start "$1"
}

# The upgrade is some hundred milliseconds of a start that takes a second or two.
upgrade_killed() {
  local round
  agent_end "$1" TERM
  for ((round = 0; round < KILLS; round++)); do
    next_agent agent_spawn "$1"
    await 30 half_way "$1" $round || :
    agent_end "$1" KILL
  done
  next_agent agent_start "$1"
}

# half_way NODE ROUND: the new maps are there; later rounds get further.
half_way() {
  [[ -e $(node_dir "$1")/bpffs/maps/flows4_v2 ]] || return 1
  read -r -t "$(printf '0.%02d' $(($2 * 12)))" <> <(:) || :
}

way_back_is_refused() {
  local before status=0
  agent_end node-a TERM
  before=$(pins node-a)
  agent_spawn node-a
  wait "${AGENT_PID[node-a]}" || status=$?
  unset "AGENT_PID[node-a]"
  check "the version before does not start" test $status -ne 0
  check "… says whose maps these are, and what to do" grep -qE \
    'maps/[a-z0-9_]+_v[25] is of version [25], and this build knows version [14].*millrace cleanup' \
    "$(node_dir node-a)/agent.log"
  expect "… and has left all as it is" "$before" "$(pins node-a)"
  next_agent agent_start node-a
  expect "the next version goes on, and writes nothing" 0 "$(jq .entries_written <<<"$SYNCED_STATUS")"
}

cleanup_works() {
  agent_end node-a TERM
  check "cleanup by the version before takes everything off" agent_cleanup node-a
  check "… pins as well" test ! -e "$(node_dir node-a)/bpffs/maps"
  agent_start node-a
  expect "… and then it starts" "web-3 $(lab_addr web-1 4)" \
    "$(answers web-1 "$(vip 10 4)" 80 tcp | tr , '\n' | grep web-3)"
}

next_build
e2e_cluster
manifests | everywhere test.yaml
lab_agents
traffic_start
upgrade node-a
upgraded node-a
upgrade node-b
upgraded node-b
way_back_is_refused
traffic_end "upgraded"
next_agent agent_end node-b TERM
agent_cleanup node-b
agent_start node-b
traffic_start
upgrade_killed node-b
nothing_is_left node-b
traffic_end "killed $KILLS times on the way"
cleanup_works
e2e_end
