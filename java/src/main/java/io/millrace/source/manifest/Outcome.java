// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.manifest;

import io.millrace.model.ClusterObject;
import io.millrace.model.ObjectKey;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one document says.
 *
 * @param hash of its text
 * @param objects good ones
 * @param invalid objects that are named, and wrong
 * @param broken part of it could not even be told what it is
 * @param faults what is wrong besides
 * @param ignored kinds that are none of ours
 */
record Outcome(
    long hash,
    List<ClusterObject> objects,
    List<Invalid> invalid,
    boolean broken,
    List<Fault> faults,
    Set<String> ignored) {
  Outcome {
    objects = List.copyOf(objects);
    invalid = List.copyOf(invalid);
    faults = List.copyOf(faults);
    ignored = Set.copyOf(ignored);
  }

  /** A problem that does not know its file and document yet. */
  record Fault(String field, String reason) {}

  /**
   * An object that is wrong.
   *
   * @param standIn what holds as long as no good version of it is known; null: nothing
   */
  record Invalid(ObjectKey key, Fault fault, @Nullable ClusterObject standIn) {}
}
