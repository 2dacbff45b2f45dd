#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Somebody changes what the agent has put into the kernel, or the node itself: programs, entries, pins, qdiscs,
# uplinks, addresses. It is found, put right, counted and logged; connections that are open go on.
# combinations: xdp=native socket-lb=on
# combinations: xdp=off socket-lb=off

# shellcheck source=deploy/e2e/lib/check.sh
source "$(dirname "$0")/lib/check.sh"

EVERY=2 # seconds from one look to the next

manifests() {
  service web 10 'type: NodePort' 'nodePort: 30010'
  endpoints web web-3
}

repaired() { agent_status node-a | jq '.drift.repaired // 0'; }

metric() {
  lab_in node-a curl -fsS http://127.0.0.1:10249/metrics | awk -v name="$1" 'index($0, name " ") == 1 { print $2 }'
}


# A check that comes while something is being spoilt finds a part of it, and the next one the rest: the number may
# rise between two looks.
metric_agrees() { [[ $(metric millrace_drift_repaired_total) == "$(repaired).0" ]]; }

# spoilt WHAT COMMAND…: after the command, which changes something, the agent puts it right.
spoilt() {
  local what=$1
  shift
  REPAIRED=$(repaired)
  TOLD=$(logged 'the kernel had drifted')
  "$@"
  check_await "$what: found, and counted" is_repaired
  check_await "$what: the metric says so" metric_agrees
  check "$what: the log says so" has_logged 'the kernel had drifted' "$TOLD"
  check_await "$what: the agent is synced" is_synced
  with_all answers_after "$what"
}

is_repaired() { (($(repaired) > REPAIRED)); }

is_synced() { [[ $(agent_status node-a | jq -r .state) == SYNCED ]]; }

answers_after() {
  expect "IPv$1 $2, $3: a pod is answered" "web-3 $(lab_addr web-1 "$1")" "$(answer web-1 "$(vip 10 "$1")" 80 "$2")"
  expect "IPv$1 $2, $3: a client outside, too" "web-3 $(lab_addr node-a "$1")" \
    "$(answer client "$(lab_addr node-a "$1")" 30010 "$2")"
}

pins() { find "$(node_dir node-a)/bpffs/$1" -type f | sort; }

# Ids of what the pins lead to. A link that is detached once cannot be used again.
ids() {
  local pin
  for pin in $(pins "$1"); do bpftool -j "${1%s}" show pinned "$pin" | jq .id; done | sort
}

# made_anew IDS: as many links as before, and none of those.
made_anew() {
  expect "… all $(wc -l <<<"$1") links are there again, made anew" "$(wc -l <<<"$1") links, 0 of before" \
    "$(ids links | wc -l) links, $(ids links | comm -12 - <(echo "$1") | wc -l) of before"
}

detach_all() {
  local pin
  for pin in $(pins links); do bpftool link detach pinned "$pin"; done
}

unlink_all() { pins "$1" | xargs rm; }

remove_folder() { rm -r "$(node_dir node-a)/bpffs/$1"; }

# The first entry of a map goes.
lose_entry() {
  local pin key
  pin=$(pins maps | grep "/$1_v")
  mapfile -t key < <(bpftool -j map dump pinned "$pin" | jq -r '.[0].key[]')
  bpftool map delete pinned "$pin" key hex "${key[@]#0x}"
}

# The first value of a map becomes nothing.
blank_entry() {
  local pin key size
  pin=$(pins maps | grep "/$1_v")
  size=$(bpftool -j map show pinned "$pin" | jq .bytes_value)
  mapfile -t key < <(bpftool -j map dump pinned "$pin" | jq -r '.[0].key[]')
  # shellcheck disable=SC2046 # a word for each byte
  bpftool map update pinned "$pin" key hex "${key[@]#0x}" value hex $(printf '00 %.0s' $(seq "$size"))
}

programs() {
  local before
  before=$(ids links)
  spoilt "programs are detached" detach_all
  made_anew "$before"
  before=$(ids links)
  spoilt "pins of links are removed" unlink_all links
  made_anew "$before"
}

entries() {
  spoilt "an entry of svcs4 is deleted" lose_entry svcs4
  spoilt "an entry of svcs6 is blank" blank_entry svcs6
  spoilt "an entry of endpoints4 is deleted" lose_entry endpoints4
}

