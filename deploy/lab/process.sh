# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Processes of the lab: how they end, and the cgroup v2 folder of each node. A node's processes and
# those of its pods run in it, so the socket hooks of one node do not see those of another. The
# client and the wire belong to no node.

declare -A LAB_CGROUP=() # node → its folder

# process_gone PID: it runs no more, and all that it had open is closed.
process_gone() {
  local stat
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
  [[ ${stat##*) } == [ZX]* ]]
}

# process_end SIGNAL PID…: all of them are gone when this returns; what does not heed the signal in
# time is killed.
process_end() {
  local signal=$1 pid
  shift
  for pid in "$@"; do kill "-$signal" "$pid" 2>/dev/null || continue; done
  for pid in "$@"; do
    if ! await 20 process_gone "$pid"; then
      warn "process $pid did not end by SIG$signal in 20 s; killing it"
      kill -KILL "$pid" 2>/dev/null || :
      await 20 process_gone "$pid" || warn "process $pid cannot be killed"
    fi
    # Children are reaped here; others are not ours to wait for.
    wait "$pid" 2>/dev/null || continue
  done
}

# cgroups_find: where nodes get their folders: in the machine's cgroup v2, else in a mount of our own.
# Without either there are no sockets to lead, which is said where they were asked for.
cgroups_find() {
  CGROUP_ROOT=$(findmnt -n -t cgroup2 -o TARGET | head -n 1)
  if [[ -z $CGROUP_ROOT || ! -w $CGROUP_ROOT ]]; then
    CGROUP_ROOT=$LAB_DIR/cgroup
    mkdir "$CGROUP_ROOT"
    mount -t cgroup2 none "$CGROUP_ROOT" 2>/dev/null || CGROUP_ROOT=''
  fi
  if [[ -n $CGROUP_ROOT ]]; then
    LAB_SOCKET_LB=${LAB_SOCKET_LB:-on}
  elif [[ $LAB_SOCKET_LB == on ]]; then
    die "this machine has no cgroup v2 that can be written to; LAB_SOCKET_LB=off does without"
  else
    LAB_SOCKET_LB=off
  fi
}

cgroup_make() {
  if [[ -n $CGROUP_ROOT ]]; then
    mkdir "$CGROUP_ROOT/$LAB_ID-$1"
    LAB_CGROUP[$1]=$CGROUP_ROOT/$LAB_ID-$1
  fi
}

node_cgroup() { printf '%s\n' "${LAB_CGROUP[$1]:-none}"; }

# cgroup_join MACHINE: the calling subshell moves to the folder of this node; the client stays.
cgroup_join() {
  [[ -z ${LAB_CGROUP[$1]:-} ]] || echo "$BASHPID" >"${LAB_CGROUP[$1]}/cgroup.procs"
}

cgroups_delete() {
  local folder pids
  for folder in "${LAB_CGROUP[@]}"; do
    mapfile -t pids <"$folder/cgroup.procs"
    process_end KILL "${pids[@]}"
    await 20 rmdir "$folder" || warn "cannot remove the cgroup $folder"
  done
  if mountpoint -q "$LAB_DIR/cgroup"; then umount "$LAB_DIR/cgroup"; fi
}
