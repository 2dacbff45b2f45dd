# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# That deploy/bench/path compares with rule sets that work.

group_bench() {
  local out=$ROOT/target/log/bench-check.out passed failed
  mkdir -p "$(dirname "$out")"
  timeout --kill-after 30 120 "$ROOT/deploy/bench/services/check.sh" </dev/null 2>&1 |
    tee "$out" | grep -vE '^bench: ' || :
  read -r passed failed < <(sed -nE 's/^bench: ([0-9]+) passed, ([0-9]+) failed$/\1 \2/p' "$out") ||
    { fail bench "did not end; see $out"; return; }
  PASSED=$((PASSED + passed))
  FAILED=$((FAILED + failed))
}
