// SPDX-License-Identifier: Apache-2.0
package io.millrace.fake.policy;

import io.millrace.compile.policy.Bits;
import io.millrace.compile.policy.PolicySet;
import io.millrace.compile.policy.PolicyTables;
import io.millrace.compile.policy.PortClasses;
import io.millrace.compile.policy.RuleOrigin;
import io.millrace.compile.policy.Subject;
import io.millrace.model.Cidr;
import io.millrace.model.Ip;
import io.millrace.model.Protocol;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Asks tables as bpf/policy.h does, but slowly: every list is gone through from its beginning. */
public final class TableModel implements Verdicts {
  private final PolicyTables tables;

  public TableModel(PolicyTables tables) {
    this.tables = tables;
  }

  @Override
  public Verdict verdict(Ip from, Ip to, int protocol, int port) {
    Subject client = tables.subjects().getOrDefault(from, Subject.OPEN);
    Subject server = tables.subjects().getOrDefault(to, Subject.OPEN);
    return new Verdict(
        judge(server.ingress(), from, protocol, port).allowed(),
        judge(client.egress(), to, protocol, port).allowed());
  }

  /**
   * What a set says.
   *
   * @param rule the rule that lets it through; null if none does or none is needed
   * @param audited none does, and it is let through all the same
   */
  public record Judgement(boolean allowed, @Nullable RuleOrigin rule, boolean audited) {}

  /**
   * Goes through a chain of sets.
   *
   * @param set the first one; 0 = not isolated
   * @param peer the other end
   */
  public Judgement judge(long set, Ip peer, int protocol, int port) {
    if (set == 0) {
      return new Judgement(true, null, false);
    }
    boolean audit = false;
    for (long id = set; id != 0; ) {
      PolicySet each = Objects.requireNonNull(tables.sets().get(id), "a set that is not there");
      Bits any = peer.isV4() ? each.anyPeer4() : each.anyPeer6();
      Bits peers = any.or(each.peerRows().getOrDefault(classOf(peer), Bits.NONE));
      Bits ports =
          each.anyPort().or(each.portRows().getOrDefault(portClass(protocol, port), Bits.NONE));
      int first = peers.and(ports).first();
      if (first >= 0) {
        return new Judgement(true, each.rules().get(first), false);
      }
      audit = each.audit();
      id = each.next();
    }
    return new Judgement(audit, null, audit);
  }

  private long classOf(Ip ip) {
    Long pod = tables.peers().get(ip);
    if (pod != null) {
      return pod;
    }
    int longest = -1;
    long found = 0;
    for (Map.Entry<Cidr, Long> block : tables.blocks().entrySet()) {
      if (block.getKey().contains(ip) && block.getKey().prefix() > longest) {
        longest = block.getKey().prefix();
        found = block.getValue();
      }
    }
    return found;
  }

  private int portClass(int protocol, int port) {
    Protocol known = Protocol.ofNumber(protocol);
    if (known != null) {
      for (PortClasses.Range range : tables.ports().of(known)) {
        if (port >= range.from() && port <= range.to()) {
          return range.portClass();
        }
      }
    }
    return 0;
  }
}
