// SPDX-License-Identifier: Apache-2.0
package io.millrace.trace;

import io.millrace.admin.proto.TraceVerdict;
import io.millrace.bpf.abi.EventKind;
import io.millrace.bpf.abi.TraceStep;
import io.millrace.compile.policy.PolicySet;
import io.millrace.compile.policy.PolicyTables;
import io.millrace.compile.policy.RuleOrigin;
import io.millrace.compile.policy.Subject;
import io.millrace.model.Ip;
import io.millrace.model.PodState;
import org.jspecify.annotations.Nullable;

/** What policies say of one end, and which rule it was. */
final class PolicyStory {
  private final TraceWorld world;
  private final Told told;

  PolicyStory(TraceWorld world, Told told) {
    this.world = world;
    this.told = told;
  }

  /** Of the pod that sends. */
  TraceVerdict egress(Ip pod) {
    return verdict(pod, told.egress(), false);
  }

  /** Of the pod that it is for. */
  TraceVerdict ingress(Ip pod) {
    return verdict(pod, told.ingress(), true);
  }

  private TraceVerdict verdict(Ip ip, Told.Verdict verdict, boolean ingress) {
    PolicyTables tables = world.policies();
    TraceVerdict.Builder out =
        TraceVerdict.newBuilder()
            .setVerdict(TraceNames.plain(EventKind.name(verdict.kind()), "EVENT_"))
            .setPod(podName(ip))
            .setRule(-1);
    PolicySet set = tables.sets().get(verdict.set());
    RuleOrigin rule = rule(set, verdict.rule());
    if (set != null) {
      out.addAllPolicies(set.policies());
    }
    if (rule != null) {
      out.setPolicy(rule.namespace() + "/" + rule.policy()).setRule(rule.rule());
    }
    return out.setText(text(ip, verdict, set, rule, ingress)).build();
  }

  private static @Nullable RuleOrigin rule(@Nullable PolicySet set, int bit) {
    return set != null && bit < set.rules().size() ? set.rules().get(bit) : null;
  }

  private String text(
      Ip ip,
      Told.Verdict verdict,
      @Nullable PolicySet set,
      @Nullable RuleOrigin rule,
      boolean ingress) {
    if (verdict.set() == 0) {
      return free(ip, ingress);
    }
    if (set == null) {
      return "the policies have just changed: ask again";
    }
    if (rule != null) {
      return rule.text();
    }
    return verdict.kind() == EventKind.EVENT_AUDITED
        ? "no rule matches, and its policies are only audited"
        : "no rule matches";
  }

  /** Why nobody was asked. */
  private String free(Ip ip, boolean ingress) {
    if (told.has(TraceStep.TRACE_OWN_NODE)) {
      return "its own node opens the connection, which needs no rule";
    }
    Subject subject = world.policies().subjects().getOrDefault(ip, Subject.OPEN);
    if ((ingress ? subject.ingress() : subject.egress()) == 0) {
      return "no policy isolates the pod in this direction";
    }
    return ingress ? "the pod asks itself" : "to its own node, or to itself, no rule is needed";
  }

  private String podName(Ip ip) {
    PodState pod = TraceNames.podOf(world.image(), ip);
    return pod == null ? ip.toString() : pod.namespace() + "/" + pod.name();
  }
}
