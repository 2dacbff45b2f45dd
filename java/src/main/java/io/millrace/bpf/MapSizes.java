// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The most entries of each map. They count when a map is made; one that is found pinned keeps its
 * size until {@code millrace cleanup}.
 */
public record MapSizes(
    int flows4,
    int flows6,
    int svcs4,
    int svcs6,
    int slots,
    int backends4,
    int backends6,
    int endpoints4,
    int endpoints6,
    int devs,
    int affinity4,
    int affinity6,
    PolicySizes policies) {
  /** For 20,000 services with 10 endpoints each, and half a million connections. */
  public static final MapSizes DEFAULT =
      new MapSizes(
          524_288,
          262_144,
          262_144,
          262_144,
          4_194_304,
          262_144,
          262_144,
          16_384,
          16_384,
          4096,
          65_536,
          65_536,
          PolicySizes.DEFAULT);

  public MapSizes {
    int[] all = {
      flows4,
      flows6,
      svcs4,
      svcs6,
      slots,
      backends4,
      backends6,
      endpoints4,
      endpoints6,
      devs,
      affinity4,
      affinity6
    };
    for (int size : all) {
      PolicySizes.check(size);
    }
  }

  /** One sentence for each map that has another size than these: it was there before. */
  public List<String> differences(MapSizes actual) {
    List<String> sentences = new ArrayList<>();
    Map<String, Integer> found = actual.byName();
    byName()
        .forEach(
            (name, asked) -> {
              int kept = found.getOrDefault(name, asked);
              if (kept != asked) {
                sentences.add(
                    String.format(
                        Locale.ROOT,
                        "the map %s keeps the %,d entries that it was made with, not the %,d asked for;"
                            + " to change that, stop the agent, run `millrace cleanup`, which ends"
                            + " all flows, and start it again",
                        name,
                        kept,
                        asked));
              }
            });
    return sentences;
  }

  private Map<String, Integer> byName() {
    Map<String, Integer> sizes = new LinkedHashMap<>();
    sizes.put("flows4", flows4);
    sizes.put("flows6", flows6);
    sizes.put("svcs4", svcs4);
    sizes.put("svcs6", svcs6);
    sizes.put("slots", slots);
    sizes.put("backends4", backends4);
    sizes.put("backends6", backends6);
    sizes.put("endpoints4", endpoints4);
    sizes.put("endpoints6", endpoints6);
    sizes.put("devs", devs);
    sizes.put("affinity4", affinity4);
    sizes.put("affinity6", affinity6);
    policies.addTo(sizes);
    return sizes;
  }
}
