# SPDX-License-Identifier: Apache-2.0
# The services of deploy/bench/path, one line per service port, tab-separated:
#
#   NAME  VIP  PROTOCOL  PORT  NODE-PORT  NODE  ENDPOINT…
#
# NODE-PORT is 0 where there is none, NODE the one that all endpoints are on, an ENDPOINT is
# ADDRESS:PORT. Given: services = how many lines; far, near = the addresses that the two measured
# services have, separated by spaces; far_node, near_node; near_port = the NodePort of the second, if it is to
# have one.
#
# The measured services stand in the middle: the proxy whose rules are a list has no order of
# services (it ranges over a hash map), so the middle is what to expect of it. Every tenth of the
# others has a NodePort, too, as far as the default range goes.

function address(net, n) {
  return sprintf("10.%d.%d.%d", net + int(n / 65536), int(n / 256) % 256, n % 256)
}

function filler(n,    node_port) {
  node_port = n % 10 == 0 && n <= 26670 ? 30100 + n / 10 : 0
  printf "svc-%d\t%s\ttcp\t80\t%d\telsewhere\t%s:8080\t%s:8080\n", n, address(97, n),
    node_port, address(128, 2 * n), address(128, 2 * n + 1)
}

function measured(name, vip, node_port, node, addresses,    protocol, protocols, list, i, j, n) {
  split("tcp udp", protocols, " ")
  n = split(addresses, list, " ")
  for (i = 1; i <= 2; i++) {
    printf "%s\t%s\t%s\t80\t%d\t%s", name, vip, protocols[i], node_port, node
    for (j = 1; j <= n; j++) printf "\t%s:8080", list[j]
    printf "\n"
  }
}

BEGIN {
  FS = OFS = "\t"
  half = int((services - 4) / 2)
  for (n = 1; n <= half; n++) filler(n)
  measured("far", "10.96.0.10", 30080, far_node, far)
  measured("near", "10.96.0.11", near_port + 0, near_node, near)
  for (; n <= services - 4; n++) filler(n)
}
