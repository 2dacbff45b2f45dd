# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# End-to-end tests: each file of deploy/e2e in a process and a lab of its own, in every combination
# of the accelerations. A file that has a meaning in some of them only says in which, a line for each kind:
#   # combinations: xdp=native socket-lb=on
#   # combinations: xdp=off
# is three of the four. Several run at once: E2E_JOBS, by default as many as there are processors. Their traffic
# has a rate of its own: with one more the agents had less than half of their time left (a take-over 323 s, not 146).

COMBINATIONS=("native on" "native off" "off on" "off off")
TOPIC_LIMIT_S=400
LONGEST=(takeover upgrade restart xdp flood) # begin: what is left at the end should be short
declare -A TOPIC_OF=() COMBINATION_OF=() START_OF=()       # by process id, while it runs
declare -A COMBINATION_PASSED=() COMBINATION_FAILED=()

# combination_name XDP SOCKET-LB
combination_name() { printf 'xdp %s, socket-lb %s' "$1" "$2"; }

# topic_out TOPIC XDP SOCKET-LB: the file of its output; the agents' logs of a failed run lie beside.
topic_out() { printf '%s/target/log/e2e/xdp-%s-socket-lb-%s/%s.out' "$ROOT" "$2" "$3" "$1"; }

# topic_runs_in TOPIC XDP SOCKET-LB: false if the file leaves this combination out.
topic_runs_in() {
  local lines line
  mapfile -t lines < <(sed -n 's/^# combinations: //p' "$ROOT/deploy/e2e/$1.sh")
  ((${#lines[@]})) || return 0
  for line in "${lines[@]}"; do
    # shellcheck disable=SC2086 # the conditions
    if conditions_hold "$2" "$3" $line; then return 0; fi
  done
  return 1
}

# conditions_hold XDP SOCKET-LB CONDITION…: all of them.
conditions_hold() {
  local condition
  for condition in "${@:3}"; do
    case $condition in
    xdp="$1" | socket-lb="$2") ;;
    xdp=native | xdp=off | socket-lb=on | socket-lb=off) return 1 ;;
    *) die "no such condition of a combination: $condition" ;;
    esac
  done
}

# topics: all that there are, the longest first.
topics() {
  local file
  printf '%s\n' "${LONGEST[@]}"
  for file in "$ROOT"/deploy/e2e/*.sh; do basename "$file" .sh; done |
    grep -vxF "$(printf '%s\n' "${LONGEST[@]}")"
}

topic_start() {
  local topic=$1 xdp=$2 socket_lb=$3 out
  out=$(topic_out "$@")
  mkdir -p "${out%/*}"
  rm -rf "$out" "${out%.out}"
  LAB_XDP=$xdp LAB_SOCKET_LB=$socket_lb LAB_KEEP_LOGS=${out%.out} timeout --kill-after 60 \
    $TOPIC_LIMIT_S "$ROOT/deploy/e2e/$topic.sh" >"$out" 2>&1 </dev/null &
  TOPIC_OF[$!]=$topic
  COMBINATION_OF[$!]="$xdp $socket_lb"
  START_OF[$!]=$SECONDS
}

# topic_count PID PASSED FAILED NOTE: add its figures to the combination's, and say them.
topic_count() {
  local combination=${COMBINATION_OF[$1]} verdict="${GREEN}ok${PLAIN}   "
  # shellcheck disable=SC2086 # two words
  local name
  name=$(combination_name $combination)
  (($3 == 0)) || verdict="${RED}FAIL${PLAIN} "
  printf '%s %s: %s: %d passed, %d failed%s (%d s)\n' "$verdict" "$name" "${TOPIC_OF[$1]}" "$2" "$3" \
    "$4" $((SECONDS - START_OF[$1]))
  COMBINATION_PASSED[$combination]=$((${COMBINATION_PASSED[$combination]:-0} + $2))
  COMBINATION_FAILED[$combination]=$((${COMBINATION_FAILED[$combination]:-0} + $3))
  PASSED=$((PASSED + $2))
  FAILED=$((FAILED + $3))
}

# topic_failures OUT: what was expected and not met, and which requests of the traffic failed, when.
topic_failures() {
  grep -A 1 '^FAIL ' "$1"
  grep -m 20 '^peer: ' "$1" || :
}

# topic_done PID: read its figures; what failed is shown.
topic_done() {
  local topic=${TOPIC_OF[$1]} out line passed failed
  # shellcheck disable=SC2086 # two words
  out=$(topic_out "$topic" ${COMBINATION_OF[$1]})
  line=$(grep -E "^$topic: [0-9]+ passed, [0-9]+ failed$" "$out" | tail -n 1) || :
  if [[ -z $line ]]; then
    topic_count "$1" "$(grep -c '^ok ' "$out" || :)" 1 "; it did not end, see $out"
    tail -n 20 "$out" | sed 's/^/      /'
  else
    read -r _ passed _ failed _ <<<"$line"
    topic_count "$1" "$passed" "$failed" ''
    if ((failed)); then topic_failures "$out" | sed 's/^/      /'; fi
  fi
  unset "TOPIC_OF[$1]" "COMBINATION_OF[$1]" "START_OF[$1]"
}

# topics_await COUNT: until so many are left running.
topics_await() {
  local pid
  while ((${#TOPIC_OF[@]} > $1)); do
    wait -n -p pid "${!TOPIC_OF[@]}" || :
    topic_done "$pid"
  done
}

# Verify ends early: timeout passes the signal on to its test, which removes its lab.
topics_stop() {
  ((${#TOPIC_OF[@]})) || return 0
  kill -TERM "${!TOPIC_OF[@]}" 2>/dev/null || :
  wait "${!TOPIC_OF[@]}" || :
}

group_e2e() {
  local jobs=${E2E_JOBS:-$(nproc)} combination topic
  for topic in $(topics); do
    for combination in "${COMBINATIONS[@]}"; do
      # shellcheck disable=SC2086 # two words
      topic_runs_in "$topic" $combination || continue
      topics_await $((jobs - 1))
      # shellcheck disable=SC2086 # two words
      topic_start "$topic" $combination
    done
  done
  topics_await 0
  for combination in "${COMBINATIONS[@]}"; do
    # shellcheck disable=SC2086 # two words
    printf '%s: %d passed, %d failed\n' "$(combination_name $combination)" \
      "${COMBINATION_PASSED[$combination]:-0}" "${COMBINATION_FAILED[$combination]:-0}"
  done
}
