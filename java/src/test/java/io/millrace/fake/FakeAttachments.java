// SPDX-License-Identifier: Apache-2.0
package io.millrace.fake;

import io.millrace.bpf.Attachment;
import io.millrace.bpf.Errno;
import io.millrace.bpf.Role;
import io.millrace.bpf.XdpOutcome;
import io.millrace.bpf.XdpState;
import io.millrace.bpf.XdpUse;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Which programs stand on which devices. */
final class FakeAttachments {
  private final Map<Integer, Attachment> attachments = new TreeMap<>();

  List<Attachment> all() {
    return List.copyOf(attachments.values());
  }

  void attach(int ifindex, Role role) {
    Attachment before = attachments.get(ifindex);
    XdpState xdp = before == null ? XdpState.NONE : before.xdp();
    attachments.put(ifindex, new Attachment(ifindex, role, true, true, xdp));
  }

  void detach(int ifindex) {
    attachments.remove(ifindex);
  }

  /** Those of a version that is not this one's, or that is again. */
  void setComplete(boolean complete) {
    attachments.replaceAll(
        (at, each) -> new Attachment(at, each.role(), complete, complete || each.tc(), each.xdp()));
  }

  void loseTc(int ifindex) {
    attachments.computeIfPresent(
        ifindex, (at, each) -> new Attachment(at, each.role(), false, true, each.xdp()));
  }

  /**
   * Has XDP attached.
   *
   * @param errno what the kernel says of it; 0 if it does
   */
  XdpOutcome attachXdp(int ifindex, Set<XdpUse> uses, int errno) {
    if (errno == 0 && uses.contains(XdpUse.TRUNK)) {
      attachments.putIfAbsent(
          ifindex, new Attachment(ifindex, Role.UPLINK, false, false, XdpState.NONE));
    }
    if (errno != 0 || !attachments.containsKey(ifindex)) {
      setXdp(ifindex, XdpState.NONE);
      return new XdpOutcome(errno == 0 ? Errno.ENODEV : errno, "errno " + errno);
    }
    setXdp(ifindex, XdpState.CURRENT);
    return XdpOutcome.STANDS;
  }

  /** Of a device that has nothing else either nobody knows any more. */
  void detachXdp(int ifindex) {
    setXdp(ifindex, XdpState.NONE);
    attachments.values().removeIf(each -> each.ifindex() == ifindex && !each.tc());
  }

  void setXdp(int ifindex, XdpState xdp) {
    attachments.computeIfPresent(
        ifindex, (at, each) -> new Attachment(at, each.role(), each.complete(), each.tc(), xdp));
  }
}
