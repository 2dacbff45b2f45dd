# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What must be so whatever goes wrong, and what is counted.

VIOLATIONS=0
ENDED=0     # agents that gave up their start for want of memory, and were started again
EXCHANGES=0 # of long connections
NEW=0       # connections and UDP sockets
KEPT_OUT=0  # requests that a policy has to stop, and did
LONG=0      # long connections and sockets
SETTLE_S=90

violation() {
  VIOLATIONS=$((VIOLATIONS + 1))
  fail "round $((ROUNDS + 1)), ${ROUND[*]}" "$1"
}

# ----- Traffic that must not notice -----

STREAMS=()
HELD=()
KEPT=()
STRANGERS=()

stream() { # LABEL MACHINE ADDRESS PORT [OPTION…]
  flow_start "$1" "$2" stream "$3" "$4" --rate 20 --timeout 10000 "${@:5}"
  STREAMS+=("$1")
}

held() {
  flow_start "$1" "$2" hold "$3" "$4" --count 20 --interval 200 --timeout 10000
  HELD+=("$1")
  LONG=$((LONG + 20))
}

kept() {
  flow_start "$1" "$2" keep "$3" "$4" --udp --interval 100 --timeout 10000
  KEPT+=("$1")
  LONG=$((LONG + 1))
}

stranger() { # LABEL MACHINE FAMILY [OPTION…]
  flow_start "$1" "$2" stream "$(lab_addr vault "$3")" 8080 --rate 5 --timeout 500 "${@:4}"
  STRANGERS+=("$1")
}

traffic_start() {
  local family
  for family in 4 6; do
    held "held-pod-$family" web-1 "$(vip 10 $family)" 80
    held "held-outside-$family" client "$(lab_addr node-a $family)" 30010
    held "held-flapping-$family" web-3 "$(vip 11 $family)" 80
    kept "kept-pod-$family" web-3 "$(vip 10 $family)" 80
    kept "kept-outside-$family" client "$(lab_addr node-b $family)" 30010
    stream "steady-tcp-$family" web-1 "$(vip 10 $family)" 80
    stream "steady-udp-$family" client "$(lab_addr node-a $family)" 30010 --udp
    stream "flapping-tcp-$family" client "$(lab_addr node-b $family)" 30011
    stream "flapping-udp-$family" web-1 "$(vip 11 $family)" 80 --udp
    stream "rolling-tcp-$family" web-3 "$(vip 12 $family)" 80
    stream "rolling-udp-$family" client "$(lab_addr node-a $family)" 30012 --udp
    stranger "stranger-near-$family" web-2 $family
    stranger "stranger-far-$family" web-4 $family --udp
  done
}

summary() { jq "$1" <<<"$FLOW_SUMMARY"; }

# flow_total LABEL COUNTED FAILED: adds up; what failed is a violation each.
flow_total() {
  local failed
  flow_end "$1"
  COUNTED=$(summary "$2")
  failed=$(summary "$3")
  if ((failed || COUNTED == 0)); then
    violation "$1: $failed of $COUNTED failed: $FLOW_SUMMARY"
    VIOLATIONS=$((VIOLATIONS + failed - (failed > 0)))
  fi
}

traffic_end() {
  local label
  for label in "${HELD[@]}"; do
    flow_total "$label" .exchanges '.failed_connects + .resets + .stalls'
    EXCHANGES=$((EXCHANGES + COUNTED))
  done
  for label in "${KEPT[@]}"; do
    flow_total "$label" .exchanges '.aborted + .failures + .timeouts + (.names | length) - 1'
    EXCHANGES=$((EXCHANGES + COUNTED))
  done
  for label in "${STREAMS[@]}"; do
    flow_total "$label" .attempts .failed
    NEW=$((NEW + COUNTED))
  done
  for label in "${STRANGERS[@]}"; do
    flow_total "$label" .attempts '.attempts - .failed'
    KEPT_OUT=$((KEPT_OUT + COUNTED))
  done
}

# ----- What is in force once all is healed -----

