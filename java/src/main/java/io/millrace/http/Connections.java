// SPDX-License-Identifier: Apache-2.0
package io.millrace.http;

import io.netty.channel.Channel;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The open connections, the one that has waited longest for its next request first. Belongs to the
 * thread of the servers.
 */
final class Connections {
  private final int max;
  private final Map<Channel, HttpListeners.Place> open = new LinkedHashMap<>();

  Connections(int max) {
    this.max = max;
  }

  /** A new one; the oldest makes way if there are too many. */
  void add(Channel channel, HttpListeners.Place place) {
    open.put(channel, place);
    if (open.size() > max) {
      Iterator<Channel> oldest = open.keySet().iterator();
      Channel first = oldest.next();
      oldest.remove();
      var unused = first.close();
    }
  }

  /** It has asked, and is the youngest again. */
  void used(Channel channel) {
    HttpListeners.Place place = open.remove(channel);
    if (place != null) {
      open.put(channel, place);
    }
  }

  void remove(Channel channel) {
    open.remove(channel);
  }

  void closeAll(HttpListeners.Place place) {
    for (Map.Entry<Channel, HttpListeners.Place> entry : List.copyOf(open.entrySet())) {
      if (entry.getValue() == place) {
        var unused = entry.getKey().close();
      }
    }
  }
}
