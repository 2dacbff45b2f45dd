// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.model.ObjectKey;
import io.millrace.model.Problem;
import io.millrace.source.Change;
import io.millrace.source.object.ObjectReader;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** S-176: what is waited for before anything is programmed, and for how long. */
@Timeout(60)
final class OwnNodeTest {
  private static final ObjectKey KEY = new ObjectKey(ObjectKey.Kind.NODE, "", "n1");

  private final CountDownLatch settled = new CountDownLatch(1);
  private int changes;

  private OwnNode node(Duration patience) {
    return new OwnNode("n1", patience, () -> changes++, settled::countDown);
  }

  private static Change node(String name) {
    String object = "{\"metadata\":{\"name\":\"" + name + "\"}}";
    ObjectReader.Result result =
        new ItemParser(ObjectKey.Kind.NODE).result(ItemParser.tree(object));
    return Change.put(((ObjectReader.Good) result).object());
  }

  @Test
  void thereFromTheBeginning() {
    OwnNode node = node(Duration.ofDays(1));
    node.offer(node("n1"));
    assertThat(settled.getCount()).isZero();
    node.listed();
    assertThat(node.problems()).isEmpty();
  }

  @Test
  void otherNodesAreNotMeant() {
    OwnNode node = node(Duration.ofDays(1));
    node.offer(node("n2"));
    assertThat(node.problems()).as("perhaps it is still to come").isEmpty();
    node.listed();
    assertThat(settled.getCount()).isOne();
    assertThat(node.problems())
        .extracting(Problem::toString)
        .containsExactly(
            "Node n1: the API server has no such node; the address of the first uplink counts as"
                + " its primary one, and its zone is not known");
    assertThat(changes).isOne();
  }

  @Test
  void laterAndGoneAgain() {
    OwnNode node = node(Duration.ofDays(1));
    node.listed();
    node.offer(node("n1"));
    assertThat(settled.getCount()).isZero();
    assertThat(node.problems()).isEmpty();
    node.offer(Change.remove(KEY));
    assertThat(node.problems()).hasSize(1);
    assertThat(changes).isEqualTo(3);
  }

  @Test
  void notForEver() throws InterruptedException {
    OwnNode node = node(Duration.ofMillis(1));
    node.listed();
    assertThat(settled.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(node.problems()).hasSize(1);
    node.offer(node("n1"));
    assertThat(node.problems()).isEmpty();
  }
}
