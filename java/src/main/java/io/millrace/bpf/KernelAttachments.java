// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

import io.millrace.bpf.abi.WireAttachment;
import io.millrace.bpf.abi.WireRole;
import io.millrace.bpf.abi.WireXdp;
import io.millrace.bpf.abi.WireXdpUse;
import io.millrace.bpf.jni.Native;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Programs on devices and at sockets. */
final class KernelAttachments {
  private static final int FIRST = 256;

  private final Handle handle;

  KernelAttachments(Handle handle) {
    this.handle = handle;
  }

  List<Attachment> all() {
    ByteBuffer found = Calls.direct(FIRST * WireAttachment.SIZE);
    int n = readAttachments(found);
    while (n * WireAttachment.SIZE > found.capacity()) {
      found = Calls.direct(2 * n * WireAttachment.SIZE);
      n = readAttachments(found);
    }
    List<Attachment> attachments = new ArrayList<>(n);
    for (int i = 0; i < n; i++) {
      int at = i * WireAttachment.SIZE;
      attachments.add(
          new Attachment(
              WireAttachment.ifindex(found, at),
              WireAttachment.role(found, at) == WireRole.WIRE_ROLE_POD ? Role.POD : Role.UPLINK,
              WireAttachment.complete(found, at) != 0,
              WireAttachment.tc(found, at) != 0,
              xdpState(WireAttachment.xdp(found, at))));
    }
    return attachments;
  }

  void attach(int ifindex, Role role) {
    int rc = Native.dataplaneAttach(handle.get(), ifindex, wireRole(role));
    Calls.check(rc, "attach the programs of role " + role + " to", "ifindex " + ifindex);
  }

  void detach(int ifindex, Role role) {
    int rc = Native.dataplaneDetach(handle.get(), ifindex, wireRole(role));
    Calls.check(rc, "detach the programs of role " + role + " from", "ifindex " + ifindex);
  }

  XdpOutcome attachXdp(int ifindex, Set<XdpUse> uses) {
    int wire = uses.contains(XdpUse.TAGS) ? WireXdpUse.WIRE_XDP_TAGS : 0;
    wire |= uses.contains(XdpUse.TRUNK) ? WireXdpUse.WIRE_XDP_TRUNK : 0;
    wire |= uses.contains(XdpUse.AUTO) ? WireXdpUse.WIRE_XDP_AUTO : 0;
    int rc = Native.dataplaneAttachXdp(handle.get(), ifindex, wire);
    return rc == 0 ? XdpOutcome.STANDS : new XdpOutcome(-rc, lastLine(Calls.takeLog(), -rc));
  }

  void detachXdp(int ifindex) {
    int rc = Native.dataplaneDetachXdp(handle.get(), ifindex);
    Calls.check(rc, "detach the XDP program from", "ifindex " + ifindex);
  }

  int attachSockets(Path cgroup) {
    int rc = Native.dataplaneAttachSockets(handle.get(), cgroup.toString());
    return Calls.check(rc, "attach the programs for sockets to", cgroup.toString());
  }

  void detachSockets() {
    int rc = Native.dataplaneDetachSockets(handle.get());
    Calls.check(rc, "detach", "the programs for sockets");
  }

  Optional<String> socketsObstacle() {
    return text(Native.dataplaneSocketsError(handle.get()));
  }

  private int readAttachments(ByteBuffer out) {
    return Calls.check(Native.dataplaneAttachments(handle.get(), out), "list", "what is attached");
  }

  private static int wireRole(Role role) {
    return role == Role.POD ? WireRole.WIRE_ROLE_POD : WireRole.WIRE_ROLE_UPLINK;
  }

  private static XdpState xdpState(int wire) {
    return switch (wire) {
      case WireXdp.WIRE_XDP_NONE -> XdpState.NONE;
      case WireXdp.WIRE_XDP_CURRENT -> XdpState.CURRENT;
      default -> XdpState.OTHER;
    };
  }

  /** Our own sentence follows whatever libbpf has to say. */
  private static String lastLine(String log, int errno) {
    return log.isEmpty() ? Errno.describe(errno) : log.substring(log.lastIndexOf('\n') + 1);
  }

  /** What the kernel said when it refused to load the XDP program, with the verifier's log. */
  Optional<String> xdpError() {
    return text(Native.dataplaneXdpError(handle.get()));
  }

  private static Optional<String> text(byte @Nullable [] text) {
    return text == null
        ? Optional.empty()
        : Optional.of(new String(text, StandardCharsets.UTF_8).strip());
  }
}
