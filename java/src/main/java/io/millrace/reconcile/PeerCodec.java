// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.bpf.abi.Peer;
import java.nio.ByteBuffer;

/** peers4, peers6. */
final class PeerCodec extends AddressCodec<Classes> {
  PeerCodec(boolean v6) {
    super(v6);
  }

  @Override
  public int valueSize() {
    return Peer.SIZE;
  }

  @Override
  public void writeValue(ByteBuffer buf, int at, Classes value) {
    Peer.peerClass(buf, at, 0, value.side0());
    Peer.peerClass(buf, at, 1, value.side1());
  }

  @Override
  public Classes readValue(ByteBuffer buf, int at) {
    return new Classes(Peer.peerClass(buf, at, 0), Peer.peerClass(buf, at, 1));
  }
}
