// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.bpf.BpfException;
import io.millrace.bpf.Dataplane;
import io.millrace.bpf.Errno;
import io.millrace.bpf.FormerMap;
import io.millrace.bpf.MapName;
import io.millrace.model.Problem;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From the programs of an earlier version, which have maps of their own, to ours: once, and not
 * before all that ours read has been written.
 */
final class Upgrade {
  private static final Logger LOG = LoggerFactory.getLogger(Upgrade.class);

  private final Dataplane dataplane;
  private final Backoff backoff = new Backoff();

  /** Maps that begin empty, whose entries this agent knows. */
  private final Set<String> rewritten;

  private String obstacle = "";

  Upgrade(Dataplane dataplane) {
    this.dataplane = dataplane;
    rewritten =
        dataplane.formerMaps().stream()
            .filter(former -> former.fate() == FormerMap.Fate.REWRITTEN)
            .map(FormerMap::map)
            .collect(Collectors.toUnmodifiableSet());
  }

  /** Whether there is nothing to do, or all of it has been done. */
  boolean isDone() {
    return !dataplane.isUpgrading();
  }

  boolean rewrites(MapName map) {
    return rewritten.contains(map.mapName());
  }

  /**
   * Replaces the programs, unless something that they need could not be written yet.
   *
   * @param tables what has been written
   * @param policyInForce whether policies are, if their tables begin empty
   * @return whether all programs are ours
   */
  boolean run(List<MapStatus> tables, boolean policyInForce, long nowNs) {
    if (isDone()) {
      return true;
    }
    if (!backoff.isDue(nowNs)) {
      return false;
    }
    Optional<String> missing = missing(tables, policyInForce);
    if (missing.isPresent()) {
      failed(missing.get(), nowNs);
      return false;
    }
    try {
      Optional<String> gap = dataplane.upgrade();
      dataplane.formerMaps().forEach(Upgrade::tell);
      gap.ifPresent(Upgrade::tellGap);
    } catch (BpfException e) {
      failed(String.valueOf(e.getMessage()), nowNs);
      return false;
    }
    backoff.succeeded();
    obstacle = "";
    return true;
  }

  long waitNs(long nowNs) {
    return backoff.waitNs(nowNs);
  }

  List<Problem> problems() {
    return obstacle.isEmpty()
        ? List.of()
        : List.of(
            new Problem(
                "",
                "upgrade",
                "",
                "the programs of the earlier version go on, with what it knew last: " + obstacle));
  }

  /** A table that is full stays full; that is no reason to serve what is out of date. */
  private Optional<String> missing(List<MapStatus> tables, boolean policyInForce) {
    if (rewrites(MapName.GUARD) && !policyInForce) {
      return Optional.of("policies are not in force in the new tables");
    }
    return tables.stream()
        .filter(table -> rewritten.contains(table.map()))
        .filter(table -> table.errno() != 0 && table.errno() != Errno.E2BIG)
        .findFirst()
        .map(table -> "the map " + table.map() + " cannot be written, errno " + table.errno());
  }

  private void failed(String reason, long nowNs) {
    if (!reason.equals(obstacle)) {
      LOG.warn("not upgraded yet, it is tried again reason={}", reason);
    }
    obstacle = reason;
    backoff.failed(nowNs);
  }

  private static void tell(FormerMap former) {
    String line = "upgraded map={} from=v{} to=v{} entries={} carried={} dropped={}";
    Object[] values = {
      former.map(), former.from(), former.to(), former.fate(), former.carried(), former.dropped()
    };
    if (former.fate() == FormerMap.Fate.LOST && former.dropped() > 0) {
      LOG.warn(line, values);
    } else {
      LOG.info(line, values);
    }
  }

  private static void tellGap(String reason) {
    LOG.warn(
        "the programs were replaced one after the other, connections that began meanwhile may have"
            + " been cut\n{}",
        reason);
  }
}
