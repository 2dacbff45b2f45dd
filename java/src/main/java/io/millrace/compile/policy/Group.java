// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile.policy;

import io.millrace.model.PodState;
import io.millrace.model.PodState.NamedPort;
import io.millrace.model.Protocol;
import java.util.List;
import java.util.Map;

/** Pods that no policy can tell apart but by their addresses: a workload, as a rule. */
final class Group {
  private final Key key;

  /** What the peers of rules say of it, blocks aside. */
  AtomSet atoms = AtomSet.Pool.NONE;

  /** How many addresses of the cluster are of its pods, and how many of this node. */
  int members;

  int locals;

  /**
   * What policies can know of a pod.
   *
   * @param labels those that some policy asks for
   */
  record Key(String namespace, Map<String, String> labels, List<NamedPort> ports) {
    static Key of(PodState pod, LabelKeys asked) {
      return new Key(pod.namespace(), asked.of(pod.labels()), pod.namedPorts());
    }
  }

  Group(Key key) {
    this.key = key;
  }

  Key key() {
    return key;
  }

  String namespace() {
    return key.namespace();
  }

  Map<String, String> labels() {
    return key.labels();
  }

  /** The number behind a name, 0 if there is none of that name and protocol (policy P6). */
  int port(String name, Protocol protocol) {
    return NamedPort.find(key.ports(), name, protocol);
  }

  @Override
  public String toString() {
    return key.toString();
  }
}
