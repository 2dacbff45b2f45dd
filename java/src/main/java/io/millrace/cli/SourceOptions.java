// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import io.millrace.agent.SourceConfig;
import io.millrace.source.kubernetes.ApiConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the agent's objects come from. */
final class SourceOptions {
  @Option(
      names = "--manifests",
      paramLabel = "DIR",
      description =
          "Follow a folder of YAML files with Services, EndpointSlices, Pods, Nodes and"
              + " Namespaces, instead of an API server.")
  @Nullable Path manifests;

  @Option(
      names = "--kubeconfig",
      paramLabel = "FILE",
      description =
          "Follow the API server of this file's current context (default, in a pod: as the"
              + " cluster tells its pods).")
  @Nullable Path kubeconfig;

  @Option(
      names = "--api-server",
      paramLabel = "URL",
      description =
          "Ask the API server here, whatever the kubeconfig or the pod's environment name: the"
              + " address of the Service \"kubernetes\" is only served once we serve it.")
  @Nullable String apiServer;

  /** What was chosen: exactly one source. */
  SourceConfig source(AgentCommand command, Map<String, String> environment) {
    Path folder = manifests;
    if (folder != null) {
      return manifests(command, folder);
    }
    Path file = kubeconfig;
    if (file == null) {
      return inCluster(command, environment);
    }
    try {
      return new SourceConfig.Kubernetes(ApiConfig.ofKubeconfig(file.toAbsolutePath(), apiServer));
    } catch (IOException e) {
      throw command.bad("--kubeconfig", file.toString(), "cannot be used: " + e.getMessage());
    }
  }

  private SourceConfig manifests(AgentCommand command, Path folder) {
    if (kubeconfig != null || apiServer != null) {
      String other = kubeconfig == null ? "--api-server" : "--kubeconfig";
      throw command.bad("--manifests", folder.toString(), "and " + other + ": give one source");
    }
    if (!Files.isDirectory(folder)) {
      throw command.bad(
          "--manifests", folder.toString(), "is no folder: make it, or name another one");
    }
    return new SourceConfig.Manifests(folder.toAbsolutePath());
  }

  private SourceConfig inCluster(AgentCommand command, Map<String, String> environment) {
    try {
      return new SourceConfig.Kubernetes(ApiConfig.inCluster(apiServer, environment));
    } catch (IOException e) {
      throw command.bad(
          "--kubeconfig",
          "FILE",
          "or --manifests DIR is needed outside of a cluster's pod: " + e.getMessage());
    }
  }
}
