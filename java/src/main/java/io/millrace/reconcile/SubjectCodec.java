// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.bpf.abi.Subject;
import java.nio.ByteBuffer;

/** subjects4, subjects6. */
final class SubjectCodec extends AddressCodec<SubjectEntry> {
  SubjectCodec(boolean v6) {
    super(v6);
  }

  @Override
  public int valueSize() {
    return Subject.SIZE;
  }

  @Override
  public void writeValue(ByteBuffer buf, int at, SubjectEntry value) {
    Subject.clear(buf, at);
    Subject.ingress(buf, at, value.ingress());
    Subject.egress(buf, at, value.egress());
    Subject.side(buf, at, value.side());
  }

  @Override
  public SubjectEntry readValue(ByteBuffer buf, int at) {
    return new SubjectEntry(
        Subject.ingress(buf, at), Subject.egress(buf, at), Subject.side(buf, at));
  }
}
