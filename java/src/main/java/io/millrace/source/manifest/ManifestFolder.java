// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.manifest;

import io.millrace.source.Change;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A folder of manifests as it is on disk, and when to look at which file.
 *
 * <p>A file that is put in place by a rename is read at once. One that is written in place is read
 * when the writer has paused, and one that looks half-written only when he has paused for long:
 *
 * <pre>
 *   other inode than before, never seen missing     at once
 *   new, or same inode                              10 ms after the last write
 *   empty, or the last line has no end              1 s after the last write
 *   missing                                         50 ms after that was noticed
 * </pre>
 */
final class ManifestFolder {
  static final long QUIET_MS = 10;
  static final long HALF_WRITTEN_MS = 1000;
  static final long MISSING_MS = 50;

  private static final long MAX_BYTES = 512L << 20;

  /** Files read before their objects are handed over. */
  private static final int BATCH_FILES = 1024;

  private static final long BATCH_CHARS = 8L << 20;

  private final Path folder;
  private final ManifestTable table = new ManifestTable();
  private final FileReading reading = new FileReading(Runtime.getRuntime().availableProcessors());
  private final Consumer<Change> changes;
  private final Map<String, Stamp> read = new HashMap<>();
  private final Map<String, Long> missingSinceMs = new HashMap<>();
  private final Map<String, Long> dueMs = new HashMap<>();

  ManifestFolder(Path folder, Consumer<Change> changes) {
    this.folder = folder;
    this.changes = changes;
  }

  ManifestTable table() {
    return table;
  }

  static boolean isManifest(String name) {
    return !name.startsWith(".")
        && (name.endsWith(".yaml") || name.endsWith(".yml") || name.endsWith(".json"));
  }

  /**
   * Looks at every file, those that have gone included.
   *
   * @throws IOException if the folder cannot be listed; then nothing changes
   */
  void scanAll(long nowMs) throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      new FolderScan(this, entries).step(Integer.MAX_VALUE, nowMs);
    }
  }

  /** Looks at some files. */
  void scan(Collection<String> names, long nowMs) {
    List<FileReading.Text> texts = new ArrayList<>();
    long chars = 0;
    for (String name : names) {
      FileReading.Text text = isManifest(name) ? look(name, nowMs) : null;
      if (text != null) {
        texts.add(text);
        chars += text.text().length();
      }
      if (texts.size() == BATCH_FILES || chars > BATCH_CHARS) {
        take(texts);
        texts.clear();
        chars = 0;
      }
    }
    take(texts);
  }

  private void take(List<FileReading.Text> texts) {
    List<ManifestFile> files = reading.read(texts);
    for (int i = 0; i < files.size(); i++) {
      FileReading.Text text = texts.get(i);
      missingSinceMs.remove(text.name());
      read.put(text.name(), text.stamp());
      replace(text.name(), files.get(i));
    }
  }

  /** Looks at files that were put off until now. */
  void scanDue(long nowMs) {
    TreeSet<String> due = new TreeSet<>();
    dueMs.forEach(
        (name, at) -> {
          if (at <= nowMs) {
            due.add(name);
          }
        });
    scan(due, nowMs);
  }

  /** When to call {@link #scanDue}; {@link Long#MAX_VALUE} if nothing was put off. */
  long nextDueMs() {
    return dueMs.values().stream().mapToLong(Long::longValue).min().orElse(Long.MAX_VALUE);
  }

  /** The text of a file that is to be read now; null for every other. */
  private FileReading.@Nullable Text look(String name, long nowMs) {
    dueMs.remove(name);
    try {
      Stamp stamp = Stamp.of(folder.resolve(name));
      if (stamp == null || !stamp.regular()) {
        missing(name, nowMs);
      } else if (!stamp.equals(read.get(name))) {
        return changed(name, stamp, nowMs);
      } else {
        missingSinceMs.remove(name);
      }
    } catch (IOException e) {
      replace(name, ManifestFile.unreadable(name, reason(e), table.file(name)));
      dueMs.put(name, nowMs + HALF_WRITTEN_MS);
    }
    return null;
  }

  private void missing(String name, long nowMs) {
    if (table.file(name) == null) {
      return;
    }
    Long since = missingSinceMs.putIfAbsent(name, nowMs);
    if (since == null || nowMs - since < MISSING_MS) {
      dueMs.put(name, (since == null ? nowMs : since) + MISSING_MS);
      return;
    }
    missingSinceMs.remove(name);
    read.remove(name);
    replace(name, null);
  }

  private FileReading.@Nullable Text changed(String name, Stamp stamp, long nowMs)
      throws IOException {
    Stamp before = read.get(name);
    boolean renamed =
        before != null && before.inode() != stamp.inode() && !missingSinceMs.containsKey(name);
    long age = stamp.ageMs(nowMs);
    if (!renamed && age < QUIET_MS) {
      dueMs.put(name, nowMs + QUIET_MS - age);
      return null;
    }
    if (stamp.size() > MAX_BYTES) {
      throw new IOException("larger than " + (MAX_BYTES >> 20) + " MiB");
    }
    String text = Files.readString(folder.resolve(name));
    if (!renamed && age < HALF_WRITTEN_MS && looksHalfWritten(name, text)) {
      dueMs.put(name, nowMs + HALF_WRITTEN_MS - age);
      return null;
    }
    if (!stamp.equals(Stamp.of(folder.resolve(name)))) {
      dueMs.put(name, nowMs + QUIET_MS);
      return null;
    }
    return new FileReading.Text(name, stamp, text, table.file(name));
  }

  private static boolean looksHalfWritten(String name, String text) {
    if (name.endsWith(".json")) {
      String end = text.stripTrailing();
      return !end.endsWith("}");
    }
    return !text.endsWith("\n");
  }

  private void replace(String name, @Nullable ManifestFile file) {
    table.replace(name, file, changes);
  }

  private static String reason(IOException e) {
    if (e instanceof CharacterCodingException) {
      return "is not UTF-8 text; its last good objects stay";
    }
    return "cannot be read: " + e + "; its last good objects stay";
  }
}
