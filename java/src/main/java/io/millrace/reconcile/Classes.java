// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

/** A value of peers and blocks: the class of an address on each of the two sides. */
record Classes(long side0, long side1) {
  /** The same on both. */
  static Classes both(long peerClass) {
    return new Classes(peerClass, peerClass);
  }

  long on(int side) {
    return side == 0 ? side0 : side1;
  }

  /** These, but for one side. */
  Classes with(int side, long peerClass) {
    return side == 0 ? new Classes(peerClass, side1) : new Classes(side0, peerClass);
  }
}
