// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.model.ObjectKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Reads a real cluster, and changes nothing there. */
@Timeout(120)
final class RealClusterTest {

  @Test
  void aRealApiServerIsUnderstood() throws IOException, InterruptedException {
    String file = System.getenv("KUBECONFIG");
    assumeTrue(file != null && !file.isEmpty(), "KUBECONFIG is not set: no real cluster was read");
    assertThat(Path.of(file)).as("KUBECONFIG names one file").matches(Files::isReadable);
    RecordingSink sink = new RecordingSink();
    RandomGenerator random = RandomGenerator.getDefault();
    try (KubernetesSource source =
        new KubernetesSource(
            ApiConfig.ofKubeconfig(Path.of(file), null), "none", ApiTimings.DEFAULT, random)) {
      source.start(sink);
      // Every cluster has this one, and nodes; none has this node.
      sink.await(() -> sink.problems().startsWith("[Node none: "));
      sink.await(() -> sink.names(ObjectKey.Kind.SERVICE).contains("kubernetes"));
      assertThat(sink.names(ObjectKey.Kind.SERVICE)).contains("kubernetes");
      assertThat(sink.names(ObjectKey.Kind.NODE)).isNotEmpty();
    }
  }
}
