# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Unit tests: Java (with -Xcheck:jni, so the native library is watched), C, C under ASan and UBSan.

JAVA_REPORTS=$ROOT/target/surefire-reports
ASAN_OUT=$ROOT/target/asan

# count_junit DESCRIPTION FILE…: add the figures of JUnit XML reports, as surefire and ctest write.
count_junit() {
  local what=$1 tests failed
  shift
  read -r tests failed < <(awk '
    /<testsuite[ >]/ { inside = 1 }
    inside {
      while (match($0, /(tests|failures|errors|skipped|disabled)="[0-9]+"/)) {
        split(substr($0, RSTART, RLENGTH), part, "\"")
        sum[substr(part[1], 1, length(part[1]) - 1)] += part[2]
        $0 = substr($0, RSTART + RLENGTH)
      }
      if (/>/) inside = 0
    }
    END {
      failed = sum["failures"] + sum["errors"]
      print sum["tests"] - failed - sum["skipped"] - sum["disabled"], failed
    }' "$@")
  PASSED=$((PASSED + tests))
  FAILED=$((FAILED + failed))
  if ((failed)); then
    printf '%sFAIL%s  %s: %d passed, %d failed\n' "$RED" "$PLAIN" "$what" "$tests" "$failed"
  else
    printf '%sok%s    %s: %d passed\n' "$GREEN" "$PLAIN" "$what" "$tests"
  fi
}

# skipped_junit FILE…: why tests were skipped, each reason once.
skipped_junit() {
  sed -nE 's/.*<skipped .*Assumption failed: ([^]<"]*).*/\1/p' "$@" | sort -u
}

java_tests() {
  local log=$ROOT/target/log/java-tests.log status=0
  rm -rf "$JAVA_REPORTS"
  quietly "$log" mvn -B -f "$ROOT/pom.xml" test || status=$?
  if compgen -G "$JAVA_REPORTS/TEST-*.xml" >/dev/null; then
    count_junit "Java tests" "$JAVA_REPORTS"/TEST-*.xml
    skipped_junit "$JAVA_REPORTS"/TEST-*.xml | while read -r reason; do note "skipped: $reason"; done
  else
    fail "Java tests" "none ran; see $log"
  fi
  if ((status && !FAILED)); then fail "mvn test" "status $status; see $log"; fi
  expect "no warning of -Xcheck:jni about our native methods" "" \
    "$(jni_warnings "$log" "$JAVA_REPORTS"/* | head -n 5)"
}

# jni_warnings FILE…: the JVM's warnings whose first frame outside the JDK is ours. JNA's own
# library gives one when it is loaded.
jni_warnings() {
  awk '/^(WARNING in native method|FATAL ERROR in native method)/ { warning = $0; next }
    warning && /^\tat / && $2 !~ /^(java|jdk|sun)\./ {
      if ($2 ~ /^io\.millrace\./) print warning " " $2
      warning = ""
    }' "$@"
}

# c_tests BUILD-FOLDER LABEL-OPTION…: run CTest there.
c_tests() {
  local folder=$1
  shift
  rm -f "$folder/junit.xml"
  quietly "$ROOT/target/log/ctest-${folder##*/}.log" ctest --test-dir "$folder" --output-on-failure \
    --output-junit "$folder/junit.xml" "$@" || :
}

# c_count DESCRIPTION BUILD-FOLDER: what CTest found there.
c_count() {
  if [[ -s $2/junit.xml ]]; then
    count_junit "$1" "$2/junit.xml"
  else
    fail "$1" "none ran; see $ROOT/target/log/ctest-${2##*/}.log"
  fi
}

sanitized_build() {
  cmake -C "$ROOT/native/presets/asan.cmake" -S "$ROOT" -B "$ASAN_OUT" &&
    cmake --build "$ASAN_OUT" --parallel "$(nproc)"
}

all_c_tests() {
  c_tests "$NATIVE_OUT" -LE packets
  rm -f "$ASAN_OUT/junit.xml"
  quietly "$ROOT/target/log/build-asan.log" sanitized_build && c_tests "$ASAN_OUT" -LE packets
}

# Java's tests use one processor at most, so C's run beside them.
group_unit() {
  local c_side
  all_c_tests &
  c_side=$!
  java_tests
  wait "$c_side" || warn "the build for ASan and UBSan failed; see above"
  c_count "C tests" "$NATIVE_OUT"
  c_count "C tests under ASan and UBSan" "$ASAN_OUT"
}
