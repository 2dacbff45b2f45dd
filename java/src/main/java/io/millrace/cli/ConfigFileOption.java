// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import io.millrace.cli.KubeProxyConfiguration.BadFileException;
import io.millrace.cli.KubeProxyConfiguration.Setting;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** A file of kube-proxy, which says what the command line leaves open. */
final class ConfigFileOption {
  private static final Logger log = LoggerFactory.getLogger(ConfigFileOption.class);
  private static final int NAMED = 40;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "A KubeProxyConfiguration (v1alpha1), which says what this command line leaves open;"
              + " what has no meaning here is named in the log.")
  @Nullable Path file;

  private @Nullable KubeProxyConfiguration read;
  private final Map<String, Setting> taken = new LinkedHashMap<>();
  private final List<String> overridden = new ArrayList<>();

  /**
   * Reads the file, and parses the command line again, with what it says as defaults.
   *
   * @throws ParameterException if the file cannot be taken
   */
  void complete(CommandSpec spec) {
    Path given = file;
    if (given == null || read != null) {
      return;
    }
    CommandLine line = spec.commandLine();
    KubeProxyConfiguration config;
    try {
      config = KubeProxyConfiguration.read(given);
    } catch (BadFileException e) {
      throw new ParameterException(line, e.getMessage(), e);
    }
    read = config;
    choose(config, line.getParseResult());
    line.setDefaultValueProvider(
        arg -> {
          Setting setting = arg instanceof OptionSpec o ? taken.get(o.longestName()) : null;
          return setting == null ? null : setting.value();
        });
    CommandLine root = spec.root().commandLine();
    root.parseArgs(root.getParseResult().originalArgs().toArray(String[]::new));
  }

  /** The command line comes first. */
  private void choose(KubeProxyConfiguration config, ParseResult given) {
    config
        .settings()
        .forEach(
            (option, setting) -> {
              boolean otherSource =
                  option.equals("--kubeconfig") && given.hasMatchedOption("--manifests");
              if (!otherSource && !given.hasMatchedOption(option)) {
                taken.put(option, setting);
              } else if (otherSource || !said(given, option).equals(setting.value())) {
                overridden.add(setting.field());
              }
            });
  }

  private static String said(ParseResult given, String option) {
    return String.join(",", given.matchedOption(option).stringValues());
  }

  /** Where an option's value comes from, for messages. */
  String origin(String option) {
    Setting setting = taken.get(option);
    return setting == null ? option : "--config " + file + ": " + setting.field();
  }

  /** Tells the log what became of the file. */
  void announce() {
    KubeProxyConfiguration config = read;
    if (config != null) {
      log.info(
          "config file={} taken={} overridden-by-flags={} without-meaning-here={} unknown={}",
          config.file(),
          names(taken.values().stream().map(Setting::field).toList()),
          names(overridden),
          names(config.ignored()),
          names(config.unknown()));
    }
  }

  private static String names(List<String> fields) {
    int more = fields.size() - NAMED;
    return String.join(",", fields.subList(0, Math.min(NAMED, fields.size())))
        + (more > 0 ? " and " + more + " more" : "");
  }
}
