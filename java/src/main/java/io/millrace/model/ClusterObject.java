// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

/** Whatever a source can say something about. Immutable; equal if nothing that matters differs. */
public sealed interface ClusterObject
    permits ServiceSpec, SliceState, PodState, NodeState, NamespaceState, PolicyState, HostState {
  /** What it is called. */
  ObjectKey key();
}
