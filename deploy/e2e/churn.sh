#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Endpoints come and go under traffic: no request fails, connections to an endpoint that leaves are
# not cut (S-033), UDP flows move on, and blue is exchanged for green at once by a flip of readiness (S-035).

# shellcheck source=deploy/e2e/lib/check.sh
source "$(dirname "$0")/lib/check.sh"

ROUNDS=12

manifests() {
  service churn 10 'type: NodePort' 'nodePort: 30010'
  endpoints churn "$@"
}

# ready MACHINE…: all four stay in the slices, and just these are ready.
ready() {
  local pod family edits=()
  for pod in web-1 web-2 web-3 web-4; do
    [[ " $* " != *" $pod "* ]] || continue
    for family in 4 6; do
      edits+=(-e "/\"$(lab_addr "$pod" "$family")\"/s/ready: true/ready: false, serving: false/")
    done
  done
  manifests web-1 web-2 web-3 web-4 | sed "${edits[@]}" | everywhere churn.yaml
  await 30 in_use "$@" || fail "endpoints $* are in force" "not within 30 s"
}

# in_use MACHINE…: node-a gives new flows to just these, in both families.
in_use() {
  local wanted got
  wanted=$(for pod in "$@"; do lab_addr "$pod" 4 && lab_addr "$pod" 6; done | sort)
  got=$("$MILLRACE" services --run-dir "$(node_dir node-a)/run" -o json test/churn |
    jq -r '.services[].ports[].endpoints[] | select(.in_use) | .address' | sort -u)
  [[ $wanted == "$got" ]]
}

change() {
  manifests "$@" | everywhere churn.yaml
  await 30 in_use "$@" || fail "endpoints $* are in force" "not within 30 s"
}

streams_start() {
  flow_start pod-tcp4 web-1 stream "$(vip 10 4)" 80 --rate 100
  flow_start pod-tcp6 web-1 stream "$(vip 10 6)" 80 --rate 100
  flow_start pod-udp4 web-1 stream "$(vip 10 4)" 80 --rate 100 --udp
  flow_start out-tcp6 client stream "$(lab_addr node-a 6)" 30010 --rate 100
  flow_start out-udp4 client stream "$(lab_addr node-a 4)" 30010 --rate 100 --udp
  flow_start held4 web-1 hold "$(vip 10 4)" 80 --count 40
  flow_start held6 client hold "$(lab_addr node-a 6)" 30010 --count 40
}

streams_end() {
  local label
  for label in pod-tcp4 pod-tcp6 pod-udp4 out-tcp6 out-udp4; do
    stream_ends "$label"
    expect "$label: every endpoint answered" 4 "$(jq '.names | length' <<<"$FLOW_SUMMARY")"
  done
  for label in held4 held6; do held_ends "$label" 40; done
}

# Blue and green run all the time. Once a flip is in force nobody new gets to the other colour, and
# while it is put in force nobody's request fails.
blue_and_green() {
  local round label
  ready web-1 web-3
  flow_start blue web-1 hold "$(vip 10 4)" 80 --count 20
  flow_start flip-tcp4 web-1 stream "$(vip 10 4)" 80 --rate 100
  flow_start flip-udp6 web-1 stream "$(vip 10 6)" 80 --rate 100 --udp
  flow_start flip-out client stream "$(lab_addr node-a 4)" 30010 --rate 100
  for round in 1 2 3; do
    ready web-2 web-4
    with_all only "green, round $round" web-2,web-4
    ready web-1 web-3
    with_all only "blue, round $round" web-1,web-3
  done
  for label in flip-tcp4 flip-udp6 flip-out; do stream_ends "$label"; done
  held_ends blue 20
}

only() {
  expect "IPv$1 $2: $3: no request gets to the other colour (S-035)" "$4" \
    "$(answers web-1 "$(vip 10 "$1")" 80 "$2" | tr , '\n' | cut -d' ' -f1 | sort -u | paste -sd, -)"
}

# A UDP client with one socket follows when its endpoint goes; the entry of a removed endpoint is
# freed after a grace of a second.
udp_moves_on() {
  change web-3
  expect "udp: the only endpoint answers" "web-3 $(lab_addr web-1 4)" "$(same_socket)"
  change web-4
  check_await "udp: same source port, the endpoint gone: the next one answers" web_4_answers
}

same_socket() { answer web-1 "$(vip 10 4)" 80 udp --source-port 42000; }

web_4_answers() { [[ $(same_socket) == "web-4 $(lab_addr web-1 4)" ]]; }

e2e_cluster
manifests web-1 web-2 web-3 web-4 | everywhere churn.yaml
lab_agents
streams_start
for ((round = 0; round < ROUNDS; round++)); do
  case $((round % 4)) in
  0) change web-1 web-2 web-3 ;;
  1) change web-2 web-4 ;;
  2) change web-1 web-3 web-4 ;;
  3) change web-1 web-2 web-3 web-4 ;;
  esac
done
streams_end
blue_and_green
udp_moves_on
e2e_end
