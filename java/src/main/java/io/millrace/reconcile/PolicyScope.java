// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.compile.policy.PolicyTables;
import io.millrace.model.Ip;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/** Where classes in the kernel may not be those that are wanted; elsewhere they are known to be. */
final class PolicyScope {
  private final Set<Ip> addresses = new HashSet<>();
  private boolean everything = true;
  private boolean blocks;
  private boolean ports;

  /** Other tables are wanted. What did not change is the same object in both. */
  @SuppressWarnings("ReferenceEquality")
  void add(PolicyTables before, PolicyTables after) {
    everything |= after.complete();
    addresses.addAll(after.moved());
    blocks |= after.blocks() != before.blocks();
    ports |= after.ports() != before.ports();
  }

  /** Somebody else may have written, or a write was given up half-way. */
  void addEverything() {
    everything = true;
  }

  /** All is as it is wanted, but for this. */
  void settle(Collection<Ip> otherAddresses, boolean otherBlocks, boolean otherPorts) {
    addresses.clear();
    addresses.addAll(otherAddresses);
    blocks = otherBlocks;
    ports = otherPorts;
    everything = false;
  }

  boolean hasEverything() {
    return everything;
  }

  boolean hasBlocks() {
    return everything || blocks;
  }

  boolean hasPorts() {
    return everything || ports;
  }

  /** Unless it is everything. */
  Set<Ip> addresses() {
    return addresses;
  }
}
