#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The life of a cluster, told by an API server that restarts, breaks off, forgets and is away in
# between, under traffic: no request fails, and what the server says in the end is in force.
# MILLRACE_SEED chooses another life.
# combinations: xdp=native socket-lb=on

# shellcheck source=deploy/e2e/lib/check.sh
source "$(dirname "$0")/lib/check.sh"

SEED=${MILLRACE_SEED:-7}
CLIENTS=(web-1 web-3) # a pod on each node; these never leave
SERVING=(web-1 web-2 web-3 web-4)
ENDING=() # endpoints that are terminating, but still serve
ROLLED=0  # pods that were made since
AWAY=''   # the API server does not listen, and has to be started again

CHANGES=(scale create roll drain scale relabel roll cordon delete scale roll all)
DISTURBANCES=(none restart outage forget half_a_list torn_events busy garbage slow none restart agent)

# ----- What is told -----

# put: the service under traffic, as SERVING and ENDING have it.
put() {
  local pod family edits=(-e '')
  for pod in "${ENDING[@]}"; do
    for family in 4 6; do
      edits+=(-e "/\"$(lab_addr "$pod" "$family")\"/s/ready: true/ready: false, serving: true, terminating: true/")
    done
  done
  {
    service life 10 'type: NodePort' 'nodePort: 30010'
    endpoints life "${SERVING[@]}" "${ENDING[@]}"
  } | sed "${edits[@]}" | api_put life.yaml
}

# put_extra [LABEL]: another service, which comes, is given to another proxy, and goes.
put_extra() {
  {
    service extra 20 | sed "s|^metadata: {|&labels: {${1:-app}: x}, |"
    endpoints extra web-2
  } | api_put extra.yaml
}

# any POD…: some of them, at least one, to CHOSEN.
any() {
  local pod
  CHOSEN=()
  for pod in "$@"; do
    if ((RANDOM % 2)); then CHOSEN+=("$pod"); fi
  done
  if ((${#CHOSEN[@]} == 0)); then CHOSEN=("${@:$((RANDOM % $# + 1)):1}"); fi
}

change_scale() {
  any web-1 web-2 web-3 web-4
  SERVING=("${CHOSEN[@]}")
  put
}

# A new pod starts; it will be ready later.
before_roll() {
  local name=new-$((++ROLLED)) node='node-a'
  if ((ROLLED % 2)); then node='node-b'; fi
  new_pod "$name" "$node" $((20 + ROLLED))
  lab_serve "$name" 8080
}

# It takes the place of one of those that serve, which ends and then is gone.
change_roll() {
  ENDING=("${SERVING[0]}")
  SERVING=("${SERVING[@]:1}" "new-$ROLLED")
  put
}

# Everything leaves node-b; its pods end.
change_drain() {
  SERVING=(web-1 web-2)
  ENDING=(web-3 web-4)
  sed '/name: node-b/,$s/^spec:/spec:\n  unschedulable: true/' "$ROOT/deploy/demo/cluster.yaml" |
    api_put cluster.yaml
  put
}

change_cordon() {
  api_put cluster.yaml <"$ROOT/deploy/demo/cluster.yaml"
  change_scale
}

change_all() {
  SERVING=(web-1 web-2 web-3 web-4)
  put
}

change_create() { put_extra; }

change_relabel() { put_extra service.kubernetes.io/service-proxy-name; }

change_delete() { api_drop extra.yaml; }

# ----- What the server does meanwhile -----

away() {
  api_tell "stop?end=$1" >/dev/null
  AWAY=yes
}

disturb_none() { :; }

disturb_restart() { away RESET; }

disturb_outage() { away CLOSED; }

# 410 Gone: what has happened meanwhile is to be found by a list.
disturb_forget() {
  away CLOSED
  api_tell compact >/dev/null
}

disturb_half_a_list() {
  api_tell 'fault?verb=list&kind=break&after=400&end=CLOSED&times=6' >/dev/null
  api_tell 'fault?verb=list&kind=break&after=400&end=CLEAN&times=2' >/dev/null
  disturb_forget
}

disturb_torn_events() {
  api_tell 'fault?verb=watch&kind=break&after=150&end=RESET&times=4' >/dev/null
  api_tell 'end?end=RESET' >/dev/null
}

disturb_busy() {
  api_tell 'fault?kind=status&code=429&wait=1&times=4' >/dev/null
  api_tell 'end?end=CLEAN' >/dev/null
}

disturb_garbage() {
  api_tell 'fault?kind=garbage&times=4' >/dev/null
  api_tell 'fault?kind=status&code=502&times=4' >/dev/null
  api_tell 'end?end=CLOSED' >/dev/null
}

disturb_slow() {
  api_tell 'fault?kind=slow&rate=4000&times=8' >/dev/null
  disturb_forget
}

# An agent begins anew while nobody tells it anything: the kernel goes on with what it has.
disturb_agent() {
  away RESET
  agent_end node-a KILL
  agent_spawn node-a
}

# heal DISTURBANCE: the server listens again, if it did not.
heal() {
  [[ -n $AWAY ]] || return 0
  if [[ $1 == outage ]]; then read -r -t 2 <> <(:) || :; fi
  api_tell start >/dev/null
  AWAY=''
}

# ----- What is in force -----

# names POD ADDRESS: who answers, each once.
names() {
  ask "$1" "$2" 80 --count 48 --timeout 5000 | awk '{ print $1 }' | sort -u | paste -sd' '
}

# in_force: new connections go to just those that are to serve, on each node, in both families.
in_force() {
  local pod family wanted
  wanted=$(printf '%s\n' "${SERVING[@]}" | sort | paste -sd' ')
  for pod in "${CLIENTS[@]}"; do
    for family in 4 6; do
      [[ $(names "$pod" "$(vip 10 "$family")") == "$wanted" ]] || return 1
    done
  done
}

extra_answers() {
  [[ $(probe web-1 "$(vip 20 4)" 80 tcp) == web-2* && $(probe web-3 "$(vip 20 6)" 80 tcp) == web-2* ]]
}

extra_is_not_ours() {
  [[ $(probe web-1 "$(vip 20 4)" 80 tcp) == 'timed out' ]] &&
    [[ $(probe web-3 "$(vip 20 6)" 80 tcp) == 'timed out' ]]
}

# wanted_after CHANGE: the command that is true once it is in force.
wanted_after() {
  case $1 in
  create) echo extra_answers ;;
  relabel | delete) echo extra_is_not_ours ;;
  *) echo in_force ;;
  esac
}

