# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The root file system of a guest, as cpio archives: one with the tests, the same for all kernels, and one
# with a kernel's modules. Everything lies where it lies on this machine. Sourced.

GUEST_TOOLS=(sh ip tc ethtool)

# What a program needs beside itself: its libraries and their loader.
libraries_of() { ldd "$@" 2>/dev/null | grep -oE '/[^ :)]+' | sort -u; }

guest_copy() {
  local root=$1 file
  shift
  for file in "$@"; do
    mkdir -p "$root/$(dirname "$file")"
    cp -L "$file" "$root/$file"
  done
}

# guest_tools ROOT TOOL…: busybox, and these tools in the place of its own of that name.
guest_tools() {
  local root=$1 name busybox tools=()
  busybox=$(command -v busybox)
  cp "$busybox" "$root/bin/busybox"
  for name in $("$busybox" --list); do
    [[ -e $root/bin/$name ]] || ln -s busybox "$root/bin/$name"
  done
  shift
  for name; do
    tools+=("$(command -v "$name")")
    rm -f "$root/bin/$name"
    cp -L "${tools[-1]}" "$root/bin/$name"
  done
  # shellcheck disable=SC2046 # one word each
  guest_copy "$root" $(libraries_of "${tools[@]}")
}

guest_tests() {
  (cd "$NATIVE_OUT" && find bpf/tests/packets native/tests/survey native/tests/test_* lib/bpf \
    bpf/tests/*.bpf.o native/tests/fixture* native/tests/socket_objects -type f | sed "s|^|$NATIVE_OUT/|")
}

# initramfs_tests FILE: with the settings of the probe in the caller's environment.
initramfs_tests() {
  local root=$KERNELS/tests
  local -a tests
  rm -rf "$root"
  mkdir -p "$root"/{bin,dev,proc,sys,run,tmp,mnt}
  mapfile -t tests < <(guest_tests)
  guest_copy "$root" "${tests[@]}"
  # shellcheck disable=SC2046 # one word each
  guest_copy "$root" $(libraries_of "${tests[@]}")
  guest_tools "$root" "${GUEST_TOOLS[@]}"
  cp "$ROOT/deploy/kernels/init" "$root/init"
  cp "$ROOT/deploy/kernels/probe" "$root/bin/probe"
  printf "%s='%s'\n" NATIVE_OUT "$NATIVE_OUT" CASES "$CASES" TESTS "$TESTS" >"$root/settings"
  initramfs_pack "$root" "$1"
}

# module_add TREE NAME ROOT: the module, after those that it needs. One that is built in has no file.
module_add() {
  local tree=$1 name=$2 root=$3 file needed
  [[ -e $root/lib/modules/$name.ko ]] && return
  file=$(find "$tree/kernel" -name "${name//_/[_-]}.ko*" | head -n 1)
  [[ $file ]] || return 0
  case $file in
  *.xz) xz -dc "$file" ;;
  *) cat "$file" ;;
  esac >"$root/lib/modules/$name.ko"
  for needed in $(grep -aoz '^depends=.*' "$root/lib/modules/$name.ko" | tr -d '\0' | sed 's/depends=//; s/,/ /g'); do
    module_add "$tree" "${needed//-/_}" "$root"
  done
  echo "$name" >>"$root/lib/modules/order"
}

# initramfs_modules LINE FILE MODULE…
initramfs_modules() {
  local tree=$KERNELS/$1/unpacked/lib/modules/ root=$KERNELS/$1/modules file=$2 name
  tree+=$(kernel_release "$1")
  shift 2
  rm -rf "$root"
  mkdir -p "$root/lib/modules"
  : >"$root/lib/modules/order"
  for name; do module_add "$tree" "$name" "$root"; done
  initramfs_pack "$root" "$file"
}

initramfs_pack() { (cd "$1" && find . -print0 | cpio -0 -o -H newc --quiet -R 0:0) >"$2"; }
