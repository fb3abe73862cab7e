package io.threadpool.examples;

import io.threadpool.examples.checksum.ChecksumCommand;
import io.threadpool.examples.cluster.ClusterHashing;
import io.threadpool.examples.cluster.MemberCommand;
import io.threadpool.examples.compare.CompareCommand;
import io.threadpool.examples.serve.ServeCommand;
import io.threadpool.examples.trace.TraceCommand;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.OptionSpec;

/** The command line of the example programs. */
@Command(
    name = "threadpool-examples",
    description = "Example programs of the worker pool.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Try 'serve --help', 'checksum --help', 'member --help', 'trace --help' and"
          + " 'compare --help'.",
    })
public final class Main {
  private Main() {}

  /**
   * Runs one command and ends the process with its status; a status of 0 is a plain return.
   *
   * @param args the command line
   */
  public static void main(String[] args) {
    // Unbuffered and able to fail, as the manifest needs it; System.out does neither.
    OutputStream out = new FileOutputStream(FileDescriptor.out);
    int status = run(RawArguments.recover(args), out, System.out, System.err);
    if (status != ExitStatus.OK) {
      System.exit(status);
    }
  }

  /**
   * Runs one command.
   *
   * @param args the command line
   * @param data where a program writes its result, byte by byte
   * @param out where a program talks to a person
   * @param err where errors and progress go
   * @return the exit status
   */
  static int run(String[] args, OutputStream data, PrintStream out, PrintStream err) {
    CommandLine line =
        new CommandLine(new Main())
            .addSubcommand(new ServeCommand(out, err))
            .addSubcommand(new ChecksumCommand(data, err, ClusterHashing::connect))
            .addSubcommand(new MemberCommand(out, err))
            .addSubcommand(new TraceCommand(out, err))
            .addSubcommand(new CompareCommand(out, err));
    addCommonOptions(line);
    line.getSubcommands().values().forEach(Main::addCommonOptions);
    line.setExpandAtFiles(false) // A DIR may begin with @.
        .setOut(writer(out))
        .setErr(writer(err))
        .setParameterExceptionHandler(
            (failure, rejected) -> explain(failure, failure.getCommandLine()))
        .setExecutionExceptionHandler((failure, command, parsed) -> report(failure, command));
    return line.execute(args);
  }

  private static void addCommonOptions(CommandLine command) {
    command
        .getCommandSpec()
        .versionProvider(Main::version)
        .addOption(
            OptionSpec.builder("-V", "--version")
                .versionHelp(true)
                .description("Show the version and exit.")
                .build())
        .addOption(
            OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .description("Show this help and exit.")
                .build());
  }

  private static String[] version() throws IOException {
    try (InputStream text = Objects.requireNonNull(Main.class.getResourceAsStream("version.txt"))) {
      String version = new String(text.readAllBytes(), StandardCharsets.UTF_8).strip();
      return new String[] {"threadpool-examples " + version + ", Java " + Runtime.version()};
    }
  }

  private static PrintWriter writer(PrintStream stream) {
    return new PrintWriter(new OutputStreamWriter(stream, Charset.defaultCharset()), true);
  }

  /** Says in one line what is wrong with the command line. */
  private static int explain(Exception failure, CommandLine command) {
    String name = command.getCommandName();
    String message = String.valueOf(failure.getMessage()).replaceAll("\\s*\\R\\s*", " ");
    command.getErr().println(name + ": " + message + " (see " + name + " --help)");
    return ExitStatus.UNUSABLE;
  }

  private static int report(Exception failure, CommandLine command) {
    if (failure instanceof UsageException) {
      return explain(failure, command);
    }
    command.getErr().print(command.getCommandName() + ": ");
    failure.printStackTrace(command.getErr());
    return ExitStatus.DEFECT;
  }
}
