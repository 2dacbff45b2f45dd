// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile.policy;

/**
 * Where a bit of a set comes from. A rule has several bits if it names ports that are different
 * numbers on different pods, and one bit as a rule.
 *
 * @param namespace of the policy
 * @param policy its name
 * @param rule which rule of its direction, as in {@code spec.ingress[0]}
 * @param text what the bit says, for people: {@code from pods app=web; TCP 80}
 */
public record RuleOrigin(String namespace, String policy, int rule, String text) {
  /** For example {@code default/web rule 0}. */
  @Override
  public String toString() {
    return namespace + "/" + policy + " rule " + rule;
  }
}
