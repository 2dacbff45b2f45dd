// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import io.millrace.agent.BuildInfo;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() {
    return new String[] {"millrace " + BuildInfo.VERSION + ", abi " + BuildInfo.ABI_HASH};
  }
}
