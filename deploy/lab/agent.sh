# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Millrace agents on the lab's nodes: each with its own manifests folder, run dir, bpffs, cgroup.

CLUSTER_CIDR=$PODS4.0.0/16,$PODS6::/48
declare -A AGENT_PID=()

# node_dir NODE: the folder of a node; manifests/, run/, bpffs/ and agent.log lie in it.
node_dir() { printf '%s/%s' "$LAB_DIR" "$1"; }

# node_manifests NODE: its manifests folder. A node reads its own, so one can be changed alone.
node_manifests() { printf '%s/%s/manifests' "$LAB_DIR" "$1"; }

# agent_paths NODE: the flags that every command to this node's agent needs.
agent_paths() {
  printf '%s\n' --run-dir "$(node_dir "$1")/run"
}

# agent_flags NODE: the flags that name its pinned state.
agent_flags() {
  printf '%s\n' --run-dir "$(node_dir "$1")/run" --bpffs "$(node_dir "$1")/bpffs"
}

# agent_source NODE: the flags that name the source of its objects.
agent_source() {
  if [[ -n $API_MACHINE ]]; then
    printf '%s\n' --kubeconfig "$(api_dir)/kubeconfig"
  else
    printf '%s\n' --manifests "$(node_manifests "$1")"
  fi
}

# agent_spawn NODE [FLAG…]: start the agent without waiting for it.
agent_spawn() {
  local node=$1 dir flags objects_from
  dir=$(node_dir "$node")
  shift
  mkdir -p "$dir/manifests" "$dir/run" "$dir/bpffs"
  if [[ -n $LAB_IMAGE ]]; then container_bpffs "$dir/bpffs"; fi
  mapfile -t flags < <(agent_flags "$node")
  mapfile -t objects_from < <(agent_source "$node")
  lab_exec "$node" "$MILLRACE" agent --node-name "$node" \
    "${objects_from[@]}" "${flags[@]}" --cgroup "$(node_cgroup "$node")" \
    --cluster-cidr "$CLUSTER_CIDR" --xdp "$LAB_XDP" --socket-lb "$LAB_SOCKET_LB" \
    --netns-dir "$dir/netns" "$@" \
    >>"$dir/agent.log" 2>&1 </dev/null &
  AGENT_PID[$node]=$!
}

# agent_wait NODE: until it has synced all sources and programmed the kernel; 60 s, less if it ends.
# Its status then goes to SYNCED_STATUS.
agent_wait() {
  local flags end=$((SECONDS + 60))
  mapfile -t flags < <(agent_paths "$1")
  # shellcheck disable=SC2034 # read by the callers
  until SYNCED_STATUS=$("$MILLRACE" status "${flags[@]}" -o json --wait-synced 5 2>/dev/null); do
    if ((SECONDS > end)) || ! kill -0 "${AGENT_PID[$1]}" 2>/dev/null; then
      tail -n 40 "$(node_dir "$1")/agent.log" >&2
      warn "the agent of $1 has not synced; its log is above"
      return 1
    fi
  done
}

agent_start() {
  agent_spawn "$@"
  agent_wait "$1"
}

# agent_end NODE SIGNAL: gone when this returns.
agent_end() {
  local pid=${AGENT_PID[$1]:-}
  [[ -n $pid ]] || return 0
  unset "AGENT_PID[$1]"
  process_end "$2" "$pid"
}

# agent_status NODE: the status as JSON.
agent_status() {
  local flags
  mapfile -t flags < <(agent_paths "$1")
  "$MILLRACE" status "${flags[@]}" -o json
}

# agent_cleanup NODE: remove every trace of a stopped agent.
agent_cleanup() {
  local flags
  mapfile -t flags < <(agent_flags "$1")
  lab_in "$1" "$MILLRACE" cleanup "${flags[@]}" "${@:2}"
}

lab_agents_delete() {
  local node mount
  for node in "${!AGENT_PID[@]}"; do agent_end "$node" KILL; done
  # Unmounting a bpffs drops the pins, and with them programs and maps.
  while read -r mount; do
    umount --lazy "$mount"
  done < <(findmnt -rn -t bpf -o TARGET | awk -v p="$LAB_DIR/" 'index($1, p) == 1' | sort -r)
}
