// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

import io.millrace.bpf.abi.Serving;
import io.millrace.bpf.abi.WireAdoption;
import io.millrace.bpf.abi.WireHand;
import io.millrace.bpf.abi.WireHandback;
import io.millrace.bpf.jni.Native;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;

/** Who serves, by the maps that an agent has pinned, whether it runs or not. */
public final class PinnedServing {
  private final String bpffs;

  private PinnedServing(String bpffs) {
    this.bpffs = bpffs;
  }

  /**
   * Empty if no agent has left anything there.
   *
   * @param bpffs the folder of its pins
   */
  public static Optional<PinnedServing> at(Path bpffs) {
    NativeLibrary.load();
    int hold = Native.pinsServing(bpffs.toString(), Serving.SERVING_HELD);
    if (hold == -Errno.ENOENT) {
      return Optional.empty();
    }
    Calls.check(hold, "read who serves at", bpffs.toString());
    return Optional.of(new PinnedServing(bpffs.toString()));
  }

  public Hold hold() {
    int hold = Native.pinsServing(bpffs, Serving.SERVING_HELD);
    return Hold.of(Calls.check(hold, "read who serves at", bpffs));
  }

  /** From now on. One store. */
  public void setHold(Hold hold) {
    set(Serving.SERVING_HELD, hold.wire());
  }

  public void setAdopted(Adopted adopted) {
    set(Serving.SERVING_ADOPTED, adopted.wire());
  }

  private void set(int index, int value) {
    Calls.check(Native.pinsSetServing(bpffs, index, value), "write who serves at", bpffs);
  }

  /** As {@link Dataplane#adopt}. */
  public Adoption adopt() {
    ByteBuffer found = Calls.direct(WireAdoption.SIZE);
    Calls.check(Native.pinsAdopt(bpffs, found), "look at the tracked connections for", bpffs);
    return new Adoption(
        WireAdoption.tracked(found, 0),
        WireAdoption.written(found, 0),
        WireAdoption.gone(found, 0),
        WireAdoption.tcp(found, 0),
        WireAdoption.udp(found, 0),
        WireAdoption.apart(found, 0));
  }

  /** Counts the connections that we carry, by what would become of them. */
  public HandBack look() {
    return handBack(WireHand.WIRE_HAND_LOOK);
  }

  /**
   * Lets nobody else have the source ports that we have given; before services are held. What
   * failed is not kept from anybody.
   */
  public HandBack reserve() {
    return handBack(WireHand.WIRE_HAND_RESERVE);
  }

  /** Moves connections that we carry to the host's connection tracking, which goes on with them. */
  public HandBack move() {
    return handBack(WireHand.WIRE_HAND_MOVE);
  }

  private HandBack handBack(int what) {
    ByteBuffer result = Calls.direct(WireHandback.SIZE);
    Calls.check(Native.pinsHandBack(bpffs, what, result), "hand back the flows of", bpffs);
    return new HandBack(
        WireHandback.moved(result, 0),
        WireHandback.direct(result, 0),
        WireHandback.left(result, 0),
        WireHandback.failed(result, 0));
  }

  /**
   * What became of connections; see {@code struct wire_handback}.
   *
   * @param moved that the host's connection tracking translates from now on
   * @param direct between pods, that go by the stack from now on
   * @param left that only we can carry
   * @param failed that the kernel did not take
   */
  public record HandBack(int moved, int direct, int left, int failed) {}
}
