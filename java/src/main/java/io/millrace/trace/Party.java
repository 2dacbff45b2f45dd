// SPDX-License-Identifier: Apache-2.0
package io.millrace.trace;

import io.millrace.model.Ip;
import io.millrace.model.PodState;

/**
 * One end of a traced packet.
 *
 * @param where from this node's sight
 * @param ifindex host side of a pod's veth; 0 if it is no pod here, or its device is not known
 * @param name for example {@code pod default/web-1}
 */
record Party(Ip ip, Where where, int ifindex, String name) {
  enum Where {
    /** A pod of this node. */
    POD,
    /** This host. */
    HOST,
    /** All others: pods of other nodes, too. */
    OUTSIDE,
    /** Asked for as a Service. */
    SERVICE
  }

  static String podName(PodState pod) {
    return "pod " + pod.namespace() + "/" + pod.name();
  }
}
