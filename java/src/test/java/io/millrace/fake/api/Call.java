// SPDX-License-Identifier: Apache-2.0
package io.millrace.fake.api;

import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;

/**
 * One request.
 *
 * @param verb as in RBAC rules: get, list, watch, create, update, patch, delete
 * @param resource the plural, or empty for paths that are no resource
 */
public record Call(String verb, String resource, String path, Map<String, String> query) {

  static Call of(HttpMethod method, String uri) {
    QueryStringDecoder decoder = new QueryStringDecoder(uri);
    Map<String, String> query = new HashMap<>();
    decoder.parameters().forEach((name, values) -> query.put(name, values.get(0)));
    ApiPath path = ApiPath.parse(decoder.path());
    String verb =
        switch (method.name()) {
          case "POST" -> "create";
          case "PUT" -> "update";
          case "PATCH" -> "patch";
          case "DELETE" -> "delete";
          default -> path == null || !path.isCollection() ? "get" : readVerb(query);
        };
    String resource = path == null ? "" : path.resource().plural();
    return new Call(verb, resource, decoder.path(), Map.copyOf(query));
  }

  private static String readVerb(Map<String, String> query) {
    String watch = query.getOrDefault("watch", "false");
    return watch.equals("1") || watch.equals("true") ? "watch" : "list";
  }

  String parameter(String name) {
    return query.getOrDefault(name, "");
  }

  /** Any page of a list. */
  public static Predicate<Call> list(ApiResource resource) {
    return call -> call.verb.equals("list") && call.resource.equals(resource.plural());
  }

  /** A page of a list that is not the first. */
  public static Predicate<Call> nextPage(ApiResource resource) {
    return list(resource).and(call -> !call.parameter("continue").isEmpty());
  }

  public static Predicate<Call> watch(ApiResource resource) {
    return call -> call.verb.equals("watch") && call.resource.equals(resource.plural());
  }

  public static Predicate<Call> any() {
    return call -> true;
  }
}
