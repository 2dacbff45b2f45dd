// SPDX-License-Identifier: Apache-2.0
package io.millrace.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;

/**
 * deploy/kubernetes is what the chart makes of deploy/kubernetes/values.yaml. {@code
 * deploy/kubernetes/render} runs this with {@code -Dmillrace.render=true}, which writes it.
 */
@Tag("chart")
@EnabledOnOs(architectures = "amd64", disabledReason = "Helm's library is there for amd64 only")
class PlainManifestsTest {
  private static final Path FOLDER = Path.of("deploy/kubernetes");
  private static final Pattern DOCUMENT =
      Pattern.compile("(?m)^---\n# Source: millrace/templates/([a-z]+)\\.yaml\n");
  private static final String HEAD =
      """
      # SPDX-License-Identifier: Apache-2.0
      # Made from deploy/chart/millrace and values.yaml by deploy/kubernetes/render.
      """;

  @Test
  void theManifestsAreThoseOfTheChart() throws IOException {
    String text = Chart.text(Files.readString(FOLDER.resolve("values.yaml")));
    same("rbac.yaml", documents(text, "rbac"));
    same("millrace.yaml", documents(text, "daemonset"));
    assertThat(Chart.objects(text)).as("no object is of another template").hasSize(4);
  }

  private static void same(String name, String documents) throws IOException {
    Path file = FOLDER.resolve(name);
    if (Boolean.getBoolean("millrace.render")) {
      Files.writeString(file, HEAD + documents);
    }
    assertThat(Files.readString(file))
        .as("%s: run deploy/kubernetes/render", name)
        .isEqualTo(HEAD + documents);
  }

  /** Those of one template, without Helm's remarks. */
  private static String documents(String text, String template) {
    StringBuilder out = new StringBuilder();
    String[] bodies = DOCUMENT.split(text);
    var heads = DOCUMENT.matcher(text);
    for (int i = 1; heads.find(); i++) {
      if (heads.group(1).equals(template)) {
        out.append(out.isEmpty() ? "" : "---\n").append(bodies[i].strip()).append('\n');
      }
    }
    return out.toString();
  }
}
