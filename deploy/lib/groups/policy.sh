# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# NetworkPolicy through the kernel programs: the upstream corpus over IPv4 and IPv6, random clusters
# against the meaning of the API, and five compilers with a mistake that must be found.

group_policy() {
  local log=$ROOT/target/log/policy.log reports=$ROOT/target/surefire-reports/policy status=0
  rm -rf "$reports"
  quietly "$log" mvn -B -f "$ROOT/pom.xml" -Dexec.skip=true -Dgroups=policy -DexcludedGroups= \
    -Dsurefire.reports="$reports" -Dsurefire.argLine=-Djunit.jupiter.execution.parallel.enabled=true test || status=$?
  sed -nE 's/.*policy-figure (.*)/      \1/p' "$log"
  if compgen -G "$reports/TEST-*.xml" >/dev/null; then
    count_junit "policy verdicts of the kernel" "$reports"/TEST-*.xml
    skipped_junit "$reports"/TEST-*.xml | while read -r reason; do note "skipped: $reason"; done
  else
    fail "policy verdicts of the kernel" "none ran; see $log"
  fi
  if ((status && !FAILED)); then fail "mvn test" "status $status; see $log"; fi
  mutants "$log"
}

# mutants LOG: how many were killed; a check of its own.
mutants() {
  local killed
  killed=$(grep -c 'policy-figure mutant .*: killed' "$1") || :
  expect "mutants killed" "5 of 5" "$killed of 5"
}
