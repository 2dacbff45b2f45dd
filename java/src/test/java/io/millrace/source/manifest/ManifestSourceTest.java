// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.model.ObjectKey;
import io.millrace.model.Problem;
import io.millrace.source.Change;
import io.millrace.source.ObjectSink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The thread that follows a real folder; each step waits for what it causes. */
final class ManifestSourceTest {
  private static final String SYNCED = "synced";

  @TempDir Path folder = Path.of("");
  private final BlockingQueue<Object> heard = new LinkedBlockingQueue<>();
  private final ObjectSink sink =
      new ObjectSink() {
        @Override
        public void offer(Change change) {
          heard.add(change);
        }

        @Override
        public void synced(String source) {
          heard.add(SYNCED);
        }

        @Override
        public void problems(String source, List<Problem> problems) {
          heard.add(problems);
        }
      };

  private Object next() throws InterruptedException {
    return Objects.requireNonNull(heard.poll(30, TimeUnit.SECONDS), "nothing was heard");
  }

  private void rename(String name, String text) throws IOException {
    Path fresh = Files.writeString(folder.resolve(".fresh"), text);
    Files.move(fresh, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }

  private static String node(String name) {
    return "{apiVersion: v1, kind: Node, metadata: {name: " + name + "}}\n";
  }

  private static ObjectKey key(String name) {
    return new ObjectKey(ObjectKey.Kind.NODE, "", name);
  }

  @Test
  void followsFilesAsTheyComeChangeAndGo() throws IOException, InterruptedException {
    rename("a.yaml", node("a"));
    try (ManifestSource source = new ManifestSource(folder)) {
      source.start(sink);
      assertThat(next())
          .isInstanceOfSatisfying(Change.class, each -> assertThat(each.key()).isEqualTo(key("a")));
      assertThat(next()).isEqualTo(SYNCED);
      rename("b.yaml", node("b"));
      assertThat(next())
          .isInstanceOfSatisfying(Change.class, each -> assertThat(each.key()).isEqualTo(key("b")));
      rename("a.yaml", "{apiVersion: v1, kind: Node, metadata: {name: [a]}}\n");
      assertThat(next()).asString().contains("a.yaml document 1, metadata.name: must be a string");
      rename("a.yaml", node("a"));
      assertThat(next()).isEqualTo(List.of());
      Files.delete(folder.resolve("b.yaml"));
      assertThat(next()).isEqualTo(Change.remove(key("b")));
    }
  }

  @Test
  void aFolderThatIsMissingIsReportedAndNotTakenForAnEmptyOne()
      throws IOException, InterruptedException {
    Path later = folder.resolve("later");
    try (ManifestSource source = new ManifestSource(later)) {
      source.start(sink);
      assertThat(next()).asString().contains("later: cannot be followed");
      Files.createDirectory(later);
      assertThat(next()).isEqualTo(List.of());
      assertThat(next()).isEqualTo(SYNCED);
    }
  }
}
