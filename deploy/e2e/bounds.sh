#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# An hour of changes, one a second, in about a minute: Services, endpoints, pods and policies come, change and go, and
# objects that make no sense come between, under traffic. What the agent holds at the end is what it held after the
# first third, when it had seen each kind of change many times: memory, files, threads, pins, entries. Its log is bounded.
# combinations: xdp=native socket-lb=on

# shellcheck source=deploy/e2e/lib/check.sh
source "$(dirname "$0")/lib/check.sh"
# shellcheck source=deploy/e2e/lib/policy.sh
source "$ROOT/deploy/e2e/lib/policy.sh"

# Files of one kind, of which half are there at a time.
KEPT=12
# After so many steps the same files are there as before.
PERIOD=$((6 * KEPT))
CHANGES=$((51 * PERIOD))
# By how much the heap's filling may differ.
RSS_SLACK_PERCENT=10
# Threads of the JVM's compiler, which come and go.
COMPILERS=2
# What comes and goes is logged at a bounded rate; of all else there are few lines.
LOG_WINDOW_S=10
LOG_LINES_OF_WINDOW=25

# text NAME: of a file of which there are two versions.
text() {
  case $1 in
  web.0) service web 10 'type: NodePort' 'nodePort: 30010' && endpoints web web-1 web-2 web-3 ;;
  web.1) service web 10 'type: NodePort' 'nodePort: 30010' && endpoints web web-1 web-3 web-4 ;;
  policy.0) policy some '{podSelector: {}, ingress: [{from: [{namespaceSelector: {}}, {ipBlock: {cidr: 172.30.0.0/16}}]}]}' ;;
  policy.1) policy some '{podSelector: {}, ingress: [{from: [{podSelector: {}}, {ipBlock: {cidr: 0.0.0.0/0, except: [192.0.2.0/24]}}]}]}' ;;
  wrong.*) wrong_service $((70000 + ${1#*.})) ;;
  esac
}

wrong_service() {
  cat <<YAML
apiVersion: v1
kind: Service
metadata: {name: wrong, namespace: test}
spec: {clusterIP: $(vip 9 4), ports: [{port: $1}]}
YAML
}

# passing_pod NUMBER: on this node, of many.
passing_pod() {
  cat <<YAML
apiVersion: v1
kind: Pod
metadata: {name: passing-$1, namespace: test, labels: {number: "$1"}}
spec: {nodeName: node-a, containers: [{name: web, image: example.org/web}]}
status: {phase: Running, podIPs: [{ip: $PODS4.1.$((100 + $1))}]}
YAML
}

templates() {
  local name n
  TEMPLATES=$LAB_DIR/templates
  mkdir "$TEMPLATES"
  for name in web.0 web.1 policy.0 policy.1 wrong.0 wrong.1; do text "$name" >"$TEMPLATES/$name"; done
  for ((n = 0; n < KEPT; n++)); do
    { service "extra-$n" $((20 + n)); endpoints "extra-$n" web-1 web-3; } >"$TEMPLATES/extra-$n"
    passing_pod "$n" >"$TEMPLATES/passing-$n"
  done
}

# place TEMPLATE FILE
place() {
  cp "$TEMPLATES/$1" "$FOLDER/.$2.new"
  mv "$FOLDER/.$2.new" "$FOLDER/$2.yaml"
}

# one_of KIND NUMBER: it comes, and the one of half a turn ago goes.
one_of() {
  place "$1-$(($2 % KEPT))" "$1-$(($2 % KEPT))"
  rm -f "$FOLDER/$1-$((($2 + KEPT / 2) % KEPT)).yaml"
}

change() {
  local turn=$(($1 / 6))
  case $(($1 % 6)) in
  0) place web.$((turn % 2)) web ;;
  1 | 4) one_of extra $turn ;;
  2) place policy.$((turn % 2)) policy ;;
  3) place wrong.$((turn % 2)) wrong ;;
  5) one_of passing $turn ;;
  esac
}

# changes FROM TO: as fast as they can be made.
changes() {
  local n
  for ((n = $1; n < $2; n++)); do change "$n"; done
}

# entries_of_tables FILTER: of jq, on their names.
entries_of_tables() {
  agent_status node-a | jq -r ".tables[] | select(.name | $1) | \" \(.name) \(.entries)\"" | tr -d '\n'
}

# What it holds. Flows come and go with traffic; places of endpoints are used again, see below.
holdings() {
  printf '%d files, %d pins, entries of tables:' "$(find "/proc/${AGENT_PID[node-a]}/fd" -type l | wc -l)" \
    "$(find "$(node_dir node-a)/bpffs" | wc -l)"
  entries_of_tables 'test("^(flows|backends|slots)") | not'
}

# The last change is in force.
says_all() { agent_status node-a | jq -e '.state == "SYNCED"' >/dev/null; }

holds() { [[ $(holdings) == "$1" ]]; }

threads() { find "/proc/${AGENT_PID[node-a]}/task" -mindepth 1 -maxdepth 1 | wc -l; }

rss_kib() { sed -nE 's/^VmRSS:\s*([0-9]+) kB/\1/p' "/proc/${AGENT_PID[node-a]}/status"; }

log_lines() { wc -l <"$(node_dir node-a)/agent.log"; }

e2e_cluster
FOLDER=$(node_manifests node-a)
THIRD=$((CHANGES / 3))
templates
place web.0 web
lab_agents
flow_start held web-1 hold "$(vip 10 4)" 80 --count 50
flow_start new client stream "$(lab_addr node-a 4)" 30010 --rate 50
changes 0 $THIRD
await 30 says_all || fail "changes are in force" "not within 30 s"
sleep 2
HELD=$(holdings) THREADS=$(threads) RSS_KIB=$(rss_kib) LOG_LINES=$(log_lines) BEGUN=$SECONDS
changes $THIRD $CHANGES
await 30 holds "$HELD" || :
expect "after $CHANGES changes it holds what it held after $THIRD: $HELD" "$HELD" "$(holdings)"
now=$(threads)
check "threads: $now after $THREADS, no more than $COMPILERS above" test "$now" -le $((THREADS + COMPILERS))
places=$(agent_status node-a | jq '[.tables[] | select(.name | test("^(backends|slots)")).entries] | max')
check "places of endpoints are used again:$(entries_of_tables 'test("^(backends|slots)")')" test "$places" -le $((CHANGES / 4))
rss=$(rss_kib)
check "memory: $rss KiB after $RSS_KIB, no more than $RSS_SLACK_PERCENT % above" \
  test "$rss" -le $((RSS_KIB * (100 + RSS_SLACK_PERCENT) / 100))
windows=$(((SECONDS - BEGUN) / LOG_WINDOW_S + 2)) lines=$(($(log_lines) - LOG_LINES))
check "its log has $lines lines more, no more than $LOG_LINES_OF_WINDOW in each of $windows windows of $LOG_WINDOW_S s" \
  test "$lines" -le $((windows * LOG_LINES_OF_WINDOW))
for label in held new; do
  flow_end "$label"
  expect "$label: $(jq -c . <<<"$FLOW_SUMMARY"): nothing is cut or fails" 0 \
    "$(jq '[.failed_connects, .resets, .stalls, .failed] | map(. // 0) | add' <<<"$FLOW_SUMMARY")"
done
e2e_end
