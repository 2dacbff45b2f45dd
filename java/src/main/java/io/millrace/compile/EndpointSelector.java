// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile;

import io.millrace.model.Ip;
import io.millrace.model.Protocol;
import io.millrace.model.SliceState;
import io.millrace.model.SliceState.Endpoint;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Which endpoints of one ServicePort and family take new flows (S-020…S-047). */
final class EndpointSelector {
  /** Below this a scan finds duplicates faster than a map. */
  private static final int SCAN_LIMIT = 24;

  private final NodeFacts facts;
  private final boolean v6;
  private final List<Candidate> candidates = new ArrayList<>();
  private final Map<Address, Integer> index = new HashMap<>();

  private record Address(Ip ip, int port) {}

  private record Candidate(Endpoint endpoint, int port, boolean here) {}

  private EndpointSelector(NodeFacts facts, boolean v6) {
    this.facts = facts;
    this.v6 = v6;
  }

  /**
   * The endpoints in use, in order.
   *
   * @param name the port's name
   * @param wantLocal whether any frontend uses the Local set (S-032)
   */
  static List<Target> select(
      List<SliceState> slices,
      String name,
      Protocol protocol,
      boolean v6,
      boolean wantLocal,
      NodeFacts facts) {
    EndpointSelector selector = new EndpointSelector(facts, v6);
    for (SliceState slice : slices) {
      if (slice.v6() == v6 && !slice.otherProxy()) {
        for (SliceState.Port port : slice.ports()) {
          if (port.port() != 0 && port.protocol() == protocol && port.name().equals(name)) {
            selector.merge(slice, port.port());
          }
        }
      }
    }
    return selector.targets(wantLocal);
  }

  /** Adds the endpoints of a slice; of duplicates the local one stays (S-022). */
  private void merge(SliceState slice, int port) {
    for (Endpoint endpoint : slice.endpoints()) {
      if (endpoint.ip().isV6() != v6) {
        continue;
      }
      boolean here = facts.nodeName().equals(endpoint.nodeName());
      Candidate candidate = new Candidate(endpoint, port, here);
      int at = find(endpoint.ip(), port);
      if (at < 0) {
        candidates.add(candidate);
      } else if (here && !candidates.get(at).here()) {
        candidates.set(at, candidate);
      }
    }
  }

  private int find(Ip ip, int port) {
    int size = candidates.size();
    if (size < SCAN_LIMIT) {
      for (int i = 0; i < size; i++) {
        Candidate candidate = candidates.get(i);
        if (candidate.port() == port && candidate.endpoint().ip().equals(ip)) {
          return i;
        }
      }
      return -1;
    }
    for (int i = index.size(); i < size; i++) {
      Candidate candidate = candidates.get(i);
      index.put(new Address(candidate.endpoint().ip(), candidate.port()), i);
    }
    Integer at = index.get(new Address(ip, port));
    return at == null ? -1 : at;
  }

  private List<Target> targets(boolean wantLocal) {
    Topology topology = topology();
    Predicate<Candidate> all =
        chosen(candidate -> true, candidate -> topology.admits(candidate.endpoint(), facts));
    Predicate<Candidate> local =
        wantLocal ? chosen(Candidate::here, candidate -> true) : candidate -> false;
    List<Target> targets = new ArrayList<>(candidates.size());
    for (Candidate candidate : candidates) {
      int sets =
          (all.test(candidate) ? Target.ALL : 0) | (local.test(candidate) ? Target.LOCAL : 0);
      if (sets != 0 || candidate.endpoint().serving()) {
        Ip ip = candidate.endpoint().ip();
        int place =
            (candidate.here() ? Target.HERE : 0) | (facts.cluster().has(ip) ? Target.CLUSTER : 0);
        targets.add(new Target(ip, candidate.port(), sets | place));
      }
    }
    Collections.sort(targets);
    return targets;
  }

  private Topology topology() {
    Topology.Vote vote = new Topology.Vote(facts);
    for (Candidate candidate : candidates) {
      vote.count(candidate.endpoint());
    }
    return vote.result();
  }

  /**
   * The ready ones within {@code scope}, of which {@code near} may leave some out; if none is
   * ready, those that still serve while ending, near or not.
   */
  private Predicate<Candidate> chosen(Predicate<Candidate> scope, Predicate<Candidate> near) {
    for (Candidate candidate : candidates) {
      if (scope.test(candidate) && candidate.endpoint().ready()) {
        return scope.and(each -> each.endpoint().ready()).and(near);
      }
    }
    return scope.and(each -> each.endpoint().serving() && each.endpoint().terminating());
  }
}
