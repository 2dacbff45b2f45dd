// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.bpf.abi.Abi;
import io.millrace.bpf.abi.PolicySet;
import io.millrace.bpf.abi.PolicySetFlag;
import io.millrace.bpf.abi.PolicySetKey;
import io.millrace.compile.policy.Bits;
import java.nio.ByteBuffer;

/** sets. */
final class SetCodec implements Codec<Long, SetEntry> {
  @Override
  public int keySize() {
    return PolicySetKey.SIZE;
  }

  @Override
  public int valueSize() {
    return PolicySet.SIZE;
  }

  @Override
  public void writeKey(ByteBuffer buf, int at, Long key) {
    PolicySetKey.id(buf, at, key);
  }

  @Override
  public Long readKey(ByteBuffer buf, int at) {
    return PolicySetKey.id(buf, at);
  }

  @Override
  public void writeValue(ByteBuffer buf, int at, SetEntry value) {
    PolicySet.clear(buf, at);
    for (int i = 0; i < Abi.POLICY_WORDS; i++) {
      PolicySet.anyPeer4(buf, at, i, value.anyPeer4().word(i));
      PolicySet.anyPeer6(buf, at, i, value.anyPeer6().word(i));
      PolicySet.anyPort(buf, at, i, value.anyPort().word(i));
    }
    PolicySet.next(buf, at, value.next());
    PolicySet.flags(buf, at, value.audit() ? PolicySetFlag.POLICY_SET_AUDIT : 0);
  }

  @Override
  public SetEntry readValue(ByteBuffer buf, int at) {
    long[] peer4 = new long[Abi.POLICY_WORDS];
    long[] peer6 = new long[Abi.POLICY_WORDS];
    long[] port = new long[Abi.POLICY_WORDS];
    for (int i = 0; i < Abi.POLICY_WORDS; i++) {
      peer4[i] = PolicySet.anyPeer4(buf, at, i);
      peer6[i] = PolicySet.anyPeer6(buf, at, i);
      port[i] = PolicySet.anyPort(buf, at, i);
    }
    boolean audit = (PolicySet.flags(buf, at) & PolicySetFlag.POLICY_SET_AUDIT) != 0;
    return new SetEntry(bits(peer4), bits(peer6), bits(port), PolicySet.next(buf, at), audit);
  }

  private static Bits bits(long[] words) {
    return new Bits(words[0], words[1], words[2], words[3]);
  }
}
