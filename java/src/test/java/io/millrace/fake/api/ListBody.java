// SPDX-License-Identifier: Apache-2.0
package io.millrace.fake.api;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** A page of a list as JSON, made in pieces. */
final class ListBody implements Answer.Body {
  private static final int PIECE_BYTES = 64 << 10;

  private final Iterator<ApiObject> items;
  private byte @Nullable [] head;
  private boolean first = true;
  private boolean ended;

  ListBody(ApiResource resource, Pages.Page page) {
    items = page.items().iterator();
    StringBuilder text = new StringBuilder();
    text.append("{\"kind\":\"").append(resource.kind()).append("List\",\"apiVersion\":\"");
    text.append(resource.apiVersion()).append("\",\"metadata\":{\"resourceVersion\":\"");
    text.append(page.version()).append('"');
    if (!page.next().isEmpty()) {
      text.append(",\"continue\":\"").append(page.next()).append('"');
    }
    if (page.remaining() >= 0) {
      text.append(",\"remainingItemCount\":").append(page.remaining());
    }
    head = Json.utf8(text.append("},\"items\":[").toString());
  }

  @Override
  public byte @Nullable [] next() {
    if (ended) {
      return null;
    }
    ByteArrayOutputStream piece = new ByteArrayOutputStream(PIECE_BYTES + 8192);
    if (head != null) {
      piece.writeBytes(head);
      head = null;
    }
    while (items.hasNext() && piece.size() < PIECE_BYTES) {
      if (!first) {
        piece.write(',');
      }
      first = false;
      piece.writeBytes(items.next().item());
    }
    if (!items.hasNext()) {
      piece.writeBytes(Json.utf8("]}\n"));
      ended = true;
    }
    return piece.toByteArray();
  }

  @Override
  public boolean ended() {
    return ended;
  }

  /** All of it at once, compressed. */
  Answer.Body gzip() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      for (byte[] piece = next(); piece != null; piece = next()) {
        gzip.write(piece);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Answer.of(List.of(out.toByteArray()));
  }
}
