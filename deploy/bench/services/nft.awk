# SPDX-License-Identifier: Apache-2.0
# Reads the services (model.awk), prints input of `nft -f`: rules of the shape that kube-proxy
# writes in nftables mode. Given: node = the node's address, pods = the pods' address block, and
# family = ip or ip6. Needs endpoint.awk.
#
# A new connection to a service is found in a verdict map by address, protocol and port, goes to
# the service's chain, from there by a random number to an endpoint's chain, which translates.

BEGIN {
  FS = "\t"
  T = family " kube-proxy"
  address = family == "ip" ? "ipv4_addr" : "ipv6_addr"
  print "add table " T "\ndelete table " T "\nadd table " T
  print "add set " T " cluster-ips { type " address " ; }"
  print "add set " T " nodeport-ips { type " address " ; }"
  split("firewall-ips no-endpoint-services service-ips", maps, " ")
  for (i = 1; i <= 3; i++)
    print "add map " T " " maps[i] " { type " address " . inet_proto . inet_service : verdict ; }"
  split("no-endpoint-nodeports service-nodeports", maps, " ")
  for (i = 1; i <= 2; i++)
    print "add map " T " " maps[i] " { type inet_proto . inet_service : verdict ; }"
  base("filter-prerouting-pre-dnat", "filter", "prerouting", -110)
  base("filter-output-pre-dnat", "filter", "output", -110)
  base("filter-forward", "filter", "forward", 0)
  base("filter-input", "filter", "input", 0)
  base("filter-output", "filter", "output", 0)
  base("nat-prerouting", "nat", "prerouting", -100)
  base("nat-output", "nat", "output", -100)
  base("nat-postrouting", "nat", "postrouting", 100)
  split("firewall-check nodeport-endpoints-check service-endpoints-check cluster-ips-check " \
    "services mark-for-masquerade masquerading reject-chain", chains, " ")
  for (i = 1; i <= 8; i++) print "add chain " T " " chains[i]
  rule("filter-prerouting-pre-dnat", "ct state new jump firewall-check")
  rule("filter-output-pre-dnat", "ct state new jump firewall-check")
  rule("filter-forward", "ct state new jump service-endpoints-check")
  rule("filter-forward", "ct state new jump cluster-ips-check")
  rule("filter-input", "ct state new jump nodeport-endpoints-check")
  rule("filter-input", "ct state new jump service-endpoints-check")
  rule("filter-output", "ct state new jump service-endpoints-check")
  rule("filter-output", "ct state new jump cluster-ips-check")
  rule("nat-prerouting", "jump services")
  rule("nat-output", "jump services")
  rule("nat-postrouting", "jump masquerading")
  rule("firewall-check", family " daddr . meta l4proto . th dport vmap @firewall-ips")
  rule("nodeport-endpoints-check",
    family " daddr @nodeport-ips meta l4proto . th dport vmap @no-endpoint-nodeports")
  rule("service-endpoints-check", family " daddr . meta l4proto . th dport vmap @no-endpoint-services")
  rule("cluster-ips-check", family " daddr @cluster-ips reject")
  rule("cluster-ips-check", family " daddr " (family == "ip" ? "10.96.0.0/12" : "fd00:10:96::/108") " drop")
  rule("services", family " daddr . meta l4proto . th dport vmap @service-ips")
  rule("services", family " daddr @nodeport-ips meta l4proto . th dport vmap @service-nodeports")
  rule("mark-for-masquerade", "meta mark set meta mark or 0x4000")
  rule("masquerading", "meta mark and 0x4000 == 0 return")
  rule("masquerading", "meta mark set meta mark xor 0x4000")
  rule("masquerading", "masquerade fully-random")
  rule("reject-chain", "reject")
  print "add element " T " nodeport-ips { " node " }"
}

{
  name = $1 "/" $3
  print "add chain " T " service-" name
  verdicts = ""
  for (i = 7; i <= NF; i++) {
    chain = "endpoint-" name "__" endpoint_name($i)
    print "add chain " T " " chain
    rule(chain, family " saddr " endpoint_address($i) " jump mark-for-masquerade")
    rule(chain, "meta l4proto " $3 " dnat to " $i)
    verdicts = verdicts (i == 7 ? "" : ", ") i - 7 " : goto " chain
  }
  rule("service-" name, family " daddr " $2 " " family " saddr != " pods " jump mark-for-masquerade")
  rule("service-" name, "numgen random mod " NF - 6 " vmap { " verdicts " }")
  if (!($2 in seen)) element("cluster-ips", $2)
  seen[$2] = 1
  element("service-ips", $2 " . " $3 " . " $4 " : goto service-" name)
  if ($5) {
    print "add chain " T " external-" name
    rule("external-" name, "jump mark-for-masquerade")
    rule("external-" name, "goto service-" name)
    element("service-nodeports", $3 " . " $5 " : goto external-" name)
  }
}

function base(chain, type, hook, priority) {
  print "add chain " T " " chain " { type " type " hook " hook " priority " priority " ; }"
}

function rule(chain, text) { print "add rule " T " " chain " " text }

function element(set, text) { print "add element " T " " set " { " text " }" }
