// SPDX-License-Identifier: Apache-2.0
package io.millrace.fake.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the API server answers when nothing goes wrong. */
final class ApiAnswers {
  private static final String USER = "system:serviceaccount:kube-system:millrace";
  private static final String WRITTEN = "X-Event-Written-Ns";
  private static final int GZIP_FROM_BYTES = 128 << 10;

  private final ApiStore store;
  private final Pages pages;
  private final @Nullable Rbac rbac;

  ApiAnswers(ApiStore store, @Nullable Rbac rbac) {
    this.store = store;
    this.rbac = rbac;
    pages = new Pages(store);
  }

  /** A request of somebody who is known; trusted: who may do everything. */
  Answer answer(Call call, FullHttpRequest request, boolean trusted) {
    ApiPath path = ApiPath.parse(call.path());
    if (path == null) {
      return switch (call.path()) {
        case "/version" ->
            Answer.text("{\"major\":\"1\",\"minor\":\"35\",\"gitVersion\":\"v1.35.0\"}");
        case "/healthz", "/livez", "/readyz" -> Answer.text("ok");
        default -> Answer.status(404, "NotFound", "the server could not find " + call.path());
      };
    }
    if (!trusted && rbac != null && !rbac.allows(call.verb(), path.resource())) {
      return forbidden(call, path.resource());
    }
    try {
      return switch (call.verb()) {
        case "list" -> list(call, path, request);
        case "watch" -> watch(call, path);
        case "get" -> get(path);
        default -> write(call, path, request);
      };
    } catch (IllegalArgumentException | IOException e) {
      return Answer.status(400, "BadRequest", String.valueOf(e.getMessage()));
    }
  }

  private static Answer forbidden(Call call, ApiResource resource) {
    return Answer.status(
        403,
        "Forbidden",
        "%s is forbidden: User \"%s\" cannot %s resource \"%s\" in API group \"%s\" at the cluster scope"
            .formatted(resource.plural(), USER, call.verb(), resource.plural(), resource.group()));
  }

  private Answer list(Call call, ApiPath path, FullHttpRequest request) {
    String limitText = call.parameter("limit");
    int limit = limitText.isEmpty() ? 0 : Integer.parseInt(limitText);
    String token = call.parameter("continue");
    Pages.Page page =
        token.isEmpty()
            ? pages.first(path, selector(call), limit)
            : pages.following(path, token, limit);
    if (page == null) {
      return Answer.status(
          410,
          "Expired",
          "The provided continue parameter is too old to display a consistent list result.");
    }
    ListBody body = new ListBody(path.resource(), page);
    int bytes = page.items().stream().mapToInt(item -> item.item().length).sum();
    String accepted = request.headers().get(HttpHeaderNames.ACCEPT_ENCODING, "");
    return limit > 0 && bytes > GZIP_FROM_BYTES && accepted.contains("gzip")
        ? new Answer(200, Map.of("Content-Encoding", "gzip"), body.gzip())
        : new Answer(200, Map.of(), body);
  }

  private Answer watch(Call call, ApiPath path) {
    String version = call.parameter("resourceVersion");
    Long since = version.isEmpty() || version.equals("0") ? null : Long.valueOf(version);
    return new Answer(200, Map.of(), new WatchBody(store, path, selector(call), since));
  }

  private static Selector selector(Call call) {
    return new Selector(call.parameter("labelSelector"), call.parameter("fieldSelector"));
  }

  private Answer get(ApiPath path) {
    ApiObject object = store.get(path.resource(), path.namespace(), path.name());
    return object == null ? notFound(path) : Answer.of(200, object.whole());
  }

  private static Answer notFound(ApiPath path) {
    return Answer.status(
        404, "NotFound", path.resource().plural() + " \"" + path.name() + "\" not found");
  }

  /** The watchers have been told when this returns, and the answer says when that was. */
  private Answer write(Call call, ApiPath path, FullHttpRequest request) throws IOException {
    if (call.verb().equals("delete")) {
      return store.delete(path.resource(), path.namespace(), path.name())
          ? written(200, Json.bytes(Json.status(200, "", "")))
          : notFound(path);
    }
    ObjectNode body = Json.parse(ByteBufUtil.getBytes(request.content()));
    return call.verb().equals("patch") ? patch(path, body) : put(call, path, body);
  }

  private Answer put(Call call, ApiPath path, ObjectNode body) {
    ObjectNode metadata = body.withObject("/metadata");
    if (path.resource().namespaced()) {
      metadata.put("namespace", path.namespace());
    }
    String name = path.name();
    if (call.verb().equals("create")) {
      name = metadata.path("name").asText();
      if (name.isEmpty()) {
        name = metadata.path("generateName").asText() + Long.toString(store.version(), 36);
      }
      if (store.get(path.resource(), path.namespace(), name) != null) {
        String message = path.resource().plural() + " \"" + name + "\" already exists";
        return Answer.status(409, "AlreadyExists", message);
      }
    }
    metadata.put("name", name);
    ApiObject object = store.put(path.resource(), body);
    return written(call.verb().equals("create") ? 201 : 200, object.whole());
  }

  private Answer patch(ApiPath path, ObjectNode patch) {
    boolean there =
        store.change(
            path.resource(), path.namespace(), path.name(), tree -> Json.merge(tree, patch));
    return there ? written(200, get(path)) : notFound(path);
  }

  private static Answer written(int code, Answer answer) {
    return new Answer(code, Map.of(WRITTEN, Long.toString(System.nanoTime())), answer.body());
  }

  private static Answer written(int code, byte[] body) {
    return new Answer(
        code, Map.of(WRITTEN, Long.toString(System.nanoTime())), Answer.of(List.of(body)));
  }
}
