#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `millrace cleanup` leaves nothing behind: no program, pin, mount or qdisc; and it touches nothing
# of another agent on the same machine.

# shellcheck source=deploy/e2e/lib/check.sh
source "$(dirname "$0")/lib/check.sh"

manifests() {
  service web 10 'type: NodePort' 'nodePort: 30010'
  endpoints web web-3
}

# programs NODE: ids of the programs on the node's devices, by pinned tcx link or clsact filter.
programs() {
  local link
  for link in "$(node_dir "$1")"/bpffs/links/*; do
    if [[ -e $link ]]; then bpftool -j link show pinned "$link" | jq .prog_id; fi
  done
  lab_in "$1" bpftool -j net show | jq '.[].tc[]?.id'
}

# gone ID…: the kernel has freed all of these programs, so nothing runs them any more.
gone() {
  local id
  for id in "$@"; do
    if bpftool prog show id "$id"; then return 1; fi
  done
}

qdiscs() { lab_in "$1" tc -j qdisc show | jq '[.[] | select(.kind == "clsact")] | length'; }

pins() { if [[ -d $(node_dir "$1")/bpffs ]]; then find "$(node_dir "$1")/bpffs" -type f | wc -l; else echo 0; fi; }

mounts() { findmnt -rn -t bpf -o TARGET | grep -c "^$(node_dir "$1")/" || :; }

maps_of_other() { find "$(node_dir node-b)/bpffs/maps" -type f | wc -l; }

refuses_while_running() {
  expect "cleanup refuses while the agent runs" refused \
    "$(agent_cleanup node-a >/dev/null 2>&1 && echo cleaned || echo refused)"
  expect "… and traffic still flows" "web-3 $(lab_addr web-1 4)" \
    "$(answer web-1 "$(vip 10 4)" 80 tcp)"
}

leaves_nothing() {
  local ids
  agent_end node-a TERM
  mapfile -t ids < <(programs node-a)
  check "${#ids[@]} programs are attached after the agent has stopped" test "${#ids[@]}" -ge 12
  check "cleanup succeeds" agent_cleanup node-a
  check_await "no program is left in the kernel" gone "${ids[@]}"
  expect "no clsact qdisc" 0 "$(qdiscs node-a)"
  expect "no pinned object" 0 "$(pins node-a)"
  expect "no bpffs mounted by the agent" 0 "$(mounts node-a)"
  check "the run folder holds no socket" test ! -e "$(node_dir node-a)/run/admin.sock"
  check "a second cleanup finds nothing and succeeds" agent_cleanup node-a
}

other_agent_untouched() {
  check "node-b's maps are still pinned" test "$(maps_of_other)" -gt 0
  expect "node-b's services still answer" "web-3 $(lab_addr web-4 4)" \
    "$(answer web-4 "$(vip 10 4)" 80 tcp)"
  expect "node-a's do not" "timed out" "$(probe web-1 "$(vip 10 4)" 80 tcp)"
}

starts_again() {
  agent_start node-a
  expect "an agent started after cleanup serves again" "web-3 $(lab_addr web-1 6)" \
    "$(answer web-1 "$(vip 10 6)" 80 tcp)"
}

e2e_cluster
manifests | everywhere test.yaml
lab_agents
refuses_while_running
leaves_nothing
other_agent_untouched
starts_again
e2e_end
