// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.model.ClusterObject;
import io.millrace.model.NamespaceState;
import io.millrace.model.ObjectKey;
import io.millrace.source.Change;
import io.millrace.source.object.ObjectReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Lists and watches as they may come, against a plain model: what others see is what the last
 * complete list and the events since then say, whatever else began and broke off.
 */
final class HeldTest {
  private static final int NAMES = 12;
  private static final int STEPS = 4000;

  private final Map<ObjectKey, ClusterObject> seen = new HashMap<>();
  private final Map<String, Integer> known = new HashMap<>();
  private final Map<String, Integer> server = new HashMap<>();
  private final Held held = new Held(this::see);

  private void see(Change change) {
    ClusterObject object = change.object();
    ClusterObject before =
        object == null ? seen.remove(change.key()) : seen.put(change.key(), object);
    assertThat(before).as("only news is offered").isNotEqualTo(object);
  }

  private static ObjectReader.Good object(String name, int state) {
    return new ObjectReader.Good(
        new NamespaceState(name, Map.of("state", Integer.toString(state)), null), List.of());
  }

  private static ObjectReader.Invalid invalid(String name) {
    ObjectKey key = new ObjectKey(ObjectKey.Kind.NAMESPACE, "", name);
    return new ObjectReader.Invalid(key, new ObjectReader.Fault("spec", "is wrong"), null);
  }

  private void assertSeenIsKnown() {
    Map<String, Integer> now = new HashMap<>();
    seen.forEach(
        (key, object) -> {
          String state = ((NamespaceState) object).labels().get("state");
          now.put(key.name(), Integer.parseInt(String.valueOf(state)));
        });
    assertThat(now).isEqualTo(known);
    assertThat(held.size()).isEqualTo(known.size());
  }

  /** Reads what the server has, up to some object. */
  private void list(List<String> names, Random random) {
    held.begin();
    for (String name : names) {
      held.list(object(name, server.getOrDefault(name, 0)));
      if (random.nextInt(3) == 0) {
        held.page();
      }
      assertSeenIsKnown();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void onlyCompleteListsAndDeletionsRemove(long seed) {
    Random random = new Random(seed);
    held.begin();
    held.commit();
    for (int step = 0; step < STEPS; step++) {
      String name = "n" + random.nextInt(NAMES);
      switch (random.nextInt(6)) {
        case 0, 1 -> { // it changes, and we are told
          server.put(name, random.nextInt(3));
          known.put(name, server.get(name));
          held.put(object(name, server.get(name)));
        }
        case 2 -> { // it goes, and we are told
          server.remove(name);
          known.remove(name);
          held.delete(object(name, random.nextInt(3)));
        }
        case 3 -> { // something changes, and the watch has broken off
          server.put(name, random.nextInt(3));
          server.remove("n" + random.nextInt(NAMES));
        }
        case 4 -> { // a list breaks off
          List<String> names = new ArrayList<>(server.keySet());
          list(names.subList(0, random.nextInt(names.size() + 1)), random);
        }
        default -> { // a list is complete
          list(new ArrayList<>(server.keySet()), random);
          held.commit();
          known.clear();
          known.putAll(server);
        }
      }
      assertSeenIsKnown();
    }
  }

  @Test
  void theFirstListIsOfferedPageByPage() {
    held.begin();
    held.list(object("a", 1));
    assertThat(seen).isEmpty();
    held.page();
    assertThat(seen).hasSize(1);
    assertThat(held.isComplete()).isFalse();
    held.list(object("b", 1));
    held.commit();
    assertThat(seen).hasSize(2);
    assertThat(held.isComplete()).isTrue();
  }

  @Test
  void anInvalidObjectOfAListKeepsItsLastGoodVersion() {
    held.begin();
    held.list(object("a", 1));
    held.list(object("b", 1));
    held.commit();
    held.begin();
    held.list(invalid("a"));
    held.list(invalid("c"));
    held.commit();
    assertThat(seen.keySet()).extracting(ObjectKey::name).containsExactly("a");
    assertThat(held.problems()).hasSize(2);
    held.begin();
    held.list(object("a", 1));
    held.commit();
    assertThat(held.problems()).isEmpty();
  }

  @Test
  void aListWithSomethingThatCannotBeToldRemovesNothing() {
    held.begin();
    held.list(object("a", 1));
    held.commit();
    held.begin();
    held.list(new ObjectReader.Broken(new ObjectReader.Fault("metadata.name", "is missing")));
    held.list(object("b", 1));
    held.commit();
    assertThat(seen.keySet()).extracting(ObjectKey::name).containsExactlyInAnyOrder("a", "b");
    held.begin();
    held.list(object("b", 1));
    held.commit();
    assertThat(seen.keySet()).extracting(ObjectKey::name).containsExactly("b");
  }

  @Test
  void anObjectThatSaysNothingAnyMoreIsGone() {
    held.begin();
    held.list(object("a", 1));
    held.commit();
    held.put(new ObjectReader.Nothing(object("a", 1).object().key()));
    assertThat(seen).isEmpty();
  }

  @Test
  void whatStandsInHoldsUntilAGoodVersionComes() { // policy S5
    ObjectReader.Good first = object("a", 1);
    ObjectReader.Good second = object("a", 2);
    ObjectReader.Good good = object("a", 3);
    held.begin();
    held.list(standIn(first));
    held.commit();
    assertThat(seen).containsValue(first.object());
    assertThat(held.problems().toString()).contains("it allows nothing to the pods it selects");
    held.put(standIn(second));
    assertThat(seen).containsValue(second.object());
    held.begin();
    held.list(standIn(first));
    held.commit();
    assertThat(seen).containsValue(first.object());
    held.put(good);
    held.put(standIn(first));
    assertThat(seen).containsValue(good.object());
    held.begin();
    held.list(standIn(second));
    held.commit();
    assertThat(seen).containsValue(good.object());
    assertThat(held.problems().toString()).contains("its last good version stays");
  }

  private static ObjectReader.Invalid standIn(ObjectReader.Good holds) {
    return new ObjectReader.Invalid(
        holds.object().key(), new ObjectReader.Fault("spec", "is wrong"), holds.object());
  }
}
