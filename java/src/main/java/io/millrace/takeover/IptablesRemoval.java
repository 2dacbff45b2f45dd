// SPDX-License-Identifier: Apache-2.0
package io.millrace.takeover;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Takes kube-proxy's chains out of one table, and the jumps to them out of the built-in chains.
 *
 * <p>Chains that somebody else's chain leads to stay, with all that they need: network plugins mark
 * packets for masquerading by kube-proxy's chain, for example.
 *
 * <p>The kernel tracks connections as long as any rule asks about them, and no longer. So while
 * some are carried a chain of ours does, to which no rule leads.
 */
final class IptablesRemoval {
  static final String CARRIER = "MILLRACE-CARRIED";

  private final IptablesTable table;
  private final boolean carried;
  private final Set<String> kept = new TreeSet<>();
  private final List<String> reasons = new ArrayList<>();

  /**
   * @param carried connections are under way that need what lets them pass
   */
  IptablesRemoval(IptablesTable table, boolean carried) {
    this.table = table;
    this.carried = carried;
    for (IptablesTable.Rule rule : table.rules()) {
      if (KubeProxyChains.has(rule.target())
          && !KubeProxyChains.has(rule.chain())
          && !table.isBuiltIn(rule.chain())) {
        keep(rule.target());
        reasons.add(rule.target() + ", which the chain " + rule.chain() + " needs");
      }
    }
    if (kept.contains(KubeProxyChains.MARK)) {
      keep(KubeProxyChains.MASQUERADE);
    }
    if (carried
        && "DROP".equals(table.policies().get("FORWARD"))
        && table.policies().containsKey(KubeProxyChains.FORWARD)) {
      keep(KubeProxyChains.FORWARD);
      reasons.add(
          KubeProxyChains.FORWARD
              + ", which lets pass what is carried: the policy of FORWARD is DROP");
    }
    if (carried && table.name().equals("nat") && (hasCarrier() || !chains().isEmpty())) {
      reasons.add(
          "the chain " + CARRIER + ", for whose sake the kernel goes on tracking what is carried");
    }
  }

  private boolean hasCarrier() {
    return table.policies().containsKey(CARRIER);
  }

  private void keep(String chain) {
    if (!KubeProxyChains.has(chain) || !kept.add(chain)) {
      return;
    }
    table.rules().stream()
        .filter(rule -> rule.chain().equals(chain))
        .forEach(rule -> keep(rule.target()));
  }

  private boolean goes(String chain) {
    return chain.equals(CARRIER) ? !carried : KubeProxyChains.has(chain) && !kept.contains(chain);
  }

  List<String> chains() {
    return table.policies().keySet().stream().filter(this::goes).toList();
  }

  List<IptablesTable.Rule> jumps() {
    return table.rules().stream()
        .filter(rule -> !KubeProxyChains.has(rule.chain()) && goes(rule.target()))
        .toList();
  }

  /** What stays although it is kube-proxy's, and why. */
  List<String> reasons() {
    return reasons;
  }

  boolean isEmpty() {
    return chains().isEmpty();
  }

  /** For {@code iptables-restore --noflush}, which does it in one step. */
  String script() {
    StringBuilder script = new StringBuilder("*" + table.name() + "\n");
    if (carried && table.name().equals("nat")) {
      script.append(":" + CARRIER + " - [0:0]\n");
      script.append("-A " + CARRIER + " -m conntrack --ctstate ESTABLISHED\n");
    }
    // Declared, a chain that is there is emptied.
    chains().forEach(chain -> script.append(":" + chain + " - [0:0]\n"));
    jumps().forEach(rule -> script.append("-D " + rule.chain() + " " + rule.spec() + "\n"));
    chains().forEach(chain -> script.append("-X " + chain + "\n"));
    return script.append("COMMIT\n").toString();
  }

  /** In words: every jump, every chain that has a name of its own, and how many have not. */
  List<String> text(String where) {
    List<String> text = new ArrayList<>();
    jumps()
        .forEach(
            rule -> text.add(where + ": the jump from " + rule.chain() + " to " + rule.target()));
    text.add(
        where
            + ": "
            + chains().size()
            + (chains().size() == 1 ? " chain: " : " chains: ")
            + chains().stream().sorted().collect(Collectors.joining(" ")));
    return text;
  }
}
