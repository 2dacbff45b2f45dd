// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import io.millrace.compile.policy.Claims;
import io.millrace.compile.policy.PolicySet;
import io.millrace.compile.policy.PolicyTables;
import io.millrace.compile.policy.RuleOrigin;
import io.millrace.model.ClusterImage;
import io.millrace.model.Ip;
import io.millrace.model.ObjectKey;
import io.millrace.model.PodState;
import io.millrace.model.ServicePortKey;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What the numbers in events mean: whose addresses, which rules, which services. The control thread
 * says what is; the thread of events asks. Sets that are no more are known for a while, since an
 * event may be read after its set went.
 */
final class EventBook {
  private static final long REMEMBERED_NS = TimeUnit.MINUTES.toNanos(10);
  private static final int MAX_REMEMBERED = 10_000;

  private final LongSupplier clockNs;
  private final Map<Long, PolicySet> sets = new ConcurrentHashMap<>();

  // Of the control thread.
  private final Map<Long, Long> leftNs = new HashMap<>();
  private @Nullable PolicyTables before;

  private final Claims claims = new Claims();

  private final Map<Ip, PodState> owners = new ConcurrentHashMap<>();
  private volatile Map<Integer, ServicePortKey> services = Map.of();

  // Of the thread of events.
  private boolean missed;

  EventBook(LongSupplier clockNs) {
    this.clockNs = clockNs;
  }

  // ---- the control thread ---------------------------------------------------------------------

  /** These ids of ServicePorts are in force. */
  void setServices(Map<Integer, ServicePortKey> servicePorts) {
    services = servicePorts;
  }

  /** These pods are in {@code now} what they are from now on. */
  void setPods(Collection<ObjectKey> changed, ClusterImage past, ClusterImage now) {
    Set<Ip> touched = new HashSet<>();
    for (ObjectKey pod : changed) {
      claims.replace(past.pods().get(pod), now.pods().get(pod), touched);
    }
    for (Ip ip : touched) {
      PodState owner = claims.owner(ip);
      if (owner == null) {
        owners.remove(ip);
      } else {
        owners.put(ip, owner);
      }
    }
  }

  /** This is what holds from now on. */
  @SuppressWarnings("ReferenceEquality") // who has nothing new hands over the same
  void setTables(PolicyTables tables) {
    if (tables == before) {
      return;
    }
    before = tables;
    long nowNs = clockNs.getAsLong();
    sets.putAll(tables.sets());
    for (Long id : sets.keySet()) {
      if (tables.sets().containsKey(id)) {
        leftNs.remove(id);
      } else {
        leftNs.putIfAbsent(id, nowNs);
      }
    }
    boolean many = leftNs.size() > MAX_REMEMBERED;
    leftNs
        .entrySet()
        .removeIf(
            each -> {
              boolean over = many || nowNs - each.getValue() > REMEMBERED_NS;
              if (over) {
                sets.remove(each.getKey());
              }
              return over;
            });
  }

  // ---- the thread of events -------------------------------------------------------------------

  /** The pod that has an address; null if none has. */
  @Nullable PodState pod(Ip ip) {
    return owners.get(ip);
  }

  /** Where a bit of a set comes from; null if it is not known, or is no rule. */
  @Nullable RuleOrigin rule(long set, int bit) {
    PolicySet found = sets.get(set);
    return found == null || bit >= found.rules().size() ? null : found.rules().get(bit);
  }

  /** The policies that a set is made of: why a pod is isolated. */
  List<String> policies(long set) {
    PolicySet found = sets.get(set);
    return found == null ? List.of() : found.policies();
  }

  /** The ServicePort of an id; null if there is none. */
  @Nullable ServicePortKey service(int id) {
    ServicePortKey found = services.get(id);
    missed |= found == null;
    return found;
  }

  /** Whether a ServicePort was asked for since the last time that is not known. */
  boolean takeMissed() {
    boolean was = missed;
    missed = false;
    return was;
  }
}
