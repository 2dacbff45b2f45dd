#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What a node tells those who ask for its health: load balancers at a Service's health check port
# (S-130…S-135, S-099) and at /healthz (S-138), the kubelet at /livez (S-139), Prometheus at /metrics
# (S-141); and that no port it cannot have ends the agent.
# combinations: xdp=native socket-lb=on

# shellcheck source=deploy/e2e/lib/check.sh
source "$(dirname "$0")/lib/check.sh"

HEALTH_PORT=32100
NO_NODE_PORTS=32101

# lb NAME NUMBER HEALTH-PORT [SPEC-LINE…]: a LoadBalancer service for clients of this node's endpoints.
lb() {
  service "$1" "$2" 'type: LoadBalancer' 'externalTrafficPolicy: Local' "healthCheckNodePort: $3" "${@:4}"
  ingress "203.0.113.$2" "2001:db8:113::$2"
}

# web MACHINE…: the service with these endpoints, on all nodes.
web() {
  { lb web 20 $HEALTH_PORT 'nodePort: 30020'; endpoints web "$@"; } | everywhere web.yaml
}

# An answer that never ends would be the test's end, too.
http() {
  local machine=$1 address=$2 port=$3 path=$4
  # shellcheck disable=SC2016 # the inner bash expands it
  lab_in "$machine" timeout 10 bash -c '
    exec 3<>"/dev/tcp/$0/$1" || exit
    printf "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" "$2" >&3
    tr -d "\r" <&3' "$address" "$port" "$path" 2>/dev/null
}

code() { http "$@" | awk 'NR == 1 { print $2 }'; }
header() { http "${@:2}" | awk -F ': ' -v h="${1,,}" 'tolower($1) == h { print $2 }'; }
body() { http "$@" | sed '1,/^$/d'; }

# health NODE 4|6 [PORT]: code, weight and local endpoints, as a load balancer outside sees them.
health() {
  local address
  address=$(lab_addr "$1" "$2")
  printf '%s %s %s' "$(code client "$address" "${3:-$HEALTH_PORT}" /)" \
    "$(header X-Load-Balancing-Endpoint-Weight client "$address" "${3:-$HEALTH_PORT}" /any)" \
    "$(body client "$address" "${3:-$HEALTH_PORT}" / | jq .localEndpoints)"
}

health_is() { [[ $(health "$1" "$2" "${4:-$HEALTH_PORT}") == "$3" ]]; }
closed() { ! http client "$(lab_addr "$1" "$2")" "$3" / >/dev/null; }

endpoints_come_and_go() {
  local family
  web web-1 web-2 web-3
  for family in 4 6; do
    check_await "IPv$family: two endpoints on node-a" health_is node-a $family "200 2 2"
    check_await "IPv$family: one endpoint on node-b" health_is node-b $family "200 1 1"
  done
  web web-3
  for family in 4 6; do
    check_await "IPv$family: none is left on node-a" health_is node-a $family "503 0 0"
    expect "IPv$family: node-b is as before" "200 1 1" "$(health node-b $family)"
  done
  expect "the clients are sent where the endpoint is" "web-3 $(lab_addr client 4)" \
    "$(answer client "$(lab_addr node-b 4)" 30020 tcp)"
  web web-1 web-3
  check_await "one comes back" health_is node-a 4 "200 1 1"
}

bytes() {
  local address
  address=$(lab_addr node-a 4)
  expect "the body is kube-proxy's" "$(printf '%s\n' '{' $'\t"service": {' $'\t\t"namespace": "test",' \
    $'\t\t"name": "web"' $'\t},' $'\t"localEndpoints": 1,' $'\t"serviceProxyHealthy": true' '}')" \
    "$(body client "$address" $HEALTH_PORT /)"
  expect "and so are the headers" "application/json nosniff" \
    "$(header Content-Type client "$address" $HEALTH_PORT /) $(header X-Content-Type-Options client \
      "$address" $HEALTH_PORT /)"
}

# A VIP whose Service has no nodePorts, and its health check port all the same (S-099).
without_node_ports() {
  { lb bare 21 $NO_NODE_PORTS; endpoints bare web-1; } | everywhere bare.yaml
  check_await "a Service without nodePorts has its health check port" \
    health_is node-a 4 "200 1 1" $NO_NODE_PORTS
  expect "and its VIP" "web-1 $(lab_addr client 4)" "$(answer client 203.0.113.21 80 tcp)"
}

