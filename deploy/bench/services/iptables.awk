# SPDX-License-Identifier: Apache-2.0
# Reads the services (model.awk), prints input of `iptables-restore`: rules of the shape that
# kube-proxy writes in iptables mode. Given: pods = the pods' address block; addresses and blocks are
# of one family. Needs endpoint.awk.
#
# A new connection walks the list KUBE-SERVICES until a rule has its address, protocol and port; if
# none has and the address is the node's, it walks KUBE-NODEPORTS likewise. The service's chain
# throws a die for each endpoint but the last; the endpoint's chain translates. With more than
# 1,000 endpoints kube-proxy leaves out the comments of services, and so do we. Its counter of
# invalid packets (an nfacct object beside the rule that drops them) is left out.

{ line[NR] = $0; endpoints += NF - 6 }

BEGIN { FS = "\t" }

END {
  with_comments = endpoints <= 1000
  filter()
  print "*nat"
  split("KUBE-SERVICES KUBE-NODEPORTS KUBE-POSTROUTING KUBE-MARK-MASQ", chains, " ")
  for (i = 1; i <= 4; i++) print ":" chains[i] " - [0:0]"
  for (n = 1; n <= NR; n++) declare(n)
  rule("PREROUTING", general("kubernetes service portals") "-j KUBE-SERVICES")
  rule("OUTPUT", general("kubernetes service portals") "-j KUBE-SERVICES")
  rule("POSTROUTING", general("kubernetes postrouting rules") "-j KUBE-POSTROUTING")
  rule("KUBE-POSTROUTING", "-m mark ! --mark 0x4000/0x4000 -j RETURN")
  rule("KUBE-POSTROUTING", "-j MARK --xor-mark 0x4000")
  rule("KUBE-POSTROUTING",
    general("kubernetes service traffic requiring SNAT") "-j MASQUERADE --random-fully")
  rule("KUBE-MARK-MASQ", "-j MARK --or-mark 0x4000")
  for (n = 1; n <= NR; n++) service(n)
  rule("KUBE-SERVICES", general("kubernetes service nodeports; NOTE: this must be the last rule " \
    "in this chain") "-m addrtype --dst-type LOCAL -j KUBE-NODEPORTS")
  print "COMMIT"
}

function filter(    i) {
  print "*filter"
  split("KUBE-SERVICES KUBE-EXTERNAL-SERVICES KUBE-NODEPORTS KUBE-FORWARD KUBE-PROXY-FIREWALL",
    chains, " ")
  for (i = 1; i <= 5; i++) print ":" chains[i] " - [0:0]"
  split("INPUT FORWARD OUTPUT", chains, " ")
  for (i = 1; i <= 3; i++)
    rule(chains[i], fresh() general("kubernetes load balancer firewall") "-j KUBE-PROXY-FIREWALL")
  rule("INPUT", general("kubernetes health check service ports") "-j KUBE-NODEPORTS")
  rule("FORWARD", general("kubernetes forwarding rules") "-j KUBE-FORWARD")
  for (i = 1; i <= 3; i++) {
    if (i > 1) rule(chains[i], fresh() general("kubernetes service portals") "-j KUBE-SERVICES")
    if (i < 3) rule(chains[i], fresh() general("kubernetes externally-visible service portals") \
      "-j KUBE-EXTERNAL-SERVICES")
  }
  rule("KUBE-FORWARD", "-m conntrack --ctstate INVALID -j DROP")
  rule("KUBE-FORWARD",
    general("kubernetes forwarding rules") "-m mark --mark 0x4000/0x4000 -j ACCEPT")
  rule("KUBE-FORWARD", general("kubernetes forwarding conntrack rule") \
    "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT")
  print "COMMIT"
}

# Chains are named by hashes there, by numbers of the same length here.
function name_of(kind, row, endpoint) { return sprintf("KUBE-%s-%011d-%04d", kind, row, endpoint) }

function declare(row,    field, n, i) {
  n = split(line[row], field, "\t")
  print ":" name_of("SVC", row) " - [0:0]"
  if (field[5]) print ":" name_of("EXT", row) " - [0:0]"
  for (i = 7; i <= n; i++) print ":" name_of("SEP", row, i) " - [0:0]"
}

function service(row,    field, n, i, name, protocol, to, svc, ext, sep) {
  n = split(line[row], field, "\t")
  name = "bench/" field[1] ":" field[3]
  protocol = "-m " field[3] " -p " field[3]
  to = protocol " -d " field[2] " --dport " field[4]
  svc = name_of("SVC", row)
  ext = name_of("EXT", row)
  rule("KUBE-SERVICES", comment(name " cluster IP") to " -j " svc)
  rule(svc, comment(name " cluster IP") to " ! -s " pods " -j KUBE-MARK-MASQ")
  if (field[5]) {
    rule("KUBE-NODEPORTS", comment(name) protocol " --dport " field[5] " -j " ext)
    rule(ext, comment("masquerade traffic for " name " external destinations") "-j KUBE-MARK-MASQ")
    rule(ext, "-j " svc)
  }
  for (i = 7; i <= n; i++) {
    sep = name_of("SEP", row, i)
    rule(svc, comment(name " -> " field[i]) (i == n ? "" : \
      sprintf("-m statistic --mode random --probability %.10f ", 1 / (n - i + 1))) "-j " sep)
    rule(sep, comment(name) "-s " endpoint_address(field[i]) " -j KUBE-MARK-MASQ")
    rule(sep, comment(name) protocol " -j DNAT --to-destination " field[i])
  }
}

function rule(chain, text) { print "-A " chain " " text }

function fresh() { return "-m conntrack --ctstate NEW " }

function general(text) { return "-m comment --comment \"" text "\" " }

function comment(text) { return with_comments ? general(text) : "" }
