// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import io.millrace.source.kubernetes.ApiConfig;
import java.nio.file.Path;

/** Where the objects of the cluster come from. */
public sealed interface SourceConfig {
  /** A folder of manifests. */
  record Manifests(Path folder) implements SourceConfig {
    @Override
    public String toString() {
      return folder.toString();
    }
  }

  /** The API server. */
  record Kubernetes(ApiConfig api) implements SourceConfig {
    @Override
    public String toString() {
      return api.server();
    }
  }
}
