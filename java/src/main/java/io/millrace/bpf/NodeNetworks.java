// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

import java.util.List;

/**
 * The network namespaces of this node: the agent's own, and those that have a file in a folder,
 * where container runtimes keep the pods'.
 *
 * <p>Not thread-safe; owned by one thread, which need not be the control thread.
 */
public interface NodeNetworks extends AutoCloseable {
  /** Whether a program in the kernel ends sockets (Linux 6.5), else netlink does. */
  boolean endsByProgram();

  /**
   * Ends connected UDP sockets that were led to a backend which is gone, in all namespaces.
   *
   * @param v4 those with an IPv4 backend
   * @param v6 those with an IPv6 backend
   * @throws BpfException if nothing could be done at all
   */
  Ended endSockets(boolean v4, boolean v6);

  /**
   * The global addresses of all namespaces but the agent's own.
   *
   * @throws BpfException if none could be looked into
   */
  Found find();

  /** {@code sock_off}: cookies of the namespaces whose sockets are left alone. */
  BpfMap optedOut();

  @Override
  void close();

  /**
   * How a walk through the namespaces went.
   *
   * @param visited namespaces in which all went well
   * @param failed others
   * @param reasons why they failed, in the order of the walk
   * @param noFolder the folder does not exist, so that only the own namespace was visited
   */
  record Walk(int visited, int failed, List<String> reasons, boolean noFolder) {
    public Walk {
      reasons = List.copyOf(reasons);
    }
  }

  /** How many sockets were ended. */
  record Ended(int sockets, Walk walk) {}

  /**
   * An address within a namespace.
   *
   * @param cookie of the namespace, as {@code SO_NETNS_COOKIE}; never given to another one
   * @param ip 4 or 16 bytes, network byte order
   */
  record Address(long cookie, byte[] ip) {}

  /** What was found. */
  record Found(List<Address> addresses, Walk walk) {
    public Found {
      addresses = List.copyOf(addresses);
    }
  }
}
