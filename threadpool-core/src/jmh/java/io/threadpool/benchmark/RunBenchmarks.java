package io.threadpool.benchmark;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Timer;
import java.util.TimerTask;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Runs the benchmarks. The pools take turns: round by round, scenario by scenario, each gets a JVM
 * of its own, in an order that moves on with the round.
 *
 * <pre>
 * mvn -q -Pbenchmark -pl threadpool-core process-classes      build
 * java -jar threadpool-core/target/threadpool-benchmarks.jar quick       every row, the main peers; minutes
 * java -jar threadpool-core/target/threadpool-benchmarks.jar full        every row, every peer; hours
 * java -jar threadpool-core/target/threadpool-benchmarks.jar row=A1,D-4 pools=ours,tpe rounds=3
 * java -jar threadpool-core/target/threadpool-benchmarks.jar row=growth pools=ours,tpe
 * java -jar threadpool-core/target/threadpool-benchmarks.jar table [directory]
 * java -jar threadpool-core/target/threadpool-benchmarks.jar list
 * </pre>
 *
 * <p>The jar points at {@code target/classes}: compiling the library is enough to measure it anew.
 * {@code baseline=directory} has other class files of it take part, as pool {@code base}. See
 * {@link Settings} for the rest.
 */
public final class RunBenchmarks {

  /** How many single shots count, and how many come before them. */
  private static final int SHOTS = 10;

  private static final Duration FORK_LIMIT = Duration.ofMinutes(3);

  private static final Path PARENT = target().resolve("benchmarks-results");

  private final Settings settings;
  private final Path directory;
  private final String classPath = System.getProperty("java.class.path");
  private final List<Double> others = new ArrayList<>();
  private long roundsPerMicrosecond;

  private RunBenchmarks(Settings settings, Path directory) {
    this.settings = settings;
    this.directory = directory;
  }

  /**
   * Runs what the arguments ask for.
   *
   * @param arguments a mode, then settings
   * @throws Exception if a fork fails to start or a file cannot be written
   */
  public static void main(String[] arguments) throws Exception {
    List<String> rest = new ArrayList<>(Arrays.asList(arguments));
    String mode = rest.isEmpty() || rest.get(0).contains("=") ? "quick" : rest.remove(0);
    switch (mode) {
      case "list":
        Scenarios.all().forEach(s -> System.out.println(s.id() + "  " + s.label()));
        System.out.println(Contenders.ALL);
        break;
      case "table":
        Path chosen = rest.isEmpty() ? Results.newest(PARENT) : Path.of(rest.get(0));
        new PrintTable(chosen, System.out).print();
        break;
      case "quick":
      case "full":
        String now = LocalDateTime.now().format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss"));
        Settings settings = Settings.parse(mode, rest);
        settings.check();
        Path directory = Files.createDirectories(PARENT.resolve(now));
        Path lock = Path.of(System.getProperty("java.io.tmpdir"), "threadpool-benchmarks.lock");
        try (FileChannel channel = FileChannel.open(lock, CREATE, WRITE)) {
          System.err.println("waiting for other runs to end, if there are any");
          channel.lock();
          new RunBenchmarks(settings, directory).run();
        }
        new PrintTable(directory, System.out).print();
        break;
      default:
        throw new IllegalArgumentException("mode must be quick, full, table or list, not " + mode);
    }
  }

  /** Where the jar is, or the class files. */
  private static Path target() {
    String first = System.getProperty("java.class.path").split(File.pathSeparator)[0];
    Path parent = Path.of(first).toAbsolutePath().getParent();
    return parent == null ? Path.of("target") : parent;
  }

  private void run() throws IOException {
    note(Machine.describe());
    note("settings: " + settings);
    note("load at the start: " + Machine.load());
    roundsPerMicrosecond = Work.measure();
    List<Scenario> scenarios = Scenarios.all().stream().filter(settings::wants).toList();
    for (int round = 1; round <= settings.rounds(); round++) {
      for (Scenario scenario : scenarios) {
        List<String> pools = new ArrayList<>(settings.poolsOf(scenario));
        Collections.rotate(pools, round);
        for (String pool : pools) {
          fork(scenario, pool, round);
        }
      }
    }
    note("load at the end: " + Machine.load());
    if (!others.isEmpty()) {
      note(
          String.format(
              "other processes' share of the processors: median %.1f%%, worst fork %.1f%%",
              100 * Measured.median(others), 100 * Collections.max(others)));
    }
  }

