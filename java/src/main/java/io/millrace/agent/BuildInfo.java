// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import io.millrace.bpf.abi.Abi;

/** What this build is. */
public final class BuildInfo {
  /** Version of the distribution; {@code dev} outside of one. */
  public static final String VERSION = version();

  /** Hash of {@code bpf/abi.h}: 16 hex digits. */
  public static final String ABI_HASH = String.format("%016x", Abi.HASH);

  private BuildInfo() {}

  private static String version() {
    String version = BuildInfo.class.getPackage().getImplementationVersion();
    return version == null ? "dev" : version;
  }
}
