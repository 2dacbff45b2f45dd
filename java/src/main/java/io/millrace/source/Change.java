// SPDX-License-Identifier: Apache-2.0
package io.millrace.source;

import io.millrace.model.ClusterObject;
import io.millrace.model.ObjectKey;
import org.jspecify.annotations.Nullable;

/**
 * An object as it is now.
 *
 * @param object null if it is gone
 */
public record Change(ObjectKey key, @Nullable ClusterObject object) {
  public static Change put(ClusterObject object) {
    return new Change(object.key(), object);
  }

  public static Change remove(ObjectKey key) {
    return new Change(key, null);
  }
}
