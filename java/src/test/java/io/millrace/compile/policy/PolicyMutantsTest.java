// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.fake.policy.TableModel;
import io.millrace.fake.policy.World;
import io.millrace.model.Cidr;
import io.millrace.model.ClusterObject;
import io.millrace.model.PolicyState;
import io.millrace.model.PolicyState.PortRange;
import io.millrace.model.PolicyState.Rule;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The mistakes that others have made: the same histories find each of them. */
final class PolicyMutantsTest {
  private static final int SEEDS = 10;

  /** A compiler with one of them. */
  enum Mutant implements Coverage {
    /** The longest prefix alone counts, not those around it. */
    PREFIX_WITHOUT_THOSE_AROUND {
      @Override
      public List<Atom> blocks(Cidr prefix, List<Atom> around) {
        return around.stream()
            .filter(atom -> Objects.requireNonNull(atom.block()).cidr().equals(prefix))
            .toList();
      }
    },
    /** What one block excepts, no other allows. */
    EXCEPT_DENIES {
      @Override
      public List<Atom> blocks(Cidr prefix, List<Atom> around) {
        List<Atom> exact = EXACT.blocks(prefix, around);
        return exact.size() == around.size() ? exact : List.of();
      }
    },
    /** The narrowest range alone counts. */
    RANGE_WITHOUT_THOSE_AROUND {
      @Override
      public List<PortRange> ranges(List<PortRange> around) {
        return around.stream()
            .min(Comparator.comparingInt(range -> range.to() - range.from()))
            .map(List::of)
            .orElse(List.of());
      }
    },
    /** Pods are not among addresses. */
    BLOCKS_WITHOUT_PODS {
      @Override
      public boolean podsAreInBlocks() {
        return false;
      }
    },
    /** A range is its first port. */
    NO_END_PORT {
      @Override
      UnaryOperator<ClusterObject> seen() {
        return object -> object instanceof PolicyState policy ? withoutEndPorts(policy) : object;
      }
    };

    @Override
    public List<Atom> blocks(Cidr prefix, List<Atom> around) {
      return EXACT.blocks(prefix, around);
    }

    @Override
    public List<PortRange> ranges(List<PortRange> around) {
      return EXACT.ranges(around);
    }

    @Override
    public boolean podsAreInBlocks() {
      return true;
    }

    /** What it makes of objects that it reads. */
    UnaryOperator<ClusterObject> seen() {
      return object -> object;
    }
  }

  private static PolicyState withoutEndPorts(PolicyState policy) {
    return new PolicyState(
        policy.namespace(),
        policy.name(),
        policy.audit(),
        policy.podSelector(),
        policy.hasIngress(),
        policy.hasEgress(),
        policy.ingress().stream().map(PolicyMutantsTest::withoutEndPorts).toList(),
        policy.egress().stream().map(PolicyMutantsTest::withoutEndPorts).toList());
  }

  private static Rule withoutEndPorts(Rule rule) {
    return new Rule(
        rule.peers(), rule.ports().stream().map(PolicyMutantsTest::withoutEndPort).toList());
  }

  private static PolicyState.Port withoutEndPort(PolicyState.Port port) {
    return port instanceof PortRange range && range.from() > 0
        ? new PortRange(range.protocol(), range.from(), range.from())
        : port;
  }

  @ParameterizedTest
  @EnumSource(Mutant.class)
  void isFound(Mutant mutant) {
    int wrong = 0;
    int verdicts = 0;
    for (long seed = 0; seed < SEEDS; seed++) {
      PolicyCompiler compiler = new PolicyCompiler("n1", mutant, -1);
      PolicyFuzz fuzz = new PolicyFuzz(seed, new World(mutant.seen()), compiler, TableModel::new);
      wrong += fuzz.run(25, 40).size();
      verdicts += fuzz.verdicts();
    }
    System.out.printf("policy mutant %s: %d of %d verdicts wrong%n", mutant, wrong, verdicts);
    assertThat(wrong).isPositive();
  }
}
