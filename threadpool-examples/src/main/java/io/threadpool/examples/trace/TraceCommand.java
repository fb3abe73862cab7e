package io.threadpool.examples.trace;

import io.threadpool.examples.ExitStatus;
import io.threadpool.examples.PathConverter;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code trace}: the timeline of a recording. */
@Command(
    name = "trace",
    description = {
      "Write what a flight recording has of pools as a timeline, for ui.perfetto.dev or"
          + " chrome://tracing.",
      "",
      "Each pool is a process, each worker a thread, each task a slice with its name, its wait and"
          + " its outcome; the queue's length and the number of running tasks are counters.",
      "",
    },
    sortOptions = false,
    footer = {
      "",
      "A recording has the tasks that take longer than its threshold for io.threadpool.Task, 10 ms"
          + " unless told otherwise: jcmd PID JFR.start"
          + " +io.threadpool.Task#threshold=0ns, and later jcmd PID JFR.dump filename=FILE.",
      "",
      "Exit status: 0 the timeline is written; 2 it is not.",
    })
public final class TraceCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "RECORDING",
      converter = PathConverter.class,
      description = "The recording, a .jfr file.")
  private Path recording = Path.of("");

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      required = true,
      converter = PathConverter.class,
      description = "Where to write the timeline; as a picture, if the name ends with .svg.")
  private Path file = Path.of("");

  @Option(names = "--quiet", description = "Print nothing else but errors.")
  private boolean quiet;

  private final PrintStream out;
  private final PrintStream err;

  /**
   * A command that talks to these streams.
   *
   * @param out for what it has done
   * @param err for failures
   */
  public TraceCommand(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  @Override
  public Integer call() {
    try {
      long tasks = Conversion.write(recording, file, false);
      if (!quiet) {
        out.println("Wrote " + tasks + (tasks == 1 ? " task to " : " tasks to ") + file);
      }
      return ExitStatus.OK;
    } catch (TraceException e) {
      err.println("trace: " + e.getMessage());
      return ExitStatus.UNUSABLE;
    }
  }
}
