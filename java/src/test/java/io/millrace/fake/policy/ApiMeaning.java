// SPDX-License-Identifier: Apache-2.0
package io.millrace.fake.policy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.millrace.model.Ip;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What networking.k8s.io/v1 means, read from the objects for every probe anew: no classes, no sets,
 * no memory. Shares nothing with the compiler but the addresses of a question.
 */
public final class ApiMeaning implements Verdicts {
  private static final Map<Integer, String> PROTOCOLS = Map.of(6, "TCP", 17, "UDP", 132, "SCTP");
  private static final String AUDIT = "millrace.io/audit";

  private final World world;
  private final String node;

  public ApiMeaning(World world, String node) {
    this.world = world;
    this.node = node;
  }

  /** One direction of a connection. */
  private record Probe(
      boolean ingress,
      JsonNode subject,
      Ip peerIp,
      @Nullable JsonNode peer,
      int protocol,
      int port) {
    /** The pod whose ports names mean: the one that is connected to. */
    @Nullable JsonNode server() {
      return ingress ? subject : peer;
    }
  }

  @Override
  public Verdict verdict(Ip from, Ip to, int protocol, int port) {
    JsonNode client = owner(from, true);
    JsonNode server = owner(to, true);
    JsonNode anyClient = owner(from, false);
    JsonNode anyServer = owner(to, false);
    return new Verdict(
        server == null || allows(new Probe(true, server, from, anyClient, protocol, port)),
        client == null || allows(new Probe(false, client, to, anyServer, protocol, port)));
  }

  /** Who has an address: the pod that runs, the youngest, the first by name. */
  private @Nullable JsonNode owner(Ip ip, boolean hereAlone) {
    JsonNode best = null;
    for (JsonNode pod : world.all("Pod")) {
      String phase = pod.at("/status/phase").asText();
      boolean counts =
          !pod.at("/spec/hostNetwork").asBoolean()
              && !phase.equals("Succeeded")
              && !phase.equals("Failed")
              && (!hereAlone || pod.at("/spec/nodeName").asText().equals(node))
              && has(pod, ip);
      if (counts && (best == null || isBetter(pod, best))) {
        best = pod;
      }
    }
    return best;
  }

