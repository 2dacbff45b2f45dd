// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

import io.millrace.bpf.abi.Abi;
import io.millrace.bpf.jni.Native;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Finds and loads the native library of the distribution.
 *
 * <p>The distribution's folder is the system property {@code millrace.home}, which {@code
 * bin/millrace} sets; {@code millrace.native} overrides it, for example with CMake's build folder.
 * Library and BPF objects lie below it in {@code lib/native} and {@code lib/bpf}.
 */
public final class NativeLibrary {
  private static final String FILE = "lib/native/libmillrace_jni.so";

  private static boolean loaded;

  private NativeLibrary() {}

  /**
   * Loads the library once.
   *
   * @throws IllegalStateException if it is missing or of another build; says what to do
   */
  public static synchronized void load() {
    if (loaded) {
      return;
    }
    Path file = home().resolve(FILE);
    if (!Files.isRegularFile(file)) {
      throw new IllegalStateException(
          file + " is missing: point -Dmillrace.home at the folder of a complete distribution");
    }
    try {
      System.load(file.toString());
    } catch (UnsatisfiedLinkError e) {
      throw new IllegalStateException(
          file + " cannot be loaded; it needs libbpf.so.1 (Debian and Ubuntu: package libbpf1)", e);
    }
    checkHash(file, Native.abiHash());
    loaded = true;
  }

  /** The folder of the BPF objects that belong to the library. */
  public static Path objects() {
    return home().resolve("lib/bpf");
  }

  static void checkHash(Path file, long hash) {
    if (hash != Abi.HASH) {
      throw new IllegalStateException(
          String.format(
              "%s has ABI hash %016x, the jar %016x: they are of different builds; use the jar and"
                  + " the library of one distribution, or build both again",
              file, hash, Abi.HASH));
    }
  }

  private static Path home() {
    @Nullable String home = System.getProperty("millrace.native");
    if (home == null || home.isEmpty()) {
      home = System.getProperty("millrace.home");
    }
    if (home == null || home.isEmpty()) {
      throw new IllegalStateException(
          "the system property millrace.home is not set: start millrace by bin/millrace");
    }
    return Path.of(home).toAbsolutePath();
  }
}
