# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The Helm chart, linted and rendered, its objects held against the API's schemas; and the manifests made of it.

group_chart() {
  local log=$ROOT/target/log/chart.log reports=$ROOT/target/surefire-reports/chart status=0
  rm -rf "$reports"
  quietly "$log" mvn -B -f "$ROOT/pom.xml" -Dexec.skip=true -Dgroups=chart -DexcludedGroups= \
    -Dsurefire.reports="$reports" test || status=$?
  if compgen -G "$reports/TEST-*.xml" >/dev/null; then
    count_junit "chart and manifests" "$reports"/TEST-*.xml
  else
    fail "chart and manifests" "none ran; see $log"
  fi
  if ((status && !FAILED)); then fail "mvn test" "status $status; see $log"; fi
}
