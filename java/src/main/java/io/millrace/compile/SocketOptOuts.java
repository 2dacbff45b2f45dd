// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile;

import io.millrace.model.ClusterImage;
import io.millrace.model.Ip;
import io.millrace.model.ObjectKey;
import io.millrace.model.PodState;
import io.millrace.model.Problem;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Which pods of this node want their sockets left alone, by {@link PodState#SOCKET_LB}. */
final class SocketOptOuts {
  private static final String FIELD = "metadata.annotations[" + PodState.SOCKET_LB + "]";

  private SocketOptOuts() {}

  /**
   * Their addresses, by pod; what is wrong with an annotation goes to {@code problems}.
   *
   * @param nodeName this node
   */
  static Map<ObjectKey, List<Ip>> of(String nodeName, ClusterImage image, List<Problem> problems) {
    Map<ObjectKey, List<Ip>> optedOut = new TreeMap<>();
    for (PodState pod : image.podsOn(nodeName)) {
      String wish = pod.socketLb();
      if (wish == null || wish.equals("on")) {
        continue;
      }
      if (!wish.equals("off")) {
        problems.add(
            problem(pod, "must be on or off, is \"" + wish + "\"; taken for on meanwhile"));
      } else if (pod.hostNetwork()) {
        problems.add(
            problem(pod, "has no effect: a pod of the host's network shares the host's sockets"));
      } else if (!pod.ips().isEmpty()) {
        optedOut.put(pod.key(), pod.ips());
      }
    }
    return optedOut;
  }

  private static Problem problem(PodState pod, String reason) {
    return new Problem("", pod.key().toString(), FIELD, reason);
  }
}
