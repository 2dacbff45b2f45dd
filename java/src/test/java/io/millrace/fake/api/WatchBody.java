// SPDX-License-Identifier: Apache-2.0
package io.millrace.fake.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** The events of one watch, as they come. */
final class WatchBody implements Answer.Body {
  private final ApiStore store;
  private final ApiPath path;
  private final Selector selector;
  private final Deque<byte[]> first = new ArrayDeque<>();
  private long position;
  private boolean bookmarkDue;
  private boolean ended;

  /**
   * A watch.
   *
   * @param since what happened after it is told; null: what is there is told first
   */
  WatchBody(ApiStore store, ApiPath path, Selector selector, @Nullable Long since) {
    this.store = store;
    this.path = path;
    this.selector = selector;
    if (since != null) {
      position = since;
      return;
    }
    ApiStore.Snapshot now = store.snapshot(path.resource());
    position = now.version();
    for (ApiObject object : now.objects()) {
      if (selected(object)) {
        first.add(line("ADDED", object.whole()));
      }
    }
  }

  @Override
  public byte @Nullable [] next() {
    if (!first.isEmpty()) {
      return first.poll();
    }
    while (!ended) {
      if (!store.remembers(path.resource(), position)) {
        ended = true;
        return gone();
      }
      ApiStore.Change change = store.next(path.resource(), position);
      if (change == null) {
        return bookmark();
      }
      position = change.version();
      byte[] event = event(change);
      if (event != null) {
        return event;
      }
    }
    return null;
  }

  @Override
  public boolean ended() {
    return ended;
  }

  /** Its time is over. */
  void finish() {
    ended = true;
  }

  void askBookmark() {
    bookmarkDue = true;
  }

  /** With a selector, an object comes when it begins to fit, and goes when it ceases to. */
  private byte @Nullable [] event(ApiStore.Change change) {
    boolean before = selected(change.before());
    boolean after = selected(change.after());
    if (!before && !after) {
      return null;
    }
    String type = !before ? "ADDED" : after ? "MODIFIED" : "DELETED";
    return line(type, change.told().whole());
  }

  private boolean selected(@Nullable ApiObject object) {
    return object != null && path.holds(object) && selector.test(object);
  }

  private byte @Nullable [] bookmark() {
    long now = store.version();
    if (!bookmarkDue || now < position) {
      return null;
    }
    bookmarkDue = false;
    ObjectNode object = Json.object();
    object.put("kind", path.resource().kind()).put("apiVersion", path.resource().apiVersion());
    object
        .putObject("metadata")
        .put("resourceVersion", Long.toString(now))
        .putNull("creationTimestamp");
    position = now;
    return line("BOOKMARK", Json.bytes(object));
  }

  private byte[] gone() {
    String message = "too old resource version: " + position + " (" + store.version() + ")";
    return line("ERROR", Json.bytes(Json.status(410, "Expired", message)));
  }

  private static byte[] line(String type, byte[] object) {
    ByteArrayOutputStream line = new ByteArrayOutputStream(object.length + 48);
    line.writeBytes(Json.utf8("{\"type\":\"" + type + "\",\"object\":"));
    line.writeBytes(object);
    line.writeBytes(Json.utf8("}\n"));
    return line.toByteArray();
  }
}
