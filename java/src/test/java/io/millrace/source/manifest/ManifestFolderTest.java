// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.model.ClusterObject;
import io.millrace.model.NamespaceState;
import io.millrace.model.ObjectKey;
import io.millrace.model.Problem;
import io.millrace.source.Change;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that come, change and go, on a clock that the test moves. */
final class ManifestFolderTest {
  private static final long OLD_MS = 5000;

  @TempDir Path folder = Path.of("");
  private final Map<ObjectKey, ClusterObject> objects = new TreeMap<>();
  private final List<Change> changes = new ArrayList<>();
  private ManifestFolder manifests = new ManifestFolder(folder, this::take);
  private long nowMs = 1_800_000_000_000L;

  @BeforeEach
  void open() {
    manifests = new ManifestFolder(folder, this::take);
  }

  private void take(Change change) {
    changes.add(change);
    ClusterObject object = change.object();
    if (object == null) {
      objects.remove(change.key());
    } else {
      objects.put(change.key(), object);
    }
  }

  private static String namespace(String name, String label) {
    return "apiVersion: v1\nkind: Namespace\nmetadata: {name: "
        + name
        + ", labels: {l: \""
        + label
        + "\"}}\n";
  }

  /** Writes in place, {@code ageMs} before now. */
  private void write(String file, String text, long ageMs) throws IOException {
    Path path = folder.resolve(file);
    Files.writeString(path, text);
    Files.setLastModifiedTime(path, FileTime.fromMillis(nowMs - ageMs));
  }

  private void rename(String file, String text) throws IOException {
    Path fresh = Files.writeString(folder.resolve(".fresh"), text);
    Files.setLastModifiedTime(fresh, FileTime.fromMillis(nowMs));
    Files.move(fresh, folder.resolve(file), StandardCopyOption.ATOMIC_MOVE);
  }

  private void scan() throws IOException {
    manifests.scanAll(nowMs);
  }

  private String names() {
    StringBuilder out = new StringBuilder();
    objects
        .values()
        .forEach(
            object -> {
              NamespaceState namespace = (NamespaceState) object;
              out.append(namespace.name())
                  .append('=')
                  .append(namespace.labels().get("l"))
                  .append(' ');
            });
    return out.toString().strip();
  }

  private List<String> problems() {
    return manifests.table().problems().stream().map(Problem::toString).toList();
  }

  @Test
  void aScanInStepsLooksAtSoManyFilesAtATime() throws IOException {
    for (String name : List.of("a", "b", "c", "d", "e")) {
      write(name + ".yaml", namespace(name, "1"), OLD_MS);
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      FolderScan steps = new FolderScan(manifests, entries);
      assertThat(steps.step(2, nowMs)).isTrue();
      assertThat(objects).hasSize(2);
      assertThat(steps.step(2, nowMs)).isTrue();
      assertThat(steps.step(2, nowMs)).isTrue();
      assertThat(names()).isEqualTo("a=1 b=1 c=1 d=1 e=1");
      assertThat(steps.step(2, nowMs)).isFalse();
    }
  }

  @Test
  void aScanInStepsMissesWhatHasGone() throws IOException {
    for (String name : List.of("a", "b", "c")) {
      write(name + ".yaml", namespace(name, "1"), OLD_MS);
    }
    scan();
    Files.delete(folder.resolve("a.yaml"));
    write("b.yaml", namespace("b", "2"), OLD_MS - 1);
    scanInSteps();
    assertThat(names()).isEqualTo("a=1 b=2 c=1");
    nowMs += ManifestFolder.MISSING_MS;
    scanInSteps();
    assertThat(names()).isEqualTo("b=2 c=1");
  }

