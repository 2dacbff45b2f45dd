// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile.policy;

import io.millrace.compile.policy.PeerClasses.PeerClass;
import io.millrace.model.PolicyState.PortRange;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A set, and the rows that it has of the classes there are. */
final class RuleSet {
  private final long id;
  private final String content;
  private final List<RuleBit> bits;
  private final Map<Atom, Bits> peerBits = new HashMap<>();
  private final Map<PortRange, Bits> portBits = new HashMap<>();
  private PolicySet table;
  private boolean fresh = true;

  /**
   * @param content says all of it
   * @param bits at most {@link Bits#SIZE}
   */
  RuleSet(
      long id,
      String content,
      List<RuleBit> bits,
      long next,
      boolean audit,
      List<String> policies) {
    this.id = id;
    this.content = content;
    this.bits = bits;
    Bits any4 = Bits.NONE;
    Bits any6 = Bits.NONE;
    Bits anyPort = Bits.NONE;
    for (int i = 0; i < bits.size(); i++) {
      RuleBit rule = bits.get(i);
      Bits bit = Bits.of(i);
      any4 = rule.anyPeer4 ? any4.or(bit) : any4;
      any6 = rule.anyPeer6 ? any6.or(bit) : any6;
      anyPort = rule.anyPort ? anyPort.or(bit) : anyPort;
      rule.peers.forEach(peer -> peerBits.merge(peer, bit, Bits::or));
      rule.ports.forEach(range -> portBits.merge(range, bit, Bits::or));
    }
    table =
        new PolicySet(
            id,
            any4,
            any6,
            anyPort,
            next,
            audit,
            Map.of(),
            Map.of(),
            bits.stream().map(bit -> bit.origin).toList(),
            policies);
  }

  long id() {
    return id;
  }

  String content() {
    return content;
  }

  /** Whether its rules are described alike: the same may have been said in another order. */
  boolean isInWordsOf(List<RuleBit> others) {
    return table.rules().equals(others.stream().map(bit -> bit.origin).toList());
  }

  List<RuleBit> bits() {
    return bits;
  }

  Set<Atom> atoms() {
    return peerBits.keySet();
  }

  Set<PortRange> ranges() {
    return portBits.keySet();
  }

  PolicySet table() {
    return table;
  }

  /**
   * Brings its rows up to date.
   *
   * @param changed the classes that came or went
   * @param portsChanged whether ports are not those of the time before
   */
  void refresh(
      PeerClasses classes, Collection<PeerClass> changed, PortIndex ports, boolean portsChanged) {
    Map<Long, Bits> peerRows = table.peerRows();
    if (fresh) {
      peerRows = allPeerRows(classes);
    } else if (changed.stream().anyMatch(each -> !row(each).isNone())) {
      peerRows = patched(peerRows, changed);
    }
    Map<Integer, Bits> portRows = table.portRows();
    if (fresh || portsChanged) {
      portRows = allPortRows(ports);
    }
    fresh = false;
    if (!peerRows.equals(table.peerRows()) || !portRows.equals(table.portRows())) {
      table = with(peerRows, portRows);
    }
  }

  /** One that went may have come back: what goes is first. */
  private Map<Long, Bits> patched(Map<Long, Bits> old, Collection<PeerClass> changed) {
    Map<Long, Bits> rows = new HashMap<>(old);
    changed.forEach(each -> rows.remove(each.id()));
    for (PeerClass each : changed) {
      Bits row = row(each);
      if (each.isUsed() && !row.isNone()) {
        rows.put(each.id(), row);
      }
    }
    return rows;
  }

  private Bits row(PeerClass peerClass) {
    Bits row = Bits.NONE;
    for (Atom atom : peerClass.atoms().atoms()) {
      Bits bits = peerBits.get(atom);
      row = bits == null ? row : row.or(bits);
    }
    return row;
  }

  private Map<Long, Bits> allPeerRows(PeerClasses classes) {
    Map<Long, Bits> rows = new HashMap<>();
    peerBits.forEach(
        (atom, bits) -> classes.with(atom).forEach(each -> rows.merge(each.id(), bits, Bits::or)));
    return rows;
  }

  private Map<Integer, Bits> allPortRows(PortIndex ports) {
    Map<Integer, Bits> rows = new HashMap<>();
    portBits.forEach(
        (range, bits) -> ports.classesOf(range).forEach(each -> rows.merge(each, bits, Bits::or)));
    return rows;
  }

  private PolicySet with(Map<Long, Bits> peerRows, Map<Integer, Bits> portRows) {
    return new PolicySet(
        id,
        table.anyPeer4(),
        table.anyPeer6(),
        table.anyPort(),
        table.next(),
        table.audit(),
        peerRows,
        portRows,
        table.rules(),
        table.policies());
  }
}
