# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Sourced by every script of deploy/: where things lie, how to speak, how to stop.

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
NATIVE_OUT=$ROOT/target/native
MILLRACE=$ROOT/target/millrace/bin/millrace
PEER=$NATIVE_OUT/deploy/lab/peer
PASS_XDP=$NATIVE_OUT/deploy/lab/pass.bpf.o
export ROOT NATIVE_OUT MILLRACE PEER PASS_XDP

if [[ -t 1 && -z ${NO_COLOR:-} ]]; then
  BOLD=$'\e[1m' DIM=$'\e[2m' RED=$'\e[31m' GREEN=$'\e[32m' PLAIN=$'\e[0m'
else
  BOLD='' DIM='' RED='' GREEN='' PLAIN=''
fi
export BOLD DIM RED GREEN PLAIN

say() { printf '%s\n' "$*"; }
note() { printf '%s%s%s\n' "$DIM" "$*" "$PLAIN"; }
heading() { printf '\n%s%s%s\n' "$BOLD" "$*" "$PLAIN"; }
warn() { printf '%s\n' "$*" >&2; }

# die MESSAGE: say what is wrong and what to do, and stop.
die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

require_root() {
  ((EUID == 0)) || die "needs root: it makes network namespaces and loads BPF programs. Run: sudo $0"
}

# Ubuntu's /usr/sbin/bpftool looks for one built for the running kernel; any version will do.
use_working_bpftool() {
  local found
  bpftool version >/dev/null 2>&1 && return
  for found in /usr/lib/linux-tools-*/bpftool /usr/lib/linux-tools/*/bpftool; do
    if [[ -x $found ]] && "$found" version >/dev/null 2>&1; then
      PATH=$(dirname "$found"):$PATH
      export PATH
      return
    fi
  done
  return 1
}

# fuzzing_clang: the newest clang that has libFuzzer and the sanitizers; says nothing if none has.
fuzzing_clang() {
  local version
  for version in $(seq 40 -1 14); do
    command -v "clang-$version" >/dev/null || continue
    if "clang-$version" -fsanitize=fuzzer,address,undefined -x c -o /dev/null - 2>/dev/null \
      <<<'int LLVMFuzzerTestOneInput(const char *d, unsigned long n) { return d && n ? 0 : 0; }'; then
      echo "clang-$version"
      return
    fi
  done
  return 1
}

# quietly LOG COMMAND…: run with all output in LOG; on failure show its end.
quietly() {
  local log=$1
  shift
  mkdir -p "$(dirname "$log")"
  if ! "$@" >"$log" 2>&1 </dev/null; then
    tail -n 60 "$log" >&2
    warn "failed: $*"
    warn "the whole output is in $log"
    return 1
  fi
}

# build: the distribution in target/millrace and the C tools in target/native.
build() {
  quietly "$ROOT/target/log/build.log" mvn -B -f "$ROOT/pom.xml" -DskipTests package
}
