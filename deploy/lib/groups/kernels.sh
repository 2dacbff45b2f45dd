# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The BPF programs on Debian's kernels 6.1, 6.12 and its newest one, in virtual machines, and on this machine's
# own: what is loaded, what passes, what the kernel has, how much the verifier has to look at.

# shellcheck source=deploy/kernels/fetch.sh
source "$ROOT/deploy/kernels/fetch.sh"
# shellcheck source=deploy/kernels/initramfs.sh
source "$ROOT/deploy/kernels/initramfs.sh"
# shellcheck source=deploy/kernels/guest.sh
source "$ROOT/deploy/kernels/guest.sh"
# shellcheck source=deploy/kernels/report.sh
source "$ROOT/deploy/kernels/report.sh"

# Under emulation a system call takes ten times as long, and the verifier ten times as much: of the packet
# cases there is what --brief leaves, of the loader's tests those whose way depends on the kernel. On this
# machine all cases run.
GUEST_CASES=--brief
GUEST_TESTS='attach sockets_peer upgrade upgrade_programs xdp xdp_refused'
# What they make devices of, follow the network with, and end sockets by.
GUEST_MODULES=(veth sch_ingress cls_bpf bridge 8021q bonding inet_diag udp_diag tcp_diag sctp dummy)

kernels_initramfs() {
  local line
  CASES=$GUEST_CASES TESTS=$GUEST_TESTS initramfs_tests "$KERNELS/tests.cpio"
  for line in "$@"; do
    initramfs_modules "$line" "$KERNELS/$line/modules.cpio" "${GUEST_MODULES[@]}"
    # The kernel unpacks one archive after the other.
    cat "$KERNELS/tests.cpio" "$KERNELS/$line/modules.cpio" >"$KERNELS/$line/initramfs"
  done
}

# All at once: whoever has nothing to do leaves the processor to the others.
kernels_guests() {
  local line accelerator pids=()
  accelerator=$(guest_accelerator "$1")
  note "Guests run under $accelerator."
  for line in "$@"; do
    guest_run "$line" "$KERNELS/$line/initramfs" "$accelerator" &
    pids+=($!)
  done
  wait "${pids[@]}" || :
}

kernels_own() {
  mkdir -p "$KERNELS/own"
  NATIVE_OUT=$NATIVE_OUT CASES='' TESTS=$GUEST_TESTS sh "$ROOT/deploy/kernels/probe" \
    >"$KERNELS/own/answers" 2>&1 </dev/null || :
}

group_kernels() {
  local lines=() own
  mkdir -p "$KERNELS"
  rm -f "$KERNELS"/*/answers
  kernels_own &
  own=$!
  if [[ $(uname -m) != x86_64 ]]; then
    note "Debian's kernels are run on x86_64 only; here it is this machine's own."
  elif ! kernels_fetch "${KERNEL_LINES[@]}"; then
    fail "Debian's kernels" "they are not here; see above"
  else
    lines=("${KERNEL_LINES[@]}")
    kernels_initramfs "${lines[@]}"
    kernels_guests "${lines[@]}"
  fi
  wait "$own" || :
  kernels_report "${lines[@]}" own
}
