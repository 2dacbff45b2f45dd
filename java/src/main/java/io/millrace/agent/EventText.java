// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import io.millrace.admin.proto.Event;
import io.millrace.bpf.PacketEvent;
import io.millrace.bpf.abi.DropReason;
import io.millrace.bpf.abi.EventDirection;
import io.millrace.bpf.abi.EventKind;
import io.millrace.compile.policy.RuleOrigin;
import io.millrace.model.Ip;
import io.millrace.model.PodState;
import io.millrace.model.Protocol;
import io.millrace.model.ServicePortKey;
import java.util.Locale;
import java.util.function.DoubleSupplier;

/** Events of the kernel in the words of the admin API. */
final class EventText {
  static final String ALLOWED = "allowed";

  private static final int ICMP = 1;
  private static final int ICMPV6 = 58;

  private final EventBook book;

  /** Milliseconds of the epoch at 0 of the events' clock. */
  private final DoubleSupplier epochMs;

  EventText(EventBook book, DoubleSupplier epochMs) {
    this.book = book;
    this.epochMs = epochMs;
  }

  Event.Builder of(PacketEvent event) {
    Ip client = Ip.ofBytes(event.client());
    Ip server = Ip.ofBytes(event.server());
    Ip frontend = Ip.ofBytes(event.frontend());
    Event.Builder out =
        Event.newBuilder()
            .setUnixMs((long) (epochMs.getAsDouble() + event.ns() / 1e6))
            .setVerdict(verdict(event.kind()))
            .setDirection(direction(event.direction()))
            .setReason(event.reason() == 0 ? "" : reason(event.reason()))
            .setProtocol(protocol(event.protocol()))
            .setClient(client.toString())
            .setClientPort(event.clientPort())
            .setClientPod(pod(client))
            .setServer(server.toString())
            .setServerPort(event.serverPort())
            .setServerPod(pod(server))
            .setFrontend(frontend.toString())
            .setFrontendPort(event.frontendPort())
            .setService(service(event.svc()))
            .setIfindex(event.ifindex())
            .setBytes(event.bytes());
    RuleOrigin rule = event.set() == 0 ? null : book.rule(event.set(), event.rule());
    if (rule != null) {
      out.setPolicy(rule.namespace() + "/" + rule.policy())
          .setRule(rule.rule())
          .setRuleText(rule.text());
    } else {
      out.setRule(-1);
    }
    if (event.set() != 0 && rule == null) {
      out.addAllIsolatedBy(book.policies(event.set()));
    }
    return out;
  }

  private String service(int id) {
    if (id == 0) {
      return "";
    }
    ServicePortKey known = book.service(id);
    return known == null ? "#" + Integer.toUnsignedString(id) : known.toString();
  }

  private String pod(Ip ip) {
    PodState pod = book.pod(ip);
    return pod == null ? "" : pod.namespace() + "/" + pod.name();
  }

  private static String verdict(int kind) {
    return switch (kind) {
      case EventKind.EVENT_DENIED -> "denied";
      case EventKind.EVENT_ALLOWED -> ALLOWED;
      case EventKind.EVENT_AUDITED -> "audited";
      default -> "dropped";
    };
  }

  private static String direction(int direction) {
    return switch (direction) {
      case EventDirection.EVENT_EGRESS -> "egress";
      case EventDirection.EVENT_INGRESS -> "ingress";
      default -> "";
    };
  }

  private static String reason(int reason) {
    return reason < DropReason.DROP_REASON_MAX
        ? DropReason.name(reason).substring("DROP_".length()).toLowerCase(Locale.ROOT)
        : "reason " + reason;
  }

  private static String protocol(int number) {
    Protocol known = Protocol.ofNumber(number);
    if (known != null) {
      return known.name().toLowerCase(Locale.ROOT);
    }
    return switch (number) {
      case ICMP -> "icmp";
      case ICMPV6 -> "icmpv6";
      default -> "protocol " + number;
    };
  }
}
