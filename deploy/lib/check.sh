# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Checks that count: sourced by deploy/verify and by the tests of deploy/e2e.

PASSED=0
FAILED=0

pass() {
  PASSED=$((PASSED + 1))
  printf '%sok%s    %s\n' "$GREEN" "$PLAIN" "$1"
}

fail() {
  FAILED=$((FAILED + 1))
  printf '%sFAIL%s  %s\n      %s\n' "$RED" "$PLAIN" "$1" "$2"
}

# expect DESCRIPTION WANTED GOT
expect() {
  if [[ $2 == "$3" ]]; then pass "$1"; else fail "$1" "expected: $2, got: $3"; fi
}

# check DESCRIPTION COMMAND…: passes if the command succeeds.
check() {
  local what=$1 output
  shift
  if output=$("$@" 2>&1); then
    pass "$what"
  else
    fail "$what" "$(head -n 20 <<<"${output:-failed: $*}")"
  fi
}

# add_figures NAME FILE: those of a script whose output, with its last line as `figures` writes it, is in the file.
add_figures() {
  local passed failed
  read -r passed failed < <(sed -nE "s/^$1: ([0-9]+) passed, ([0-9]+) failed\$/\1 \2/p" "$2") ||
    { fail "$1" "did not end; see $2"; return; }
  PASSED=$((PASSED + passed))
  FAILED=$((FAILED + failed))
}

# figures NAME: the last line of a group or topic; false if anything failed.
figures() {
  printf '%s: %d passed, %d failed\n' "$1" "$PASSED" "$FAILED"
  ((FAILED == 0))
}
