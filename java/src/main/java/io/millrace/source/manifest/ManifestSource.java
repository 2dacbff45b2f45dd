// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.manifest;

import io.millrace.model.Problem;
import io.millrace.source.ObjectSink;
import io.millrace.source.ObjectSource;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows a folder of Kubernetes manifests: {@code *.yaml}, {@code *.yml} and {@code *.json},
 * several documents per file, v1 Service, Pod, Node and Namespace and discovery.k8s.io/v1
 * EndpointSlice, alone or in a List. Other kinds are named once in the log.
 *
 * <p>Changes are noticed by inotify; now and then everything is looked at anyway, since swapped
 * links and some file systems send no event.
 */
public final class ManifestSource implements ObjectSource {
  /** What the sink knows it as. */
  public static final String NAME = "manifests";

  private static final Logger LOG = LoggerFactory.getLogger(ManifestSource.class);
  private static final long RESCAN_MS = 2000;
  private static final long MAX_RESCAN_MS = 60_000;

  /** A rescan may cost one part in so many of the time. */
  private static final long RESCAN_SHARE = 50;

  /** Files that a rescan looks at before it looks for events again: some milliseconds' worth. */
  private static final int RESCAN_STEP = 128;

  /** A file that cannot be read for so long does not keep the others from being used. */
  private static final long SYNC_PATIENCE_MS = 3000;

  private final Path path;
  private final Thread thread = new Thread(this::follow, "millrace-manifests");
  private final Set<String> namedKinds = new HashSet<>();
  private @Nullable ObjectSink sink;
  private List<Problem> reported = List.of();
  private boolean synced;
  private long startedNs;
  private volatile boolean closed;

  /**
   * @param folder may be missing as yet; the source has not synced before it is there
   */
  public ManifestSource(Path folder) {
    path = folder;
    thread.setDaemon(true);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String detail() {
    return path.toString();
  }

  @Override
  public void start(ObjectSink target) {
    sink = target;
    thread.start();
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }

  private void follow() {
    ObjectSink target = Objects.requireNonNull(sink);
    ManifestFolder folder = new ManifestFolder(path, target::offer);
    startedNs = System.nanoTime();
    while (!closed) {
      try (WatchService watch = path.getFileSystem().newWatchService()) {
        path.register(
            watch,
            StandardWatchEventKinds.ENTRY_CREATE,
            StandardWatchEventKinds.ENTRY_MODIFY,
            StandardWatchEventKinds.ENTRY_DELETE);
        follow(folder, watch, target);
      } catch (IOException | ClosedWatchServiceException e) {
        report(target, List.of(new Problem(path.toString(), "", "", "cannot be followed: " + e)));
        pause();
      } catch (InterruptedException e) {
        closed = true;
      }
    }
  }

  /** Returns when the folder has to be registered anew. */
  private void follow(ManifestFolder folder, WatchService watch, ObjectSink target)
      throws IOException, InterruptedException {
    long rescanMs = 0;
    Object identity = inode();
    while (!closed) {
      long nowMs = System.currentTimeMillis();
      if (nowMs >= rescanMs || rescanMs - nowMs > MAX_RESCAN_MS) {
        boolean precise = rescan(folder, watch);
        rescanMs = precise ? nextRescanMs(nowMs, System.currentTimeMillis()) : 0;
        if (!Objects.equals(identity, inode())) {
          return;
        }
      } else {
        folder.scanDue(nowMs);
      }
      publish(folder, target);
      long wakeMs = Math.min(rescanMs, folder.nextDueMs());
      WatchKey key =
          watch.poll(Math.max(1, wakeMs - System.currentTimeMillis()), TimeUnit.MILLISECONDS);
      if (key != null) {
        rescanMs = look(folder, key) ? rescanMs : 0;
      }
    }
  }

  /**
   * Looks at everything, and in between at what events name; the first time nobody waits for those.
   * False if everything has to be looked at again.
   */
  private boolean rescan(ManifestFolder folder, WatchService watch) throws IOException {
    if (!synced) {
      folder.scanAll(System.currentTimeMillis());
      return true;
    }
    boolean precise = true;
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
      FolderScan scan = new FolderScan(folder, entries);
      while (!closed && scan.step(RESCAN_STEP, System.currentTimeMillis())) {
        WatchKey key = watch.poll();
        precise &= key == null || look(folder, key);
        folder.scanDue(System.currentTimeMillis());
      }
    }
    return precise;
  }

  private static long nextRescanMs(long startedMs, long doneMs) {
    long pause = Math.max(RESCAN_MS, (doneMs - startedMs) * RESCAN_SHARE);
    return doneMs + Math.min(MAX_RESCAN_MS, pause);
  }

  private @Nullable Object inode() throws IOException {
    return Files.readAttributes(path, "unix:ino").get("ino");
  }

  /** Looks at the files that events name; false if everything has to be looked at. */
  private static boolean look(ManifestFolder folder, WatchKey key) {
    Set<String> names = new TreeSet<>();
    boolean precise = true;
    for (WatchEvent<?> event : key.pollEvents()) {
      String name = String.valueOf(event.context());
      boolean swapped = name.startsWith("..");
      precise &= !StandardWatchEventKinds.OVERFLOW.equals(event.kind()) && !swapped;
      names.add(name);
    }
    folder.scan(names, System.currentTimeMillis());
    return key.reset() && precise;
  }

  private void publish(ManifestFolder folder, ObjectSink target) {
    for (String kind : folder.table().ignoredKinds()) {
      if (namedKinds.add(kind)) {
        LOG.info("manifests: {} is none of ours, ignored", kind);
      }
    }
    report(target, folder.table().problems());
    boolean patient = System.nanoTime() - startedNs < SYNC_PATIENCE_MS * 1_000_000;
    if (!synced && (folder.nextDueMs() == Long.MAX_VALUE || !patient)) {
      synced = true;
      LOG.info("manifests: {} objects read from {}", folder.table().size(), path);
      target.synced(NAME);
    }
  }

  private void report(ObjectSink target, List<Problem> problems) {
    if (problems.equals(reported)) {
      return;
    }
    reported = problems;
    target.problems(NAME, problems);
  }

  private void pause() {
    try {
      Thread.sleep(RESCAN_MS / 2);
    } catch (InterruptedException e) {
      closed = true;
    }
  }
}
