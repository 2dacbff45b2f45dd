#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The agent is killed many times under 200 long connections and streams of new ones: nothing is
# cut, nothing fails, and a restart without changes writes nothing. SIGTERM leaves all in place.

# shellcheck source=deploy/e2e/lib/check.sh
source "$(dirname "$0")/lib/check.sh"

# A kill hits the agent at any moment of its start; which moments there are does not hang on the
# combination, so most kills are in the one where the agent has most to adopt.
KILLS=5
if [[ $LAB_XDP/$LAB_SOCKET_LB == native/on ]]; then KILLS=20; fi

manifests() {
  service web 10 'type: NodePort' 'nodePort: 30010'
  endpoints web web-1 web-2 web-3 web-4
}

traffic_start() {
  flow_start held4 web-1 hold "$(vip 10 4)" 80 --count 100
  flow_start held6 client hold "$(lab_addr node-a 6)" 30010 --count 100
  flow_start new-tcp4 web-1 stream "$(vip 10 4)" 80 --rate 100
  flow_start new-tcp6 client stream "$(lab_addr node-a 6)" 30010 --rate 100
  flow_start new-udp4 client stream "$(lab_addr node-a 4)" 30010 --rate 50 --udp
}

traffic_end() {
  local label
  for label in held4 held6; do
    flow_end "$label"
    expect "$1: $label: 100 connections, $(jq .exchanges <<<"$FLOW_SUMMARY") exchanges, no reset" \
      "0 0 0" "$(jq -r '"\(.failed_connects) \(.resets) \(.stalls)"' <<<"$FLOW_SUMMARY")"
  done
  for label in new-tcp4 new-tcp6 new-udp4; do
    flow_end "$label"
    expect "$1: $label: $(jq .attempts <<<"$FLOW_SUMMARY") requests, none failed" 0 \
      "$(jq .failed <<<"$FLOW_SUMMARY")"
  done
}

kill_and_restart() {
  local round written=''
  for ((round = 0; round < KILLS; round++)); do
    agent_end node-a KILL
    agent_start node-a
    written+="$(jq .entries_written <<<"$SYNCED_STATUS") "
  done
  expect "$KILLS restarts without a change write no map entry" \
    "$(printf '0 %.0s' $(seq $KILLS))" "$written"
}

# A change made while no agent runs is the only thing that the next one writes.
change_while_down() {
  agent_end node-a KILL
  { service extra 11; endpoints extra web-3; } | everywhere extra.yaml
  agent_start node-a
  expect "a service added while the agent was down answers" "web-3 $(lab_addr web-1 4)" \
    "$(answer web-1 "$(vip 11 4)" 80 tcp)"
  check "… and took a few entries, not all" test \
    "$(agent_status node-a | jq .entries_written)" -le 20
  agent_end node-a KILL
  for node in node-a node-b; do drop_manifest "$node" extra.yaml; done
  agent_start node-a
  expect "a service removed while the agent was down is gone" 0 \
    "$("$MILLRACE" services --run-dir "$(node_dir node-a)/run" -o json |
      jq '[.services[] | select(.name == "extra")] | length')"
}

stopped_goes_on() {
  agent_end node-a TERM
  expect "no agent answers after SIGTERM" 3 \
    "$("$MILLRACE" status --run-dir "$(node_dir node-a)/run" >/dev/null 2>&1 || echo $?)"
  with_all answers_while_stopped
}

answers_while_stopped() {
  expect "IPv$1 $2: requests are answered while the agent is stopped" 4 \
    "$(answers web-1 "$(vip 10 "$1")" 80 "$2" | tr , '\n' | cut -d' ' -f1 | sort -u | wc -l)"
}

e2e_cluster
manifests | everywhere test.yaml
lab_agents
traffic_start
kill_and_restart
traffic_end "kill -9 × $KILLS"
change_while_down
traffic_start
stopped_goes_on
agent_start node-a
traffic_end "SIGTERM and start"
e2e_end
