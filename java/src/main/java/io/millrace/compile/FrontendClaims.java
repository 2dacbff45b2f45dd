// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile;

import io.millrace.model.Problem;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Who wants which frontend, and who gets it. The outcome depends on the claims alone, not on their
 * order.
 */
final class FrontendClaims {
  private final Map<Frontend, PortProgram> single = new HashMap<>();
  private final TreeMap<Frontend, List<PortProgram>> contested = new TreeMap<>();

  /**
   * Replaces a port's claims.
   *
   * @param touched receives other ports whose share may have changed
   */
  void replace(
      @Nullable PortProgram before, @Nullable PortProgram after, Set<PortProgram> touched) {
    if (before != null) {
      for (PortProgram.Rule rule : before.rules()) {
        remove(rule.frontend(), before, touched);
      }
    }
    if (after != null) {
      for (PortProgram.Rule rule : after.rules()) {
        add(rule.frontend(), after, touched);
      }
    }
    touched.remove(before);
  }

  /** The rules of a port whose frontends it gets. */
  List<PortProgram.Rule> won(PortProgram port) {
    if (contested.isEmpty()) {
      return port.rules();
    }
    List<PortProgram.Rule> won = new ArrayList<>(port.rules().size());
    for (PortProgram.Rule rule : port.rules()) {
      List<PortProgram> rivals = contested.get(rule.frontend());
      if (rivals == null || rivals.get(0).key().equals(port.key())) {
        won.add(rule);
      }
    }
    return won;
  }

  List<Problem> problems() {
    List<Problem> problems = new ArrayList<>();
    contested.forEach(
        (frontend, rivals) -> {
          for (PortProgram loser : rivals.subList(1, rivals.size())) {
            problems.add(
                new Problem(
                    "",
                    loser.key().service().title(),
                    "",
                    frontend
                        + " belongs to "
                        + rivals.get(0).key().service().title()
                        + ", "
                        + why(frontend, rivals.get(0), loser)
                        + "; not served for this one"));
          }
        });
    return problems;
  }

  private static String why(Frontend frontend, PortProgram winner, PortProgram loser) {
    PortProgram.Kind kind = winner.kindOf(frontend);
    return kind == loser.kindOf(frontend)
        ? "which is older or first by name"
        : "whose " + kind.title() + " it is";
  }

  private void add(Frontend frontend, PortProgram port, Set<PortProgram> touched) {
    List<PortProgram> rivals = contested.get(frontend);
    if (rivals == null) {
      PortProgram other = single.putIfAbsent(frontend, port);
      if (other == null) {
        return;
      }
      single.remove(frontend);
      rivals = new ArrayList<>(List.of(other));
      contested.put(frontend, rivals);
    }
    touched.addAll(rivals);
    rivals.add(port);
    rivals.sort(PortProgram.precedence(frontend));
  }

  private void remove(Frontend frontend, PortProgram port, Set<PortProgram> touched) {
    List<PortProgram> rivals = contested.get(frontend);
    if (rivals == null) {
      single.remove(frontend);
      return;
    }
    rivals.removeIf(rival -> rival.key().equals(port.key()));
    touched.addAll(rivals);
    if (rivals.size() == 1) {
      contested.remove(frontend);
      single.put(frontend, rivals.get(0));
    }
  }
}
