// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import io.millrace.compile.XdpMode;
import picocli.CommandLine.Option;

/** By which of the kernel's ways programs stand on devices, and packets leave by them. */
final class AttachOptions {
  @Option(
      names = "--xdp",
      paramLabel = "auto|native|off",
      defaultValue = "auto",
      description =
          "XDP on uplinks, in the driver only. auto: on all but veths, overlays and virtio devices"
              + " that receive whole segments; native: there, too, but for overlays. A device that"
              + " cannot is served by tc alone, which `millrace status` shows with the reason"
              + " (default: ${DEFAULT-VALUE}).")
  String xdp = "auto";

  @Option(
      names = "--tcx",
      paramLabel = "auto|off",
      defaultValue = "auto",
      description =
          "Attach to tc by links where the kernel has them (6.6), else by clsact filters; off:"
              + " always by filters (default: ${DEFAULT-VALUE}).")
  String tcx = "auto";

  @Option(
      names = "--host-routing",
      paramLabel = "bpf|stack",
      defaultValue = "bpf",
      description =
          "Who delivers established connections between pods. bpf: the programs, past this host's"
              + " netfilter, which judges new connections only; stack: this host's stack"
              + " (default: ${DEFAULT-VALUE}).")
  String hostRouting = "bpf";

  XdpMode xdp(AgentCommand command) {
    for (XdpMode mode : XdpMode.values()) {
      if (mode.toString().equals(xdp)) {
        return mode;
      }
    }
    throw command.bad("--xdp", xdp, "is none of auto, native and off");
  }

  /** Whether established flows between pods pass the host's stack by. */
  boolean direct(AgentCommand command) {
    return switch (hostRouting) {
      case "bpf" -> true;
      case "stack" -> false;
      default -> throw command.bad("--host-routing", hostRouting, "is neither bpf nor stack");
    };
  }

  boolean tcx(AgentCommand command) {
    return switch (tcx) {
      case "auto" -> true;
      case "off" -> false;
      default -> throw command.bad("--tcx", tcx, "is neither auto nor off");
    };
  }
}
