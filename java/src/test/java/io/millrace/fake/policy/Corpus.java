// SPDX-License-Identifier: Apache-2.0
package io.millrace.fake.policy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.model.Ip;
import io.millrace.model.Protocol;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.zip.GZIPInputStream;

/**
 * The cases that the policy-assistant of network-policy-api generates, with the verdicts that they
 * expect, over IPv4 addresses or the same ones written into IPv6.
 */
public final class Corpus {
  /** Where it lies beside a checkout. */
  public static final Path FILE = Path.of("..", "shared", "conformance", "netpol-cases-v4.json.gz");

  private final List<Case> cases = new ArrayList<>();

  /** One of the cases. */
  public record Case(int id, String description, List<Step> steps) {}

  /**
   * A step of one.
   *
   * @param objects all Namespaces, Pods and NetworkPolicies there are then
   */
  public record Step(List<JsonNode> objects, List<Probe> probes) {}

  /** A connection and what should become of it. */
  public record Probe(
      String text, Ip from, Ip to, Protocol protocol, int port, Verdicts.Verdict expected) {}

  private Corpus() {}

  /**
   * Reads the file.
   *
   * @param v6 all addresses and blocks become fd00::a.b.c.d
   */
  public static Corpus read(Path file, boolean v6) throws IOException {
    Corpus corpus = new Corpus();
    try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
      for (JsonNode each : new ObjectMapper().readTree(in)) {
        List<Step> steps = new ArrayList<>();
        each.path("Steps").forEach(step -> steps.add(step(step, v6)));
        corpus.cases.add(
            new Case(each.path("ID").asInt(), each.path("Description").asText(), steps));
      }
    }
    return corpus;
  }

  public List<Case> cases() {
    return cases;
  }

  private static Step step(JsonNode step, boolean v6) {
    List<JsonNode> objects = new ArrayList<>();
    step.path("Namespaces")
        .properties()
        .forEach(each -> objects.add(namespace(each.getKey(), each.getValue())));
    Map<String, Ip> addresses = new HashMap<>();
    for (JsonNode pod : step.path("Pods")) {
      String ip = address(pod.path("IP").asText(), v6);
      addresses.put(pod.path("Ns").asText() + "/" + pod.path("Name").asText(), Ip.parse(ip));
      objects.add(pod(pod, ip));
    }
    for (JsonNode policy : step.path("Policies")) {
      objects.add(policy(policy, v6));
    }
    List<Probe> probes = new ArrayList<>();
    for (JsonNode expected : step.path("Expected")) {
      if (!expected.asText().endsWith("###")) { // a pod to itself
        probes.add(probe(expected.asText(), addresses));
      }
    }
    return new Step(objects, probes);
  }

  private static JsonNode namespace(String name, JsonNode labels) {
    ObjectNode object = object("Namespace", name);
    object.withObject("/metadata").set("labels", labels);
    return object;
  }

  private static ObjectNode object(String kind, String name) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.put("apiVersion", "v1").put("kind", kind).putObject("metadata").put("name", name);
    return object;
  }

  private static JsonNode pod(JsonNode pod, String ip) {
    ObjectNode object = object("Pod", pod.path("Name").asText());
    ObjectNode metadata = object.withObject("/metadata");
    metadata.put("namespace", pod.path("Ns").asText()).set("labels", pod.path("Labels"));
    ObjectNode spec = object.putObject("spec").put("nodeName", "n1");
    ArrayNode ports = spec.putArray("containers").addObject().putArray("ports");
    for (JsonNode port : pod.path("Ports")) {
      String[] parts = port.asText().split("/", 3);
      ports
          .addObject()
          .put("protocol", parts[0])
          .put("containerPort", Integer.parseInt(parts[1]))
          .put("name", parts[2]);
    }
    ObjectNode status = object.putObject("status").put("phase", "Running");
    status.putArray("podIPs").addObject().put("ip", ip);
    return object;
  }

  /** {@code x/a>x/b SCTP/80 .XX}: ingress, egress, both. */
  private static Probe probe(String text, Map<String, Ip> addresses) {
    String[] words = text.split(" ", 3);
    String[] pods = words[0].split(">", 2);
    String[] port = words[1].split("/", 2);
    return new Probe(
        text,
        Objects.requireNonNull(addresses.get(pods[0])),
        Objects.requireNonNull(addresses.get(pods[1])),
        Protocol.valueOf(port[0]),
        Integer.parseInt(port[1]),
        new Verdicts.Verdict(words[2].charAt(0) == '.', words[2].charAt(1) == '.'));
  }

  private static String address(String v4, boolean v6) {
    return v6 ? "fd00::" + v4 : v4;
  }

  /** Some do not say what they are. */
  private static JsonNode policy(JsonNode policy, boolean v6) {
    ObjectNode copy = policy.deepCopy();
    copy.put("apiVersion", "networking.k8s.io/v1").put("kind", "NetworkPolicy");
    for (JsonNode block : v6 ? copy.findValues("ipBlock") : List.<JsonNode>of()) {
      ObjectNode changed = (ObjectNode) block;
      changed.put("cidr", blockInV6(block.path("cidr").asText()));
      ArrayNode excepts = JsonNodeFactory.instance.arrayNode();
      block.path("except").forEach(except -> excepts.add(blockInV6(except.asText())));
      changed.set("except", excepts);
    }
    return copy;
  }

  private static String blockInV6(String block) {
    String[] parts = block.split("/", 2);
    int length = Integer.parseInt(parts[1]);
    return address(parts[0], true) + "/" + (96 + length);
  }

  /** What leads from the objects of a world to those of a step. */
  public static void play(Step step, World world) {
    Set<JsonNode> wanted = new HashSet<>(step.objects());
    for (String kind : List.of("NetworkPolicy", "Pod", "Namespace")) {
      for (JsonNode there : world.all(kind)) {
        if (!wanted.contains(there)) {
          world.remove(there);
        } else {
          wanted.remove(there);
        }
      }
    }
    step.objects().stream().filter(wanted::contains).forEach(world::put);
  }
}
