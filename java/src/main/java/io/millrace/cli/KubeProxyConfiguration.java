// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.millrace.model.Ip;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a configuration file of kube-proxy says in words of the agent's command line.
 *
 * <p>Values that have a meaning here are checked for their type, and for more only where the option
 * cannot do it.
 */
final class KubeProxyConfiguration {
  private static final String API_VERSION = "kubeproxy.config.k8s.io/v1alpha1";
  private static final String KIND = "KubeProxyConfiguration";
  private static final Set<String> MODES = Set.of("iptables", "ipvs", "nftables");
  private static final YAMLMapper YAML =
      YAMLMapper.builder().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION).build();

  private final Path file;
  private final Map<String, Setting> settings = new LinkedHashMap<>();
  private final List<String> ignored = new ArrayList<>();
  private final List<String> unknown = new ArrayList<>();

  /** What a field says. */
  record Setting(String field, String value) {}

  /** Says what is wrong with which field of which file. */
  static final class BadFileException extends Exception {
    private static final long serialVersionUID = 1;

    BadFileException(Path file, String reason) {
      super("--config " + file + ": " + reason);
    }
  }

  private KubeProxyConfiguration(Path file) {
    this.file = file;
  }

  /** Reads a file. */
  static KubeProxyConfiguration read(Path file) throws BadFileException {
    KubeProxyConfiguration read = new KubeProxyConfiguration(file);
    JsonNode root = tree(file);
    read.identify(root);
    read.fields("", root);
    read.afterAll(root);
    return read;
  }

  Path file() {
    return file;
  }

  /** By option. */
  Map<String, Setting> settings() {
    return settings;
  }

  /** Fields that say something that has no meaning here. */
  List<String> ignored() {
    return ignored;
  }

  /** Fields that kube-proxy does not know, either. */
  List<String> unknown() {
    return unknown;
  }

  private static JsonNode tree(Path file) throws BadFileException {
    try (MappingIterator<JsonNode> documents =
        YAML.readerFor(JsonNode.class).readValues(Files.readString(file))) {
      JsonNode only = MissingNode.getInstance();
      while (documents.hasNextValue()) {
        JsonNode next = documents.nextValue();
        if (!next.isNull() && !only.isMissingNode()) {
          throw new BadFileException(file, "has several documents: leave one");
        }
        only = next.isNull() ? only : next;
      }
      return only;
    } catch (NoSuchFileException e) {
      throw new BadFileException(file, "is not there: name a KubeProxyConfiguration");
    } catch (JsonProcessingException e) {
      String what = e.getOriginalMessage().lines().findFirst().orElse("");
      int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
      throw new BadFileException(file, "is no YAML, line " + line + ": " + what);
    } catch (IOException e) {
      throw new BadFileException(file, "cannot be read: " + e.getMessage());
    }
  }

  private void identify(JsonNode root) throws BadFileException {
    String kind = root.path("kind").asText();
    String apiVersion = root.path("apiVersion").asText();
    if (!kind.equals(KIND) || !apiVersion.equals(API_VERSION)) {
      String found = kind.isEmpty() && apiVersion.isEmpty() ? "nothing" : apiVersion + " " + kind;
      throw new BadFileException(
          file, "apiVersion and kind say " + found + ", not " + API_VERSION + " " + KIND);
    }
  }

  private void fields(String section, JsonNode node) throws BadFileException {
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      String path = section.isEmpty() ? entry.getKey() : section + "." + entry.getKey();
      JsonNode value = entry.getValue();
      if (value.isNull() || means(path, value)) {
        continue;
      }
      if (value.isObject() && ForeignFields.isSection(path)) {
        fields(path, value);
      } else if (ForeignFields.isKnown(path)) {
        if (!ForeignFields.saysNothing(path, value)) {
          ignored.add(path);
        }
      } else if (ForeignFields.isSection(path)) {
        throw bad(path, value, "is no map of fields");
      } else {
        unknown.add(path);
      }
    }
  }

  /** Takes a field that has a meaning here; false if it has none. */
  private boolean means(String path, JsonNode value) throws BadFileException {
    switch (path) {
      case "apiVersion", "kind" -> {}
      case "bindAddress" -> bindAddress(text(path, value));
      case "bindAddressHardFail" -> hardFail(path, value);
      case "clientConnection.kubeconfig" -> set(path, "--kubeconfig", text(path, value));
      case "clusterCIDR" -> set(path, "--cluster-cidr", text(path, value));
      case "conntrack.tcpCloseWaitTimeout" -> seconds(path, "--timeout-tcp-closing", value);
      case "conntrack.tcpEstablishedTimeout" -> seconds(path, "--timeout-tcp-established", value);
      case "conntrack.udpStreamTimeout" -> seconds(path, "--timeout-udp-established", value);
      case "conntrack.udpTimeout" -> seconds(path, "--timeout-udp-new", value);
      case "detectLocalMode" -> text(path, value); // see afterAll
      case "healthzBindAddress" -> set(path, "--healthz-bind-address", text(path, value));
      case "hostnameOverride" -> set(path, "--node-name", text(path, value));
      case "metricsBindAddress" -> set(path, "--metrics-bind-address", text(path, value));
      case "mode" -> mode(text(path, value));
      case "nodePortAddresses" -> nodePortAddresses(path, value);
      case "oomScoreAdj" -> oomScoreAdj(path, value);
      default -> {
        return false;
      }
    }
    return true;
  }

  /** Nothing said is kube-proxy's default, as files of kubeadm have it, and so it is ours. */
  private void set(String field, String option, String value) {
    if (!value.isEmpty()) {
      settings.put(option, new Setting(field, value));
    }
  }

  private void bindAddress(String text) throws BadFileException {
    Ip ip = Ip.tryParse(text);
    if (!text.isEmpty() && ip == null) {
      throw bad("bindAddress", text, "is no IP address");
    }
    if (!Set.of("", "0.0.0.0", "::").contains(text)) {
      ignored.add("bindAddress");
    }
    if (ip != null && !ip.isV4()) {
      settings.putIfAbsent(
          "--metrics-bind-address", new Setting("bindAddress", "[::1]:10249")); // as kube-proxy
    }
  }

  private void hardFail(String path, JsonNode value) throws BadFileException {
    if (!value.isBoolean()) {
      throw bad(path, value, "is neither true nor false");
    }
    set(path, "--bind-address-hard-fail", value.asBoolean() ? "on" : "off");
  }

  private void mode(String mode) throws BadFileException {
    if (!mode.isEmpty() && !MODES.contains(mode)) {
      throw bad("mode", mode, "is none of iptables, ipvs and nftables");
    }
    if (!mode.isEmpty()) {
      ignored.add("mode");
    }
  }

  private void seconds(String path, String option, JsonNode value) throws BadFileException {
    OptionalLong seconds = GoDuration.seconds(text(path, value));
    if (seconds.isEmpty()) {
      throw bad(path, value, "is no duration such as 24h0m0s or 30s");
    }
    long limited = Math.min(seconds.getAsLong(), Integer.MAX_VALUE); // the option refuses that
    if (limited > 0) {
      set(path, option, String.valueOf(limited));
    }
  }

  private void nodePortAddresses(String path, JsonNode value) throws BadFileException {
    if (!value.isArray()) {
      throw bad(path, value, "is no list of address blocks");
    }
    List<String> blocks = new ArrayList<>();
    for (JsonNode each : value) {
      switch (text(path, each)) {
        case "all" -> {
          return; // as without the field
        }
        case "localhost" -> blocks.addAll(List.of("127.0.0.0/8", "::1/128"));
        case "primary" -> {
          if (value.size() > 1) {
            throw bad(path, "primary", "goes with nothing else here: list the blocks instead");
          }
          blocks.add("primary");
        }
        default -> blocks.add(each.asText());
      }
    }
    set(path, "--node-port-addresses", String.join(",", blocks));
  }

  private void oomScoreAdj(String path, JsonNode value) throws BadFileException {
    if (!value.isIntegralNumber() || !value.canConvertToInt()) {
      throw bad(path, value, "is no whole number");
    }
    set(path, "--oom-score-adj", value.asText());
  }

  /** What needs several fields. */
  private void afterAll(JsonNode root) throws BadFileException {
    String mode = root.path("detectLocalMode").asText("");
    String prefix = root.at("/detectLocal/interfaceNamePrefix").asText("");
    switch (mode) {
      case "", "null", "ClusterCIDR", "NodeCIDR" -> {} // both are always taken
      case "BridgeInterface" -> ignored.add("detectLocalMode");
      case "InterfaceNamePrefix" -> {
        if (prefix.isEmpty()) {
          throw bad("detectLocal.interfaceNamePrefix", "\"\"", "must be the names' beginning");
        }
        ignored.remove("detectLocal.interfaceNamePrefix");
        String field = "detectLocal.interfaceNamePrefix";
        set(field, "--pod-interfaces", Pattern.quote(prefix) + ".*");
      }
      default ->
          throw bad(
              "detectLocalMode",
              mode,
              "is none of ClusterCIDR, NodeCIDR, BridgeInterface and InterfaceNamePrefix");
    }
  }

  private String text(String path, JsonNode value) throws BadFileException {
    if (!value.isTextual()) {
      throw bad(path, value, "is no text");
    }
    return value.asText().strip();
  }

  private BadFileException bad(String path, Object value, String reason) {
    return new BadFileException(file, path + " " + value + " " + reason);
  }
}