  private static boolean has(JsonNode pod, Ip ip) {
    for (JsonNode each : pod.at("/status/podIPs")) {
      if (Ip.parse(each.path("ip").asText()).equals(ip)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isBetter(JsonNode pod, JsonNode other) {
    boolean runs = runs(pod);
    boolean otherRuns = runs(other);
    if (runs != otherRuns) {
      return runs;
    }
    // ISO times are in order as texts.
    int age = text(pod, "creationTimestamp").compareTo(text(other, "creationTimestamp"));
    if (age != 0) {
      return age > 0;
    }
    String name = text(pod, "namespace") + "/" + text(pod, "name");
    return name.compareTo(text(other, "namespace") + "/" + text(other, "name")) < 0;
  }

  /** One that is being deleted goes on saying so until its containers have ended. */
  private static boolean runs(JsonNode pod) {
    return pod.at("/status/phase").asText().equals("Running")
        && pod.at("/metadata/deletionTimestamp").isMissingNode();
  }

  private static String text(JsonNode object, String field) {
    return object.path("metadata").path(field).asText();
  }

  private boolean allows(Probe probe) {
    List<JsonNode> enforced = new ArrayList<>();
    List<JsonNode> audited = new ArrayList<>();
    String namespace = text(probe.subject(), "namespace");
    for (JsonNode policy : world.all("NetworkPolicy")) {
      if (text(policy, "namespace").equals(namespace)
          && isolates(policy, probe.ingress())
          && selects(policy.at("/spec/podSelector"), labels(probe.subject()))) {
        (isAudited(policy) ? audited : enforced).add(policy);
      }
    }
    return enforced.isEmpty() || enforced.stream().anyMatch(policy -> matches(policy, probe));
  }

  private boolean isAudited(JsonNode policy) {
    return policy.path("metadata").path("annotations").path(AUDIT).asText().equals("true")
        || namespace(text(policy, "namespace"))
            .path("metadata")
            .path("annotations")
            .path(AUDIT)
            .asText()
            .equals("true");
  }

  private static boolean isolates(JsonNode policy, boolean ingress) {
    JsonNode types = policy.at("/spec/policyTypes");
    if (types.isEmpty()) {
      return ingress || !policy.at("/spec/egress").isEmpty();
    }
    for (JsonNode type : types) {
      if (type.asText().equals(ingress ? "Ingress" : "Egress")) {
        return true;
      }
    }
    return false;
  }

  private boolean matches(JsonNode policy, Probe probe) {
    for (JsonNode rule : policy.path("spec").path(probe.ingress() ? "ingress" : "egress")) {
      JsonNode peers = rule.path(probe.ingress() ? "from" : "to");
      if (peersMatch(peers, policy, probe) && portsMatch(rule.path("ports"), probe)) {
        return true;
      }
    }
    return false;
  }

  private boolean peersMatch(JsonNode peers, JsonNode policy, Probe probe) {
    boolean match = peers.isEmpty();
    for (JsonNode peer : peers) {
      match |=
          peer.has("ipBlock") ? inBlock(peer.path("ipBlock"), probe) : isPod(peer, policy, probe);
    }
    return match;
  }

  private static boolean inBlock(JsonNode block, Probe probe) {
    if (!Bitwise.contains(block.path("cidr").asText(), probe.peerIp())) {
      return false;
    }
    for (JsonNode except : block.path("except")) {
      if (Bitwise.contains(except.asText(), probe.peerIp())) {
        return false;
      }
    }
    return true;
  }

  private boolean isPod(JsonNode peer, JsonNode policy, Probe probe) {
    JsonNode pod = probe.peer();
    if (pod == null) {
      return false;
    }
    String namespace = text(pod, "namespace");
    boolean inNamespace =
        peer.has("namespaceSelector")
            ? selects(peer.path("namespaceSelector"), labels(namespace(namespace)))
            : namespace.equals(text(policy, "namespace"));
    return inNamespace && selects(peer.path("podSelector"), labels(pod));
  }

  private static boolean portsMatch(JsonNode ports, Probe probe) {
    boolean match = ports.isEmpty();
    for (JsonNode port : ports) {
      String protocol = port.path("protocol").asText("TCP");
      if (protocol.equals(PROTOCOLS.get(probe.protocol()))) {
        match |= portMatches(port, protocol, probe);
      }
    }
    return match;
  }

  private static boolean portMatches(JsonNode port, String protocol, Probe probe) {
    JsonNode number = port.path("port");
    if (number.isMissingNode()) {
      return true;
    }
    if (number.isTextual()) {
      return probe.port() == named(probe.server(), number.asText(), protocol);
    }
    int last = port.path("endPort").asInt(number.asInt());
    return number.asInt() <= probe.port() && probe.port() <= last;
  }

  /**
   * The first of the name and protocol, of containers and then of sidecars; -1 if there is none.
   */
  private static int named(@Nullable JsonNode pod, String name, String protocol) {
    if (pod == null) {
      return -1;
    }
    for (String kind : List.of("containers", "initContainers")) {
      for (JsonNode container : pod.path("spec").path(kind)) {
        boolean stays =
            kind.equals("containers") || container.path("restartPolicy").asText().equals("Always");
        for (JsonNode port : container.path("ports")) {
          if (stays
              && port.path("name").asText().equals(name)
              && port.path("protocol").asText("TCP").equals(protocol)) {
            return port.path("containerPort").asInt();
          }
        }
      }
    }
    return -1;
  }

  private JsonNode namespace(String name) {
    for (JsonNode namespace : world.all("Namespace")) {
      if (text(namespace, "name").equals(name)) {
        return namespace;
      }
    }
    return MissingNode.getInstance();
  }

  private static JsonNode labels(JsonNode object) {
    return object.path("metadata").path("labels");
  }

  private static boolean selects(JsonNode selector, JsonNode labels) {
    for (Map.Entry<String, JsonNode> wanted : selector.path("matchLabels").properties()) {
      if (!wanted.getValue().equals(labels.get(wanted.getKey()))) {
        return false;
      }
    }
    for (JsonNode expression : selector.path("matchExpressions")) {
      JsonNode label = labels.get(expression.path("key").asText());
      boolean listed = false;
      for (JsonNode value : expression.path("values")) {
        listed |= value.equals(label);
      }
      boolean holds =
          switch (expression.path("operator").asText()) {
            case "In" -> listed;
            case "NotIn" -> !listed;
            case "Exists" -> label != null;
            default -> label == null;
          };
      if (!holds) {
        return false;
      }
    }
    return true;
  }
}
