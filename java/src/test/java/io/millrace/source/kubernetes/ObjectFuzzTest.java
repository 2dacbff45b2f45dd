// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.kubernetes;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.millrace.compile.Compiler;
import io.millrace.compile.NodeConfig;
import io.millrace.compile.policy.PolicyCompiler;
import io.millrace.compile.policy.PolicyTables;
import io.millrace.fake.Fuzz;
import io.millrace.fake.Mutator;
import io.millrace.model.ClusterDelta;
import io.millrace.model.ClusterImage;
import io.millrace.model.ClusterObject;
import io.millrace.model.ObjectKey;
import io.millrace.model.Problem;
import io.millrace.model.ServiceKey;
import io.millrace.source.Change;
import io.millrace.source.object.ObjectReader;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * API objects that are changed at random. Readers say what is wrong with them and throw nothing;
 * what passes them can be compiled, to the same whether it came bit by bit or at once; and what is
 * well goes on being served.
 */
final class ObjectFuzzTest {
  private static final NodeConfig CONFIG = NodeConfig.automatic("n1");
  private static final ServiceKey WITNESS = new ServiceKey("witness", "web");

  private final Random random = new Random(Fuzz.seed());
  private final Mutator mutator = new Mutator(random);
  private final List<JsonNode> originals = new ArrayList<>();
  private final List<JsonNode> witnesses = new ArrayList<>();

  ObjectFuzzTest() throws IOException {
    read("objects.yaml", originals);
    read("witness.yaml", witnesses);
  }

  private static void read(String file, List<JsonNode> into) throws IOException {
    ObjectMapper yaml = new ObjectMapper(new YAMLFactory());
    try (InputStream in =
        requireNonNull(ObjectFuzzTest.class.getResourceAsStream("/fuzz/" + file))) {
      yaml.readerFor(JsonNode.class).<JsonNode>readValues(in).forEachRemaining(into::add);
    }
  }

  private JsonNode next() {
    return mutator.mutate(originals.get(random.nextInt(originals.size())), originals);
  }

  @Test
  void readersSayWhatIsWrong() {
    Fuzz fuzz = new Fuzz(20_000);
    int good = 0;
    while (fuzz.goesOn()) {
      JsonNode object = next();
      for (ObjectReader.Mode mode : ObjectReader.Mode.values()) {
        ObjectReader.Result result = read(mode, object);
        assertThat(read(mode, object)).as("%s", object).isEqualTo(result);
        if (result instanceof ObjectReader.Good known) {
          good++;
          assertThat(known.object().key()).isNotNull();
          known.leftOut().forEach(fault -> assertThat(fault.reason()).isNotEmpty());
        } else if (result instanceof ObjectReader.Invalid invalid) {
          assertThat(invalid.fault().reason()).as("%s", object).isNotEmpty();
          assertNamed(invalid);
        } else if (result instanceof ObjectReader.Broken broken) {
          assertThat(broken.fault().reason()).as("%s", object).isNotEmpty();
        }
      }
    }
    assertThat(good).as("objects that passed").isPositive();
    fuzz.tell("objects read", "of which passed " + good);
  }

  private static ObjectReader.Result read(ObjectReader.Mode mode, JsonNode object) {
    try {
      return new ObjectReader(mode).read(object);
    } catch (RuntimeException e) {
      throw new AssertionError("a reader threw, seed " + Fuzz.seed() + ": " + object, e);
    }
  }

  /** The problem says whose it is, and others are none of its business. */
  private static void assertNamed(ObjectReader.Invalid invalid) {
    List<Change> changes = new ArrayList<>();
    Held held = new Held(changes::add);
    held.put(invalid);
    assertThat(held.problems())
        .extracting(Problem::object)
        .containsExactly(invalid.key().toString());
    assertThat(changes).hasSize(invalid.standIn() == null ? 0 : 1);
  }

  @Test
  void whatPassesIsCompiledAndTheRestGoesOn() {
    Fuzz fuzz = new Fuzz(400);
    Compiler compiler = new Compiler(CONFIG);
    PolicyCompiler policies = new PolicyCompiler("n1");
    ClusterDelta first = new ClusterDelta(ClusterImage.EMPTY);
    witnesses.forEach(object -> put(first, object));
    ClusterImage image = first.apply();
    compiler.compileAll(image);
    policies.compileAll(image);
    String served = served(compiler);
    assertThat(served).contains("10.96.99.99:80/TCP").contains("203.0.113.7:8080");
    int taken = 0;
    while (fuzz.goesOn()) {
      ClusterDelta delta = new ClusterDelta(image);
      for (int i = 0; i < 8; i++) {
        taken += change(delta) ? 1 : 0;
      }
      image = delta.apply();
      compiler.compile(image, delta);
      PolicyTables tables = policies.compile(image, delta);
      assertThat(served(compiler)).as("seed %s", Fuzz.seed()).isEqualTo(served);
      Compiler fresh = new Compiler(CONFIG);
      fresh.compileAll(image);
      assertThat(compiler.programs()).as("seed %s", Fuzz.seed()).isEqualTo(fresh.programs());
      assertThat(compiler.node()).as("seed %s", Fuzz.seed()).isEqualTo(fresh.node());
      assertSame(tables, new PolicyCompiler("n1").compileAll(image));
    }
    fuzz.tell("compilations", "objects taken " + taken);
  }

  /**
   * The frontends and endpoints of the witness; not where these are said to be, since a Node may
   * come whose pods have all addresses.
   */
  private static String served(Compiler compiler) {
    return String.valueOf(compiler.programs().get(WITNESS));
  }

  private static void assertSame(PolicyTables tables, PolicyTables fresh) {
    assertThat(tables.subjects()).as("seed %s", Fuzz.seed()).isEqualTo(fresh.subjects());
    assertThat(tables.peers()).as("seed %s", Fuzz.seed()).isEqualTo(fresh.peers());
    assertThat(tables.blocks()).as("seed %s", Fuzz.seed()).isEqualTo(fresh.blocks());
    assertThat(tables.sets()).as("seed %s", Fuzz.seed()).isEqualTo(fresh.sets());
  }

  /** One comes, changes or goes; those of the witness do not. */
  private boolean change(ClusterDelta delta) {
    ObjectReader.Result result = read(ObjectReader.Mode.LENIENT, next());
    if (!(result instanceof ObjectReader.Good good) || isWitness(good.object().key())) {
      return false;
    }
    ClusterObject object = good.object();
    delta.change(object.key(), random.nextInt(5) == 0 ? null : object);
    return true;
  }

  private static boolean isWitness(ObjectKey key) {
    return key.namespace().equals("witness") || key.name().equals("n1");
  }

  private static void put(ClusterDelta delta, JsonNode node) {
    if (read(ObjectReader.Mode.STRICT, node) instanceof ObjectReader.Good good) {
      delta.put(good.object());
    } else {
      throw new AssertionError("not valid: " + Map.of("object", node));
    }
  }
}
