// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.compile.policy.PolicyCompiler;
import io.millrace.compile.policy.PolicyTables;
import io.millrace.fake.policy.RandomWorld;
import io.millrace.fake.policy.World;
import io.millrace.model.Ip;
import io.millrace.model.Protocol;
import io.millrace.reconcile.PolicyView.Question;
import java.util.ArrayList;
import java.util.List;

/** API objects that change at random, under the real compiler. */
final class CompiledCluster implements PolicyCluster {
  private static final int QUESTIONS = 60;
  private static final List<Protocol> PROTOCOLS = List.of(Protocol.values());

  private final World world = new World();
  private final RandomWorld random;
  private final PolicyCompiler compiler = new PolicyCompiler("n1");
  private PolicyTables tables;

  CompiledCluster(long seed) {
    random = new RandomWorld(seed, world);
    random.fill();
    world.read();
    tables = compiler.compileAll(world.image());
  }

  @Override
  public PolicyTables tables() {
    return tables;
  }

  @Override
  public PolicyTables change() {
    for (int i = random.below(3); i >= 0; i--) {
      random.change();
    }
    var delta = world.read();
    tables = compiler.compile(world.image(), delta);
    return tables;
  }

  @Override
  public List<Question> questions() {
    List<Ip> pods = new ArrayList<>(tables.subjects().keySet());
    List<Question> all = new ArrayList<>();
    while (!pods.isEmpty() && all.size() < QUESTIONS) {
      Ip pod = pods.get(random.below(pods.size()));
      Protocol protocol = PROTOCOLS.get(random.below(PROTOCOLS.size()));
      Ip peer = random.address(pod.isV4());
      all.add(new Question(pod, random.below(2) == 0, peer, protocol, random.port()));
    }
    return all;
  }

  @Override
  public int below(int bound) {
    return random.below(bound);
  }
}
