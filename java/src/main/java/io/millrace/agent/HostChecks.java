// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What this host must offer, looked at before anything is touched. */
public final class HostChecks {
  private static final int CAP_NET_ADMIN = 12;
  private static final int CAP_SYS_ADMIN = 21;
  private static final int CAP_PERFMON = 38;
  private static final int CAP_BPF = 39;

  private HostChecks() {}

  /**
   * @throws IOException naming everything that is missing, and what to do about it
   */
  static void run() throws IOException {
    List<String> missing = missing(Path.of("/"));
    if (!missing.isEmpty()) {
      throw new IOException("this host cannot run the agent: " + String.join("; ", missing));
    }
  }

  /** What is missing, in words; {@code root} is where {@code proc} and {@code sys} lie. */
  static List<String> missing(Path root) throws IOException {
    List<String> missing = new ArrayList<>();
    long caps = effectiveCapabilities(root.resolve("proc/self/status"));
    boolean sysAdmin = has(caps, CAP_SYS_ADMIN);
    List<String> lacking = new ArrayList<>();
    if (!has(caps, CAP_NET_ADMIN)) {
      lacking.add("CAP_NET_ADMIN");
    }
    if (!sysAdmin && !has(caps, CAP_BPF)) {
      lacking.add("CAP_BPF");
    }
    if (!sysAdmin && !has(caps, CAP_PERFMON)) {
      lacking.add("CAP_PERFMON");
    }
    if (!lacking.isEmpty()) {
      missing.add("no " + String.join(", ", lacking) + ": run it as root or grant them");
    }
    if (!Files.exists(root.resolve("sys/kernel/btf/vmlinux"))) {
      missing.add(
          "no /sys/kernel/btf/vmlinux: a kernel built with CONFIG_DEBUG_INFO_BTF, and a mounted"
              + " sysfs, are needed");
    }
    if (!Files.readString(root.resolve("proc/filesystems")).contains("\tbpf\n")) {
      missing.add("no file system of type bpf: a kernel built with CONFIG_BPF_SYSCALL is needed");
    }
    return missing;
  }

  private static boolean has(long caps, int capability) {
    return (caps >>> capability & 1) != 0;
  }

  private static long effectiveCapabilities(Path status) throws IOException {
    for (String line : Files.readAllLines(status)) {
      if (line.startsWith("CapEff:")) {
        return Long.parseUnsignedLong(line.substring("CapEff:".length()).trim(), 16);
      }
    }
    throw new IOException(status + " does not say what this process may do");
  }
}
