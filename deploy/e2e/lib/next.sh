# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# An agent of a version to come, in which flows and frontends have other layouts (native/tests/next): built from
# this tree, and kept until the tree changes.

NEXT=$ROOT/target/next
# shellcheck disable=SC2034 # for who sources this
NEXT_MILLRACE=$NEXT/millrace/bin/millrace
NEXT_LIMIT_S=300

# next_build: the distribution in target/next/millrace. Of tests that begin together one builds.
next_build() {
  local stamp
  mkdir -p "$NEXT"
  exec {NEXT_LOCK}>"$NEXT/lock"
  flock -w $NEXT_LIMIT_S "$NEXT_LOCK" || die "another test builds the next version since $NEXT_LIMIT_S s"
  stamp=$(next_stamp)
  if [[ $(cat "$NEXT/stamp" 2>/dev/null) != "$stamp" ]]; then
    rm -f "$NEXT/stamp"
    quietly "$NEXT/build.log" next_make || die "the next version cannot be built"
    printf '%s\n' "$stamp" >"$NEXT/stamp"
  fi
  exec {NEXT_LOCK}>&-
}

# What it is made of: the sources, and the distribution as it is.
next_stamp() {
  {
    find "$ROOT/bpf" "$ROOT/native" "$ROOT/CMakeLists.txt" -type f -not -path '*/tests/*' -print0
    find "$ROOT/native/tests/next" "$ROOT/target/millrace/lib/java/millrace.jar" -type f -print0
  } | sort -z | xargs -0 sha256sum | sha256sum
}

next_make() {
  next_sources &&
    cmake -C "$ROOT/native/presets/release.cmake" -DBUILD_TESTING=OFF -S "$NEXT/src" -B "$NEXT/native" &&
    cmake --build "$NEXT/native" --parallel 2 &&
    next_java &&
    rm -rf "$NEXT/millrace" && cp -a "$ROOT/target/millrace" "$NEXT/millrace" &&
    rm -f "$NEXT/millrace/lib/millrace.jsa" &&
    cp "$NEXT"/native/lib/bpf/*.o "$NEXT/millrace/lib/bpf/" &&
    cp "$NEXT"/native/lib/native/*.so "$NEXT/millrace/lib/native/" &&
    jar --update --file "$NEXT/millrace/lib/java/millrace.jar" -C "$NEXT/classes" .
}

# What a developer would do: change abi.h, and say what leads to the new layouts.
next_sources() {
  local src=$NEXT/src
  rm -rf "$src" && mkdir -p "$src" &&
    cp -a "$ROOT"/{CMakeLists.txt,bpf,native,deploy} "$src/" &&
    sed -E -i -f "$ROOT/native/tests/next/abi.sed" "$src"/bpf/abi{,_flow,_service,_trace}.h &&
    printf '#define NEXT_MIGRATIONS migrations\n#include "../tests/next/next.c"\n' \
      >"$src/native/core/migrations.c"
}

# The layouts are constants in Java's classes, so all of them are compiled.
next_java() {
  rm -rf "$NEXT/classes" && mkdir "$NEXT/classes" &&
    find "$ROOT/java/src/main/java" "$ROOT/target/generated-sources/protobuf/java" \
      "$NEXT/native/generated/java" -name '*.java' >"$NEXT/sources" &&
    javac -nowarn -proc:none -implicit:none -encoding UTF-8 --release 17 -d "$NEXT/classes" \
      -cp "$ROOT/target/millrace/lib/java/*" "@$NEXT/sources"
}
