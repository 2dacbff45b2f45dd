// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.manifest;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/**
 * A look at every file of a folder, those that have gone included, in steps: a folder of 20,000
 * files takes a quarter of a second, and a change that comes meanwhile must not wait for that.
 */
final class FolderScan {
  private final ManifestFolder manifests;
  private final Iterator<Path> rest;
  private final Set<String> unseen;

  /**
   * @param entries of the folder; to be open as long as this is used
   */
  FolderScan(ManifestFolder manifests, DirectoryStream<Path> entries) {
    this.manifests = manifests;
    rest = entries.iterator();
    unseen = new HashSet<>(manifests.table().names());
  }

  /**
   * Looks at up to {@code limit} more files.
   *
   * @return false if there was none left
   * @throws IOException if the folder cannot be listed further
   */
  boolean step(int limit, long nowMs) throws IOException {
    List<String> names = new ArrayList<>();
    try {
      while (names.size() < limit && rest.hasNext()) {
        String name = String.valueOf(rest.next().getFileName());
        unseen.remove(name);
        names.add(name);
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    for (Iterator<String> gone = unseen.iterator(); names.size() < limit && gone.hasNext(); ) {
      names.add(gone.next());
      gone.remove();
    }
    names.sort(null);
    manifests.scan(names, nowMs);
    return !names.isEmpty();
  }
}
