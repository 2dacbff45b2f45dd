// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile.policy;

import io.millrace.model.ClusterDelta;
import io.millrace.model.ClusterImage;
import io.millrace.model.ObjectKey;
import io.millrace.model.PolicyState;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pcollections.PMap;

/**
 * From the cluster image to the tables of NetworkPolicies. A pure function; what is kept is a memo,
 * and {@link #compileAll} gives the same without it; but whoever has more rules than there is room
 * for keeps those of before, of which only the memo knows.
 *
 * <p>Not thread-safe: owned by the control thread.
 */
public final class PolicyCompiler {
  /** Names of contents that collide so often do not come from chance. */
  private static final int MAX_SALT = 64;

  private final String nodeName;
  private final Coverage coverage;
  private final long idMask;
  private @Nullable PolicyMemo memo;
  private int salt;

  /**
   * @param nodeName the node whose pods are subjects
   */
  public PolicyCompiler(String nodeName) {
    this(nodeName, Coverage.EXACT, -1);
  }

  /**
   * For tests.
   *
   * @param idMask of the bits that names of contents use
   */
  PolicyCompiler(String nodeName, Coverage coverage, long idMask) {
    this.nodeName = nodeName;
    this.coverage = coverage;
    this.idMask = idMask;
  }

  /** The tables of an image, without what is known from before. */
  public PolicyTables compileAll(ClusterImage image) {
    memo = null;
    List<ObjectKey> policies = new ArrayList<>();
    for (PMap<ObjectKey, PolicyState> some : image.policies().values()) {
      policies.addAll(some.keySet());
    }
    for (int next = 0; ; next++) {
      try {
        PolicyMemo fresh = new PolicyMemo(nodeName, new Ids(next, idMask), coverage);
        PolicyTables tables =
            fresh.update(image, image.pods().keySet(), image.namespaces().keySet(), policies);
        memo = fresh;
        salt = next;
        return tables;
      } catch (Ids.Collision e) {
        if (next == MAX_SALT) {
          throw new IllegalStateException("names of policies collide: " + e.getMessage(), e);
        }
      }
    }
  }

  /** The tables of an image that {@code delta} led to from the one compiled last. */
  public PolicyTables compile(ClusterImage image, ClusterDelta delta) {
    PolicyMemo known = memo;
    if (known == null || salt != 0) { // with fewer contents, the first salt may do again
      return compileAll(image);
    }
    memo = null; // whatever breaks off half-way is no memory of anything
    try {
      PolicyTables tables =
          known.update(
              image, delta.touchedPods(), delta.touchedNamespaces(), delta.touchedPolicies());
      memo = known;
      return tables;
    } catch (Ids.Collision e) {
      return compileAll(image);
    }
  }
}
