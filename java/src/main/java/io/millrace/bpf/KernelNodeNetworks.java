// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

import io.millrace.bpf.abi.WireFeature;
import io.millrace.bpf.abi.WireNetnsAddress;
import io.millrace.bpf.abi.WireNetnsWalk;
import io.millrace.bpf.jni.Native;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The network namespaces of this node, as the kernel has them. */
final class KernelNodeNetworks implements NodeNetworks {
  private static final int FIRST_ADDRESSES = 512;

  private final String folder;
  private final boolean byProgram;
  private final Handle ender;
  private final BpfMap optedOut;
  private final ByteBuffer walk = Calls.direct(WireNetnsWalk.SIZE);

  /** Empty if the programs for sockets are not loaded. */
  static Optional<NodeNetworks> open(Handle dataplane, Path folder) {
    int features = Native.dataplaneFeatures(dataplane.get());
    if ((features & WireFeature.WIRE_FEATURE_SOCKETS) == 0) {
      return Optional.empty();
    }
    boolean byProgram = (features & WireFeature.WIRE_FEATURE_SOCK_DESTROY) != 0;
    return Optional.of(new KernelNodeNetworks(dataplane, byProgram, folder));
  }

  private KernelNodeNetworks(Handle dataplane, boolean byProgram, Path folder) {
    this.folder = folder.toString();
    this.byProgram = byProgram;
    long address = Calls.check(Native.sockEndOpen(dataplane.get()), "prepare", "to end sockets");
    ender = new Handle("what ends sockets", address, Native::sockEndFree);
    try {
      optedOut = KernelMap.of(dataplane, "sock_off");
    } catch (RuntimeException e) {
      ender.close();
      throw e;
    }
  }

  @Override
  public boolean endsByProgram() {
    return byProgram;
  }

  @Override
  public Ended endSockets(boolean v4, boolean v6) {
    int rc = Native.sockEndRun(ender.get(), folder, v4, v6, walk);
    int sockets = Calls.check(rc, "end sockets in the network namespaces of", folder);
    return new Ended(sockets, walked());
  }

  @Override
  public Found find() {
    ByteBuffer list = Calls.direct(FIRST_ADDRESSES * WireNetnsAddress.SIZE);
    int n = read(list);
    while (n * WireNetnsAddress.SIZE > list.capacity()) {
      list = Calls.direct(2 * n * WireNetnsAddress.SIZE);
      n = read(list);
    }
    List<Address> addresses = new ArrayList<>(n);
    for (int i = 0; i < n; i++) {
      int at = i * WireNetnsAddress.SIZE;
      byte[] ip = Arrays.copyOf(WireNetnsAddress.ip(list, at), WireNetnsAddress.ipLen(list, at));
      addresses.add(new Address(WireNetnsAddress.cookie(list, at), ip));
    }
    return new Found(addresses, walked());
  }

  @Override
  public BpfMap optedOut() {
    return optedOut;
  }

  @Override
  public void close() {
    ender.close();
  }

  private int read(ByteBuffer list) {
    int rc = Native.netnsList(folder, walk, list);
    return Calls.check(rc, "list the addresses in the network namespaces of", folder);
  }

  private Walk walked() {
    String log = new String(Native.takeLog(), StandardCharsets.UTF_8);
    int failed = WireNetnsWalk.failed(walk, 0);
    return new Walk(
        WireNetnsWalk.visited(walk, 0),
        failed,
        failed == 0 ? List.of() : log.lines().toList(),
        WireNetnsWalk.noFolder(walk, 0) != 0);
  }
}
