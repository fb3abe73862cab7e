package io.threadpool.stress;

import java.io.File;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.Timer;
import java.util.TimerTask;
import org.openjdk.jcstress.JCStress;
import org.openjdk.jcstress.Options;
import org.openjdk.jcstress.TestExecutor;
import org.openjdk.jcstress.infra.TestInfo;
import org.openjdk.jcstress.infra.collectors.DiskWriteCollector;
import org.openjdk.jcstress.infra.collectors.InProcessCollector;
import org.openjdk.jcstress.infra.collectors.MuxCollector;
import org.openjdk.jcstress.infra.collectors.SerializedBufferCollector;
import org.openjdk.jcstress.infra.grading.ConsoleReportPrinter;
import org.openjdk.jcstress.infra.grading.HTMLReportPrinter;
import org.openjdk.jcstress.infra.grading.TextReportPrinter;
import org.openjdk.jcstress.infra.runners.TestConfig;
import org.openjdk.jcstress.infra.runners.TestList;
import org.openjdk.jcstress.os.OSSupport;
import org.openjdk.jcstress.os.Scheduler;
import org.openjdk.jcstress.os.SchedulingClass;
import org.openjdk.jcstress.os.topology.Topology;
import org.openjdk.jcstress.vm.CompileMode;
import org.openjdk.jcstress.vm.VMSupport;

/**
 * Runs the stress tests, each case in JVMs of its own, and says what came of them.
 *
 * <pre>
 * mvn -q -Pjcstress -pl threadpool-core process-classes      build
 * java -jar threadpool-core/target/threadpool-jcstress.jar quick       every case, each set of flags; minutes
 * java -jar threadpool-core/target/threadpool-jcstress.jar long        the same, longer and in every way to compile; hours
 * java -jar threadpool-core/target/threadpool-jcstress.jar quick case=Permits flags=serial millis=1000
 * java -jar threadpool-core/target/threadpool-jcstress.jar list
 * </pre>
 *
 * <p>It needs two processors, since every case has two actors. It runs on the JDK that it is
 * started with, and ends with status 1 where a forbidden result was seen, a fork failed, or a case
 * did not run. The jar points at {@code target/classes}: compiling the library is enough to test it
 * anew. The results are below {@code target/jcstress-results}: {@code summary.txt}, what jcstress
 * prints, and its pages. The settings are, with the short mode's values:
 *
 * <ul>
 *   <li>{@code case=.*}: a regular expression that finds the cases' names
 *   <li>{@code flags=g1,serial,c1}: the sets of flags, see {@link Flags}
 *   <li>{@code millis=100}, {@code iterations=2}: how long a fork runs a case, how often
 *   <li>{@code stride=32}, {@code strides=8}: how many rounds the actors do between two meetings,
 *       and how many meetings there are until the rounds are evaluated
 * </ul>
 *
 * <p>jcstress's own main program would run its own choice of flags, and leave its result file where
 * it was started; this one does what that does, in its order.
 */
public final class RunStress {

  /** The JVM flags that the cases run under, apart from what jcstress adds. */
  enum Flags {
    G1("-XX:+UseG1GC"),
    SERIAL("-XX:+UseSerialGC"),
    C1("-XX:TieredStopAtLevel=1");

    final String flag;

    Flags(String flag) {
      this.flag = flag;
    }

    static Flags parse(String name) {
      return valueOf(name.toUpperCase(Locale.ROOT));
    }

    boolean areOf(TestConfig config) {
      return config.jvmArgs.contains(flag);
    }
  }

  private static final Duration FORK_LIMIT = Duration.ofMinutes(1);

  private final PrintStream console = System.out;
  private final boolean isLong;
  private final List<Flags> flags = new ArrayList<>(List.of(Flags.values()));
  private String cases = ".*";
  private int millis;
  private int iterations;
  private int stride = 32;
  private int strides = 8;

  private RunStress(boolean isLong, List<String> settings) {
    this.isLong = isLong;
    millis = isLong ? 500 : 100;
    iterations = isLong ? 5 : 2;
    for (String setting : settings) {
      String[] pair = setting.split("=", 2);
      String value = pair.length == 2 ? pair[1] : "";
      switch (pair[0]) {
        case "case" -> cases = value;
        case "flags" -> {
          flags.clear();
          for (String name : value.split(",")) {
            flags.add(Flags.parse(name));
          }
        }
        case "millis" -> millis = Integer.parseInt(value);
        case "iterations" -> iterations = Integer.parseInt(value);
        case "stride" -> stride = Integer.parseInt(value);
        case "strides" -> strides = Integer.parseInt(value);
        default -> throw new IllegalArgumentException("no such setting: " + setting);
      }
    }
  }

  /**
   * Runs what the arguments ask for.
   *
   * @param arguments a mode, then settings
   * @throws Exception if the results cannot be written
   */
  public static void main(String[] arguments) throws Exception {
    List<String> rest = new ArrayList<>(List.of(arguments));
    String mode = rest.isEmpty() || rest.get(0).contains("=") ? "quick" : rest.remove(0);
    switch (mode) {
      case "quick", "long" -> {
        boolean passed = new RunStress(mode.equals("long"), rest).run();
        System.exit(passed ? 0 : 1);
      }
      case "list" -> {
        List<String> names = new ArrayList<>(TestList.tests());
        Collections.sort(names);
        names.forEach(System.out::println);
      }
      default ->
          throw new IllegalArgumentException("mode must be quick, long or list, not " + mode);
    }
  }

