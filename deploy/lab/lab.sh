# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# A cluster in network namespaces. Source this, call lab_begin, add machines; all of it is removed
# when the script ends, however it ends.

# shellcheck source=deploy/lib/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib/common.sh"
# shellcheck source=deploy/lab/process.sh
source "$ROOT/deploy/lab/process.sh"
# shellcheck source=deploy/lab/net.sh
source "$ROOT/deploy/lab/net.sh"
# shellcheck source=deploy/lab/api.sh
source "$ROOT/deploy/lab/api.sh"
# shellcheck source=deploy/lab/agent.sh
source "$ROOT/deploy/lab/agent.sh"
# shellcheck source=deploy/lab/image.sh
source "$ROOT/deploy/lab/image.sh"
# shellcheck source=deploy/lab/traffic.sh
source "$ROOT/deploy/lab/traffic.sh"

# Which accelerations the agents use; by default as the agent itself: XDP auto, and the sockets on
# where there is a cgroup v2.
LAB_XDP=${LAB_XDP:-auto}
LAB_SOCKET_LB=${LAB_SOCKET_LB:-}
# A container image that the agents run from, in place of target/millrace.
LAB_IMAGE=${LAB_IMAGE:-}

lab_begin() {
  require_root
  [[ $LAB_XDP =~ ^(auto|native|off)$ ]] || die "LAB_XDP is $LAB_XDP: set it to auto, native or off"
  [[ $LAB_SOCKET_LB =~ ^(on|off|)$ ]] || die "LAB_SOCKET_LB is $LAB_SOCKET_LB: set it to on or off"
  [[ -x $PEER ]] || die "$PEER is not built: run deploy/quickstart or deploy/verify first"
  LAB_ID=mr$$
  LAB_DIR=$(mktemp -d "/tmp/millrace-lab-$$.XXXXXX")
  trap 'lab_end $?' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  cgroups_find
  if [[ -n $LAB_IMAGE ]]; then container_prepare; fi
  lab_wire
}

# lab_end STATUS: runs once, and is not interrupted by a second Ctrl-C.
lab_end() {
  trap - EXIT
  trap '' INT TERM HUP
  set +e
  if (($1)) && [[ -n ${LAB_KEEP_LOGS:-} ]]; then lab_keep_logs; fi
  lab_traffic_delete
  lab_agents_delete
  lab_net_delete
  cgroups_delete
  rm -rf --one-file-system "$LAB_DIR"
  exit "$1"
}

# Where a failed run leaves the agents' logs.
lab_keep_logs() {
  local log
  mkdir -p "$LAB_KEEP_LOGS"
  for log in "$LAB_DIR"/*/agent.log; do
    [[ -f $log ]] && cp "$log" "$LAB_KEEP_LOGS/$(basename "$(dirname "$log")").log"
  done
}

# await SECONDS COMMAND…: until it succeeds; false when the time is over.
await() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < end)) || return 1
    read -r -t 0.05 <> <(:) || continue
  done
}

# put_manifest NODE FILE: the text on stdin becomes a manifest of this node, in one step.
put_manifest() {
  local dir
  dir=$(node_manifests "$1")
  mkdir -p "$dir"
  cat >"$dir/.$2.new"
  mv "$dir/.$2.new" "$dir/$2"
}

drop_manifest() { rm "$(node_manifests "$1")/$2"; }

# everywhere FILE: the text on stdin becomes a manifest of every node.
everywhere() {
  local node text
  text=$(cat)
  for node in "${!LAB_INDEX[@]}"; do put_manifest "$node" "$1" <<<"$text"; done
}
