// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

import io.millrace.bpf.abi.Event;
import io.millrace.bpf.jni.Native;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Consumer;

/** The ring buffer {@code events} of the kernel. */
final class KernelEventRing implements EventRing {
  /** Records read by one call. */
  private static final int BATCH = 512;

  private final Handle handle;
  private final ByteBuffer records = Calls.direct(BATCH * Event.SIZE);

  private KernelEventRing(Handle handle) {
    this.handle = handle;
  }

  /** Empty if the programs have no such ring. */
  static Optional<EventRing> open(Handle dataplane) {
    long address = Native.eventsOpen(dataplane.get());
    if (address == -Errno.ENOENT) {
      return Optional.empty();
    }
    Calls.check(address, "read", "the ring buffer of events");
    return Optional.of(
        new KernelEventRing(new Handle("the reader of events", address, Native::eventsFree)));
  }

  @Override
  public void poll(int timeoutMs, Consumer<PacketEvent> sink) {
    int rc = Native.eventsPoll(handle.get(), timeoutMs, records);
    int count = Calls.check(rc, "read", "the ring buffer of events");
    for (int i = 0; i < count; i++) {
      sink.accept(decode(records, i * Event.SIZE));
    }
  }

  @Override
  public void close() {
    handle.close();
  }

  static PacketEvent decode(ByteBuffer buf, int at) {
    return new PacketEvent(
        Event.ns(buf, at),
        Event.set(buf, at),
        Event.client(buf, at),
        Event.server(buf, at),
        Event.frontend(buf, at),
        Event.clientPort(buf, at),
        Event.serverPort(buf, at),
        Event.frontendPort(buf, at),
        Event.rule(buf, at),
        Event.svc(buf, at),
        Event.ifindex(buf, at),
        Event.bytes(buf, at),
        Event.proto(buf, at),
        Event.kind(buf, at),
        Event.reason(buf, at),
        Event.direction(buf, at));
  }
}
