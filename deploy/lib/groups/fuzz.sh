# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What nobody would send: to the C that reads netlink, events and former layouts (libFuzzer, under ASan and
# UBSan), packets to every program (against the slow models of bpf/tests/property), API objects and
# admin requests to the agent. FUZZ_S: seconds for all of it, after what is to be built; FUZZ_SEED: the
# numbers of an earlier run.

FUZZ_TARGETS=(netlink events upgrade)
FUZZ_OUT=$ROOT/target/fuzz

fuzz_build() {
  local compiler
  compiler=$(fuzzing_clang) || return
  CC=$compiler cmake -C "$ROOT/native/presets/fuzz.cmake" -S "$ROOT" -B "$FUZZ_OUT" &&
    cmake --build "$FUZZ_OUT" --target fuzz --parallel "$(nproc)"
}

# fuzz_seeds: inputs to begin with, of a network namespace with one of each.
fuzz_seeds() {
  rm -rf "$FUZZ_OUT/inputs" "$FUZZ_OUT/found"
  mkdir -p "$FUZZ_OUT/inputs" "$FUZZ_OUT/found"
  unshare --net sh -euc '
    ip link set lo up
    ip link add veth0 type veth peer name veth1
    ip link set veth0 up
    ip addr add 192.0.2.1/24 dev veth0
    ip addr add 2001:db8::1/64 dev veth0
    ip route add default via 192.0.2.2
    exec "$0" "$1"' "$FUZZ_OUT/native/tests/fuzz/fuzz_seeds" "$FUZZ_OUT/inputs"
}

# fuzz_target NAME SEED SECONDS: prints how many inputs it took.
fuzz_target() {
  local log=$ROOT/target/log/fuzz-$1.log runs status=0
  timeout $(($3 + 60)) "$FUZZ_OUT/native/tests/fuzz/fuzz_$1" -seed="$2" -max_total_time="$3" -max_len=4096 \
    -artifact_prefix="$FUZZ_OUT/found/$1-" "$FUZZ_OUT/inputs/$1" >"$log" 2>&1 </dev/null || status=$?
  runs=$(sed -nE 's/^Done ([0-9]+) runs.*/\1/p' "$log")
  if ((status)); then
    fail "libFuzzer: $1" "status $status: $(grep -m1 -E 'SUMMARY|ERROR' "$log"); see $log, and the input in $FUZZ_OUT/found"
  elif ((${runs:-0} == 0)); then
    fail "libFuzzer: $1" "it took no input; see $log"
  else
    pass "libFuzzer: $1, $runs inputs, 0 violations"
  fi
}

fuzz_native() {
  local target seconds=$(($2 / ${#FUZZ_TARGETS[@]} + 1))
  if ! quietly "$ROOT/target/log/build-fuzz.log" fuzz_build; then
    fail "libFuzzer" "the build failed; see above"
    return
  fi
  quietly "$ROOT/target/log/fuzz-seeds.log" fuzz_seeds || { fail "libFuzzer" "no inputs; see above"; return; }
  for target in "${FUZZ_TARGETS[@]}"; do fuzz_target "$target" "$1" "$seconds"; done
}

# fuzz_packets SEED SECONDS: the random tests of bpf/tests, with new numbers until the time is over.
fuzz_packets() {
  local log=$ROOT/target/log/fuzz-packets.log seed=$1 end=$((SECONDS + $2)) runs=0 passed=0 part status
  mkdir -p "${log%/*}"
  : >"$log"
  while :; do
    status=0
    "$NATIVE_OUT/bpf/tests/packets" --seed "$seed" random mutated crc32c policy_decides policy_holds xdp_decides \
      >>"$log" 2>&1 </dev/null || status=$?
    part=$(sed -nE 's/^packets: ([0-9]+) passed, 0 failed$/\1/p' "$log" | tail -n 1)
    if ((status || ${part:-0} == 0)); then
      fail "packets at random" "seed $seed: $(tail -n 1 "$log"); see $log"
      return
    fi
    runs=$((runs + 1))
    passed=$((passed + part))
    seed=$((seed + 1))
    ((SECONDS < end)) || break
  done
  pass "packets at random: $runs runs, $passed cases, 0 violations"
}

# fuzz_agent SEED SECONDS: API objects at readers and compilers, requests at the admin socket.
fuzz_agent() {
  local log=$ROOT/target/log/fuzz-agent.log reports=$ROOT/target/surefire-reports/fuzz status=0 line
  rm -rf "$reports"
  quietly "$log" mvn -B -f "$ROOT/pom.xml" -Dexec.skip=true -Dtest='ObjectFuzzTest,AdminFuzzTest' \
    -Dsurefire.failIfNoSpecifiedTests=false -Dsurefire.reports="$reports" \
    -Dsurefire.argLine="-Dmillrace.fuzz.seed=$1 -Dmillrace.fuzz.seconds=$2" test || status=$?
  if compgen -G "$reports/TEST-*.xml" >/dev/null; then
    count_junit "objects and requests at the agent" "$reports"/TEST-*.xml
    sed -nE 's/.*fuzz-figure (.*)/\1/p' "$log" | while read -r line; do note "      $line"; done
  else
    fail "objects and requests at the agent" "none ran; see $log"
  fi
  if ((status && !FAILED)); then fail "mvn test" "status $status; see $log"; fi
}

group_fuzz() {
  local seed=${FUZZ_SEED:-$((RANDOM * 32768 + RANDOM + 1))} seconds=${FUZZ_S:-30}
  note "seed: $seed (FUZZ_SEED=$seed repeats it), ${seconds} s (FUZZ_S)"
  fuzz_native "$seed" $((seconds * 2 / 5))
  fuzz_packets "$seed" $((seconds * 2 / 5))
  fuzz_agent "$seed" $((seconds / 5))
}
