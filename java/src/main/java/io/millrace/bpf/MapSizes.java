// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

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
    int devs) {
  /** For 20,000 services with 10 endpoints each, and half a million connections. */
  public static final MapSizes DEFAULT =
      new MapSizes(
          524_288, 262_144, 262_144, 262_144, 1_048_576, 262_144, 262_144, 16_384, 16_384, 4096);

  public MapSizes {
    int[] all = {
      flows4, flows6, svcs4, svcs6, slots, backends4, backends6, endpoints4, endpoints6, devs
    };
    for (int size : all) {
      if (size < 1) {
        throw new IllegalArgumentException("a map needs at least 1 entry, not " + size);
      }
    }
  }
}
