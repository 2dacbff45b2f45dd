// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.compile.Target;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Which backend each slot of a ring leads to (Eisenbud et al., "Maglev", NSDI 2016, section 3.4).
 *
 * <p>Every backend has its own order in which it would like the slots; the backends take turns,
 * each taking the first slot of its order that is still free. So all get the same number of slots,
 * give or take one, and if one backend goes, nearly all slots of the others stay as they were.
 *
 * <p>A ring depends on nothing but the backends' addresses, ports and weights: all nodes of a
 * cluster compute the same, whatever they call the backends and in whatever order they learnt of
 * them. Changing anything here moves flows while nodes are upgraded one by one.
 */
final class MaglevTable {
  /**
   * Primes. The small ones, which most services have, are near to each other to save memory; the
   * large ones far apart, since most flows change their backend when the size does.
   */
  private static final int[] SIZES = {251, 509, 1021, 4093, 16_381, 65_521};

  /** A size gives each backend this many slots or more, which makes shares differ by 1 %. */
  private static final int SLOTS_EACH = 100;

  private static final long STEP = 0x9e3779b97f4a7c15L;

  private final int size;
  private final int[] ring;
  private final int[] next;
  private final int[] skip;

  private MaglevTable(int size, List<Target> backends) {
    this.size = size;
    ring = new int[size];
    Arrays.fill(ring, -1);
    next = new int[backends.size()];
    skip = new int[backends.size()];
    for (int i = 0; i < next.length; i++) {
      long hash = hash(backends.get(i));
      next[i] = (int) Long.remainderUnsigned(hash, size);
      skip[i] = (int) Long.remainderUnsigned(mix(hash + STEP), size - 1) + 1;
    }
  }

  /** Slots of a ring for so many backends; a prime. */
  static int sizeFor(int backends) {
    for (int size : SIZES) {
      if ((long) backends * SLOTS_EACH <= size) {
        return size;
      }
    }
    return SIZES[SIZES.length - 1];
  }

  /** As {@link #fill(int, List, int[])}, all of the same weight. */
  static int[] fill(int size, List<Target> backends) {
    int[] weights = new int[backends.size()];
    Arrays.fill(weights, 1);
    return fill(size, backends, weights);
  }

  /**
   * A ring: indices into {@code backends}.
   *
   * @param size a prime
   * @param backends different addresses and ports, in any order
   * @param weights how many slots each gets, in proportion; not negative, and not all 0
   */
  static int[] fill(int size, List<Target> backends, int[] weights) {
    int heaviest = Arrays.stream(weights).max().orElse(0);
    if (heaviest <= 0 || weights.length != backends.size()) {
      throw new IllegalArgumentException("a ring needs a weight for each backend, one above 0");
    }
    return new MaglevTable(size, backends).fill(turns(backends), weights, heaviest);
  }

  /** Indices in the order of the addresses: who takes the first turn must not depend on a node. */
  private static int[] turns(List<Target> backends) {
    List<Integer> turns = new ArrayList<>(backends.size());
    for (int i = 0; i < backends.size(); i++) {
      turns.add(i);
    }
    turns.sort(Comparator.comparing(backends::get));
    return turns.stream().mapToInt(Integer::intValue).toArray();
  }

  /** The heaviest takes a slot in every round, half its weight one in every second round. */
  private int[] fill(int[] turns, int[] weights, int heaviest) {
    long[] credit = new long[turns.length];
    int free = size;
    while (true) {
      for (int backend : turns) {
        credit[backend] += weights[backend];
        if (credit[backend] >= heaviest) {
          credit[backend] -= heaviest;
          take(backend);
          if (--free == 0) {
            return ring;
          }
        }
      }
    }
  }

  /** Gives a backend the next slot of its order that nobody has. */
  private void take(int backend) {
    int slot = next[backend];
    while (ring[slot] >= 0) {
      slot = follow(slot, backend);
    }
    ring[slot] = backend;
    next[backend] = follow(slot, backend);
  }

  private int follow(int slot, int backend) {
    int after = slot + skip[backend];
    return after >= size ? after - size : after;
  }

  private static long hash(Target backend) {
    long hash = backend.port();
    for (byte each : backend.ip().toBytes()) {
      hash = mix((hash + STEP) ^ (each & 0xff));
    }
    return hash;
  }

  /** The finalizer of SplitMix64: every bit of the result depends on every bit of the argument. */
  private static long mix(long value) {
    long mixed = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    return mixed ^ (mixed >>> 31);
  }
}
