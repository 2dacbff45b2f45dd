// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.bpf.abi.Abi;
import io.millrace.bpf.abi.Guard;
import io.millrace.model.Cidr;
import io.millrace.model.Ip;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** guard, an array of one. */
final class GuardCodec implements Codec<Integer, GuardEntry> {
  @Override
  public int keySize() {
    return Integer.BYTES;
  }

  @Override
  public int valueSize() {
    return Guard.SIZE;
  }

  @Override
  public void writeKey(ByteBuffer buf, int at, Integer key) {
    buf.putInt(at, key);
  }

  @Override
  public Integer readKey(ByteBuffer buf, int at) {
    return buf.getInt(at);
  }

  @Override
  public void writeValue(ByteBuffer buf, int at, GuardEntry value) {
    Guard.clear(buf, at);
    Guard.flags(buf, at, value.flags());
    Guard.epoch(buf, at, value.epoch());
    for (int i = 0; i < Abi.GUARD_RANGES; i++) {
      GuardEntry.Range four = value.ranges4().get(i);
      if (four.block() != null) {
        Guard.base4(buf, at, i, four.block().base().v4());
        Guard.mask4(buf, at, i, four.counts() ? mask(false, four.block().prefix()).v4() : 0);
      }
      GuardEntry.Range six = value.ranges6().get(i);
      if (six.block() != null) {
        Addresses.write6(buf, at + base6(i), six.block().base());
        Addresses.write6(
            buf, at + mask6(i), six.counts() ? mask(true, six.block().prefix()) : new Ip(0, 0));
      }
    }
  }

  @Override
  public GuardEntry readValue(ByteBuffer buf, int at) {
    List<GuardEntry.Range> fours = new ArrayList<>();
    List<GuardEntry.Range> sixes = new ArrayList<>();
    for (int i = 0; i < Abi.GUARD_RANGES; i++) {
      fours.add(
          range(
              false, Ip.ofV4(Guard.base4(buf, at, i)), Integer.bitCount(Guard.mask4(buf, at, i))));
      Ip mask = Addresses.read6(buf, at + mask6(i));
      sixes.add(
          range(
              true,
              Addresses.read6(buf, at + base6(i)),
              Long.bitCount(mask.hi()) + Long.bitCount(mask.lo())));
    }
    return new GuardEntry(Guard.flags(buf, at), Guard.epoch(buf, at), fours, sixes);
  }

  @Override
  public boolean isPresent(GuardEntry value) {
    return !value.equals(GuardEntry.NOTHING);
  }

  private static GuardEntry.Range range(boolean v6, Ip base, int prefix) {
    boolean empty = v6 ? base.hi() == 0 && base.lo() == 0 : base.v4() == 0;
    if (prefix == 0 && empty) {
      return GuardEntry.NOWHERE;
    }
    return new GuardEntry.Range(new Cidr(base, prefix == 0 ? base.bits() : prefix), prefix != 0);
  }

  private static Ip mask(boolean v6, int prefix) {
    if (!v6) {
      return Ip.ofV4(-1 << (32 - prefix));
    }
    long hi = prefix >= 64 ? -1L : -1L << (64 - prefix);
    long lo = prefix <= 64 ? 0 : -1L << (128 - prefix);
    return new Ip(hi, lo);
  }

  private static int base6(int place) {
    return Guard.BASE6_OFFSET
        + place * (Guard.MASK6_OFFSET - Guard.BASE6_OFFSET) / Abi.GUARD_RANGES;
  }

  private static int mask6(int place) {
    return base6(place) - Guard.BASE6_OFFSET + Guard.MASK6_OFFSET;
  }
}
