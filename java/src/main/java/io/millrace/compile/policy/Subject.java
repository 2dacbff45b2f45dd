// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile.policy;

/**
 * What holds for a pod of this node, by its address.
 *
 * @param ingress id of the set for connections to it; 0 = not isolated, everybody may
 * @param egress id of the set for connections from it; 0 = not isolated
 */
public record Subject(long ingress, long egress) {
  /** No policy selects the pod. */
  public static final Subject OPEN = new Subject(0, 0);
}
