// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.bpf.Attachment;
import io.millrace.bpf.BpfException;
import io.millrace.bpf.Dataplane;
import io.millrace.bpf.Errno;
import io.millrace.bpf.Role;
import io.millrace.bpf.XdpState;
import io.millrace.compile.NodeTables;
import io.millrace.model.Problem;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which programs stand on which device, and which should. */
final class Attachments {
  private static final Logger LOG = LoggerFactory.getLogger(Attachments.class);

  private final Dataplane dataplane;
  private final Map<Integer, Attachment> actual = new TreeMap<>();
  private final Map<Integer, String> failures = new TreeMap<>();
  private final Backoff backoff = new Backoff();
  private final XdpAttachments xdp;
  private NodeTables desired = NodeTables.EMPTY;
  private long writes;
  private long drift;

  Attachments(Dataplane dataplane) {
    this.dataplane = dataplane;
    xdp = new XdpAttachments(dataplane, LOG::info);
  }

  void load() {
    xdp.load(read());
  }

  /** Of a device below a VLAN, which may have XDP alone, nothing is kept here. */
  private List<Attachment> read() {
    List<Attachment> found = dataplane.attachments();
    actual.clear();
    found.stream().filter(Attachment::tc).forEach(each -> actual.put(each.ifindex(), each));
    return found;
  }

  void submit(NodeTables tables) {
    if (!tables.attachments().equals(desired.attachments())) {
      failures.clear();
    }
    desired = tables;
    xdp.submit(tables);
  }

  /** Attaches and detaches what differs; a device that refuses is tried again after a while. */
  void write(long nowNs) {
    if (backoff.isDue(nowNs)) {
      failures.clear();
    }
    xdp.detach();
    for (Attachment old : List.copyOf(actual.values())) {
      if (desired.attachments().get(old.ifindex()) != old.role()) {
        change(old.ifindex(), old.role(), false, nowNs);
      }
    }
    new TreeMap<>(desired.attachments())
        .forEach(
            (ifindex, role) -> {
              if (!stands(ifindex, role)) {
                change(ifindex, role, true, nowNs);
              }
            });
    xdp.attach(ifindex -> stands(ifindex, Role.UPLINK));
    if (failures.isEmpty()) {
      backoff.succeeded();
    }
  }

  /** Reads back what stands where; differences are mended by the next write. */
  int audit() {
    Map<Integer, Attachment> before = new HashMap<>(actual);
    int differences = xdp.audit(read());
    for (Map.Entry<Integer, Role> wanted : desired.attachments().entrySet()) {
      boolean stood = stands(before.get(wanted.getKey()), wanted.getValue());
      if (stood && !stands(wanted.getKey(), wanted.getValue())) {
        differences++;
      }
    }
    drift += differences;
    return differences;
  }

  long waitNs(long nowNs) {
    return backoff.waitNs(nowNs);
  }

  boolean isSettled() {
    return actual.keySet().equals(desired.attachments().keySet())
        && desired.attachments().entrySet().stream()
            .allMatch(each -> stands(each.getKey(), each.getValue()));
  }

  MapStatus status() {
    int pending = 0;
    for (Map.Entry<Integer, Role> wanted : desired.attachments().entrySet()) {
      pending += stands(wanted.getKey(), wanted.getValue()) ? 0 : 1;
    }
    int wanted = desired.attachments().size();
    return new MapStatus(
        "attachments", wanted, actual.size(), pending, 0, writes, drift, failures.size(), 0);
  }

  List<Problem> problems() {
    List<Problem> problems = new ArrayList<>();
    failures.forEach(
        (ifindex, reason) -> {
          if (!reason.isEmpty()) {
            problems.add(new Problem("", "device " + name(ifindex), "", reason));
          }
        });
    return problems;
  }

  /** Whether no program of ours is on any device, as found. */
  boolean isEmpty() {
    return actual.isEmpty();
  }

  boolean stands(int ifindex, Role role) {
    return stands(actual.get(ifindex), role);
  }

  /** What the device has of XDP, in words; empty if it is no uplink. */
  String xdp(int ifindex) {
    return xdp.describe(ifindex);
  }

  private static boolean stands(@Nullable Attachment found, Role role) {
    return found != null && found.role() == role && found.complete();
  }

  private void change(int ifindex, Role role, boolean attach, long nowNs) {
    if (failures.containsKey(ifindex)) {
      return;
    }
    try {
      if (attach) {
        dataplane.attach(ifindex, role);
        actual.put(ifindex, new Attachment(ifindex, role, true, true, XdpState.NONE));
      } else {
        dataplane.detach(ifindex, role);
        actual.remove(ifindex);
        xdp.gone(ifindex);
      }
      writes++;
      LOG.info("{} {} {} programs", attach ? "attached" : "detached", name(ifindex), role);
    } catch (BpfException e) {
      backoff.failed(nowNs);
      boolean gone = e.errno() == Errno.ENODEV;
      failures.put(ifindex, gone ? "" : String.valueOf(e.getMessage()));
      if (!gone) {
        LOG.warn("device {}: {}", name(ifindex), e.getMessage());
      }
    }
  }

  private String name(int ifindex) {
    return desired.names().getOrDefault(ifindex, "ifindex " + ifindex);
  }
}
