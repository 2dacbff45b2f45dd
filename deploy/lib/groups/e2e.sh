# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# End-to-end tests: each file of deploy/e2e in a process and a lab of its own.

TOPIC_LIMIT_S=400

run_topic() {
  local topic=$1 out=$ROOT/target/log/e2e/$1.out line
  mkdir -p "$(dirname "$out")"
  heading "$topic"
  timeout --foreground --kill-after 30 $TOPIC_LIMIT_S "$ROOT/deploy/e2e/$topic.sh" </dev/null 2>&1 |
    tee -i "$out" || :
  line=$(grep -E "^$topic: [0-9]+ passed, [0-9]+ failed$" "$out" | tail -n 1)
  if [[ -z $line ]]; then
    fail "$topic" "did not end; see $out"
    PASSED=$((PASSED + $(grep -c '^ok ' "$out" || :)))
    return
  fi
  read -r _ passed _ failed _ <<<"$line"
  PASSED=$((PASSED + passed))
  FAILED=$((FAILED + failed))
}

group_e2e() {
  local file
  for file in "$ROOT"/deploy/e2e/*.sh; do run_topic "$(basename "$file" .sh)"; done
}
