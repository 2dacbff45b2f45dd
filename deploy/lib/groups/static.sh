# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Checks that run nothing of the project but its compilers.

C_FOLDERS=(bpf native deploy)
TOP_LEVEL='^(CMakeLists\.txt|pom\.xml|README\.md|LICENSE|bpf|native|java|deploy|target|\..*)$'

sources() { (cd "$ROOT" && find "${@:2}" -type f -regextype posix-extended -regex "$1" | sort); }

scripts() { (cd "$ROOT" && grep -rlE '^#!/(usr/bin/env bash|bin/sh)|^# shellcheck shell=bash' deploy .ci java | sort); }

# The version that deploy/setup prefers: others differ in small things.
format_program() { command -v clang-format-19 || command -v clang-format; }

clang_format() {
  local version
  for version in $(seq 40 -1 14); do
    command -v "clang-format-$version" && return
  done
  command -v clang-format
}

clang_format() {
  local files
  mapfile -t files < <(sources '.*\.[ch]' "${C_FOLDERS[@]}")
  (cd "$ROOT" && "$(format_program)" --dry-run -Werror "${files[@]}")
}

java_format() { quietly "$ROOT/target/log/spotless.log" mvn -B -q -f "$ROOT/pom.xml" spotless:check; }

# The kernel's helpers are for GPL programs, so bpf/ has two licences; all else has one.
licence_of() {
  case $1 in
  bpf/*) echo 'GPL-2.0-only OR BSD-2-Clause' ;;
  *) echo 'Apache-2.0' ;;
  esac
}

spdx_lines() {
  local file status=0 kind='.*\.(c|h|java|proto|sh|cmake|ya?ml|py|xml)|.*/CMakeLists\.txt'
  while read -r file; do
    if ! head -n 3 "$ROOT/$file" | grep -qF "SPDX-License-Identifier: $(licence_of "$file")"; then
      echo "$file: no line 'SPDX-License-Identifier: $(licence_of "$file")' at its top"
      status=1
    fi
  done < <(sources "$kind" bpf native java deploy .ci pom.xml CMakeLists.txt && scripts)
  return $status
}

layout() {
  local extra
  extra=$(find "$ROOT" -mindepth 1 -maxdepth 1 -printf '%f\n' | grep -vE "$TOP_LEVEL") || return 0
  echo "not in the layout of the top folder: $extra"
  return 1
}

shell_syntax() {
  local file status=0
  while read -r file; do bash -n "$ROOT/$file" || status=1; done < <(scripts)
  return $status
}

shell_check() {
  local files
  mapfile -t files < <(scripts)
  (cd "$ROOT" && shellcheck -x -S warning "${files[@]}")
}

leftovers() {
  ! (cd "$ROOT" && grep -rnE 'TO[D]O|FIX[M]E|bpf_print[k]|@Disable[d]' bpf native java deploy .ci)
}

group_static() {
  expect "build: C with -Werror, Java with Error Prone and NullAway" 0 "$BUILD_STATUS"
  check "layout of the top folder" layout
  check "SPDX line in every source file" spdx_lines
  check "C formatting ($(format_program))" clang_format
  check "Java formatting" java_format
  check "shell syntax" shell_syntax
  check "shellcheck" shell_check
  check "nothing left unfinished" leftovers
}
