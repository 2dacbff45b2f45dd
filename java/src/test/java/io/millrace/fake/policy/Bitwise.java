// SPDX-License-Identifier: Apache-2.0
package io.millrace.fake.policy;

import io.millrace.model.Ip;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** Blocks, compared bit by bit. */
final class Bitwise {
  private Bitwise() {}

  static boolean contains(String block, Ip ip) {
    String[] parts = block.split("/", 2);
    byte[] base;
    try {
      base = InetAddress.getByName(parts[0]).getAddress();
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
    byte[] address = ip.toBytes();
    if (base.length != address.length) {
      return false;
    }
    for (int bit = 0; bit < Integer.parseInt(parts[1]); bit++) {
      int mask = 0x80 >> bit % 8;
      if ((base[bit / 8] & mask) != (address[bit / 8] & mask)) {
        return false;
      }
    }
    return true;
  }
}
