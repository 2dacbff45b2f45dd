// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import io.millrace.agent.ServerConfig;
import io.millrace.model.Ip;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the agent answers HTTP requests. */
final class ServerOptions {
  private static final Pattern PLACE =
      Pattern.compile("(?<v4>[0-9.]*)(:(?<port4>\\d{1,5}))?|\\[(?<v6>.*)](:(?<port6>\\d{1,5}))?");
  private static final int HEALTHZ_PORT = 10_256;
  private static final int METRICS_PORT = 10_249;

  @Option(
      names = "--healthz-bind-address",
      paramLabel = "ADDRESS:PORT",
      defaultValue = "0.0.0.0:10256",
      description =
          "Where /healthz and /livez are answered; an unspecified address means all of both"
              + " families, an empty text nowhere (default: ${DEFAULT-VALUE}).")
  String healthz = "";

  @Option(
      names = "--metrics-bind-address",
      paramLabel = "ADDRESS:PORT",
      defaultValue = "127.0.0.1:10249",
      description =
          "Where /metrics, /proxyMode and /healthz are answered; an empty text means nowhere"
              + " (default: ${DEFAULT-VALUE}).")
  String metrics = "";

  @Option(
      names = "--bind-address-hard-fail",
      paramLabel = "on|off",
      hideParamSyntax = true,
      defaultValue = "off",
      description =
          "Do not start if one of these two cannot be listened to; off: try again meanwhile"
              + " (default: ${DEFAULT-VALUE}).")
  String hardFail = "off";

  ServerConfig servers(AgentCommand command) {
    InetSocketAddress first = place(command, "--healthz-bind-address", healthz, HEALTHZ_PORT);
    InetSocketAddress second = place(command, "--metrics-bind-address", metrics, METRICS_PORT);
    if (first != null && first.equals(second)) {
      throw command.bad(
          "--metrics-bind-address", metrics, "is that of --healthz-bind-address: take another");
    }
    if (!hardFail.equals("on") && !hardFail.equals("off")) {
      throw command.bad("--bind-address-hard-fail", hardFail, "is neither on nor off");
    }
    return new ServerConfig(first, second, hardFail.equals("on"));
  }

  private static @Nullable InetSocketAddress place(
      AgentCommand command, String option, String text, int defaultPort) {
    if (text.isBlank()) {
      return null;
    }
    InetSocketAddress place = parse(text.strip(), defaultPort);
    if (place == null) {
      throw command.bad(
          option, text, "is no address with a port such as 127.0.0.1:10249 or [::]:10256");
    }
    return place;
  }

  /** Without a host all addresses, without a port the default one; null if it is neither. */
  private static @Nullable InetSocketAddress parse(String text, int defaultPort) {
    Ip bare = Ip.tryParse(text);
    Matcher parts = PLACE.matcher(text);
    if (bare != null) {
      return place(bare, defaultPort);
    }
    if (!parts.matches()) {
      return null;
    }
    boolean v6 = parts.group("v6") != null;
    String host = v6 ? parts.group("v6") : parts.group("v4");
    String digits = v6 ? parts.group("port6") : parts.group("port4");
    Ip ip = host.isEmpty() && !v6 ? Ip.ofV4(0) : Ip.tryParse(host);
    int port = digits == null ? defaultPort : Integer.parseInt(digits);
    return ip == null || port < 1 || port > 65_535 ? null : place(ip, port);
  }

  private static InetSocketAddress place(Ip ip, int port) {
    try {
      return new InetSocketAddress(InetAddress.getByAddress(ip.toBytes()), port);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address has the right length", e);
    }
  }
}
