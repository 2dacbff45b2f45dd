// SPDX-License-Identifier: Apache-2.0
package io.millrace.fake.api;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** labelSelector and fieldSelector of a request, as far as equality and existence go. */
final class Selector implements Predicate<ApiObject> {
  private final List<Predicate<ApiObject>> all = new ArrayList<>();

  /**
   * Reads both.
   *
   * @throws IllegalArgumentException if it cannot be understood; says why
   */
  Selector(String labels, String fields) {
    for (String term : labels.split(",", -1)) {
      add(term, Selector::label);
    }
    for (String term : fields.split(",", -1)) {
      add(term, Selector::field);
    }
  }

  private void add(String term, Function<String, Function<ApiObject, @Nullable String>> reader) {
    if (term.isEmpty()) {
      return;
    }
    int equals = term.indexOf('=');
    if (equals < 0) {
      boolean absent = term.startsWith("!");
      var value = reader.apply(absent ? term.substring(1) : term);
      all.add(object -> (value.apply(object) == null) == absent);
      return;
    }
    boolean not = equals > 0 && term.charAt(equals - 1) == '!';
    var value = reader.apply(term.substring(0, not ? equals - 1 : equals));
    String wanted = term.substring(equals + (term.startsWith("=", equals + 1) ? 2 : 1));
    all.add(object -> wanted.equals(value.apply(object)) != not);
  }

  private static Function<ApiObject, @Nullable String> label(String name) {
    if (name.indexOf(' ') >= 0) {
      throw new IllegalArgumentException("cannot read the label selector " + name);
    }
    return object -> object.labels().get(name);
  }

  private static Function<ApiObject, @Nullable String> field(String name) {
    return switch (name) {
      case "metadata.name" -> ApiObject::name;
      case "metadata.namespace" -> ApiObject::namespace;
      case "spec.nodeName" -> ApiObject::nodeName;
      case "status.phase" -> ApiObject::phase;
      default -> throw new IllegalArgumentException("field label not supported: " + name);
    };
  }

  boolean selectsAll() {
    return all.isEmpty();
  }

  @Override
  public boolean test(ApiObject object) {
    return all.stream().allMatch(term -> term.test(object));
  }
}
