package io.threadpool.examples.checksum;

import io.threadpool.WorkerPool;
import io.threadpool.examples.DurationConverter;
import io.threadpool.examples.ExitStatus;
import io.threadpool.examples.UsageException;
import io.threadpool.examples.checksum.Interruption.Policy;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** The command {@code checksum}: the batch task. */
@Command(
    name = "checksum",
    description = {
      "Write a SHA-256 manifest of every regular file below DIR, for 'sha256sum -c'.",
      "",
      "Files are named as 'find DIR' names them and stand in its order. Symbolic links are not"
          + " followed; a DIR that is one must be given with a slash at its end. A progress bar"
          + " is shown on standard error if that is a terminal. The manifest leaves itself out, also"
          + " where it stands below DIR.",
      "",
    },
    sortOptions = false,
    footer = {
      "",
      "What cannot be read, and what changes or vanishes on the way, is listed on standard error"
          + " at the end. Ctrl-C and SIGTERM end early: the files that workers are reading, one each, are"
          + " finished and written, and named at once; a second Ctrl-C or SIGTERM, and the end of"
          + " --drain, drop them. The manifest has only whole, correct lines either way, and each"
          + " of them at most a second after the file and those before it were read.",
      "",
      "Exit status: 0 all files are in the manifest; 1 all but the ones listed; 2 nothing done or"
          + " the manifest could not be written; 130 interrupted; 141 the reader of the manifest"
          + " went away.",
    })
public final class ChecksumCommand implements Callable<Integer> {
  private static final int MOST_WORKERS = 256;
  private static final String STANDARD_OUTPUT = "-";
  private static final int PROBLEMS_IN_MEMORY = 1024 * 1024;

  @Parameters(paramLabel = "DIR", description = "The folder.")
  private String dir = "";

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description =
          "Where to write the manifest; - for standard output, ./- for a file of that name."
              + " Default: standard output")
  private @Nullable String file;

  @Option(
      names = "--workers",
      paramLabel = "N",
      description = "Worker threads, 1 to 256. Default: the number of processors")
  private int workers = Math.min(Runtime.getRuntime().availableProcessors(), MOST_WORKERS);

  @Option(
      names = "--on-interrupt",
      paramLabel = "drain|abort",
      defaultValue = "drain",
      converter = PolicyConverter.class,
      description =
          "What Ctrl-C and SIGTERM do with the files that are being read: 'drain' finishes and"
              + " writes them, 'abort' drops them. Default: ${DEFAULT-VALUE}")
  private Policy onInterrupt = Policy.DRAIN;

  @Option(
      names = "--drain",
      paramLabel = "DURATION",
      converter = DurationConverter.class,
      description =
          "Longest time to go on reading once interrupted (500ms, 8s, 2m, 1h, PT8S); what is not"
              + " read by then is dropped. Default: no limit")
  private @Nullable Duration drain;

  @Option(names = "--quiet", description = "Show no progress bar.")
  private boolean quiet;

  private final OutputStream out;
  private final PrintStream err;
  private final IntConsumer halt;

  /**
   * A command that writes to these streams.
   *
   * @param out gets the manifest; unbuffered
   * @param err gets the progress bar and the problems
   */
  public ChecksumCommand(OutputStream out, PrintStream err) {
    this(out, err, Runtime.getRuntime()::halt);
  }

  ChecksumCommand(OutputStream out, PrintStream err, IntConsumer halt) {
    this.out = out;
    this.err = err;
    this.halt = halt;
  }

  @Override
  public Integer call() throws IOException {
    if (workers < 1 || workers > MOST_WORKERS) {
      throw new UsageException("--workers must be 1 to " + MOST_WORKERS + ", not " + workers);
    }
    if (drain != null && onInterrupt == Policy.ABORT) {
      throw new UsageException("--drain makes no sense with --on-interrupt abort");
    }
    try (Interruption interruption = Interruption.listen(onInterrupt, drain, err, halt)) {
      Path root = Root.check(dir);
      try (Output output = open();
          Problems problems = new Problems(err, PROBLEMS_IN_MEMORY)) {
        interruption.watch(output);
        return run(root, output, problems, interruption);
      }
    } catch (OutputException e) {
      if (e.readerGone()) {
        return ExitStatus.BROKEN_PIPE;
      }
      err.println("checksum: " + e.getMessage());
      return ExitStatus.UNUSABLE;
    } catch (Root.UnusableException e) {
      err.println("checksum: " + e.getMessage());
      return ExitStatus.UNUSABLE;
    }
  }

  private Output open() throws OutputException {
    if (file != null && !file.equals(STANDARD_OUTPUT)) {
      return Output.toFile(file);
    }
    boolean shared = !quiet && Terminal.isStandardError() && Terminal.isStandardOutput();
    return Output.toStandardOutput(shared ? Progress.inPlaceOfBar(out, err) : out);
  }

  private int run(Path root, Output output, Problems problems, Interruption interruption)
      throws IOException {
    Tally tally = new Tally();
    WorkerPool pool =
        WorkerPool.builder()
            .size(workers)
            .name("checksum")
            .daemon(true)
            .queueCapacity(Window.MOST_BATCHES)
            .build();
    interruption.attach(new Interrupted(tally, err, drain, pool::shutdownNow));
    try (pool) {
      ChecksumRun run = new ChecksumRun(pool, output, problems, tally, interruption::isRequested);
      runWithProgress(root, tally, run);
    }
    problems.tell();
    if (!interruption.finish()) {
      err.println(Interruption.INCOMPLETE);
      return ExitStatus.INTERRUPTED;
    }
    return problems.isEmpty() ? ExitStatus.OK : ExitStatus.INCOMPLETE;
  }

  @SuppressWarnings("try") // the bar draws itself
  private void runWithProgress(Path root, Tally tally, ChecksumRun run) throws IOException {
    byte[] name = FileNames.bytes(dir);
    if (quiet || !Terminal.isStandardError()) {
      run.run(root, name);
      return;
    }
    try (Progress progress = Progress.start(root, tally, err, Terminal.width())) {
      run.run(root, name);
    }
  }

  /** Reads a policy by its lower-case name. */
  static final class PolicyConverter implements ITypeConverter<Policy> {
    @Override
    public Policy convert(String value) {
      for (Policy policy : Policy.values()) {
        if (policy.name().toLowerCase(Locale.ROOT).equals(value)) {
          return policy;
        }
      }
      throw new TypeConversionException("'" + value + "' is neither drain nor abort");
    }
  }
}
