// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.bpf.Attachment;
import io.millrace.bpf.BpfException;
import io.millrace.bpf.Dataplane;
import io.millrace.bpf.Errno;
import io.millrace.bpf.XdpOutcome;
import io.millrace.bpf.XdpState;
import io.millrace.bpf.XdpUse;
import io.millrace.compile.NodeTables;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.IntPredicate;

/**
 * On which uplinks, and devices below them, the XDP program stands. It is an acceleration: a device
 * without it is served by tc, so nothing here ever holds up anything else. Each state of a device
 * is logged once.
 */
final class XdpAttachments {
  private static final String NATIVE = "native";
  private static final String OFF = "off: ";

  private final Dataplane dataplane;
  private final Consumer<String> log;
  private final Map<Integer, XdpState> actual = new TreeMap<>();

  /** Why it does not stand where it is wanted, or still stands where it is not. */
  private final Map<Integer, String> refusals = new TreeMap<>();

  /** Devices that need not be tried again before the next audit. */
  private final Set<Integer> tried = new HashSet<>();

  private final Map<Integer, String> logged = new TreeMap<>();
  private NodeTables desired = NodeTables.EMPTY;

  /**
   * @param log takes one line for each change of a device's state
   */
  XdpAttachments(Dataplane dataplane, Consumer<String> log) {
    this.dataplane = dataplane;
    this.log = log;
  }

  /** Takes over what was found. */
  void load(Collection<Attachment> found) {
    actual.clear();
    for (Attachment each : found) {
      if (each.xdp() != XdpState.NONE) {
        actual.put(each.ifindex(), each.xdp());
      }
    }
  }

  void submit(NodeTables tables) {
    if (!tables.xdp().equals(desired.xdp())) {
      tried.clear();
    }
    tables
        .xdp()
        .forEach(
            (ifindex, xdp) -> {
              NodeTables.Xdp before = desired.xdp().get(ifindex);
              if (before != null && !before.uses().equals(xdp.uses())) {
                askAgain(ifindex);
              }
            });
    desired = tables;
    refusals.keySet().retainAll(tables.xdp().keySet());
    logged.keySet().retainAll(tables.xdp().keySet());
  }

  /** Takes the program off wherever it is not wanted. Comes before tc leaves a device. */
  void detach() {
    for (int ifindex : List.copyOf(actual.keySet())) {
      if (!wanted(ifindex) && !tried.contains(ifindex)) {
        detach(ifindex);
      }
    }
  }

  /** Puts it where it is wanted and tc is ready to take over what XDP leaves. */
  void attach(IntPredicate tcStands) {
    desired
        .xdp()
        .forEach(
            (ifindex, xdp) -> {
              if (!xdp.obstacle().isEmpty() && !actual.containsKey(ifindex)) {
                sayOff(ifindex, xdp.obstacle());
              } else if (xdp.wanted()
                  && isReady(ifindex, xdp, tcStands)
                  && !stands(ifindex)
                  && !tried.contains(ifindex)) {
                attach(ifindex);
              }
            });
  }

  /** A device has lost all programs. */
  void gone(int ifindex) {
    actual.remove(ifindex);
    refusals.remove(ifindex);
    tried.remove(ifindex);
  }

  /**
   * Takes over what an audit found, and lets what was refused be tried again.
   *
   * @return how many devices have lost the program
   */
  int audit(Collection<Attachment> found) {
    Map<Integer, XdpState> before = new TreeMap<>(actual);
    load(found);
    tried.clear();
    int lost =
        (int)
            before.keySet().stream()
                .filter(
                    each -> wanted(each) && before.get(each) == XdpState.CURRENT && !stands(each))
                .count();
    desired
        .xdp()
        .forEach(
            (ifindex, xdp) -> {
              if (xdp.uses().contains(XdpUse.TAGS)) {
                askAgain(ifindex);
              }
            });
    return lost;
  }

  /**
   * {@code native}, {@code native on PARENT} for a VLAN, {@code off: reason}; empty if the device
   * is no uplink.
   */
  String describe(int ifindex) {
    NodeTables.Xdp xdp = desired.xdp().get(ifindex);
    if (xdp == null) {
      return "";
    }
    if (xdp.parent() != 0) {
      String there = describe(xdp.parent());
      return there.startsWith(NATIVE)
          ? there.replaceFirst(NATIVE, NATIVE + " on " + name(xdp.parent()))
          : there.replaceFirst(OFF, OFF + name(xdp.parent()) + ": ");
    }
    if (actual.containsKey(ifindex)) {
      return NATIVE + (refusals.containsKey(ifindex) ? ": " + refusals.get(ifindex) : "");
    }
    return OFF
        + (xdp.wanted() ? refusals.getOrDefault(ifindex, "not attached yet") : xdp.obstacle());
  }

  /** Whether tc stands wherever XDP leaves packets to it: here, and on the VLANs above. */
  private boolean isReady(int ifindex, NodeTables.Xdp xdp, IntPredicate tcStands) {
    return (xdp.uses().contains(XdpUse.TRUNK) || tcStands.test(ifindex))
        && desired.xdp().entrySet().stream()
            .filter(each -> each.getValue().parent() == ifindex)
            .allMatch(each -> tcStands.test(each.getKey()));
  }

  /** What the NIC does with tags may have changed: the next write attaches anew. */
  private void askAgain(int ifindex) {
    actual.computeIfPresent(ifindex, (at, state) -> XdpState.OTHER);
  }

  private boolean wanted(int ifindex) {
    NodeTables.Xdp xdp = desired.xdp().get(ifindex);
    return xdp != null && xdp.wanted();
  }

  private boolean stands(int ifindex) {
    return actual.get(ifindex) == XdpState.CURRENT;
  }

  private void detach(int ifindex) {
    try {
      dataplane.detachXdp(ifindex);
      gone(ifindex);
    } catch (BpfException e) {
      tried.add(ifindex);
      refusals.put(ifindex, "it cannot be taken off");
      say(ifindex, "stays on", String.valueOf(e.getMessage()));
    }
  }

  private void attach(int ifindex) {
    XdpOutcome outcome = dataplane.attachXdp(ifindex, uses(ifindex));
    if (outcome.stands()) {
      actual.put(ifindex, XdpState.CURRENT);
      refusals.remove(ifindex);
      say(ifindex, "is native on", "");
      return;
    }
    actual.remove(ifindex);
    tried.add(ifindex);
    refusals.put(ifindex, outcome.reason());
    if (outcome.errno() != Errno.ENODEV) { // a device that goes is no news of XDP
      sayOff(ifindex, outcome.reason());
    }
  }

  private Set<XdpUse> uses(int ifindex) {
    NodeTables.Xdp xdp = desired.xdp().get(ifindex);
    return xdp == null ? Set.of() : xdp.uses();
  }

  private void sayOff(int ifindex, String reason) {
    say(ifindex, "is off and tc does all on", reason);
  }

  private void say(int ifindex, String state, String reason) {
    String line =
        "XDP " + state + " device " + name(ifindex) + (reason.isEmpty() ? "" : ": " + reason);
    if (!line.equals(logged.put(ifindex, line))) {
      log.accept(line);
    }
  }

  private String name(int ifindex) {
    return desired.names().getOrDefault(ifindex, "ifindex " + ifindex);
  }
}