  private void scanInSteps() throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      FolderScan steps = new FolderScan(manifests, entries);
      boolean more = true;
      while (more) {
        more = steps.step(1, nowMs);
      }
    }
  }

  @Test
  void filesComeChangeAndGo() throws IOException {
    write("a.yaml", namespace("a", "1") + "---\n" + namespace("b", "1"), OLD_MS);
    write(
        "c.json",
        "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"c\","
            + "\"labels\":{\"l\":\"1\"}}}",
        OLD_MS);
    write("notes.txt", "not a manifest", OLD_MS);
    write(".hidden.yaml", namespace("h", "1"), OLD_MS);
    scan();
    assertThat(names()).isEqualTo("a=1 b=1 c=1");
    changes.clear();
    write("a.yaml", namespace("a", "2"), OLD_MS - 1);
    scan();
    assertThat(names()).isEqualTo("a=2 c=1");
    assertThat(changes).hasSize(2);
    Files.delete(folder.resolve("a.yaml"));
    scan();
    nowMs += ManifestFolder.MISSING_MS;
    manifests.scanDue(nowMs);
    assertThat(names()).isEqualTo("c=1");
    assertThat(problems()).isEmpty();
  }

  @Test
  void anUnchangedObjectIsNotOfferedAgain() throws IOException {
    write("a.yaml", namespace("a", "1") + "---\n" + namespace("b", "1"), OLD_MS);
    scan();
    changes.clear();
    write("a.yaml", "# a comment\n" + namespace("a", "1") + "---\n" + namespace("b", "2"), 4000);
    scan();
    assertThat(changes)
        .singleElement()
        .satisfies(each -> assertThat(each.key().name()).isEqualTo("b"));
  }

  @Test
  void aRenamedFileIsReadAtOnce() throws IOException {
    write("a.yaml", namespace("a", "1"), OLD_MS);
    scan();
    rename("a.yaml", namespace("a", "2"));
    scan();
    assertThat(names()).isEqualTo("a=2");
  }

  @Test
  void aFileBeingWrittenIsReadWhenTheWriterPauses() throws IOException {
    write("a.yaml", namespace("a", "1"), OLD_MS);
    scan();
    write("a.yaml", namespace("a", "2"), 0);
    scan();
    assertThat(names()).isEqualTo("a=1");
    nowMs = manifests.nextDueMs();
    manifests.scanDue(nowMs);
    assertThat(names()).isEqualTo("a=2");
  }

  @Test
  void anEmptiedFileIsNotBelievedAtOnce() throws IOException {
    write("a.yaml", namespace("a", "1"), OLD_MS);
    scan();
    write("a.yaml", "", 20);
    scan();
    assertThat(names()).isEqualTo("a=1");
    nowMs = manifests.nextDueMs();
    manifests.scanDue(nowMs);
    assertThat(names()).isEmpty();
  }

  @Test
  void aHalfWrittenLineIsWaitedFor() throws IOException {
    write("a.yaml", namespace("a", "1"), OLD_MS);
    scan();
    write("a.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: a", 20);
    scan();
    assertThat(problems()).isEmpty();
    write("a.yaml", namespace("a", "2"), 20);
    scan();
    assertThat(names()).isEqualTo("a=2");
  }

  @Test
  void aFileReplacedByDeletionAndCreationDoesNotFlap() throws IOException {
    write("a.yaml", namespace("a", "1"), OLD_MS);
    scan();
    changes.clear();
    Files.delete(folder.resolve("a.yaml"));
    scan();
    write("a.yaml", namespace("a", "2"), 20);
    scan();
    assertThat(changes).singleElement().satisfies(each -> assertThat(each.object()).isNotNull());
  }

  @Test
  void aSwappedLinkIsNoticed() throws IOException {
    Path one = Files.createDirectory(folder.resolve("..one"));
    Path two = Files.createDirectory(folder.resolve("..two"));
    Files.writeString(one.resolve("a.yaml"), namespace("a", "1"));
    Files.writeString(two.resolve("a.yaml"), namespace("a", "2"));
    Files.createSymbolicLink(folder.resolve("..data"), one);
    Files.createSymbolicLink(folder.resolve("a.yaml"), Path.of("..data/a.yaml"));
    nowMs = Files.getLastModifiedTime(two.resolve("a.yaml")).toMillis() + OLD_MS;
    scan();
    assertThat(names()).isEqualTo("a=1");
    Path fresh = Files.createSymbolicLink(folder.resolve("..tmp"), two);
    Files.move(fresh, folder.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
    scan();
    assertThat(names()).isEqualTo("a=2");
  }

  @Test
  void oneBadDocumentDoesNotTakeTheOthersAlong() throws IOException {
    write(
        "a.yaml",
        namespace("a", "1") + "---\n" + namespace("b", "1") + "---\n" + namespace("c", "1"),
        OLD_MS);
    scan();
    write("a.yaml", namespace("a", "2") + "---\nkind: [}\n---\n" + namespace("c", "2"), 4000);
    scan();
    assertThat(names()).isEqualTo("a=2 b=1 c=2");
    assertThat(problems())
        .singleElement()
        .isEqualTo(
            "a.yaml document 2: line 5: while parsing a flow node, expected the node content, but found"
                + " '}'");
    write("a.yaml", namespace("a", "2") + "---\n" + namespace("c", "2"), 3000);
    scan();
    assertThat(names()).isEqualTo("a=2 c=2");
    assertThat(problems()).isEmpty();
  }

  @Test
  void theFirstFileByNameWinsWhateverTheOrder() throws IOException {
    write("b.yaml", namespace("x", "b"), OLD_MS);
    scan();
    write("a.yaml", namespace("x", "a"), OLD_MS);
    scan();
    assertThat(names()).isEqualTo("x=a");
    assertThat(problems())
        .containsExactly("b.yaml, Namespace x: is in a.yaml too; that one is used");
    Files.delete(folder.resolve("a.yaml"));
    scan();
    nowMs += ManifestFolder.MISSING_MS;
    manifests.scanDue(nowMs);
    assertThat(names()).isEqualTo("x=b");
    assertThat(problems()).isEmpty();
  }

  @Test
  void textThatIsNotUtf8IsReportedAndItsObjectsStay() throws IOException {
    write("a.yaml", namespace("a", "1"), OLD_MS);
    scan();
    Files.write(folder.resolve("a.yaml"), "l: \u00e9\n".getBytes(StandardCharsets.ISO_8859_1));
    Files.setLastModifiedTime(folder.resolve("a.yaml"), FileTime.fromMillis(nowMs - 4000));
    scan();
    assertThat(names()).isEqualTo("a=1");
    assertThat(problems()).singleElement().asString().contains("a.yaml: is not UTF-8");
  }

  @Test
  void listsAreOpenedAndOtherKindsNamed() throws IOException {
    write(
        "a.yaml",
        "kind: List\napiVersion: v1\nitems:\n- {apiVersion: v1, kind: Namespace,"
            + " metadata: {name: a, labels: {l: \"1\"}}}\n- {apiVersion: apps/v1, kind: Deployment,"
            + " metadata: {name: d}}\n- {kind: Namespace, metadata: {name: b}}\n",
        OLD_MS);
    scan();
    assertThat(names()).isEqualTo("a=1");
    assertThat(manifests.table().ignoredKinds()).containsExactly("apps/v1 Deployment");
    assertThat(problems()).containsExactly("a.yaml document 1, items[2].apiVersion: is missing");
  }
}
