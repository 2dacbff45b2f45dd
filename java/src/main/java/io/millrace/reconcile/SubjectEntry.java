// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

/**
 * A value of subjects4 and subjects6.
 *
 * @param ingress set for connections to the pod; 0 = not isolated
 * @param egress set for connections from it
 * @param side which classes of addresses and ports these sets speak of
 */
record SubjectEntry(long ingress, long egress, int side) {
  /** Of a pod that is not isolated. */
  static final SubjectEntry OPEN = new SubjectEntry(0, 0, 0);

  /** Whether the same sets count, on whichever side. */
  boolean hasSetsOf(SubjectEntry other) {
    return ingress == other.ingress && egress == other.egress;
  }
}