  private boolean run() throws Exception {
    String now = LocalDateTime.now().format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss"));
    Path directory = Files.createDirectories(target().resolve("jcstress-results").resolve(now));
    Path log = directory.resolve("log.txt");
    console.println("JDK " + Runtime.version() + ", log in " + log);
    try (PrintStream details =
        new PrintStream(Files.newOutputStream(log), true, StandardCharsets.UTF_8)) {
      System.setOut(details);
      Options options = options(directory);
      OSSupport.init();
      VMSupport.initFlags(options);
      VMSupport.detectAvailableVMConfigs(true, List.of(), List.of());
      SortedSet<String> names = new JCStress(options).getTests();
      long start = System.nanoTime();
      InProcessCollector results = runAll(options, names, directory);
      long seconds = (System.nanoTime() - start) / 1_000_000_000;
      new TextReportPrinter(options, results).work();
      new HTMLReportPrinter(options, results, details).work();
      Summary summary = new Summary(names, results.getTestResults());
      for (PrintStream out : List.of(console, file(directory.resolve("summary.txt")))) {
        out.println("JDK " + Runtime.version() + ", " + seconds + " s");
        boolean withTable = out != console;
        summary.print(new PrintWriter(out, true), flags, withTable);
      }
      return summary.hasPassed(flags);
    } finally {
      System.setOut(console);
    }
  }

  private static PrintStream file(Path path) throws Exception {
    return new PrintStream(Files.newOutputStream(path), true, StandardCharsets.UTF_8);
  }

  /** Where the jar is, or the class files. */
  private static Path target() {
    String first = System.getProperty("java.class.path").split(File.pathSeparator)[0];
    Path parent = Path.of(first).toAbsolutePath().getParent();
    return parent == null ? Path.of("target") : parent;
  }

  private Options options(Path directory) throws Exception {
    List<String> line = new ArrayList<>();
    Collections.addAll(line, "-t", cases, "-r", directory.resolve("pages").toString());
    Collections.addAll(line, "-time", "" + millis, "-iters", "" + iterations);
    Collections.addAll(line, "-strideSize", "" + stride, "-strideCount", "" + strides);
    // Both processors for all threads of a fork: some cases have one beside the actors.
    Collections.addAll(line, "-af", "GLOBAL", "-pth", "false");
    Options options = new Options(line.toArray(new String[0]));
    if (!options.parse()) {
      throw new IllegalArgumentException("jcstress refuses " + line);
    }
    return options;
  }

  private InProcessCollector runAll(Options options, SortedSet<String> names, Path directory)
      throws Exception {
    Scheduler scheduler = new Scheduler(Topology.get(), options.getCPUCount());
    List<TestConfig> forks = new ArrayList<>();
    for (String name : names) {
      TestInfo test = TestList.getInfo(name);
      List<SchedulingClass> places =
          scheduler.scheduleClasses(test.threads(), options.getCPUCount(), options.affinityMode());
      for (SchedulingClass place : places) {
        for (Flags set : flags) {
          addForks(forks, options, test, set, place);
        }
      }
    }
    Collections.shuffle(forks);
    InProcessCollector results = new InProcessCollector();
    DiskWriteCollector disk =
        new DiskWriteCollector(directory.resolve("results.bin.gz").toString());
    ConsoleReportPrinter printer =
        new ConsoleReportPrinter(options, new PrintWriter(System.out, true), forks.size());
    SerializedBufferCollector sink =
        new SerializedBufferCollector(MuxCollector.of(printer, disk, results));
    TestExecutor executor = new TestExecutor(options.verbosity(), sink, scheduler);
    printer.setExecutor(executor);
    if (!forks.isEmpty()) {
      Timer watchdog = new Timer("watchdog", true);
      watchdog.schedule(endHangingForks(), 1_000, 1_000);
      executor.runAll(forks);
      watchdog.cancel();
    }
    sink.close();
    disk.close();
    return results;
  }

  /**
   * What ends a fork that hangs, which is then reported as failed: jcstress itself waits for ever
   * where an actor hangs in a fork's first rounds.
   */
  private TimerTask endHangingForks() {
    Duration limit = FORK_LIMIT.plusMillis(10L * millis * iterations);
    return new TimerTask() {
      @Override
      public void run() {
        Instant oldest = Instant.now().minus(limit);
        ProcessHandle.current()
            .children()
            .filter(fork -> fork.info().startInstant().orElse(Instant.MAX).isBefore(oldest))
            .forEach(ProcessHandle::destroyForcibly);
      }
    };
  }

  /**
   * Adds the forks of a case under a set of flags: one, where the JVM compiles as it pleases; in
   * the long mode one for each way to split the compilers among the actors, too, and for each of
   * those with the second compiler another that shuffles what that does.
   */
  private void addForks(
      Collection<TestConfig> forks,
      Options options,
      TestInfo test,
      Flags set,
      SchedulingClass place) {
    List<String> own = List.of(set.flag);
    forks.add(new TestConfig(options, test, 0, own, CompileMode.UNIFIED, place));
    if (!isLong || set == Flags.C1 || !VMSupport.compilerDirectivesAvailable()) {
      return;
    }
    for (VMSupport.Config config : VMSupport.getAvailableVMConfigs()) {
      for (int compile :
          CompileMode.casesFor(test.threads(), VMSupport.c1Available(), VMSupport.c2Available())) {
        if (!config.onlyIfC2() || CompileMode.hasC2(compile, test.threads())) {
          List<String> arguments = new ArrayList<>(own);
          arguments.addAll(config.args());
          forks.add(new TestConfig(options, test, 0, arguments, compile, place));
        }
      }
    }
  }
}
