// SPDX-License-Identifier: Apache-2.0
package io.millrace.fake;

import io.millrace.bpf.BpfException;
import io.millrace.bpf.BpfMap;
import io.millrace.bpf.NodeNetworks;
import io.millrace.bpf.abi.SockOff;
import io.millrace.bpf.abi.SockOffKey;
import io.millrace.model.Ip;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Network namespaces by cookie, each with addresses, and what was asked of them. */
public final class FakeNetworks implements NodeNetworks {
  private final Map<Long, List<Ip>> namespaces = new TreeMap<>();
  private final List<String> calls = new ArrayList<>();
  private final FakeMap optedOut;
  private List<String> failures = List.of();
  private int errno;
  private int waiting;

  public FakeNetworks(FakeDataplane kernel) {
    optedOut = new FakeMap(kernel, "sock_off", SockOffKey.SIZE, SockOff.SIZE, 64, false);
  }

  /** Makes or replaces a namespace. */
  public void put(long cookie, Ip... ips) {
    namespaces.put(cookie, List.of(ips));
  }

  public void remove(long cookie) {
    namespaces.remove(cookie);
  }

  /** Namespaces that cannot be entered, by why. */
  public void failures(String... reasons) {
    failures = List.of(reasons);
  }

  /** Lets whole walks fail; 0 = no more. */
  public void errno(int newErrno) {
    errno = newErrno;
  }

  /** So many sockets wait for their end. */
  public void sockets(int count) {
    waiting = count;
  }

  /** What was asked since the last call: "end4", "end46", "find". */
  public List<String> takeCalls() {
    List<String> taken = List.copyOf(calls);
    calls.clear();
    return taken;
  }

  /** The cookies in the kernel. */
  public Set<Long> cookies() {
    Set<Long> cookies = new TreeSet<>();
    optedOut.forEach((key, value) -> cookies.add(SockOffKey.netns(key, 0)));
    return cookies;
  }

  @Override
  public boolean endsByProgram() {
    return true;
  }

  @Override
  public Ended endSockets(boolean v4, boolean v6) {
    calls.add("end" + (v4 ? "4" : "") + (v6 ? "6" : ""));
    check();
    int ended = waiting;
    waiting = 0;
    return new Ended(ended, walk());
  }

  @Override
  public Found find() {
    calls.add("find");
    check();
    List<Address> addresses = new ArrayList<>();
    namespaces.forEach(
        (cookie, ips) -> ips.forEach(ip -> addresses.add(new Address(cookie, ip.toBytes()))));
    return new Found(addresses, walk());
  }

  @Override
  public BpfMap optedOut() {
    return optedOut;
  }

  @Override
  public void close() {}

  private void check() {
    if (errno != 0) {
      throw new BpfException(errno, "walk", "the namespaces", "");
    }
  }

  private Walk walk() {
    return new Walk(namespaces.size() + 1, failures.size(), failures, false);
  }
}
