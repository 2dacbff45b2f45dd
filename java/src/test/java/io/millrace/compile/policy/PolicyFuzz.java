// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile.policy;

import io.millrace.fake.policy.ApiMeaning;
import io.millrace.fake.policy.RandomWorld;
import io.millrace.fake.policy.TableModel;
import io.millrace.fake.policy.Verdicts;
import io.millrace.fake.policy.World;
import io.millrace.model.ClusterDelta;
import io.millrace.model.ClusterImage;
import io.millrace.model.Ip;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Probes of a random cluster, while it changes: the API's meaning against somebody who answers. */
final class PolicyFuzz {
  private static final int[] PROTOCOLS = {6, 6, 6, 17, 17, 132, 1};

  private final World world;
  private final RandomWorld random;
  private final PolicyCompiler compiler;
  private final Function<PolicyTables, Verdicts> answers;
  private final ApiMeaning meaning;
  private int lowestPort;
  private int verdicts;
  private int denied;

  PolicyFuzz(long seed, PolicyCompiler compiler) {
    this(seed, new World(), compiler, TableModel::new);
  }

  /**
   * @param world empty
   * @param answers who answers probes, of tables that have just come into force
   */
  PolicyFuzz(
      long seed, World world, PolicyCompiler compiler, Function<PolicyTables, Verdicts> answers) {
    this.world = world;
    random = new RandomWorld(seed, world);
    this.compiler = compiler;
    this.answers = answers;
    meaning = new ApiMeaning(world, "n1");
  }

  /**
   * Asks for no port below this one. A packet to port 0 has none to the programs, as a fragment:
   * only rules without ports let it through, where the API would have it in ranges.
   */
  PolicyFuzz withPortsFrom(int lowest) {
    lowestPort = lowest;
    return this;
  }

  int verdicts() {
    return verdicts;
  }

  /** How many of them should be denied. */
  int denied() {
    return denied;
  }

  /** Plays some changes, and says which probes got another answer than they should. */
  List<String> run(int steps, int probes) {
    List<String> wrong = new ArrayList<>();
    random.fill();
    PolicyTables tables = compiler.compileAll(readImage());
    probe(tables, probes, wrong);
    for (int step = 0; step < steps; step++) {
      for (int i = random.below(3); i >= 0; i--) {
        random.change();
      }
      ClusterDelta delta = world.read();
      probe(compiler.compile(world.image(), delta), probes, wrong);
    }
    return wrong;
  }

  private ClusterImage readImage() {
    world.read();
    return world.image();
  }

  private void probe(PolicyTables tables, int probes, List<String> wrong) {
    Verdicts answering = answers.apply(tables);
    for (int i = 0; i < probes; i++) {
      boolean v4 = random.below(3) > 0;
      Ip from = random.address(v4);
      Ip to = random.address(v4);
      int protocol = PROTOCOLS[random.below(PROTOCOLS.length)];
      int port = protocol == 1 ? 0 : Math.max(lowestPort, random.port());
      Verdicts.Verdict meant = meaning.verdict(from, to, protocol, port);
      Verdicts.Verdict said = answering.verdict(from, to, protocol, port);
      verdicts++;
      denied += meant.ingress() && meant.egress() ? 0 : 1;
      if (!meant.equals(said)) {
        wrong.add(from + " > " + to + " " + protocol + "/" + port + " " + said);
      }
    }
  }
}
