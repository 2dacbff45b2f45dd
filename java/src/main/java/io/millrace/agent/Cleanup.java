// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import io.millrace.bpf.BpfException;
import io.millrace.bpf.KernelDataplane;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Removes every trace of an agent that does not run any more. Doing it again does nothing. */
public final class Cleanup {
  private Cleanup() {}

  /**
   * Removes links, filters, pins, the bpffs that an agent mounted, lock and socket.
   *
   * @return what was there and has been removed, in words; empty if nothing was
   * @throws InstanceLock.HeldException if an agent runs; names it
   * @throws IOException if something could not be removed; names it
   */
  public static List<String> run(Path runDir, Path bpffs) throws IOException {
    Path lockFile = runDir.resolve("agent.lock");
    if (!Files.exists(lockFile)) {
      return remove(runDir, bpffs);
    }
    try (InstanceLock lock = InstanceLock.ofFile(lockFile)) {
      return lock == null ? List.of() : remove(runDir, bpffs);
    }
  }

  private static List<String> remove(Path runDir, Path bpffs) throws IOException {
    List<String> removed = new ArrayList<>();
    if (Files.isDirectory(bpffs)) {
      // Taken to see that nobody has it; kept, it would be in the way of unmounting.
      InstanceLock.ofFolder(bpffs).close();
      count(bpffs.resolve("links"), "links", removed);
      count(bpffs.resolve("maps"), "maps", removed);
    }
    boolean folder = Files.exists(bpffs);
    try {
      KernelDataplane.cleanup(bpffs);
    } catch (BpfException | IllegalStateException e) {
      throw new IOException(e.getMessage(), e);
    }
    if (folder && !Files.exists(bpffs)) {
      removed.add("folder " + bpffs);
    }
    delete(runDir.resolve("admin.sock"), removed);
    delete(runDir.resolve("agent.lock"), removed);
    try {
      delete(runDir, removed);
    } catch (DirectoryNotEmptyException e) {
      removed.add("but not " + runDir + ", which holds something else");
    }
    return removed;
  }

  private static void count(Path folder, String what, List<String> removed) throws IOException {
    if (Files.isDirectory(folder)) {
      try (Stream<Path> entries = Files.list(folder)) {
        long n = entries.count();
        if (n > 0) {
          removed.add(n + " pinned " + what);
        }
      }
    }
  }

  private static void delete(Path path, List<String> removed) throws IOException {
    if (Files.deleteIfExists(path)) {
      removed.add(path.toString());
    }
  }
}
