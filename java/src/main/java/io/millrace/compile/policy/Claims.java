// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile.policy;

import io.millrace.model.Ip;
import io.millrace.model.PodState;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which pod has which address. Of several that claim one, the one that runs; then the youngest;
 * then the first by name. Pods on the host's network claim none: their addresses are their node's.
 */
public final class Claims {
  private static final Comparator<PodState> ORDER =
      Comparator.comparing((PodState pod) -> !pod.running())
          .thenComparing(Comparator.comparingLong(PodState::createdEpochSecond).reversed())
          .thenComparing(PodState::namespace)
          .thenComparing(PodState::name);

  private final Map<Ip, PodState> sole = new HashMap<>();

  /** Addresses that several have; rare, and short. */
  private final Map<Ip, TreeSet<PodState>> contested = new HashMap<>();

  /** The pod that has the address; null if none does. */
  public @Nullable PodState owner(Ip ip) {
    TreeSet<PodState> several = contested.get(ip);
    return several == null ? sole.get(ip) : several.first();
  }

  /**
   * A pod as it was and as it is.
   *
   * @param touched receives the addresses that may have another owner
   */
  public void replace(@Nullable PodState before, @Nullable PodState after, Collection<Ip> touched) {
    if (before != null && !before.hostNetwork()) {
      before.ips().stream().distinct().forEach(ip -> remove(ip, before));
      touched.addAll(before.ips());
    }
    if (after != null && !after.hostNetwork()) {
      after.ips().stream().distinct().forEach(ip -> add(ip, after));
      touched.addAll(after.ips());
    }
  }

  private void add(Ip ip, PodState pod) {
    TreeSet<PodState> several = contested.get(ip);
    if (several != null) {
      several.add(pod);
      return;
    }
    PodState other = sole.putIfAbsent(ip, pod);
    if (other != null) {
      sole.remove(ip);
      TreeSet<PodState> both = new TreeSet<>(ORDER);
      both.addAll(List.of(other, pod));
      contested.put(ip, both);
    }
  }

  private void remove(Ip ip, PodState pod) {
    TreeSet<PodState> several = contested.get(ip);
    if (several == null) {
      sole.remove(ip);
      return;
    }
    several.remove(pod);
    if (several.size() == 1) {
      contested.remove(ip);
      sole.put(ip, several.first());
    }
  }
}