ports_follow_the_service() {
  { lb bare 21 32102; endpoints bare web-1; } | everywhere bare.yaml
  check_await "another port" health_is node-a 6 "200 1 1" 32102
  check_await "the old one is given back" closed node-a 6 $NO_NODE_PORTS
  service bare 21 | everywhere bare.yaml
  check_await "a ClusterIP service has none" closed node-a 6 32102
}

problems_of() { agent_status node-a | jq -r --arg s "$1" '.problems[] | select(.source == $s) | .reason'; }

# Somebody else has the port: said, and taken once it is free.
taken_port() {
  lab_serve node-a 32103
  { lb bare 21 32103; endpoints bare web-1; } | everywhere bare.yaml
  check_await "a port that is taken is said" \
    problem_is "health ports" "cannot listen on 0.0.0.0:32103: Address already in use; it is tried again"
  lab_serve_end node-a
  check_await "and taken once it is free" health_is node-a 4 "200 1 1" 32103
  check_await "the problem is mended" problem_is "health ports" ''
}

problem_is() { [[ $(problems_of "$1") == "$2" ]]; }

node_health() {
  local family address
  for family in 4 6; do
    address=$(lab_addr node-a $family)
    expect "IPv$family: /healthz" 200 "$(code client "$address" 10256 /healthz)"
    expect "IPv$family: /livez" 200 "$(code client "$address" 10256 /livez)"
  done
  check "/healthz says when" grep -Eqx \
    '\{"lastUpdated": "([^"]+ \+0000 UTC)","currentTime": "\1", "nodeEligible": true\}' \
    <(body client "$address" 10256 /healthz)
  going | put_manifest node-a a-going.yaml
  check_await "a node that the autoscaler removes takes no more clients" code_is 503 /healthz
  expect "its agent works" 200 "$(code client "$address" 10256 /livez)"
  drop_manifest node-a a-going.yaml
  check_await "and takes them again once it stays" code_is 200 /healthz
}

# node-a as the autoscaler marks it; of two files with one object the first by name counts.
going() {
  cat <<YAML
apiVersion: v1
kind: Node
metadata: {name: node-a}
spec:
  podCIDRs: [10.244.1.0/24, "fd00:10:244:1::/64"]
  taints: [{key: ToBeDeletedByClusterAutoscaler, value: "1795000000", effect: NoSchedule}]
status:
  addresses:
    - {type: InternalIP, address: 172.30.0.1}
    - {type: InternalIP, address: "fd00:30::1"}
YAML
}

code_is() { [[ $(code client "$(lab_addr node-a 4)" 10256 "$2") == "$1" ]]; }

# metric NAME-WITH-LABELS: its value, as Prometheus on the node reads it.
metric() {
  body node-a 127.0.0.1 10249 /metrics | awk -v name="$1" 'index($0, name " ") == 1 { print $2 }'
}

above() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a > b) }'; }

metrics() {
  expect "/proxyMode" millrace "$(body node-a 127.0.0.1 10249 /proxyMode)"
  expect "/healthz beside the metrics" ok "$(body node-a 127.0.0.1 10249 /healthz)"
  expect "the metrics' type" "text/plain; version=0.0.4; charset=utf-8" \
    "$(header Content-Type node-a 127.0.0.1 10249 /metrics)"
  check "rounds are timed" above \
    "$(metric 'kubeproxy_sync_proxy_rules_duration_seconds_count{ip_family="IPv4"}')" 0
  check "changes of slices are counted" above \
    "$(metric 'kubeproxy_sync_proxy_rules_endpoint_changes_total{ip_family="IPv4"}')" 0
  check "answers of /healthz are counted" above "$(metric 'kubeproxy_proxy_healthz_total{code="503"}')" 0
  check "entries of maps" above "$(metric 'millrace_map_entries{map="svcs4"}')" 0
  expect "no packet was dropped for want of endpoints" 0.0 \
    "$(metric 'millrace_drops_total{reason="no_local_endpoint"}')"
  expect "refused from outside" '' "$(code client "$(lab_addr node-a 4)" 10249 /metrics)"
}

# A second agent that finds the ports taken serves its node all the same.
restart_with_taken_ports() {
  agent_end node-b TERM
  lab_serve node-b 10256
  agent_start node-b
  check_await "an agent without /healthz serves" health_is node-b 4 "200 1 1"
  check "and says so" grep -q 'cannot listen on 0.0.0.0:10256: Address already in use' \
    "$(node_dir node-b)/agent.log"
}

e2e_cluster
web web-1 web-2 web-3
lab_agents
endpoints_come_and_go
bytes
without_node_ports
ports_follow_the_service
taken_port
node_health
metrics
restart_with_taken_ports
e2e_end
