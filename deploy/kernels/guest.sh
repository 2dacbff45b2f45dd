# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# A kernel in a virtual machine, with the probe for its only process. Sourced.

# A guest that has not ended by then hangs.
GUEST_LIMIT_S=${GUEST_LIMIT_S:-540}

# guest_accelerator LINE: kvm where it boots a kernel; there are machines with a /dev/kvm that does not.
guest_accelerator() {
  if [[ -w /dev/kvm ]] && timeout 15 qemu-system-x86_64 -accel kvm -cpu host -m 512M -nodefaults -display none \
    -no-reboot -serial stdio -kernel "$(kernel_image "$1")" \
    -append 'console=ttyS0 panic=-1' </dev/null 2>&1 | grep -q 'Linux version'; then
    echo kvm
  else
    echo tcg
  fi
}

# guest_run LINE INITRAMFS ACCELERATOR: the answers are in target/kernels/LINE/answers.
guest_run() {
  local line=$1 folder=$KERNELS/$1 cpu=max
  [[ $3 == kvm ]] && cpu=host
  rm -f "$folder/answers"
  timeout "$GUEST_LIMIT_S" qemu-system-x86_64 -accel "$3" -cpu "$cpu" -m 1536M -smp 2 -nodefaults \
    -display none -no-reboot -kernel "$(kernel_image "$line")" -initrd "$2" \
    -serial file:"$folder/console.log" -serial file:"$folder/answers" \
    -append 'console=ttyS0 quiet panic=-1' </dev/null >"$folder/qemu.log" 2>&1
}
