# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The BPF programs, packet by packet, over BPF_PROG_TEST_RUN: bpf/tests.

group_packets() {
  local out=$ROOT/target/log/packets.out passed failed
  mkdir -p "$(dirname "$out")"
  "$NATIVE_OUT/bpf/tests/packets" 2>&1 </dev/null | tee "$out" | grep -vE '^packets: ' || :
  read -r passed failed < <(sed -nE 's/^packets: ([0-9]+) passed, ([0-9]+) failed$/\1 \2/p' "$out") ||
    { fail packets "did not end; see $out"; return; }
  PASSED=$((PASSED + passed))
  FAILED=$((FAILED + failed))
}
