// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.kubernetes;

import io.millrace.model.ObjectKey;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** What is followed, and how it is asked for. */
enum Resource {
  SERVICES("services", "/api/v1/services", ObjectKey.Kind.SERVICE, Resource.OURS, ""),
  SLICES(
      "endpointslices",
      "/apis/discovery.k8s.io/v1/endpointslices",
      ObjectKey.Kind.SLICE,
      Resource.OURS,
      ""),
  NODES("nodes", "/api/v1/nodes", ObjectKey.Kind.NODE, "", ""),
  /** Of all nodes: any may be a peer of a policy. Those that have finished are not (policy L5). */
  PODS("pods", "/api/v1/pods", ObjectKey.Kind.POD, "", Resource.UNFINISHED),
  NAMESPACES("namespaces", "/api/v1/namespaces", ObjectKey.Kind.NAMESPACE, "", ""),
  POLICIES(
      "networkpolicies",
      "/apis/networking.k8s.io/v1/networkpolicies",
      ObjectKey.Kind.POLICY,
      "",
      "");

  /** Not another proxy's (S-003), not headless (S-004): the server need not even send those. */
  private static final String OURS =
      "!service.kubernetes.io/service-proxy-name,!service.kubernetes.io/headless";

  private static final String UNFINISHED = "status.phase!=Succeeded,status.phase!=Failed";

  private final String title;
  private final String path;
  private final ObjectKey.Kind kind;
  private final String labels;
  private final String fields;

  Resource(String title, String path, ObjectKey.Kind kind, String labels, String fields) {
    this.title = title;
    this.path = path;
    this.kind = kind;
    this.labels = labels;
    this.fields = fields;
  }

  /** For example {@code services}. */
  String title() {
    return title;
  }

  ObjectKey.Kind kind() {
    return kind;
  }

  /**
   * A list: a page of it, or what is left.
   *
   * @param limit objects at most; 0 = all of them
   * @param next where the page before ended; empty for the first
   */
  String listQuery(int limit, String next) {
    StringBuilder query = new StringBuilder(path).append('?');
    if (limit > 0) {
      query.append("limit=").append(limit).append('&');
    }
    if (!next.isEmpty()) {
      query.append("continue=").append(encoded(next)).append('&');
    }
    selectors(query);
    query.setLength(query.length() - 1);
    return query.toString();
  }

  /** The changes after {@code resourceVersion}, for about {@code seconds}. */
  String watchQuery(String resourceVersion, int seconds) {
    StringBuilder query = new StringBuilder(path).append("?watch=1&allowWatchBookmarks=true&");
    query.append("resourceVersion=").append(encoded(resourceVersion)).append('&');
    query.append("timeoutSeconds=").append(seconds).append('&');
    selectors(query);
    query.setLength(query.length() - 1);
    return query.toString();
  }

  private void selectors(StringBuilder query) {
    if (!labels.isEmpty()) {
      query.append("labelSelector=").append(encoded(labels)).append('&');
    }
    if (!fields.isEmpty()) {
      query.append("fieldSelector=").append(encoded(fields)).append('&');
    }
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
