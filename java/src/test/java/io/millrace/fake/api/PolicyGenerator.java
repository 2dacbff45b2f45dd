// SPDX-License-Identifier: Apache-2.0
package io.millrace.fake.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Random;

/**
 * A cluster with policies: pods of 200 namespaces on 100 nodes, of which node-1 has its hundredth,
 * and policies that select by labels, whose rules name labels, namespaces, ports and blocks with
 * exceptions. The same numbers give the same cluster.
 */
final class PolicyGenerator {
  private static final int NAMESPACES = 200;
  private static final int NODES = 100;
  private static final int APPS = 12;
  private static final int TEAMS = 20;
  private static final int BLOCKS_OF_POLICY = 5;

  private final Random random = new Random(42);
  private final int blocks;

  private PolicyGenerator(int blocks) {
    this.blocks = blocks;
  }

  /** How much of each. */
  record Sizes(int pods, int policies, int blocks) {
    /** As {@code 10000x2000x5000}. */
    static Sizes parse(String text) {
      String[] numbers = text.split("x", 3);
      return new Sizes(
          Integer.parseInt(numbers[0]), Integer.parseInt(numbers[1]), Integer.parseInt(numbers[2]));
    }
  }

  static void fill(ApiStore store, Sizes sizes) {
    PolicyGenerator generator = new PolicyGenerator(sizes.blocks());
    for (int i = 0; i < NAMESPACES; i++) {
      store.put(ApiResource.NAMESPACES, namespace(i));
    }
    for (int i = 0; i < sizes.pods(); i++) {
      store.put(ApiResource.PODS, pod(i));
    }
    for (int i = 0; i < sizes.policies(); i++) {
      store.put(ApiResource.NETWORK_POLICIES, generator.policy(i));
    }
  }

  /**
   * Changes the last port of the first rule, and so the sets of all pods that the policy selects.
   */
  static void flip(ObjectNode policy, int n) {
    ArrayNode ports = policy.withArray("/spec/ingress/0/ports");
    ObjectNode last =
        ports.isEmpty() ? ports.addObject() : (ObjectNode) ports.get(ports.size() - 1);
    last.put("port", 20_000 + n % 2);
  }

  private static String namespaceName(int i) {
    return "team-%03d".formatted(i);
  }

  private static ObjectNode named(String name) {
    ObjectNode object = Json.object();
    object.withObject("/metadata").put("name", name);
    return object;
  }

  private static ObjectNode namespace(int i) {
    ObjectNode namespace = named(namespaceName(i));
    namespace
        .withObject("/metadata/labels")
        .put("kubernetes.io/metadata.name", namespaceName(i))
        .put("team", "t" + i % TEAMS);
    return namespace;
  }

  private static ObjectNode pod(int i) {
    ObjectNode pod = named("pod-%05d".formatted(i));
    int node = i % NODES + 1;
    String v4 = "10.244.%d.%d".formatted(node, i / NODES + 2);
    pod.withObject("/metadata")
        .put("namespace", namespaceName(i / NODES % NAMESPACES))
        .withObject("/labels")
        .put("app", "app-" + i % APPS)
        .put("tier", i % 3 == 0 ? "front" : "back")
        .put("pod-template-hash", "%08x".formatted(i / 10));
    pod.withObject("/spec").put("nodeName", "node-" + node);
    pod.withArray("/spec/containers")
        .addObject()
        .put("name", "main")
        .withArray("/ports")
        .addObject()
        .put("name", "http")
        .put("containerPort", i % 2 == 0 ? 8080 : 8081);
    ObjectNode status = pod.withObject("/status").put("phase", "Running").put("podIP", v4);
    status.withArray("/podIPs").addObject().put("ip", v4);
    status
        .withArray("/podIPs")
        .addObject()
        .put("ip", "fd00:10:244:%x::%x".formatted(node, i / NODES + 2));
    return pod;
  }

  private ObjectNode policy(int i) {
    ObjectNode policy = named("policy-%04d".formatted(i));
    policy.withObject("/metadata").put("namespace", namespaceName(i % NAMESPACES));
    ObjectNode spec = policy.withObject("/spec");
    ObjectNode subjects = spec.withObject("/podSelector");
    if (random.nextInt(4) > 0) {
      subjects.withObject("/matchLabels").put("app", "app-" + random.nextInt(APPS));
    }
    spec.withArray("/policyTypes").add("Ingress").add("Egress");
    rule(spec.withArray("/ingress").addObject(), "from");
    rule(spec.withArray("/egress").addObject(), "to");
    return policy;
  }

  private void rule(ObjectNode rule, String side) {
    ArrayNode peers = rule.withArray("/" + side);
    ObjectNode labels = peers.addObject();
    labels.withObject("/podSelector/matchLabels").put("app", "app-" + random.nextInt(APPS));
    if (random.nextBoolean()) {
      labels.withObject("/namespaceSelector/matchLabels").put("team", "t" + random.nextInt(TEAMS));
    }
    for (int i = 0; i < BLOCKS_OF_POLICY; i++) {
      peers.addObject().set("ipBlock", block(random.nextInt(blocks)));
    }
    ArrayNode ports = rule.withArray("/ports");
    ports.addObject().put("protocol", "TCP").put("port", "http");
    int first = 1024 + random.nextInt(50) * 64;
    ports.addObject().put("protocol", "TCP").put("port", first).put("endPort", first + 100);
  }

  /**
   * Of 64 addresses, four of them excepted; every tenth is the block of 4096 that others lie in.
   */
  private static ObjectNode block(int n) {
    ObjectNode block = Json.object();
    String base = "198.%d.%d".formatted(18 + (n >> 12), n >> 4 & 255);
    if (n % 10 == 0) {
      return block.put("cidr", "198.%d.%d.0/20".formatted(18 + (n >> 12), n >> 4 & 240));
    }
    int last = (n & 3) * 64;
    block.put("cidr", "%s.%d/26".formatted(base, last));
    block.withArray("/except").add("%s.%d/30".formatted(base, last + 4 * (n >> 2 & 3)));
    return block;
  }
}
