// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

/**
 * What the operator says of NetworkPolicies.
 *
 * @param on false: none are enforced, and those that were are taken out of force
 * @param rejudge whether established flows are judged again when a change may take access away (D6)
 * @param judgeToNode whether a pod needs a rule to reach addresses of its own node (D2)
 * @param judgeSelf whether a pod needs a rule to reach itself through a service (D4)
 */
public record PolicyOptions(boolean on, boolean rejudge, boolean judgeToNode, boolean judgeSelf) {
  /** As without any flag. */
  public static final PolicyOptions DEFAULT = new PolicyOptions(true, true, false, true);

  /** No policies are enforced. */
  public static final PolicyOptions OFF = new PolicyOptions(false, true, false, true);
}
