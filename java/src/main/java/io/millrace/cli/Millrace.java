// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import io.millrace.admin.AdminException;
import io.millrace.admin.NoAgentException;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.SocketTimeoutException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;

/** The command {@code millrace}. */
@Command(
    name = "millrace",
    description = "Kubernetes services in the kernel: a node agent, and commands that ask it.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      AgentCommand.class,
      StatusCommand.class,
      ServicesCommand.class,
      FlowsCommand.class,
      DropsCommand.class,
      TraceCommand.class,
      PoliciesCommand.class,
      TakeoverCommand.class,
      HandbackCommand.class,
      CleanupCommand.class,
      VersionCommand.class,
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:success",
      "1:failed; the reason is on stderr",
      "2:wrong command line",
      "3:no agent answers on the admin socket",
      "4:status --wait-synced: not synced in time",
    })
public final class Millrace {
  private Millrace() {}

  /** Runs the command line and exits with its status. */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    return new CommandLine(new Millrace())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler((e, args) -> usage(e))
        .setExecutionExceptionHandler((e, command, parsed) -> explain(e, command.getErr()));
  }

  /** Says what is wrong with the command line; the whole help would bury it. */
  private static int usage(ParameterException e) {
    CommandLine command = e.getCommandLine();
    command.getErr().println("millrace: " + e.getMessage());
    command.getErr().println("see `" + command.getCommandSpec().qualifiedName() + " --help`");
    return ExitCode.USAGE;
  }

  /** Says what went wrong in a line, and returns the exit status for it. */
  private static int explain(Exception e, PrintWriter err) throws Exception {
    if (!(e instanceof IOException || e instanceof AdminException)) {
      throw e;
    }
    err.println("millrace: " + e.getMessage());
    return e instanceof NoAgentException || e instanceof SocketTimeoutException
        ? ExitCode.NO_AGENT
        : ExitCode.FAILED;
  }
}
