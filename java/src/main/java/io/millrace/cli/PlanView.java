// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.millrace.takeover.Plan;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;

/** What a take-over removes. */
final class PlanView {
  private PlanView() {}

  static void print(
      Plan plan, List<String> obstacles, boolean dryRun, boolean json, PrintStream out)
      throws IOException {
    if (json) {
      printJson(plan, obstacles, dryRun, out);
    } else {
      printText(plan, obstacles, dryRun, out);
    }
    out.flush();
  }

  private static List<String> removed(Plan plan) {
    return plan.steps().stream().flatMap(step -> step.text().stream()).toList();
  }

  private static void printText(
      Plan plan, List<String> obstacles, boolean dryRun, PrintStream out) {
    removed(plan).forEach(what -> out.println((dryRun ? "would remove " : "removed ") + what));
    plan.kept().forEach(what -> out.println((dryRun ? "would keep " : "kept ") + what));
    plan.notes().forEach(out::println);
    obstacles.forEach(what -> out.println("would refuse: " + what));
    if (plan.isEmpty()) {
      out.println("nothing to remove");
    }
    if (!plan.kept().isEmpty()) {
      out.println("run it again when `millrace status` names no connections of before any more");
    }
  }

  private static void printJson(Plan plan, List<String> obstacles, boolean dryRun, PrintStream out)
      throws IOException {
    try (JsonOutput json = new JsonOutput(out)) {
      JsonGenerator generator = json.generator();
      generator.writeStartObject();
      generator.writeBooleanField("dry_run", dryRun);
      write(generator, "removed", removed(plan));
      write(generator, "kept", plan.kept());
      write(generator, "notes", plan.notes());
      write(generator, "obstacles", obstacles);
      generator.writeEndObject();
    }
  }

  private static void write(JsonGenerator generator, String name, List<String> texts)
      throws IOException {
    generator.writeArrayFieldStart(name);
    for (String text : texts) {
      generator.writeString(text);
    }
    generator.writeEndArray();
  }
}
