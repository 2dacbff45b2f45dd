# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Servers and clients on the lab's machines, by the peer tool.

LAB_SERVERS=()
declare -A FLOW_PID=() FLOW_FD=()

# lab_serve MACHINE PORT [NAME]: answer TCP and UDP there; listening when this returns.
lab_serve() {
  local pid
  pid=$(lab_in "$1" "$PEER" serve --name "${3:-$1}" --tcp-port "$2" --udp-port "$2" --background)
  LAB_SERVERS+=("$pid")
}

# lab_iperf POD PORT [OPTION…]: an iperf3 server there; listening when this returns.
lab_iperf() {
  nsenter --net="$(ns "$1")" iperf3 -s -p "$2" "${@:3}" >/dev/null 2>&1 </dev/null &
  LAB_SERVERS+=("$!")
  await 10 lab_in "$1" sh -c "ss -Htln sport = :$2 | grep -q ." || die "iperf3 did not start in $1"
}

# lab_serve_end: stop the server that was started last.
lab_serve_end() {
  kill "${LAB_SERVERS[-1]}"
  unset 'LAB_SERVERS[-1]'
}

# ask MACHINE ADDRESS PORT [OPTION…]: one request; prints "NAME SOURCE PORT BYTES" or the failure.
ask() {
  local machine=$1
  shift
  lab_in "$machine" "$PEER" ask "$@"
}

# flow_start LABEL MACHINE stream|hold ADDRESS PORT [OPTION…]: traffic until flow_end LABEL.
flow_start() {
  local label=$1 machine=$2 fd line
  shift 2
  exec {fd}< <(exec nsenter --net="$(ns "$machine")" "$PEER" "$@")
  FLOW_PID[$label]=$!
  FLOW_FD[$label]=$fd
  read -r -t 60 -u "$fd" line || die "peer $* did not start"
  [[ $line == ready ]] || die "peer $*: $line"
}

# flow_end LABEL: stop it; its summary goes to FLOW_SUMMARY.
flow_end() {
  local fd=${FLOW_FD[$1]}
  kill "${FLOW_PID[$1]}" 2>/dev/null || warn "the traffic $1 had ended by itself"
  # shellcheck disable=SC2034 # read by the callers
  read -r -t 60 -u "$fd" FLOW_SUMMARY || FLOW_SUMMARY='{}'
  exec {fd}<&-
  unset "FLOW_PID[$1]" "FLOW_FD[$1]"
}

lab_traffic_delete() {
  local pid
  for pid in "${FLOW_PID[@]}" "${LAB_SERVERS[@]}"; do
    kill "$pid" 2>/dev/null || continue
  done
}
