package io.threadpool.stress;

import io.threadpool.stress.RunStress.Flags;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.infra.Status;
import org.openjdk.jcstress.infra.collectors.TestResult;
import org.openjdk.jcstress.infra.grading.GradingResult;
import org.openjdk.jcstress.infra.grading.ReportUtils;

/** What came of a run: for each set of flags, and for each case. */
final class Summary {

  private final Set<String> names;
  private final Collection<TestResult> results;

  Summary(Set<String> names, Collection<TestResult> results) {
    this.names = names;
    this.results = results;
  }

  private List<TestResult> of(Flags set) {
    return results.stream().filter(result -> set.areOf(result.getConfig())).toList();
  }

  private static boolean isBroken(TestResult result) {
    return result.status() != Status.NORMAL;
  }

  private static long count(Collection<TestResult> some, Expect expect) {
    return some.stream()
        .flatMap(result -> result.grading().gradingResults.values().stream())
        .filter(grading -> grading.expect == expect)
        .mapToLong(grading -> grading.count)
        .sum();
  }

  /** The cases that ran to their end at least once. */
  private static Set<String> ran(Collection<TestResult> some) {
    Set<String> ran = new TreeSet<>();
    for (TestResult result : some) {
      if (!isBroken(result)) {
        ran.add(result.getName());
      }
    }
    return ran;
  }

  boolean hasPassed(List<Flags> flags) {
    boolean allRan = flags.stream().allMatch(set -> ran(of(set)).equals(names));
    return allRan
        && !names.isEmpty()
        && results.stream().noneMatch(r -> isBroken(r) || !r.grading().isPassed);
  }

  void print(PrintWriter out, List<Flags> flags, boolean withTable) {
    for (Flags set : flags) {
      List<TestResult> some = of(set);
      out.printf(
          "%-26s cases %d of %d, forks %d, samples %,d, forbidden %d, interesting %,d, errors %d%n",
          set.flag,
          ran(some).size(),
          names.size(),
          some.size(),
          some.stream().mapToLong(TestResult::getTotalCount).sum(),
          count(some, Expect.FORBIDDEN),
          count(some, Expect.ACCEPTABLE_INTERESTING),
          some.stream().filter(Summary::isBroken).count());
    }
    for (TestResult result : results) {
      if (isBroken(result) || !result.grading().isPassed) {
        ReportUtils.printResult(out, result, false);
      }
    }
    if (withTable) {
      printTable(out);
    }
  }

  /** Prints a line for each result of each case, over all flags. */
  private void printTable(PrintWriter out) {
    TreeMap<String, TestResult> merged = new TreeMap<>();
    ReportUtils.mergedByName(results).forEach(result -> merged.put(result.getName(), result));
    for (TestResult result : merged.values()) {
      out.printf("%n%s%n", result.getName());
      List<GradingResult> gradings = new ArrayList<>(result.grading().gradingResults.values());
      for (GradingResult grading : gradings) {
        out.printf(
            "%,14d  %-40s %s: %s%n",
            grading.count, grading.id, label(grading.expect), grading.description);
      }
    }
  }

  private static String label(Expect expect) {
    return switch (expect) {
      case ACCEPTABLE -> "acceptable";
      case ACCEPTABLE_INTERESTING -> "interesting";
      case FORBIDDEN -> "forbidden";
      case UNKNOWN -> "unknown";
    };
  }
}
