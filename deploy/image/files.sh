# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The image's files, in two trees: what changes with the build machine, and what changes with Millrace.

HOME_IN_IMAGE=/opt/millrace
CHROOT_IN_IMAGE=/usr/sbin/chroot
# Nothing of the image is newer: layers and the archive of classes carry files' times.
IMAGE_EPOCH=${SOURCE_DATE_EPOCH:-1767225600}
# Found by running the agent; jdeps would add java.desktop and java.sql, for classes that Jackson uses only
# if they are there.
MODULES=java.base,java.logging,java.management,java.naming,java.net.http,java.xml,jdk.crypto.ec,jdk.management,jdk.unsupported

# image_files BASE MILLRACE DISTRIBUTION
image_files() {
  local base=$1 millrace=$2 distribution=$3
  mkdir -p "$base$HOME_IN_IMAGE" "$millrace$HOME_IN_IMAGE"
  java_runtime "$base$HOME_IN_IMAGE/jre"
  cp -r "$distribution/." "$millrace$HOME_IN_IMAGE"
  mkdir -p "$base"/{dev,etc,proc,run/millrace,sys,tmp}
  # By which takeover and handback run the node's own nft and iptables.
  install -D -m 755 "$(command -v chroot)" "$base$CHROOT_IN_IMAGE"
  licence "$base" "$(command -v chroot)"
  printf 'root:x:0:0:root:/:/\n' >"$base/etc/passwd"
  printf 'root:x:0:\n' >"$base/etc/group"
  shared_libraries "$base" "$base$HOME_IN_IMAGE/jre" "$base$CHROOT_IN_IMAGE" "$millrace"
  locale_files "$base"
  normalise "$base" "$millrace"
  class_archive "$base" "$millrace"
  normalise "$millrace"
}

java_home() { java -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java\.home = //p'; }

# Not compressed: the layer is, and the JVM reads it faster.
java_runtime() {
  "$(java_home)/bin/jlink" --add-modules "$MODULES" --strip-java-debug-attributes --no-man-pages --no-header-files \
    --compress 0 --output "$1"
}

# elf_files TREE…: programs and shared libraries.
elf_files() {
  find "$@" -type f \( -perm /111 -o -name '*.so' -o -name '*.so.*' \) \
    -exec sh -c 'for f; do [ "$(head -c 4 "$f" | tr -d "\177")" != ELF ] || echo "$f"; done' sh {} +
}

# shared_libraries BASE TREE…: what the trees' programs need of this machine, where the loader looks for it,
# and the licences that it comes with.
shared_libraries() {
  local base=$1 name path
  shift
  while read -r name path; do
    if [[ $path == /* ]]; then
      install -D -m 755 "$path" "$base$path"
      licence "$base" "$path"
    else
      # The JVM has it loaded by the time that its other libraries ask for it.
      [[ -n $(find "$@" -name "$name") ]] || die "the shared library $name is not on this machine"
    fi
  done < <(elf_files "$@" | xargs ldd | outside_libraries "$base")
}

# outside_libraries BASE: of what ldd says, each library that is not of that tree: its name, and its path or -.
outside_libraries() {
  sed -nE -e 's/^\t(.*) => not found$/\1 -/p' -e 's/^\t(.*) => (\/.*) \(0x.*/\1 \2/p' \
    -e 's/^\t(\/.*) \(0x.*/\1 \1/p' | awk -v base="$1/" 'index($2, base) != 1' | sort -u
}

# licence BASE FILE: of the Debian package that the file belongs to.
licence() {
  local package
  package=$(dpkg-query -S "$(realpath "$2")" 2>/dev/null || dpkg-query -S "/usr$2" 2>/dev/null ||
    dpkg-query -S "$2" 2>/dev/null) || die "no package owns $2, so its licence is not known"
  package=${package%%:*}
  install -D -m 644 "/usr/share/doc/$package/copyright" "$1/usr/share/doc/$package/copyright"
}

# Messages and file names are UTF-8.
locale_files() {
  mkdir -p "$1/usr/lib/locale"
  cp -rL /usr/lib/locale/C.utf8 "$1/usr/lib/locale"
}

# normalise TREE…: modes and times that do not depend on who builds, and when.
normalise() {
  chmod -R u=rwX,go=rX "$@"
  find "$@" -depth -exec touch --no-dereference --date "@$IMAGE_EPOCH" {} +
}

# class_archive BASE MILLRACE: the classes of deploy/image/classes, parsed and laid out for the JVM. It is
# good only for jars of these paths and times, so it is made where the image's root is /.
class_archive() {
  local root=$1.root attempt
  mkdir "$root"
  cp -a "$1/." "$2/." "$root"
  cp "$ROOT/deploy/image/classes" "$root/tmp/classes"
  for attempt in {1..30}; do
    dump_classes "$root"
    if loaded_by_one_thread "$root/tmp/log"; then break; fi
    ((attempt < 30)) || die "the JVM's own threads got ahead in each of 30 attempts"
  done
  mv "$root/tmp/millrace.jsa" "$2$HOME_IN_IMAGE/lib/millrace.jsa"
  rm -rf "$root"
}

# The JVM lays classes out by addresses, which must not be random, and names in the order in which it has met
# them. Its helpers (java.lang.ref's threads, of Java priorities 8 to 10) race for one of the first with the
# thread that does the work: on one processor, and with the lowest priority, they rarely get ahead.
SAME_EACH_TIME=(-XX:ThreadPriorityPolicy=1 -XX:JavaPriority8_To_OSPriority=19
  -XX:JavaPriority9_To_OSPriority=19 -XX:JavaPriority10_To_OSPriority=19)

# dump_classes ROOT: its /tmp/classes become /tmp/millrace.jsa; /tmp/log says which thread loaded each.
dump_classes() {
  rm -f "$1/tmp/millrace.jsa" "$1/tmp/log"
  # shellcheck disable=SC2016 # for the shell within
  unshare --map-root-user --mount --propagation private sh -ec '
    mount --rbind /proc "$1/proc"
    cpu=$2
    shift 2
    exec taskset -c "$cpu" setarch -R chroot "$@"' sh "$1" "$(first_processor)" "$1" \
    "$HOME_IN_IMAGE/jre/bin/java" "${SAME_EACH_TIME[@]}" -Xshare:dump -XX:+UseSerialGC \
    -XX:SharedClassListFile=/tmp/classes -XX:SharedArchiveFile=/tmp/millrace.jsa \
    -Xlog:cds=off -Xlog:cds+heap=off -Xlog:class+load,class+init:file=/tmp/log:tid \
    -cp "$HOME_IN_IMAGE/lib/java/millrace.jar"
}

loaded_by_one_thread() { [[ $(cut -d ']' -f 1 "$1" | sort -u | wc -l) == 1 ]]; }

first_processor() { taskset -cp $BASHPID | sed 's/.*: //; s/[,-].*//'; }
