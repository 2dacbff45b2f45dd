# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Servers and clients on the lab's machines: the peer tool, and iperf3 for bulk data.

declare -A LAB_SERVERS=() # machine → process ids of its servers
declare -A FLOW_PID=() FLOW_FD=()

# lab_serve MACHINE PORT [NAME]: answer TCP, UDP and SCTP there; listening when this returns.
lab_serve() {
  local pid
  pid=$(lab_in "$1" "$PEER" serve --name "${3:-$1}" --tcp-port "$2" --udp-port "$2" \
    --sctp-port "$2" --background)
  LAB_SERVERS[$1]+=" $pid"
}

# lab_iperf MACHINE PORT [OPTION…]: an iperf3 server there; listening when this returns.
lab_iperf() {
  local pid
  lab_exec "$1" iperf3 -s -p "$2" "${@:3}" >/dev/null 2>&1 </dev/null &
  pid=$!
  LAB_SERVERS[$1]+=" $pid"
  await 20 listens "$1" "$2" "$pid" || die "iperf3 did not start in $1"
}

# listens MACHINE PORT PID: this very process, and not one before it.
listens() { lab_in "$1" ss -Htlnp "sport = :$2" | grep -q "pid=$3,"; }

# lab_serve_end MACHINE…: stop its servers; their ports are free when this returns.
lab_serve_end() {
  local machine pids
  for machine in "$@"; do
    read -r -a pids <<<"${LAB_SERVERS[$machine]:-}"
    unset "LAB_SERVERS[$machine]"
    process_end TERM "${pids[@]}"
  done
}

lab_serve_end_all() { lab_serve_end "${!LAB_SERVERS[@]}"; }

# ask MACHINE ADDRESS PORT [OPTION…]: one request; prints "NAME SOURCE PORT BYTES" or the failure.
ask() {
  local machine=$1
  shift
  lab_in "$machine" "$PEER" ask "$@"
}

# bulk_data MACHINE ADDRESS PORT [OPTION…]: send to an iperf3 server; prints what iperf3 says as JSON.
# A server that has not put away its last client yet is asked again; who gets nothing through is ended.
bulk_data() {
  local machine=$1 report busy='the server is busy running a test. try again later' tries
  for ((tries = 0; tries < 50; tries++)); do
    report=$(lab_in "$machine" timeout 20 iperf3 -J -c "$2" -p "$3" --connect-timeout 5000 "${@:4}") || :
    [[ $(jq -r '.error // ""' <<<"$report") == *"$busy"* ]] || break
    read -r -t 0.1 <> <(:) || continue
  done
  printf '%s\n' "$report"
}

# flow_start LABEL MACHINE stream|hold|flood ADDRESS PORT [OPTION…]: traffic until flow_end LABEL.
flow_start() {
  local label=$1 machine=$2 fd line
  shift 2
  exec {fd}< <(lab_exec "$machine" "$PEER" "$@")
  FLOW_PID[$label]=$!
  FLOW_FD[$label]=$fd
  read -r -t 60 -u "$fd" line || die "peer $* did not start"
  [[ $line == ready ]] || die "peer $*: $line"
}

# flow_end LABEL: stop it; its summary goes to FLOW_SUMMARY.
flow_end() {
  kill "${FLOW_PID[$1]}" 2>/dev/null || warn "the traffic $1 had ended by itself"
  flow_await "$1"
}

# flow_await LABEL: as flow_end, of traffic that ends by itself (--seconds).
flow_await() {
  local fd=${FLOW_FD[$1]}
  # shellcheck disable=SC2034 # read by the callers
  if ! read -r -t 60 -u "$fd" FLOW_SUMMARY; then
    warn "the traffic $1 has ended without a summary, or not within 60 s"
    FLOW_SUMMARY='{}'
  fi
  exec {fd}<&-
  unset "FLOW_PID[$1]" "FLOW_FD[$1]"
}

lab_traffic_delete() {
  process_end TERM "${FLOW_PID[@]}"
  lab_serve_end_all
}
