// SPDX-License-Identifier: Apache-2.0
package io.millrace.fake.policy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.model.Ip;
import java.util.List;
import java.util.Random;

/**
 * Small random clusters in which blocks, excepts and ranges overlap, ports have names that mean
 * different numbers, labels come and go, and addresses are claimed twice.
 */
public final class RandomWorld {
  private static final List<String> NAMESPACES = List.of("x", "y", "z");
  private static final List<String> PROTOCOLS = List.of("TCP", "UDP", "SCTP");
  private static final List<String> PORT_NAMES = List.of("http", "web");
  private static final int PODS = 14;
  private static final int POLICIES = 9;

  private final Random random;
  private final World world;

  public RandomWorld(long seed, World world) {
    random = new Random(seed);
    this.world = world;
  }

  public int below(int bound) {
    return random.nextInt(bound);
  }

  private boolean chance(int percent) {
    return below(100) < percent;
  }

  private <T> T any(List<T> list) {
    return list.get(below(list.size()));
  }

  /** A cluster to begin with. */
  public void fill() {
    for (String name : NAMESPACES) {
      world.put(namespace(name));
    }
    for (int i = 0; i < PODS; i++) {
      world.put(pod(i));
    }
    for (int i = 0; i < POLICIES; i++) {
      world.put(policy(i));
    }
  }

  /** Something happens to an object. */
  public void change() {
    int kind = below(100);
    JsonNode object =
        kind < 50
            ? pod(below(PODS))
            : kind < 92 ? policy(below(POLICIES)) : namespace(any(NAMESPACES));
    if (chance(20)) {
      world.remove(object);
    } else {
      world.put(object);
    }
  }

  /** An address of a pod, or of nobody: inside blocks or not. */
  public Ip address(boolean v4) {
    int host = chance(75) ? below(PODS) : below(24);
    if (chance(10)) {
      return v4 ? Ip.ofV4(0xcb007100 + below(16)) : Ip.parse("2001:db8::" + below(16));
    }
    return Ip.parse(v4 ? address4(host) : address6(host));
  }

  /** A port that rules may know. */
  public int port() {
    return chance(5) ? any(List.of(0, 1, 65_535)) : 78 + below(10);
  }

  private static String address4(int host) {
    return "10.0." + host % 3 + "." + host;
  }

  private static String address6(int host) {
    return "fd00::" + host % 3 + ":" + Integer.toHexString(host);
  }