# The slices forget those that ended. Pods of ours among them end, and their objects go.
bury() {
  local pod
  ((${#ENDING[@]})) || return 0
  local gone=("${ENDING[@]}")
  ENDING=()
  put
  for pod in "${gone[@]}"; do
    [[ $pod == new-* ]] || continue
    lab_pod_delete "$pod"
    api_drop "pod-$pod.yaml"
  done
}

round() {
  local change=$1 disturbance=$2
  if [[ $change == roll ]]; then before_roll; fi
  "disturb_$disturbance"
  "change_$change"
  heal "$disturbance"
  check_await "$change, meanwhile $disturbance: in force on both nodes" "$(wanted_after "$change")"
  bury
}

# ----- Traffic -----

streams_start() {
  flow_start pod-tcp4 web-1 stream "$(vip 10 4)" 80 --rate 100
  flow_start pod-tcp6 web-3 stream "$(vip 10 6)" 80 --rate 100
  flow_start pod-udp4 web-3 stream "$(vip 10 4)" 80 --rate 100 --udp
  flow_start pod-udp6 web-1 stream "$(vip 10 6)" 80 --rate 100 --udp
  flow_start out-tcp4 client stream "$(lab_addr node-a 4)" 30010 --rate 100
  flow_start out-tcp6 client stream "$(lab_addr node-b 6)" 30010 --rate 100
  flow_start out-udp4 client stream "$(lab_addr node-b 4)" 30010 --rate 100 --udp
  flow_start held4 web-1 hold "$(vip 11 4)" 80 --count 20
  flow_start held6 client hold "$(lab_addr node-a 6)" 30011 --count 20
}

streams_end() {
  local label
  for label in pod-tcp4 pod-tcp6 pod-udp4 pod-udp6 out-tcp4 out-tcp6 out-udp4; do stream_ends "$label"; done
  for label in held4 held6; do held_ends "$label" 20; done
}

api_cluster() {
  lab_begin
  lab_cluster
  mkdir -p "$(api_manifests)"
  cp "$ROOT"/deploy/demo/{cluster,pods}.yaml "$(api_manifests)"
  {
    service held 11 'type: NodePort' 'nodePort: 30011'
    endpoints held "${CLIENTS[@]}"
  } | api_put held.yaml
  put
  api_start client "$(lab_addr client 4)"
  lab_agents
}

no_problem() { agent_status "$1" | jq -e '.problems == []' >/dev/null; }

at_the_end() {
  local node
  for node in node-a node-b; do
    agent_wait "$node"
    # A server that was away is asked again after 30 s at most.
    await 40 no_problem "$node" || :
    expect "$node: no problem is left" '[]' "$(agent_status "$node" | jq -c .problems)"
  done
  expect "the API server itself did not fail" '[]' "$(api_tell stats | jq -r .failures)"
  agent_end node-b TERM
  agent_start node-b
  expect "what the server says is what the kernel has: a new agent writes nothing" 0 \
    "$(jq .entries_written <<<"$SYNCED_STATUS")"
}

api_cluster
note "seed $SEED"
mapfile -t DISTURBANCES < <(printf '%s\n' "${DISTURBANCES[@]}" |
  shuf --random-source=<(yes "$SEED"))
RANDOM=$SEED
check_await "the first endpoints are in force" in_force
streams_start
for ((i = 0; i < ${#CHANGES[@]}; i++)); do round "${CHANGES[i]}" "${DISTURBANCES[i]}"; done
streams_end
at_the_end
e2e_end
