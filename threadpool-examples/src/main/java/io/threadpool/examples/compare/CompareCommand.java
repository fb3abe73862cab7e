package io.threadpool.examples.compare;

import io.threadpool.examples.ExitStatus;
import io.threadpool.examples.UsageException;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code compare}: the same questions put to the worker pool and to its peers. */
@Command(
    name = "compare",
    description = {
      "Put the same questions of robustness to the worker pool and to its peers, and print the"
          + " answers as a table.",
      "",
      "A cell says yes; no; hangs, where somebody waits in vain for 5 seconds; or n/a, where the"
          + " pool has not got what the question is about. A letter behind it names the documented"
          + " option that the pool needed, listed below the table. Every pool is asked in a JVM of"
          + " its own, which is killed afterwards. All of it takes some two minutes on two"
          + " processors that have nothing else to do; the last line tells.",
      "",
    },
    sortOptions = false,
    footer = {
      "",
      "Exit status: 0, whatever the cells say; 2 for an unknown scenario or pool, or where a JVM for"
          + " one does not begin.",
    })
public final class CompareCommand implements Callable<Integer> {
  private static final Duration LIMIT = Duration.ofSeconds(5);

  @Option(
      names = "--scenario",
      paramLabel = "NAME",
      split = ",",
      description = "Ask only this; may be given more than once. --list tells the names.")
  private List<String> wantedScenarios = new ArrayList<>();

  @Option(
      names = "--pool",
      paramLabel = "NAME",
      split = ",",
      description = "Ask only this pool; may be given more than once. --list tells the names.")
  private List<String> wantedPools = new ArrayList<>();

  @Option(names = "--why", description = "List below the table what was seen instead of a yes.")
  private boolean why;

  @Option(names = "--list", description = "List the scenarios and the pools, and ask nothing.")
  private boolean list;

  @Option(names = "--quiet", description = "Do not say at the start what will be asked.")
  private boolean quiet;

  private final PrintStream out;
  private final PrintStream err;

  /**
   * A command that prints to these streams.
   *
   * @param out for the table
   * @param err for what is said meanwhile
   */
  public CompareCommand(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  @Override
  public Integer call() {
    List<Scenario> scenarios = chosen("--scenario", Scenarios.all(), Scenario::id, wantedScenarios);
    List<Contender> contenders = chosen("--pool", available(), Contender::name, wantedPools);
    if (list) {
      scenarios.forEach(scenario -> print(scenario.id(), scenario.phrase()));
      out.println();
      contenders.forEach(contender -> print(contender.name(), contender.description()));
      return ExitStatus.OK;
    }
    String asked =
        counted(scenarios.size(), "question") + ", " + counted(contenders.size(), "pool");
    if (!quiet) {
      err.println("compare: " + asked + "; the table comes when all are answered");
    }
    long start = System.nanoTime();
    Table table;
    try {
      table = new Table(scenarios, new Comparison(scenarios, contenders, LIMIT).run());
    } catch (IOException e) {
      err.println("compare: " + e.getMessage());
      return ExitStatus.UNUSABLE;
    }
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    table.lines().forEach(out::println);
    if (why) {
      out.println();
      table.reasons().forEach(out::println);
    }
    out.println();
    out.println(
        "Java "
            + Runtime.version()
            + ", "
            + Runtime.getRuntime().availableProcessors()
            + " processors, "
            + asked
            + ", "
            + took.toSeconds()
            + " s");
    out.flush();
    return ExitStatus.OK;
  }

  private static String counted(int number, String what) {
    return number + " " + what + (number == 1 ? "" : "s");
  }

  private void print(String name, String meaning) {
    out.println(String.format("%-22s%s", name, meaning));
  }

  private static List<Contender> available() {
    return Contenders.all().stream().filter(Contender::available).toList();
  }

  private static <T> List<T> chosen(
      String option, List<T> all, Function<T, String> name, List<String> wanted) {
    List<String> known = all.stream().map(name).toList();
    for (String one : wanted) {
      if (!known.contains(one)) {
        throw new UsageException(
            option + " must be one of " + String.join(", ", known) + ", not " + one);
      }
    }
    return wanted.isEmpty()
        ? all
        : all.stream().filter(one -> wanted.contains(name.apply(one))).collect(Collectors.toList());
  }
}
