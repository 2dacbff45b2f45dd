# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What goes wrong. An operation that makes no sense just now is false, and does not count.

OPERATIONS=(kill kill outage forget api_faults flap flap pod_comes pod_comes pod_joins pod_joins pod_leaves
  policy policy verdict clock full)
declare -A COUNT=() # how often
ROUND=()           # operations of this round
COMING=()          # pods that nobody is sent to yet
LEAVING=()         # pods that nobody is sent to any more
PODS_MADE=0
AWAY=''            # the API server does not listen
FULL=''            # which table there are too many objects for
OWED=()            # agents that may end by themselves: they began while there was no memory
FAULTS_ASKED=0     # answers that the API server spoils

pause_ms() { read -r -t "$(printf '%d.%03d' $(($1 / 1000)) $(($1 % 1000)))" <> <(:) || :; }

# either WORD…: one of them, to CHOSEN. Not on stdout: a subshell would draw other numbers.
either() { CHOSEN=${*:$((RANDOM % $# + 1)):1}; }

# does OPERATION
does() {
  "op_$1" || return 0
  ROUND+=("$1")
  COUNT[$1]=$((${COUNT[$1]:-0} + 1))
}

draw() { does "${OPERATIONS[RANDOM % ${#OPERATIONS[@]}]}"; }

op_kill() {
  either "${NODES[@]}"
  [[ -n ${AGENT_PID[$CHOSEN]:-} ]] || return 1
  agent_end "$CHOSEN" KILL
  # Now or once all is healed.
  if ((RANDOM % 2)); then
    spawn "$CHOSEN"
    if ((PERMILLE)); then OWED+=("$CHOSEN"); fi
  fi
}

op_outage() {
  [[ -z $AWAY ]] || return 1
  either CLOSED RESET
  api_tell "stop?end=$CHOSEN" >/dev/null
  AWAY=yes
}

# 410 Gone: what happens meanwhile is to be found by a list.
op_forget() {
  op_outage || return 1
  api_tell compact >/dev/null
}

op_api_faults() {
  [[ -z $AWAY ]] || return 1
  either 'fault?verb=list&kind=break&after=400&end=CLOSED&times=4' 'fault?kind=status&code=429&wait=1&times=4' \
    'fault?kind=garbage&times=4' 'fault?kind=status&code=502&times=4' \
    'fault?verb=watch&kind=break&after=150&end=RESET&times=4' 'fault?kind=slow&rate=4000&times=4'
  api_tell "$CHOSEN" >/dev/null
  FAULTS_ASKED=$((FAULTS_ASKED + ${CHOSEN##*=}))
  either CLEAN CLOSED RESET
  api_tell "end?end=$CHOSEN" >/dev/null
}

op_flap() {
  local pod
  FLAPPING=()
  for pod in web-1 web-2 web-3 web-4; do
    if ((RANDOM % 2)); then FLAPPING+=("$pod"); fi
  done
  if ((${#FLAPPING[@]} == 0)); then FLAPPING=(web-3); fi
  put_flapping
}

op_pod_comes() {
  local name=new-$((PODS_MADE + 1))
  ((${#COMING[@]} + ${#LEAVING[@]} + ${#ROLLING[@]} < 6 && PODS_MADE < 200)) || return 1
  PODS_MADE=$((PODS_MADE + 1))
  either "${NODES[@]}"
  lab_pod "$name" "$CHOSEN" $((20 + PODS_MADE))
  pod_object "$name" '{app: web}' | api_put "pod-$name.yaml"
  lab_serve "$name" 8080
  COMING+=("$name")
}

# A pod becomes an endpoint only once its node lets it in, as its readiness would have it.
op_pod_joins() {
  local pod joined=1
  for pod in "${COMING[@]}"; do
    if is_let_in "$pod" >/dev/null 2>&1; then
      ROLLING+=("$pod")
      joined=0
    fi
  done
  ((joined == 0)) || return 1
  mapfile -t COMING < <(printf '%s\n' "${COMING[@]}" | grep -vxF "$(printf '%s\n' "${ROLLING[@]}")" || :)
  put_rolling
}

# The oldest of those that came; it ends once both nodes know.
op_pod_leaves() {
  ((${#ROLLING[@]} > 1)) || return 1
  LEAVING+=("${ROLLING[1]}")
  ROLLING=("${ROLLING[0]}" "${ROLLING[@]:2}")
  put_rolling
}

op_policy() { put_wide $((20001 + RANDOM % 1000)); }

op_verdict() {
  if [[ $VERDICT == allowed ]]; then VERDICT=denied; else VERDICT=allowed; fi
  put_vault
}

# By a second to years, forward or back.
op_clock() {
  # shellcheck disable=SC2034 # what `shim` writes
  SHIFT_S=$((10 ** (RANDOM % 9)))
  if ((RANDOM % 2)); then SHIFT_S=-$SHIFT_S; fi
  shim
}

# For the rest of the round.
op_memory() {
  either 10 50 200 500
  PERMILLE=$CHOSEN
  shim
}

# More objects than a table takes: 100 services of two ports, or one of 100 endpoints.
op_full() {
  local i
  [[ -z $FULL ]] || return 1
  either frontends backends
  FULL=$CHOSEN
  if [[ $FULL == frontends ]]; then
    for i in {100..199}; do
      service "many-$i" 1 | sed "s/10\.96\.1\.1/10.96.2.$i/g; s/fd00:10:96::1:1/fd00:10:96::2:$i/g"
      echo ---
    done
  else
    service many 99
    sed '/endpoints:/q' < <(endpoints many)
    for i in {1..100}; do echo "  - {addresses: [\"10.250.0.$i\"], nodeName: node-z, conditions: {ready: true}}"; done
  fi | api_put many.yaml
}

# ----- And how it is put right -----

heal() {
  PERMILLE=0
  shim
  if [[ -n $AWAY ]]; then api_tell start >/dev/null; fi
  AWAY=''
  api_tell clear >/dev/null
  revive
  if [[ -n $FULL ]]; then
    check_told
    api_drop many.yaml
    FULL=''
  fi
}

# revive: each node has an agent again. One that has ended by itself had a reason, or this is a violation.
revive() {
  local node pid
  for node in "${NODES[@]}"; do
    pid=${AGENT_PID[$node]:-}
    if [[ -n $pid ]]; then
      process_gone "$pid" || continue
      if [[ " ${OWED[*]} " == *" $node "* ]]; then
        ENDED=$((ENDED + 1))
      else
        violation "the agent of $node has ended"
      fi
    fi
    spawn "$node"
  done
  OWED=()
}
