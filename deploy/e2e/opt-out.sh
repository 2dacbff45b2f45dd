#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A pod opts out of the socket hooks by its annotation: its sockets know the VIP, and packets are
# translated instead. Others do not notice. Followed live, and kept by a restart.
# combinations: xdp=native socket-lb=on
# combinations: xdp=off socket-lb=off

# shellcheck source=deploy/e2e/lib/check.sh
source "$(dirname "$0")/lib/check.sh"

# pods [VALUE]: all pods, web-1 with this annotation.
pods() {
  local pod
  for pod in web-1 web-2 web-3 web-4; do
    pod_object "$pod" |
      if [[ $pod == web-1 && -n ${1:-} ]]; then
        sed "s|namespace: test|&, annotations: {millrace.io/socket-lb: \"$1\"}|"
      else
        cat
      fi
  done | everywhere pods.yaml
}

# bracketed ADDRESS PORT: as ss prints it.
bracketed() { if [[ $1 == *:* ]]; then echo "[$1]:$2"; else echo "$1:$2"; fi; }

# connection POD FAMILY: "PEER NAME" of a TCP connection to the service: what the kernel takes for
# its other end, whatever getpeername says, and who answers.
connection() {
  local peer
  flow_start connection "$1" keep "$(vip 60 "$2")" 80
  peer=$(lab_in "$1" ss -Htn state established '( dport = :80 or dport = :8080 )' |
    awk '{ print $4 }')
  flow_end connection
  echo "$peer $(jq -r '.names | join(",")' <<<"$FLOW_SUMMARY")"
}

# knows POD vip|endpoint WHEN: for both families.
knows() {
  local family wanted
  for family in 4 6; do
    case $2 in
    vip) wanted=$(bracketed "$(vip 60 "$family")" 80) ;;
    endpoint) wanted=$(bracketed "$(lab_addr web-4 "$family")" 8080) ;;
    esac
    expect "IPv$family: $1 knows the $2 $3" "$wanted web-4" "$(connection "$1" "$family")"
    expect "IPv$family: … UDP answers, too" "web-4 $(lab_addr "$1" "$family")" \
      "$(answer "$1" "$(vip 60 "$family")" 80 udp)"
  done
}

opted_out() { agent_status node-a | jq -e ".sockets.pods_opted_out == $1" >/dev/null; }
problems() { agent_status node-a | jq -r '.problems[] | "\(.object) \(.field)"'; }

follows() {
  knows web-1 endpoint 'at first'
  pods off
  check_await "the pod is opted out" opted_out 1
  knows web-1 vip 'once it has opted out'
  knows web-2 endpoint 'all the time'
  pods on
  check_await "the pod is back" opted_out 0
  knows web-1 endpoint 'when it is back'
}

survives() {
  pods off
  check_await "the pod is opted out again" opted_out 1
  agent_end node-a KILL
  knows web-1 vip 'while there is no agent'
  agent_start node-a
  check_await "… and after a restart" opted_out 1
  expect "… which has written nothing" 0 "$(agent_status node-a | jq .entries_written)"
  knows web-1 vip 'after a restart'
}

reports() {
  pods maybe
  check_await "an odd annotation counts as on" opted_out 0
  expect "… and is a problem of the pod" "Pod test/web-1 metadata.annotations[millrace.io/socket-lb]" \
    "$(problems)"
  pods off
  pod_object web-1 | sed -e "s|name: web-1, namespace: test|name: ghost, namespace: test, annotations: {millrace.io/socket-lb: \"off\"}|" \
    -e 's|podIPs: .*|podIPs: [{ip: 10.244.1.99}]}|' | everywhere ghost.yaml
  check_await "a pod that nobody finds is named" ghost_is_missed
  expect "… the other one is opted out" true "$(agent_status node-a | jq '.sockets.pods_opted_out == 1')"
}

ghost_is_missed() {
  [[ $(problems) == "Pod test/ghost "* ]] &&
    agent_status node-a | jq -e '.sockets.pods_not_found == ["test/ghost"]' >/dev/null
}

e2e_cluster
pods
{
  service web 60
  endpoints web web-4
} | everywhere test.yaml
lab_agents
if [[ $LAB_SOCKET_LB == on ]]; then
  follows
  survives
  reports
else
  pods off
  knows web-1 vip 'without the socket hooks'
  expect "there is nothing to opt out of" 0 "$(agent_status node-a | jq .sockets.pods_opted_out)"
fi
e2e_end
