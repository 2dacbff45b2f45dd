// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.manifest;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Turns texts of files into objects, a folder's worth of them by all processors: parsing YAML is
 * what a start with many manifests waits for.
 */
final class FileReading {
  /** Fewer files are not worth a thread. */
  private static final int PER_THREAD = 16;

  private static final int MAX_THREADS = 4;

  /** One for each thread, since a parser serves one at a time. The first is the caller's. */
  private final List<ManifestParser> parsers = new ArrayList<>();

  private final Executor threads =
      task -> {
        Thread thread = new Thread(task, "millrace-parse");
        thread.setDaemon(true);
        thread.start();
      };

  FileReading(int processors) {
    for (int i = 0; i < Math.max(1, Math.min(MAX_THREADS, processors)); i++) {
      parsers.add(new ManifestParser());
    }
  }

  /**
   * A file that is due.
   *
   * @param before what was in it
   */
  record Text(String name, Stamp stamp, String text, @Nullable ManifestFile before) {}

  /** What the texts say, in their order. */
  List<ManifestFile> read(List<Text> texts) {
    int parts = Math.max(1, Math.min(parsers.size(), texts.size() / PER_THREAD));
    List<CompletableFuture<List<ManifestFile>>> others = new ArrayList<>();
    for (int part = 1; part < parts; part++) {
      List<Text> mine = part(texts, part, parts);
      ManifestParser parser = parsers.get(part);
      others.add(CompletableFuture.supplyAsync(() -> read(mine, parser), threads));
    }
    List<ManifestFile> files = new ArrayList<>(read(part(texts, 0, parts), parsers.get(0)));
    others.forEach(other -> files.addAll(other.join()));
    return files;
  }

  private static List<Text> part(List<Text> texts, int part, int parts) {
    int size = texts.size();
    return texts.subList(size * part / parts, size * (part + 1) / parts);
  }

  private static List<ManifestFile> read(List<Text> texts, ManifestParser parser) {
    List<ManifestFile> files = new ArrayList<>(texts.size());
    for (Text text : texts) {
      files.add(ManifestFile.read(text.name(), text.text(), text.before(), parser));
    }
    return files;
  }
}
