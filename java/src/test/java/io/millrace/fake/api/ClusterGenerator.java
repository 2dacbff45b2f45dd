// SPDX-License-Identifier: Apache-2.0
package io.millrace.fake.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * A large cluster, its objects as bulky as those of a real one: managedFields, owners, references
 * to pods. About 1.6 kB for a Service, 4.4 kB for a slice of ten endpoints.
 */
final class ClusterGenerator {
  private static final String NAMESPACE = "bench";
  private static final int NODES = 100;

  private final int endpoints;

  private ClusterGenerator(int endpoints) {
    this.endpoints = endpoints;
  }

  /** Services svc-00000 … with one slice each. */
  static void fill(ApiStore store, int services, int endpoints) {
    ClusterGenerator generator = new ClusterGenerator(endpoints);
    for (int i = 0; i < services; i++) {
      store.put(ApiResource.SERVICES, generator.service(i));
      store.put(ApiResource.ENDPOINT_SLICES, generator.slice(i));
    }
  }

  /** Gives it an address that it never had. */
  static void moveFirstEndpoint(ObjectNode slice, int n) {
    JsonNode addresses = slice.at("/endpoints/0/addresses");
    if (addresses instanceof ArrayNode array && !array.isEmpty()) {
      array.set(0, array.textNode(address(200, n)));
    }
  }

  private static String address(int net, int n) {
    return "10." + (net + (n >> 16)) + "." + (n >> 8 & 255) + "." + (n & 255);
  }

  private static String name(int i) {
    return "svc-%05d".formatted(i);
  }

  private static ObjectNode tree(String json) {
    try {
      return Json.parse(Json.utf8(json));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ObjectNode service(int i) {
    String vip = address(96, i);
    return tree(
        """
        {"metadata": {"name": "%1$s", "namespace": "%2$s",
          "labels": {"app.kubernetes.io/name": "%1$s", "app.kubernetes.io/managed-by": "Helm",
            "app.kubernetes.io/instance": "%1$s", "helm.sh/chart": "%1$s-1.2.3"},
          "annotations": {"meta.helm.sh/release-name": "%1$s",
            "meta.helm.sh/release-namespace": "%2$s"},
          "managedFields": [%4$s, %5$s]},
         "spec": {"type": "ClusterIP", "ipFamilies": ["IPv4"], "ipFamilyPolicy": "SingleStack",
          "clusterIP": "%3$s", "clusterIPs": ["%3$s"], "internalTrafficPolicy": "Cluster",
          "selector": {"app.kubernetes.io/name": "%1$s"}, "sessionAffinity": "None",
          "ports": [{"name": "http", "protocol": "TCP", "port": 80, "targetPort": 8080}]},
         "status": {"loadBalancer": {}}}"""
            .formatted(name(i), NAMESPACE, vip, managed("helm", 12), managed("kubectl", 6)));
  }

  private ObjectNode slice(int i) {
    ObjectNode slice =
        tree(
            """
            {"metadata": {"name": "%1$s-ipv4", "namespace": "%2$s", "generateName": "%1$s-",
              "generation": 7, "labels": {"kubernetes.io/service-name": "%1$s",
                "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io"},
              "annotations": {
                "endpoints.kubernetes.io/last-change-trigger-time": "2026-01-01T00:00:00Z"},
              "ownerReferences": [{"apiVersion": "v1", "kind": "Service", "name": "%1$s",
                "uid": "%3$s", "controller": true, "blockOwnerDeletion": true}],
              "managedFields": [%4$s]},
             "addressType": "IPv4",
             "ports": [{"name": "http", "protocol": "TCP", "port": 8080}]}"""
                .formatted(name(i), NAMESPACE, uid(i), managed("kube-controller-manager", 36)));
    ArrayNode list = slice.putArray("endpoints");
    for (int j = 0; j < endpoints; j++) {
      list.add(endpoint(i, j));
    }
    return slice;
  }

  private ObjectNode endpoint(int i, int j) {
    int number = i * endpoints + j;
    return tree(
        """
        {"addresses": ["%1$s"], "nodeName": "node-%2$d", "zone": "zone-%3$d",
         "conditions": {"ready": true, "serving": true, "terminating": false},
         "targetRef": {"kind": "Pod", "namespace": "%4$s", "name": "%5$s-7d9c5b6f4-x%6$04d",
           "uid": "%7$s"}}"""
            .formatted(
                address(128, number),
                (i + j) % NODES + 1,
                j % 3,
                NAMESPACE,
                name(i),
                j,
                uid(number)));
  }

  private static String uid(int n) {
    return "%08x-1234-4abc-8def-0123456789ab".formatted(n);
  }

  /** As the API server keeps who set which field. */
  private static String managed(String manager, int fields) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < fields; i++) {
      text.append(i == 0 ? "" : ",").append("\"f:managed-field-").append(i).append("\":{}");
    }
    return """
        {"manager": "%s", "operation": "Update", "apiVersion": "v1", "fieldsType": "FieldsV1",
         "time": "2026-01-01T00:00:00Z", "fieldsV1": {"f:metadata": {".": {}, "f:labels": {%s}}}}"""
        .formatted(manager, text);
  }
}
