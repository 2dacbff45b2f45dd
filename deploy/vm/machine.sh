# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The guests: qemu with a virtio NIC whose tap device is a port of the lab's wire, and a serial port that
# takes commands. Sourced.

declare -A MACHINE_PID=() MACHINE_ASK=() MACHINE_ANSWER=()
# Under emulation a boot takes ten times as long as on hardware, with a large root file system.
BOOT_LIMIT_S=180
COMMAND_LIMIT_S=300

# machines INITRAMFS ACCELERATOR: all at once.
machines() {
  local name
  for name in client node-a node-b; do machine_boot "$name" "$@"; done
  for name in client node-a node-b; do
    machine_line_of "$name" $BOOT_LIMIT_S | grep -qx ready ||
      die "the guest $name does not boot: $(tail -n 3 "$LAB_DIR/$name.console")"
  done
}

# machine_boot NAME INITRAMFS ACCELERATOR
machine_boot() {
  local name=$1 cpu=max folder=$LAB_DIR/$1.serial ask answer
  if [[ $3 == kvm ]]; then cpu=host; fi
  # Two queues, so that XDP has one of its own.
  lab_in wire ip tuntap add "to-$name" mode tap multi_queue
  lab_ip wire link set "to-$name" master bridge0 up
  mkfifo "$folder.in" "$folder.out"
  lab_exec wire qemu-system-x86_64 -accel "$3" -cpu "$cpu" -m 1536M -smp 2 -nodefaults -display none \
    -no-reboot -kernel "$(kernel_image "$KERNEL")" -initrd "$2" \
    -netdev "tap,id=wire,ifname=to-$name,script=no,downscript=no,queues=4" \
    -device "virtio-net-pci,netdev=wire,mq=on,vectors=10,mac=52:54:00:00:00:$(machine_number "$name")" \
    -serial "file:$LAB_DIR/$name.console" -serial "pipe:$folder" \
    -append 'console=ttyS0 quiet panic=-1 net.ifnames=0' </dev/null >"$LAB_DIR/$name.qemu" 2>&1 &
  MACHINE_PID[$name]=$!
  exec {ask}<>"$folder.in" {answer}<>"$folder.out"
  MACHINE_ASK[$name]=$ask
  MACHINE_ANSWER[$name]=$answer
}

machine_number() {
  case $1 in
  client) echo 64 ;;
  *) printf '%02x' "${LAB_INDEX[$1]}" ;;
  esac
}

# machine_line_of NAME SECONDS: the next line that the guest says.
machine_line_of() {
  local line
  read -r -t "$2" -u "${MACHINE_ANSWER[$1]}" line || return 1
  printf '%s\n' "${line%$'\r'}"
}

# in_guest NAME COMMAND: a line for its shell; its output, and its status.
in_guest() {
  local name=$1 line
  shift
  printf '%s\n' "$*" >&"${MACHINE_ASK[$name]}"
  while line=$(machine_line_of "$name" $COMMAND_LIMIT_S); do
    if [[ $line == '# '* ]]; then return "${line#\# }"; fi
    printf '%s\n' "$line"
  done
  die "the guest $name does not answer to: $*"
}

machines_delete() { process_end KILL "${MACHINE_PID[@]}"; }
