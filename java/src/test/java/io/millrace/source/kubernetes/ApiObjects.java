// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.kubernetes;

import java.util.List;

/** Objects as the API server writes them. */
final class ApiObjects {
  private ApiObjects() {}

  static String service(String name, int version, String ip) {
    return """
        {"metadata":{"name":"%s","namespace":"default","resourceVersion":"%d",\
        "managedFields":[{"manager":"m","fieldsV1":{"f:spec":{".":{}}}}]},\
        "spec":{"clusterIP":"%s","clusterIPs":["%s"],\
        "ports":[{"port":80,"protocol":"TCP","targetPort":8080}]}}"""
        .formatted(name, version, ip, ip);
  }

  /** One that no reader takes. */
  static String badService(String name, int version) {
    return """
        {"metadata":{"name":"%s","namespace":"default","resourceVersion":"%d"},\
        "spec":{"clusterIPs":["10.0.0.1"],"ports":[{"port":0}]}}"""
        .formatted(name, version);
  }

  static String list(int version, String next, List<String> items) {
    return """
        {"kind":"ServiceList","apiVersion":"v1","metadata":{"resourceVersion":"%d",\
        "continue":"%s","remainingItemCount":7},"items":[%s]}
        """
        .formatted(version, next, String.join(",", items));
  }

  static String event(String type, String object) {
    return "{\"type\":\"" + type + "\",\"object\":" + object + "}\n";
  }

  static String bookmark(int version) {
    return event(
        "BOOKMARK",
        "{\"kind\":\"Service\",\"metadata\":{\"resourceVersion\":\""
            + version
            + "\",\"creationTimestamp\":null},\"spec\":{},\"status\":{\"loadBalancer\":{}}}");
  }

  static String status(int code, String message) {
    return """
        {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",\
        "message":"%s","reason":"X","code":%d}"""
        .formatted(message, code);
  }
}
