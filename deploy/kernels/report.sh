# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Tables and checks from the answers of the probe, in target/kernels/<line>/answers. Sourced.

BUDGET=$ROOT/bpf/tests/verifier_budget.txt
# A program may take that many percent more than its budget says.
BUDGET_SLACK=20

# answers LINE: nothing if it did not run.
answers() {
  if [[ -e $KERNELS/$1/answers ]]; then tr -d '\r' <"$KERNELS/$1/answers"; fi
}

# answer LINE PATTERN: the words that sed's pattern catches there.
answer() { answers "$1" | sed -nE "s/^$2\$/\\1/p"; }

# Programs that this kernel refused, but for those that it need not take.
refused() {
  local all
  all=$(answer "$1" 'refused (.*)')
  if [[ $(answer "$1" 'feature bpf_sock_destroy (.*)') == no ]]; then
    all=$(grep -v '^sock_end' <<<"$all") || :
  fi
  echo "$all"
}

sum_of() { awk -v field="$1" '{ sum += $field } END { print sum + 0 }'; }

kernel_row() {
  local line=$1 loaded refused packets tests
  loaded=$(answer "$line" '(program) .*' | wc -l)
  refused=$(answer "$line" '(refused) .*' | wc -l)
  packets=$(answers "$line" | grep '^packets:' | head -n 1) || :
  tests=$(answers "$line" | grep -E '^test .* [0-9]+ passed, [0-9]+ failed') || :
  printf '%-8s %-28s %6s of %-4s %8s %7s %8s %7s %8s\n' "$line" "$(answer "$line" 'kernel (.*)')" \
    "$loaded" "$((loaded + refused))" "$(sum_of 2 <<<"$packets")" "$(sum_of 4 <<<"$packets")" \
    "$(sum_of 3 <<<"$tests")" "$(sum_of 5 <<<"$tests")" "$(answer "$line" 'seconds (.*)')"
}

kernels_table() {
  local line
  printf '\n%-8s %-28s %14s %16s %16s %8s\n' '' '' '' 'packet fixtures' 'loader tests' ''
  printf '%-8s %-28s %14s %8s %7s %8s %7s %8s\n' kernel release 'programs' passed failed passed failed seconds
  for line in "$@"; do kernel_row "$line"; done
}

features_table() {
  local line feature
  printf '\n%-26s' feature
  printf ' %8s' "$@"
  printf '\n'
  while read -r feature; do
    printf '%-26s' "$feature"
    for line in "$@"; do printf ' %8s' "$(answer "$line" "feature $feature (.*)")"; done
    printf '\n'
  done < <(answer own 'feature ([^ ]*) .*')
}

# The column of the budget: this machine's own kernel has one by its version, if it is a known one.
budget_column() {
  if [[ $1 == own ]]; then
    answer own 'kernel ([0-9]+\.[0-9]+).*'
  else
    echo "$1"
  fi
}

has_budget() { grep '^program ' "$BUDGET" | grep -qw -- "$(budget_column "$1")"; }

# budget_of PROGRAM LINE: nothing if there is none.
budget_of() {
  awk -v program="$1" -v name="$(budget_column "$2")" '
    $1 == "program" { for (i = 2; i <= NF; i++) if ($i == name) column = i }
    $1 == program && column { print $column }' "$BUDGET"
}

instructions_table() {
  local line program count
  printf '\n%-28s' 'verified instructions'
  printf ' %9s' "$@"
  printf '\n'
  while read -r program; do
    printf '%-28s' "$program"
    for line in "$@"; do
      count=$(answer "$line" "program $program ([0-9]+)")
      printf ' %9s' "${count:--}"
    done
    printf '\n'
  done < <(for line in "$@"; do answer "$line" 'program ([^ ]*) .*'; done | awk '!seen[$0]++')
}

# The counts of this run, as the budget file has them.
budget_write() {
  local program line
  grep '^#' "$BUDGET"
  printf '%-26s' program
  for line in "$@"; do printf ' %8s' "$(budget_column "$line")"; done
  printf '\n'
  while read -r program; do
    printf '%-26s' "$program"
    for line in "$@"; do
      printf ' %8s' "$(answer "$line" "program $program ([0-9]+)" | grep . || echo 0)"
    done
    printf '\n'
  done < <(answer own 'program ([^ ]*) .*')
}

# over_budget LINE: programs that the verifier has too much work with there.
over_budget() {
  local program count budget
  while read -r program count; do
    budget=$(budget_of "$program" "$1")
    if ((count * 100 > ${budget:-0} * (100 + BUDGET_SLACK))); then
      echo "$program: $count instructions, budget ${budget:-none}"
    fi
  done < <(answer "$1" 'program ([^ ]* [0-9]*)')
}

kernel_checks() {
  local line=$1 name over
  name="$line ($(answer "$line" 'kernel (.*)'))"
  if ! answers "$line" | grep -q '^end$'; then
    fail "$name" "the probe did not end; see $KERNELS/$line/answers and $KERNELS/$line/console.log"
    return
  fi
  expect "$name: refuses no program" "" "$(refused "$line")"
  check "$name: loads programs" test "$(answer "$line" '(program) .*' | wc -l)" -gt 0
  expect "$name: packet fixtures" "0 failed" "$(answer "$line" 'packets: [1-9][0-9]* passed, ([0-9]+ failed)')"
  expect "$name: loader tests" "" "$(answers "$line" | grep '^test ' | grep -vE ' [1-9][0-9]* passed, 0 failed$')"
  if ! has_budget "$line"; then
    note "$name: has no column in $BUDGET; its counts are told only"
    return
  fi
  over=$(over_budget "$line")
  expect "$name: no program over its budget by more than $BUDGET_SLACK %" "" "$over"
  if [[ $over ]]; then
    note "if this is meant: cp $KERNELS/verifier_budget.txt $BUDGET, and say in the commit why"
  fi
}

# What the tests that failed said.
kernel_words() {
  local line
  for line in "$@"; do answers "$line" | grep '^| ' | grep -vE '^\| ok ' | head -n 40 | sed "s/^/$line /"; done
}

kernels_report() {
  local line
  kernels_table "$@"
  features_table "$@"
  instructions_table "$@"
  budget_write "$@" >"$KERNELS/verifier_budget.txt"
  kernel_words "$@" || :
  printf '\n'
  for line in "$@"; do kernel_checks "$line"; done
}