  /** Measures one pool once, in a JVM of its own; a failure is told, and the run goes on. */
  private void fork(Scenario scenario, String pool, int round) throws IOException {
    Path file = Results.file(directory, scenario, pool, round);
    Machine machine = new Machine();
    machine.start();
    long start = System.nanoTime();
    String outcome;
    boolean base = pool.equals(Contenders.BASE) && settings.baseline().isPresent();
    if (base) {
      String both = settings.baseline().get() + File.pathSeparator + classPath;
      System.setProperty("java.class.path", both);
    }
    Timer watchdog = new Timer("watchdog", true);
    watchdog.schedule(endFork(), FORK_LIMIT.toMillis());
    try {
      outcome = new Runner(options(scenario, pool, file).build()).run().isEmpty() ? "FAILED" : "";
    } catch (RunnerException e) {
      outcome = "FAILED: " + e.getMessage();
    } finally {
      watchdog.cancel();
      System.setProperty("java.class.path", classPath);
    }
    double busy = machine.others();
    others.add(busy);
    if (!outcome.isEmpty()) {
      Files.deleteIfExists(file);
      note(scenario.id() + " " + pool + " round " + round + " " + outcome + ", see " + log(file));
      return;
    }
    Files.deleteIfExists(log(file));
    System.err.printf(
        "%d %-14s %-15s %s  [%.1f s, others %.0f%%]%n",
        round,
        scenario.id(),
        pool,
        summary(scenario, pool),
        (System.nanoTime() - start) / 1e9,
        100 * busy);
  }

  /** What ends a fork that hangs, so that the run goes on. */
  private static TimerTask endFork() {
    return new TimerTask() {
      @Override
      public void run() {
        ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
      }
    };
  }

  /** What JMH says about a fork; kept if that fails. */
  private static Path log(Path file) {
    return Path.of(file.toString().replaceFirst("json$", "log"));
  }

  private String summary(Scenario scenario, String pool) {
    Results results = new Results(directory);
    List<String> parts = new ArrayList<>();
    for (Metric metric : scenario.metrics()) {
      Measured measured = results.of(scenario, metric).get(pool);
      if (measured != null) {
        parts.add(
            String.format("%s %.3f %s", metric.label(), measured.median(), metric.unit()).trim());
      }
    }
    return String.join(", ", parts);
  }

  private ChainedOptionsBuilder options(Scenario scenario, String pool, Path file) {
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include("^" + scenario.benchmark().getName() + "\\.")
            .param("pool", pool)
            .forks(1)
            .output(log(file).toString())
            .resultFormat(ResultFormatType.JSON)
            .result(file.toString())
            .timeout(TimeValue.minutes(5))
            .jvmArgs(jvmArguments(scenario).toArray(new String[0]));
    scenario.params().forEach((name, value) -> options.param(name, value.toString()));
    switch (scenario.timing()) {
      case TIMED:
        TimeValue time = TimeValue.milliseconds(settings.millis());
        return options
            .warmupIterations(settings.warmup())
            .warmupTime(time)
            .measurementIterations(settings.iterations())
            .measurementTime(time);
      case ONCE:
        return options
            .warmupIterations(settings.warmup())
            .measurementIterations(2 * settings.iterations());
      case SHOTS:
        return options
            .mode(Mode.SingleShotTime)
            .warmupIterations(SHOTS)
            .measurementIterations(SHOTS);
      default:
        TimeValue once = TimeValue.milliseconds(1);
        return options
            .warmupIterations(1)
            .warmupTime(once)
            .measurementIterations(settings.iterations())
            .measurementTime(once);
    }
  }

  private List<String> jvmArguments(Scenario scenario) {
    boolean memory = scenario.timing() == Scenario.Timing.MEMORY;
    List<String> arguments = new ArrayList<>();
    Collections.addAll(
        arguments,
        "-Xms2g",
        "-Xmx2g",
        memory ? "-XX:+UseSerialGC" : "-XX:+UseG1GC",
        "-Dslf4j.internal.verbosity=ERROR",
        "-D" + Work.ROUNDS_PER_MICROSECOND + "=" + roundsPerMicrosecond,
        // Virtual threads have no pool to size, but a scheduler.
        "-Djdk.virtualThreadScheduler.parallelism=" + scenario.params().getOrDefault("workers", 2));
    arguments.addAll(settings.jvm());
    return arguments;
  }

  private void note(String line) throws IOException {
    System.err.println(line);
    Files.writeString(
        directory.resolve(Results.NOTES), "- " + line + System.lineSeparator(), CREATE, APPEND);
  }
}
