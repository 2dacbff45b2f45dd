# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What may go wrong in a cluster, at random and all at once: deploy/chaos. CHAOS_SEED and CHAOS_S choose.

CHAOS_LIMIT_S=300 # beside CHAOS_S: what was begun is ended, and looked at

group_chaos() {
  local out=$ROOT/target/log/chaos.out
  mkdir -p "$(dirname "$out")"
  LAB_KEEP_LOGS=$ROOT/target/log/chaos timeout --kill-after 60 $((${CHAOS_S:-75} + CHAOS_LIMIT_S)) \
    "$ROOT/deploy/chaos/run" </dev/null 2>&1 | tee "$out" | grep -vE '^chaos: ' || :
  add_figures chaos "$out"
}
