# SPDX-License-Identifier: Apache-2.0
# Reads the services (model.awk), writes manifests of them into the folder that is given as dir.
# Which file a service is in depends on its name alone. Ports of one service stand on lines that
# follow each other.

BEGIN { FS = "\t" }

$1 != name { finish(); begin() }

{
  ports = ports sprintf("    - {name: %s, protocol: %s, port: %s, targetPort: 8080%s}\n", $3,
    toupper($3), $4, $5 ? ", nodePort: " $5 : "")
  slice_ports = slice_ports sprintf("  - {name: %s, protocol: %s, port: 8080}\n", $3, toupper($3))
}

END { finish() }

function begin(    i, endpoint) {
  name = $1
  head = sprintf("apiVersion: v1\nkind: Service\nmetadata: {name: %s, namespace: bench}\nspec:\n" \
    "  type: %s\n  ipFamilies: [IPv4]\n  clusterIP: %s\n  clusterIPs: [%s]\n  ports:\n",
    name, $5 ? "NodePort" : "ClusterIP", $2, $2)
  ports = slice_ports = endpoints = ""
  for (i = 7; i <= NF; i++) {
    split($i, endpoint, ":")
    endpoints = endpoints sprintf("  - {addresses: [%s], nodeName: %s, conditions: {ready: true}}\n",
      endpoint[1], $6)
  }
}

function finish(    file, number) {
  if (name == "") return
  number = name
  file = dir "/services-" (sub(/^svc-/, "", number) ? int(number / 250) : "measured") ".yaml"
  printf "%s%s---\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata:\n" \
    "  name: %s-ipv4\n  namespace: bench\n  labels: {kubernetes.io/service-name: %s}\n" \
    "addressType: IPv4\nports:\n%sendpoints:\n%s---\n",
    head, ports, name, name, slice_ports, endpoints >file
}
