// SPDX-License-Identifier: Apache-2.0
package io.millrace.deploy;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import io.kubernetes.client.openapi.models.V1ClusterRole;
import io.kubernetes.client.openapi.models.V1ClusterRoleBinding;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1DaemonSet;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V1ServiceAccount;
import java.io.IOException;
import java.util.Map;

/**
 * What the API's own schemas say of an object: unknown fields, missing ones, and those of another
 * type are refused.
 */
final class ApiSchemas {
  private interface Schema {
    void validate(JsonElement object) throws IOException;
  }

  private static final Map<String, Schema> OF_KIND =
      Map.of(
          "v1 ServiceAccount", V1ServiceAccount::validateJsonElement,
          "v1 ConfigMap", V1ConfigMap::validateJsonElement,
          "v1 Service", V1Service::validateJsonElement,
          "apps/v1 DaemonSet", V1DaemonSet::validateJsonElement,
          "rbac.authorization.k8s.io/v1 ClusterRole", V1ClusterRole::validateJsonElement,
          "rbac.authorization.k8s.io/v1 ClusterRoleBinding",
              V1ClusterRoleBinding::validateJsonElement,
          "monitoring.coreos.com/v1 ServiceMonitor", ApiSchemas::serviceMonitor);

  /** Models of custom resources take any field into a map of their own; here they do not. */
  private static final ObjectMapper STRICT =
      new ObjectMapper()
          .setAnnotationIntrospector(
              new JacksonAnnotationIntrospector() {
                private static final long serialVersionUID = 1;

                @Override
                public Boolean hasAnySetter(Annotated annotated) {
                  return false;
                }
              })
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  private ApiSchemas() {}

  /** Throws if the object is none that the API takes. */
  static void validate(JsonNode object) throws IOException {
    String kind = object.path("apiVersion").asText() + " " + object.path("kind").asText();
    Schema schema = OF_KIND.get(kind);
    if (schema == null) {
      throw new IOException("no schema is known for " + kind);
    }
    schema.validate(JsonParser.parseString(object.toString()));
  }

  private static void serviceMonitor(JsonElement object) throws IOException {
    STRICT.readValue(object.toString(), ServiceMonitor.class);
  }
}
