// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.kubernetes;

import java.io.IOException;

/** Lists a resource, page by page, into what is held. */
final class Lister {
  private final ResourceApi api;
  private final Held held;
  private final Progress progress;
  private final ItemParser parser;
  private String version = "";

  Lister(ResourceApi api, Held held, Progress progress, ItemParser parser) {
    this.api = api;
    this.held = held;
    this.progress = progress;
    this.parser = parser;
  }

  /** The {@code resourceVersion} of the list that was complete. */
  String version() {
    return version;
  }

  /**
   * Lists everything; without a {@code resourceVersion}, which means: as it is now, at the store.
   *
   * @param known an older list is not believed; empty to believe any
   * @param paged false if pages expire before they are asked for: then all in one
   */
  End list(String known, boolean paged) throws InterruptedException {
    progress.list();
    held.begin();
    try {
      String next = "";
      do {
        try (Api.Answer answer = api.list(paged, next)) {
          progress.heard();
          if (answer.code() != 200) {
            return End.of(answer);
          }
          ItemParser.Page page = parser.page(answer.body(), held::list);
          progress.heard();
          if (Version.isOlder(page.version(), known)) {
            return End.older(page.version(), known);
          }
          held.page();
          version = page.version();
          next = page.next();
        }
      } while (!next.isEmpty());
    } catch (IOException e) {
      return End.of(e);
    }
    held.commit();
    return End.DONE;
  }
}
