// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.model.Ip;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Tells pods of what is wanted of their subjects: one store for each address, or none. */
final class SubjectFlip {
  private final PolicyMaps maps;
  private final Map<Ip, @Nullable SubjectEntry> earlier = new HashMap<>();

  SubjectFlip(PolicyMaps maps) {
    this.maps = maps;
    for (boolean v6 : PolicyMaps.FAMILIES) {
      DeltaTable<Ip, SubjectEntry> delta = maps.subjects(v6).delta();
      delta
          .pendingUpdates()
          .forEach(each -> earlier.put(each.getKey(), delta.actual(each.getKey())));
    }
  }

  boolean isEmpty() {
    return earlier.isEmpty();
  }

  /** Returns the table that was refused, null if all is done. */
  @Nullable MapTable<?, ?> run(long nowNs) {
    return maps.flush(maps.subjects(), nowNs);
  }

  /** After a refusal: never half of a change. Returns whether all is as it was. */
  boolean takeBack(long nowNs) {
    maps.giveUp();
    earlier.forEach(
        (ip, entry) -> {
          DeltaTable<Ip, SubjectEntry> delta = maps.subjects(ip.isV6()).delta();
          if (entry == null) {
            delta.remove(ip);
          } else {
            delta.set(ip, entry);
          }
        });
    return maps.flush(maps.subjects(), nowNs) == null;
  }
}