# Connections are older than all of this, and outlive an agent that finds its maps by their pins.
maps() {
  local before
  before=$(ids maps)
  spoilt "pins of maps are removed" unlink_all maps
  expect "… they lead to the same maps again" "$before" "$(ids maps)"
  spoilt "their folder is removed" remove_folder maps
  expect "… it is there again, for nobody else" "$before 700" \
    "$(ids maps) $(stat -c %a "$(node_dir node-a)/bpffs/maps")"
  agent_end node-a KILL
  agent_start node-a --drift-check $EVERY
  expect "… where the next agent finds all" 0 "$(jq .entries_written <<<"$SYNCED_STATUS")"
}

# ----- What netlink tells: found before anybody looks -----

uplink() { agent_status node-a | jq -r '.devices[] | select(.name == "eth1") | "\(.role) \(.attached)"'; }

has_uplink() { [[ $(uplink) == "${1:-}" ]]; }

# at HOST: who answers at these addresses of node-a.
at() {
  probe client "$WIRE4.$1" 30010 tcp
  probe client "$WIRE6:$1" 30010 udp
}

serves_at() { [[ $(at "$1" | cut -d' ' -f1 | paste -sd' ') == "web-3 web-3" ]]; }

serves_not_at() { [[ $(at "$1") != *web-3* ]]; }

# noticed WHAT LINE COMMAND…: the command changes the host; that is counted, and a line of the log says so.
noticed() {
  local what=$1 line=$2 before lines
  shift 2
  before=$(metric millrace_host_changes_total)
  lines=$(logged "$line")
  "$@"
  check_await "$what: counted" has_counted "$before"
  check_await "… and the log says so" has_logged "$line" "$lines"
}

has_counted() { [[ $(metric millrace_host_changes_total) != "$1" ]]; }

logged() { grep -c "$1" "$(node_dir node-a)/agent.log" || :; }

has_logged() { (($(logged "$1") > $2)); }

uplink_comes() {
  lab_ip node-a link add name eth1 type veth peer name to-second netns "$LAB_ID-wire"
  lab_ip wire link set to-second master bridge0 up
  lab_cable wire to-second
  lab_ip node-a link set eth1 up
  lab_ip node-a addr add "$WIRE4.61/24" dev eth1 metric 500
  lab_ip node-a addr add "$WIRE6:61/64" dev eth1 nodad metric 500
  lab_ip node-a route add default via "$WIRE4.254" dev eth1 metric 500
  lab_ip node-a -6 route add default via "$WIRE6:254" dev eth1 metric 500
}

uplinks() {
  noticed "an uplink comes" "attached eth1 UPLINK programs" uplink_comes
  check_await "… it has its programs" has_uplink "uplink true"
  check_await "… and its addresses have the NodePorts" serves_at 61
  noticed "an uplink goes" "addresses changed .*went=.*$WIRE4.61" lab_ip node-a link del eth1
  check_await "… it is forgotten" has_uplink
  with_all answers_after "without the second uplink"
}

address() {
  lab_ip node-a addr "$1" "$WIRE4.62/24" dev eth0
  lab_ip node-a addr "$1" "$WIRE6:62/64" dev eth0
}

addresses() {
  noticed "an address comes" "addresses changed came=.*$WIRE4.62" address add
  check_await "… and has the NodePorts" serves_at 62
  noticed "an address goes" "addresses changed .*went=.*$WIRE4.62" address del
  check_await "… and has them no more" serves_not_at 62
}

traffic_start() {
  flow_start held4 web-1 hold "$(vip 10 4)" 80 --count 20
  flow_start held6 client hold "$(lab_addr node-a 6)" 30010 --count 20
}

traffic_end() {
  held_ends held4 20
  held_ends held6 20
}

qdiscs() { lab_in node-a tc -j qdisc show | jq '[.[] | select(.kind == "clsact")] | length'; }

flush_qdiscs() {
  local device
  for device in eth0 pod-web-1; do lab_in node-a tc qdisc del dev "$device" clsact; done
}

by_clsact() {
  local before
  agent_end node-a KILL
  agent_start node-a --drift-check $EVERY --tcx off
  before=$(qdiscs)
  spoilt "qdiscs are flushed" flush_qdiscs
  expect "… all are there again" "$before" "$(qdiscs)"
}

e2e_cluster
manifests | everywhere test.yaml
lab_agents --drift-check $EVERY
traffic_start
entries
maps
uplinks
addresses
traffic_end
programs
by_clsact
e2e_end
