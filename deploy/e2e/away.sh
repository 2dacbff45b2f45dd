#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# No agent runs for AWAY_S seconds (20), once stopped and once killed, on either node: connections that
# speak now and then go on, new ones are made, nothing fails. AWAY_S=600 deploy/e2e/away.sh is the long run.
# combinations: xdp=native socket-lb=on
# combinations: xdp=off socket-lb=off

# shellcheck source=deploy/e2e/lib/check.sh
source "$(dirname "$0")/lib/check.sh"

AWAY_S=${AWAY_S:-20}

manifests() {
  service web 10 'type: NodePort' 'nodePort: 30010'
  endpoints web web-1 web-2 web-3 web-4
}

HELD=()
KEPT=()
STREAMS=()

# held NAME FROM TO PORT MS: 25 connections that ask again after so many ms.
held() {
  flow_start "$1" "$2" hold "$3" "$4" --count 25 --interval "$5" --timeout 10000
  HELD+=("$1")
}

kept() {
  flow_start "$1" "$2" keep "$3" "$4" --udp --interval "$5" --timeout 10000
  KEPT+=("$1")
}

stream() {
  flow_start "$1" "$2" stream "$3" "$4" --rate 20 --timeout 10000 "${@:5}"
  STREAMS+=("$1")
}

# Some ask often, some are idle for as long as the time allows to tell.
traffic_start() {
  local family idle=$((AWAY_S * 1000 / 4))
  HELD=() KEPT=() STREAMS=()
  for family in 4 6; do
    held "often-pod-$family" web-1 "$(vip 10 $family)" 80 200
    held "idle-pod-$family" web-1 "$(vip 10 $family)" 80 $idle
    held "often-outside-$family" client "$(lab_addr node-a $family)" 30010 200
    held "idle-outside-$family" client "$(lab_addr node-a $family)" 30010 $idle
    kept "udp-pod-$family" web-1 "$(vip 10 $family)" 80 200
    kept "udp-outside-$family" client "$(lab_addr node-b $family)" 30010 200
    stream "new-pod-$family" web-3 "$(vip 10 $family)" 80
    stream "new-outside-$family" client "$(lab_addr node-b $family)" 30010
    stream "new-udp-pod-$family" web-1 "$(vip 10 $family)" 80 --udp
    stream "new-udp-outside-$family" client "$(lab_addr node-a $family)" 30010 --udp
  done
}

traffic_end() {
  local label attempts=0 failures=0
  for label in "${HELD[@]}" "${KEPT[@]}" "${STREAMS[@]}"; do
    flow_end "$label"
    check "$1: $label: some attempts" jq -e '(.exchanges // .attempts) > 0' <<<"$FLOW_SUMMARY"
    expect "$1: $label: $(jq '.exchanges // .attempts' <<<"$FLOW_SUMMARY") exchanges, none failed" 0 "$(failed)"
    attempts=$((attempts + $(jq '.exchanges // .attempts' <<<"$FLOW_SUMMARY")))
    failures=$((failures + $(failed)))
  done
  printf '%s, %d s: %d connections held, %d exchanges, %d failures\n' "$1" "$AWAY_S" \
    $((${#HELD[@]} * 25 + ${#KEPT[@]})) "$attempts" "$failures"
}

# Of whichever kind the traffic was.
failed() {
  jq '[.failed_connects, .resets, .stalls, .aborted, .failures, .timeouts, .failed] | map(. // 0) | add' \
    <<<"$FLOW_SUMMARY"
}

is_away() { "$MILLRACE" status --run-dir "$(node_dir "$1")/run" >/dev/null 2>&1 || (($? == 3)); }

# away SIGNAL: both agents.
away() {
  local node
  traffic_start
  for node in node-a node-b; do
    agent_end "$node" "$1"
    check "$node: no agent answers after SIG$1" is_away "$node"
  done
  sleep "$AWAY_S"
  for node in node-a node-b; do
    agent_start "$node"
    expect "$node: the next one finds all in force" 0 "$(jq .entries_written <<<"$SYNCED_STATUS")"
  done
  traffic_end "SIG$1"
}

e2e_cluster
manifests | everywhere test.yaml
lab_agents
away TERM
away KILL
e2e_end