  private static ObjectNode object(String version, String kind, String name) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.put("apiVersion", version).put("kind", kind).putObject("metadata").put("name", name);
    return object;
  }

  private static ObjectNode metadata(ObjectNode object) {
    return object.withObject("/metadata");
  }

  private ObjectNode namespace(String name) {
    ObjectNode namespace = object("v1", "Namespace", name);
    if (chance(80)) {
      metadata(namespace).putObject("labels").put("team", any(List.of("r", "s")));
    }
    if (chance(10)) {
      metadata(namespace).putObject("annotations").put("millrace.io/audit", "true");
    }
    return namespace;
  }

  private ObjectNode pod(int index) {
    ObjectNode pod = object("v1", "Pod", "p" + index);
    metadata(pod)
        .put("namespace", NAMESPACES.get(index % NAMESPACES.size()))
        .put("creationTimestamp", "2026-01-0" + (1 + below(3)) + "T00:00:00Z");
    if (chance(10)) {
      metadata(pod).put("deletionTimestamp", "2026-01-04T00:00:00Z");
    }
    ObjectNode labels = metadata(pod).putObject("labels");
    if (chance(85)) {
      labels.put("app", any(List.of("a", "b", "c")));
    }
    if (chance(50)) {
      labels.put("tier", any(List.of("f", "g")));
    }
    if (chance(50)) {
      labels.put("rack", any(List.of("a", "b")));
    }
    ObjectNode spec = pod.putObject("spec").put("nodeName", index % 4 == 3 ? "n2" : "n1");
    spec.put("hostNetwork", chance(4));
    spec.putArray("containers").addObject().set("ports", ports(true));
    ObjectNode init = spec.putArray("initContainers").addObject();
    init.set("ports", ports(chance(30)));
    if (chance(50)) {
      init.put("restartPolicy", "Always");
    }
    ObjectNode status = pod.putObject("status");
    status.put("phase", chance(85) ? "Running" : any(List.of("Pending", "Succeeded", "Failed")));
    ArrayNode ips = status.putArray("podIPs");
    int host = chance(90) ? index : below(PODS);
    if (chance(95)) {
      ips.addObject().put("ip", address4(host));
    }
    if (chance(70)) {
      ips.addObject().put("ip", address6(host));
    }
    return pod;
  }

  private ArrayNode ports(boolean some) {
    ArrayNode ports = JsonNodeFactory.instance.arrayNode();
    for (int i = some ? below(4) : 0; i > 0; i--) {
      ObjectNode port = ports.addObject();
      port.put("name", any(PORT_NAMES)).put("containerPort", 79 + below(4));
      if (chance(60)) {
        port.put("protocol", any(PROTOCOLS));
      }
    }
    return ports;
  }

  private ObjectNode policy(int index) {
    ObjectNode policy = object("networking.k8s.io/v1", "NetworkPolicy", "np" + index);
    metadata(policy).put("namespace", NAMESPACES.get(index % NAMESPACES.size()));
    if (chance(10)) {
      metadata(policy).putObject("annotations").put("millrace.io/audit", "true");
    }
    ObjectNode spec = policy.putObject("spec");
    spec.set("podSelector", selector(chance(3) ? "rack" : "app", "abc", 40));
    if (chance(80)) {
      ArrayNode types = spec.putArray("policyTypes");
      if (chance(70)) {
        types.add("Ingress");
      }
      if (chance(70)) {
        types.add("Egress");
      }
    }
    if (chance(90)) {
      spec.set("ingress", rules("from"));
    }
    if (chance(80)) {
      spec.set("egress", rules("to"));
    }
    return policy;
  }

  private ArrayNode rules(String peers) {
    ArrayNode rules = JsonNodeFactory.instance.arrayNode();
    for (int i = below(4); i > 0; i--) {
      ObjectNode rule = rules.addObject();
      if (chance(92)) {
        ArrayNode list = rule.putArray(peers);
        for (int j = chance(4) ? 0 : 1 + below(3); j > 0; j--) {
          list.add(peer());
        }
      }
      if (chance(75)) {
        ArrayNode list = rule.putArray("ports");
        for (int j = chance(4) ? 0 : 1 + below(3); j > 0; j--) {
          list.add(port(JsonNodeFactory.instance.objectNode()));
        }
      }
    }
    return rules;
  }

  private ObjectNode port(ObjectNode port) {
    if (chance(70)) {
      port.put("protocol", any(PROTOCOLS));
    }
    int kind = below(100);
    if (kind < 30) {
      port.put("port", any(PORT_NAMES));
    } else if (kind < 50) {
      port.put("port", 78 + below(8));
    } else if (kind < 90) {
      int from = chance(20) ? 1 : 78 + below(8);
      port.put("port", from).put("endPort", chance(20) ? 65_535 : Math.max(from, 79 + below(8)));
    }
    return port;
  }

  /** One of them is asked for now and then only. */
  private String key() {
    return chance(70) ? "app" : chance(95) ? "tier" : "rack";
  }

  private ObjectNode peer() {
    ObjectNode peer = JsonNodeFactory.instance.objectNode();
    if (chance(60)) {
      block(peer.putObject("ipBlock"), chance(60));
      return peer;
    }
    boolean namespaces = chance(50);
    if (namespaces) {
      peer.set("namespaceSelector", selector("team", "rs", 30));
    }
    if (!namespaces || chance(60)) {
      peer.set("podSelector", selector(key(), "abcfg", 25));
    }
    return peer;
  }

  private void block(ObjectNode block, boolean v4) {
    int[] lengths =
        v4
            ? new int[] {0, 8, 16, 23, 24, 27, 28, 29, 30, 31, 32}
            : new int[] {0, 64, 96, 112, 120, 124, 125, 126, 127, 128};
    int length = lengths[below(lengths.length)];
    int host = below(24);
    block.put("cidr", (v4 ? address4(host) : address6(host)) + "/" + length);
    if (chance(60)) {
      ArrayNode excepts = block.putArray("except");
      for (int i = below(3); i >= 0; i--) {
        int longer = lengths[below(lengths.length)];
        int other = below(24);
        String base = v4 ? address4(other) : address6(other);
        String cidr = block.path("cidr").asText();
        if (longer > length && Bitwise.contains(cidr, Ip.parse(base))) {
          excepts.add(base + "/" + longer);
        }
      }
    }
  }

  private ObjectNode selector(String key, String values, int everything) {
    ObjectNode selector = JsonNodeFactory.instance.objectNode();
    if (chance(everything)) {
      return selector;
    }
    if (chance(50)) {
      selector.putObject("matchLabels").put(key, value(values));
      return selector;
    }
    ObjectNode expression = selector.putArray("matchExpressions").addObject().put("key", key);
    String operator = any(List.of("In", "NotIn", "Exists", "DoesNotExist"));
    expression.put("operator", operator);
    if (operator.endsWith("In")) {
      ArrayNode list = expression.putArray("values");
      for (int i = below(2); i >= 0; i--) {
        list.add(value(values));
      }
    }
    return selector;
  }

  private String value(String values) {
    int at = below(values.length());
    return values.substring(at, at + 1);
  }
}
