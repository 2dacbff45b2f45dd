# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The lab's cluster with an API server, agents that a shim goes with, and tables so small that they can be filled.

SHIM=$NATIVE_OUT/native/tests/libchaos.so
NODES=(node-a node-b)
AGENT_FLAGS=(--max-frontends 128 --max-backends 128 --drift-check 3)

# ----- What the shim does to an agent -----

PERMILLE=0 # of the system calls that find no memory
SHIFT_S=0  # that the wall clock is wrong by

chaos_file() { printf '%s/chaos' "$(node_dir "$1")"; }

# shim: what it shall do from now on. In place, as the agents have the file mapped.
shim() {
  local node
  for node in "${NODES[@]}"; do
    printf '%-127s\n' "$PERMILLE $SHIFT_S" 1<>"$(chaos_file "$node")"
  done
}

# refused: system calls so far.
refused() {
  local node
  for node in "${NODES[@]}"; do od -An -t u8 -j 128 -N 8 "$(chaos_file "$node")"; done |
    awk '{ sum += $1 } END { print sum }'
}

spawn() {
  LD_PRELOAD=$SHIM MILLRACE_CHAOS=$(chaos_file "$1") agent_spawn "$1" "${AGENT_FLAGS[@]}"
}

metric() {
  lab_in "$1" curl -fsS --max-time 5 http://127.0.0.1:10249/metrics |
    awk -v name="$2" 'index($0, name " ") == 1 { print $2 }'
}

is_synced() { [[ $(metric "$1" millrace_synced) == 1.0 ]]; }

# ----- What is in it -----

FLAPPING=(web-1 web-2 web-3 web-4) # endpoints of that service
ROLLING=(web-2)                    # likewise; pods that come and go
VERDICT=allowed # of a friend who asks the vault

put_service() { # NAME NUMBER ENDPOINT…
  {
    service "$1" "$2" 'type: NodePort' "nodePort: 300$2"
    endpoints "$1" "${@:3}"
  } | api_put "$1.yaml"
}

put_flapping() { put_service flapping 11 "${FLAPPING[@]}"; }
put_rolling() { put_service rolling 12 "${ROLLING[@]}"; }

# put_vault: it has a policy at all times, which lets in friends or nobody.
put_vault() {
  local rules='[]'
  if [[ $VERDICT == allowed ]]; then rules='[{from: [{podSelector: {matchLabels: {role: friend}}}]}]'; fi
  policy vault "{podSelector: {matchLabels: {app: vault}}, policyTypes: [Ingress], ingress: $rules}" |
    api_put vault-policy.yaml
}

# put_wide PORT: all that is asked is allowed, and something else that changes.
put_wide() {
  policy wide "{podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress, Egress], egress: [{}],
    ingress: [{ports: [{port: 8080}, {port: 8080, protocol: UDP}, {port: $1}]}]}" | api_put wide.yaml
}

put_objects() {
  mkdir -p "$(api_manifests)"
  cp "$ROOT/deploy/demo/cluster.yaml" "$(api_manifests)"
  {
    pod_object web-1 '{app: web, role: friend}'
    pod_object web-2 '{app: web}'
    pod_object web-3 '{app: web, role: friend}'
    pod_object web-4 '{app: web}'
    pod_object vault '{app: vault}'
  } | api_put pods.yaml
  put_service steady 10 web-1 web-2 web-3 web-4
  put_flapping
  put_rolling
  put_vault
  put_wide 20000
}

chaos_cluster() {
  local node
  [[ -f $SHIM ]] || die "$SHIM is not built: run deploy/verify first"
  lab_begin
  lab_cluster
  lab_pod vault node-a 19
  lab_serve vault 8080
  put_objects
  api_start client "$(lab_addr client 4)"
  for node in "${NODES[@]}"; do truncate -s 4096 "$(chaos_file "$node")"; done
  shim
  for node in "${NODES[@]}"; do spawn "$node"; done
  for node in "${NODES[@]}"; do agent_wait "$node"; done
  await 30 is_settled || die "the cluster does not work before anything goes wrong"
}
