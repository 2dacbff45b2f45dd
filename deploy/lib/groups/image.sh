# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The container image: deploy/image.

group_image() {
  local out=$ROOT/target/log/image-check.out passed failed
  mkdir -p "$(dirname "$out")"
  timeout --kill-after 30 180 "$ROOT/deploy/image/check.sh" </dev/null 2>&1 |
    tee "$out" | grep -vE '^image: ' || :
  read -r passed failed < <(sed -nE 's/^image: ([0-9]+) passed, ([0-9]+) failed$/\1 \2/p' "$out") ||
    { fail image "did not end; see $out"; return; }
  PASSED=$((PASSED + passed))
  FAILED=$((FAILED + failed))
}
