// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.manifest;

import io.millrace.model.ClusterObject;
import java.util.ArrayList;
import java.util.List;

/** Manifests in tests of other packages. */
public final class Manifests {
  private Manifests() {}

  /** The objects of a YAML text; anything wrong with it is an error. */
  public static List<ClusterObject> parse(String yaml) {
    ManifestFile file = ManifestFile.read("test.yaml", yaml, null, new ManifestParser());
    if (!file.problems().isEmpty()) {
      throw new IllegalArgumentException(file.problems().toString());
    }
    return new ArrayList<>(file.objects().values());
  }
}
