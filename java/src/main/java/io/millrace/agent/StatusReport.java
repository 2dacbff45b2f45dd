// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import io.millrace.admin.proto.Problem;
import io.millrace.admin.proto.Source;
import io.millrace.admin.proto.Status;
import io.millrace.source.ObjectSource;
import io.millrace.source.SyncGate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the other threads published last, with what anyone may know: made for each request. */
final class StatusReport implements Supplier<Status> {
  private static final int MAX_PROBLEMS = 200;
  private static final Pattern DOCUMENT = Pattern.compile("(.*) document (\\d{1,9})");

  private final List<ObjectSource> sources;
  private final Supplier<Status> published;
  private final List<Consumer<Status.Builder>> parts;
  private final SyncGate gate;
  private final ProblemBoard problems;
  private final long startNs = System.nanoTime();

  /**
   * @param sources what is followed
   * @param published what the control thread says
   * @param parts add what others know: of the flow tables, of sockets
   */
  StatusReport(
      List<ObjectSource> sources,
      Supplier<Status> published,
      List<Consumer<Status.Builder>> parts,
      SyncGate gate,
      ProblemBoard problems) {
    this.sources = List.copyOf(sources);
    this.published = published;
    this.parts = List.copyOf(parts);
    this.gate = gate;
    this.problems = problems;
  }

  @Override
  public Status get() {
    Status.Builder status =
        published.get().toBuilder()
            .setVersion(BuildInfo.VERSION)
            .setAbiHash(BuildInfo.ABI_HASH)
            .setPid(ProcessHandle.current().pid())
            .setUptimeMs(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs))
            .setRssBytes(residentBytes());
    parts.forEach(part -> part.accept(status));
    Set<String> missing = gate.missing();
    sources.forEach(each -> status.addSources(source(each, missing)));
    problems.list(MAX_PROBLEMS).forEach(entry -> status.addProblems(problem(entry)));
    return status
        .setProblemsOmitted(Math.max(0, problems.count() - status.getProblemsCount()))
        .build();
  }

  private static Source source(ObjectSource source, Set<String> missing) {
    return Source.newBuilder()
        .setName(source.name())
        .setDetail(source.detail())
        .setSynced(!missing.contains(source.name()))
        .build();
  }

  static Problem problem(ProblemBoard.Entry entry) {
    io.millrace.model.Problem problem = entry.problem();
    Problem.Builder out =
        Problem.newBuilder()
            .setSource(entry.source())
            .setFile(problem.origin())
            .setObject(problem.object())
            .setField(problem.field())
            .setReason(problem.reason());
    Matcher document = DOCUMENT.matcher(problem.origin());
    if (document.matches()) {
      out.setFile(document.group(1)).setDocument(Integer.parseInt(document.group(2)));
    }
    return out.build();
  }

  private static long residentBytes() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith("VmRSS:")) {
          return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
        }
      }
    } catch (IOException e) {
      return 0; // a figure for people: no reason to fail
    }
    return 0;
  }
}
