// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

/**
 * Something an operator has to mend. It is reported, and everything else goes on.
 *
 * @param origin where it was read, for example {@code demo.yaml document 2}; empty if that does not
 *     matter
 * @param object what it is about, for example {@code Service default/web}; empty if not known
 * @param field path of the field, for example {@code spec.ports[0].port}; empty for the whole
 * @param reason what is wrong, and what happens meanwhile
 */
public record Problem(String origin, String object, String field, String reason)
    implements Comparable<Problem> {
  @Override
  public int compareTo(Problem other) {
    return toString().compareTo(other.toString());
  }

  @Override
  public String toString() {
    StringBuilder out = new StringBuilder();
    for (String part : new String[] {origin, object, field}) {
      if (!part.isEmpty()) {
        out.append(out.isEmpty() ? "" : ", ").append(part);
      }
    }
    return out.append(out.isEmpty() ? "" : ": ").append(reason).toString();
  }
}
