# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Manifests of the tests, on stdout.

# What services and slices have a port for; named by their first letter.
MANIFEST_PROTOCOLS=(TCP UDP)

# vip NUMBER 4|6: the ClusterIP that service NUMBER has.
vip() {
  case $2 in
  4) echo "10.96.1.$1" ;;
  6) echo "fd00:10:96::1:$1" ;;
  esac
}

# port_name PROTOCOL: t, u, s.
port_name() { local name=${1:0:1}; echo "${name,}"; }

# service NAME NUMBER [SPEC-LINE…]: dual-stack, MANIFEST_PROTOCOLS, port 80 → 8080. A line that begins
# with nodePort goes to all ports; all others to the spec.
service() {
  local name=$1 number=$2 line proto node_port='' lines='' ports=''
  shift 2
  for line in "$@"; do
    case $line in
    nodePort:*) node_port=", $line" ;;
    *) lines+="  $line"$'\n' ;;
    esac
  done
  for proto in "${MANIFEST_PROTOCOLS[@]}"; do
    ports+="    - {name: $(port_name "$proto"), protocol: $proto, port: 80$node_port}"$'\n'
  done
  cat <<YAML
apiVersion: v1
kind: Service
metadata: {name: $name, namespace: test}
spec:
  ipFamilies: [IPv4, IPv6]
  clusterIP: $(vip "$number" 4)
  clusterIPs: [$(vip "$number" 4), "$(vip "$number" 6)"]
  ports:
$ports$lines
YAML
}

# ingress ADDRESS…: the status of a LoadBalancer service; follows `service` at once.
ingress() {
  echo 'status: {loadBalancer: {ingress: ['
  printf '  {ip: "%s"},\n' "$@"
  echo ']}}'
}

# endpoints SERVICE MACHINE…: its slices, one per family. hostNetwork pods: name the node.
endpoints() {
  local service=$1 family machine node proto ports=''
  shift
  for proto in "${MANIFEST_PROTOCOLS[@]}"; do
    ports+="{name: $(port_name "$proto"), protocol: $proto, port: 8080}, "
  done
  for family in 4 6; do
    cat <<YAML
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: $service-$family
  namespace: test
  labels: {kubernetes.io/service-name: $service}
addressType: IPv$family
ports: [$ports]
endpoints:
YAML
    (($#)) || echo '  []'
    for machine in "$@"; do
      node=${LAB_POD_NODE[$machine]:-$machine}
      printf '  - {addresses: ["%s"], nodeName: %s, conditions: {ready: true}}\n' \
        "$(lab_addr "$machine" "$family")" "$node"
    done
  done
}

# pod_object NAME [LABELS [PORTS]]: the Pod, as the API server would show it. LABELS: {app: web}; PORTS:
# {name: web, containerPort: 8080}, …
pod_object() {
  local labels='{}' ports=''
  if [[ -n ${2:-} ]]; then labels=$2; fi
  if [[ -n ${3:-} ]]; then ports=", ports: [$3]"; fi
  cat <<YAML
---
apiVersion: v1
kind: Pod
metadata: {name: $1, namespace: test, labels: $labels}
spec: {nodeName: ${LAB_POD_NODE[$1]}, containers: [{name: web, image: example.org/web$ports}]}
status: {phase: Running, podIPs: [{ip: $(lab_addr "$1" 4)}, {ip: "$(lab_addr "$1" 6)"}]}
YAML
}

# policy NAME SPEC: a NetworkPolicy, its spec in braces.
policy() {
  cat <<YAML
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: $1, namespace: test}
spec: $2
YAML
}
