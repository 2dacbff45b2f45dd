// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.manifest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What tells one state of a file from another without reading it. Links are followed, so a swapped
 * link is another inode.
 */
record Stamp(long inode, long modifiedNs, long size, boolean regular) {
  /** Null if there is no such file. */
  static @Nullable Stamp of(Path file) throws IOException {
    try {
      Map<String, Object> attributes =
          Files.readAttributes(file, "unix:ino,lastModifiedTime,size,isRegularFile");
      FileTime modified = (FileTime) Objects.requireNonNull(attributes.get("lastModifiedTime"));
      return new Stamp(
          ((Number) Objects.requireNonNull(attributes.get("ino"))).longValue(),
          modified.to(TimeUnit.NANOSECONDS),
          ((Number) Objects.requireNonNull(attributes.get("size"))).longValue(),
          Boolean.TRUE.equals(attributes.get("isRegularFile")));
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  /** Milliseconds since it was written last; a time in the future counts as long ago. */
  long ageMs(long nowMs) {
    long age = nowMs - modifiedNs / 1_000_000;
    return age < -1000 ? Long.MAX_VALUE : Math.max(0, age);
  }
}