# leads_to NUMBER MACHINE…: new connections to the service get to just these, from both nodes, in both families.
leads_to() {
  local asker family got wanted
  wanted=$(printf '%s\n' "${@:2}" | sort | paste -sd' ')
  for asker in web-1 web-3; do
    for family in 4 6; do
      got=$(ask "$asker" "$(vip "$1" $family)" 80 --count 48 --timeout 5000 | awk '{ print $1 }' | sort -u | paste -sd' ')
      [[ $got == "$wanted" ]] || return 1
    done
  done
}

# All four ways of friends at once, as what is denied is waited for in vain.
verdict_holds() {
  local asker family wanted=vault
  if [[ $VERDICT == denied ]]; then wanted=timed; fi
  (($(
    for asker in web-1 web-3; do
      for family in 4 6; do
        answer "$asker" "$(lab_addr vault $family)" 8080 tcp --timeout 1200 &
      done
    done | grep -c "^$wanted "
  ) == 4))
}

is_settled() {
  local node
  for node in "${NODES[@]}"; do is_synced "$node" || return 1; done
  leads_to 11 "${FLAPPING[@]}" && leads_to 12 "${ROLLING[@]}" && verdict_holds
}

settle() {
  local pod
  await $SETTLE_S is_settled || violation "not settled within $SETTLE_S s: $(why_not)"
  for pod in "${LEAVING[@]}"; do
    lab_pod_delete "$pod"
    api_drop "pod-$pod.yaml"
  done
  LEAVING=()
}

why_not() {
  local node
  for node in "${NODES[@]}"; do
    is_synced "$node" || echo "$node: $(agent_status "$node" 2>&1 | jq -c '{state, waiting_for, problems}')"
  done
  leads_to 11 "${FLAPPING[@]}" || echo "flapping does not lead to ${FLAPPING[*]}"
  leads_to 12 "${ROLLING[@]}" || echo "rolling does not lead to ${ROLLING[*]}"
  verdict_holds || echo "friends are not $VERDICT"
}

# check_told: while a table is too small, both agents say so.
check_told() {
  local node
  for node in "${NODES[@]}"; do
    await 60 has_problem "$node" || violation "$node: $FULL do not fit, and nobody says so"
  done
}

has_problem() { (($(metric "$1" 'millrace_problems{source="services"}' | cut -d. -f1) > 0)); }

# ----- In the end -----

nothing_is_left() {
  local node
  ROUND=('in the end')
  for node in "${NODES[@]}"; do
    # A server that was away is asked again after 30 s at most.
    await 40 knows_all "$node" ||
      violation "$node: $(pods_made) pods, and it knows $(agent_status "$node" | jq -c '{problems, sources}')"
    agent_end "$node" TERM
    spawn "$node"
    agent_wait "$node" || violation "$node: no agent starts"
    if (($(jq .entries_written <<<"$SYNCED_STATUS"))); then
      violation "$node: a new agent finds something to write: $(jq -c '[.tables[] | select(.writes > 0)]' <<<"$SYNCED_STATUS")"
    fi
  done
}

pods_made() { cat "$(api_manifests)"/*.yaml | grep -cx 'kind: Pod'; }

# knows_all NODE: nothing is wrong, and the pods that left last have left the maps, too.
knows_all() {
  [[ $(metric "$1" 'millrace_source_objects{resource="pods"}') == "$(pods_made).0" ]] &&
    agent_status "$1" | jq -e '.problems == [] and .state == "SYNCED"
      and ([.tables[] | select(.name | startswith("endpoints")).pending] | add == 0)' >/dev/null
}

report() {
  local operation
  say "seed $CHAOS_SEED, $CHAOS_S s, $ROUNDS rounds"
  for operation in $(printf '%s\n' "${!COUNT[@]}" | sort); do
    printf '%s %d, ' "$operation" "${COUNT[$operation]}"
  done | sed 's/, $/\n/; s/^/operations: /'
  say "faults: $(refused) bpf system calls without memory, $FAULTS_ASKED answers of the API server spoilt," \
    "$ENDED starts given up"
  say "traffic: $EXCHANGES exchanges on $LONG long connections, $NEW new connections, $KEPT_OUT requests kept out"
  expect "violations" 0 "$VIOLATIONS"
}
