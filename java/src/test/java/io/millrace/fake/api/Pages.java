// SPDX-License-Identifier: Apache-2.0
package io.millrace.fake.api;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Lists that are read page by page: all pages of one show the same moment. One thread uses it. */
final class Pages {
  private static final int KEPT = 64;

  private final ApiStore store;
  private final Map<Long, Listing> listings = new LinkedHashMap<>();
  private long lastId;

  private record Listing(ApiPath path, boolean whole, ApiStore.Snapshot snapshot) {}

  /**
   * A page.
   *
   * @param next the token of the next one; empty: this is the last
   * @param remaining how many objects come after it; -1: not told, as objects were selected
   */
  record Page(List<ApiObject> items, long version, String next, int remaining) {}

  Pages(ApiStore store) {
    this.store = store;
  }

  Page first(ApiPath path, Selector selector, int limit) {
    ApiStore.Snapshot all = store.snapshot(path.resource());
    List<ApiObject> chosen =
        all.objects().stream().filter(o -> path.holds(o) && selector.test(o)).toList();
    Listing listing =
        new Listing(path, selector.selectsAll(), new ApiStore.Snapshot(all.version(), chosen));
    listings.put(++lastId, listing);
    listings.remove(lastId - KEPT);
    return page(lastId, listing, 0, limit);
  }

  /** Null if the token is too old. */
  @Nullable Page following(ApiPath path, String token, int limit) {
    String[] parts =
        new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8).split(":", -1);
    if (parts.length != 2) {
      throw new IllegalArgumentException("continue key is not valid");
    }
    long id = Long.parseLong(parts[0]);
    Listing listing = listings.get(id);
    if (listing == null
        || !listing.path.equals(path)
        || !store.remembers(path.resource(), listing.snapshot.version())) {
      return null;
    }
    return page(id, listing, Integer.parseInt(parts[1]), limit);
  }

  private static Page page(long id, Listing listing, int from, int limit) {
    List<ApiObject> all = listing.snapshot.objects();
    int to = limit == 0 ? all.size() : Math.min(all.size(), from + limit);
    boolean last = to == all.size();
    String token = last ? "" : token(id, to);
    int remaining = last || !listing.whole ? -1 : all.size() - to;
    return new Page(all.subList(from, to), listing.snapshot.version(), token, remaining);
  }

  private static String token(long id, int at) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(Json.utf8(id + ":" + at));
  }
}
