package io.threadpool.examples.checksum;

import io.threadpool.examples.DurationConverter;
import io.threadpool.examples.ExitStatus;
import io.threadpool.examples.PathConverter;
import io.threadpool.examples.UsageException;
import io.threadpool.examples.checksum.Interruption.Policy;
import io.threadpool.examples.page.Page;
import io.threadpool.examples.page.PageException;
import io.threadpool.examples.page.PageOption;
import io.threadpool.examples.trace.TraceException;
import io.threadpool.examples.trace.TracedRun;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
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
          + " of them at most a second after the file and those before it were read. Once it is"
          + " complete, Ctrl-C and SIGTERM end the program at once.",
      "",
      "Exit status: 0 all files are in the manifest; 1 all but the ones listed; 2 nothing done or"
          + " the manifest could not be written; 130 interrupted; 141 the reader of the manifest"
          + " went away.",
    })
public final class ChecksumCommand implements Callable<Integer> {
  /** The name of a cluster, unless its members are told another. */
  public static final String DEFAULT_CLUSTER = "threadpool-examples";

  private static final int MOST_WORKERS = 256;
  private static final Path STANDARD_OUTPUT = Path.of("-");
  private static final int PROBLEMS_IN_MEMORY = 1024 * 1024;

  @Parameters(paramLabel = "DIR", description = "The folder.")
  private String dir = "";

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      converter = PathConverter.class,
      description =
          "Where to write the manifest; - for standard output, ./- for a file of that name."
              + " Default: standard output")
  private @Nullable Path file;

  @Option(
      names = "--workers",
      paramLabel = "N",
      description = "Worker threads, 1 to 256. Default: the number of processors")
  private @Nullable Integer workers;

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

  @Option(
      names = "--cluster",
      paramLabel = "HOST:PORT,...",
      description =
          "Addresses of members (see 'member --help'), whose workers hash instead of this process'."
              + " Each of them has to see DIR at the same path")
  private @Nullable String cluster;

  @Option(
      names = "--cluster-name",
      paramLabel = "NAME",
      description = "The name of their cluster. Default: " + DEFAULT_CLUSTER)
  private @Nullable String clusterName;

  @Mixin private final PageOption page = new PageOption();

  @Option(
      names = "--trace",
      paramLabel = "FILE",
      converter = PathConverter.class,
      description =
          "Write a timeline of what each worker did, for ui.perfetto.dev or chrome://tracing, at the"
              + " end; as a picture, if the name ends with .svg")
  private @Nullable Path trace;

  private final OutputStream out;
  private final PrintStream err;
  private final Clusters clusters;
  private final IntConsumer halt;

  /**
   * A command that writes to these streams.
   *
   * @param out gets the manifest; unbuffered
   * @param err gets the progress bar and the problems
   * @param clusters finds the members that {@code --cluster} names
   */
  public ChecksumCommand(OutputStream out, PrintStream err, Clusters clusters) {
    this(out, err, clusters, Runtime.getRuntime()::halt);
  }

  ChecksumCommand(OutputStream out, PrintStream err, Clusters clusters, IntConsumer halt) {
    this.out = out;
    this.err = err;
    this.clusters = clusters;
    this.halt = halt;
  }

  @Override
  public Integer call() throws IOException {
    checkOptions();
    try (Interruption interruption = Interruption.listen(onInterrupt, drain, err, halt)) {
      return run(interruption);
    }
  }

  @SuppressWarnings("try") // what is traced is there to be closed
  private int run(Interruption interruption) throws IOException {
    try {
      Path root = Root.check(dir);
      Tally tally = new Tally();
      // First who hashes, so that nobody's manifest is emptied where there is nobody.
      try (TracedRun traced = trace == null ? null : TracedRun.begin(trace);
          Page shown = page.open("checksum");
          Hashing hashing = hashing(root, tally, interruption);
          Output output = open();
          Problems problems = new Problems(err, PROBLEMS_IN_MEMORY)) {
        if (shown != null) {
          err.println("Page on " + shown.address());
        }
        interruption.watch(output);
        interruption.attach(new Interrupted(tally, err, drain, hashing::abort));
        ChecksumRun run = new ChecksumRun(hashing, output, problems, interruption::isRequested);
        runWithProgress(root, output, tally, run);
        return status(problems, interruption);
      }
    } catch (OutputException e) {
      if (!e.readerGone()) {
        err.println("checksum: " + e.getMessage());
      }
      return failed(e.readerGone() ? ExitStatus.BROKEN_PIPE : ExitStatus.UNUSABLE, interruption);
    } catch (Root.UnusableException | UnavailableException | PageException | TraceException e) {
      err.println("checksum: " + e.getMessage());
      return failed(ExitStatus.UNUSABLE, interruption);
    }
  }

  /** What fails after a signal has been interrupted, whichever of the two ends the process. */
  private static int failed(int status, Interruption interruption) {
    return interruption.finish() ? status : ExitStatus.INTERRUPTED;
  }

  private void checkOptions() {
    if (workers != null && (workers < 1 || workers > MOST_WORKERS)) {
      throw new UsageException("--workers must be 1 to " + MOST_WORKERS + ", not " + workers);
    }
    if (workers != null && cluster != null) {
      throw new UsageException("--workers makes no sense with --cluster: each member has its own");
    }
    if (clusterName != null && cluster == null) {
      throw new UsageException("--cluster-name makes no sense without --cluster");
    }
    if (drain != null && onInterrupt == Policy.ABORT) {
      throw new UsageException("--drain makes no sense with --on-interrupt abort");
    }
    page.check();
    if (page.isGiven() && cluster != null) {
      throw new UsageException("--page makes no sense with --cluster: the pools are the members'");
    }
    if (trace != null && cluster != null) {
      throw new UsageException("--trace makes no sense with --cluster: the pools are the members'");
    }
    if (trace != null && file != null && !file.equals(STANDARD_OUTPUT) && isSame(trace, file)) {
      throw new UsageException("--trace must not be the file of -o: " + trace);
    }
  }

  private static boolean isSame(Path one, Path other) {
    try {
      return Files.isSameFile(one, other);
    } catch (IOException notBothAreThere) {
      return one.toAbsolutePath().normalize().equals(other.toAbsolutePath().normalize());
    }
  }

  private Output open() throws OutputException {
    if (file != null && !file.equals(STANDARD_OUTPUT)) {
      return Output.toFile(file);
    }
    boolean shared = !quiet && Terminal.isStandardError() && Terminal.isStandardOutput();
    return Output.toStandardOutput(shared ? Progress.inPlaceOfBar(out, err) : out);
  }

  private int status(Problems problems, Interruption interruption) {
    problems.tell();
    if (!interruption.finish()) {
      err.println(Interruption.INCOMPLETE);
      return ExitStatus.INTERRUPTED;
    }
    return problems.isEmpty() ? ExitStatus.OK : ExitStatus.INCOMPLETE;
  }

  private Hashing hashing(Path root, Tally tally, Interruption interruption)
      throws UnavailableException {
    if (cluster == null) {
      int processors = Math.min(Runtime.getRuntime().availableProcessors(), MOST_WORKERS);
      return PoolHashing.start(
          workers == null ? processors : workers, tally, interruption::isRequested);
    }
    Run run = new Run(root, FileNames.bytes(dir), tally, interruption::isRequested, this::warn);
    return clusters.connect(cluster, clusterName == null ? DEFAULT_CLUSTER : clusterName, run);
  }

  private void warn(String line) {
    err.println((Terminal.isStandardError() ? Progress.ERASE : "") + "checksum: " + line);
  }

  @SuppressWarnings("try") // the bar draws itself
  private void runWithProgress(Path root, Output output, Tally tally, ChecksumRun run)
      throws IOException {
    byte[] name = FileNames.bytes(dir);
    if (quiet || !Terminal.isStandardError()) {
      run.run(root, name);
      return;
    }
    try (Progress progress = Progress.start(root, output::isSame, tally, err, Terminal.width())) {
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
