package io.threadpool.examples.page;

import io.threadpool.Latencies;
import io.threadpool.PoolStats;
import io.threadpool.PoolView;
import io.threadpool.RunningTask;
import io.threadpool.StuckTask;
import io.threadpool.TerminationReport;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A pool, and what was seen of it in the last minutes. Confined to who holds the sampler's lock.
 */
final class WatchedPool {
  /** How many looks are kept: of five minutes. */
  static final int KEPT = 300;

  /** Of how many running tasks it tells, which takes a look at the stack of each. */
  static final int MOST_RUNNING = 24;

  /** Of how many looks the waits are taken together: one has few, since few are measured. */
  private static final int RECENT = 10;

  private final PoolView view;
  private final Deque<Sample> samples = new ArrayDeque<>();
  private final Deque<PoolStats> recent = new ArrayDeque<>();
  private long lookedAt = System.nanoTime();
  private boolean ended;

  /** Its report, if it had one before the last look: what that saw are the counts of this. */
  private @Nullable TerminationReport report;

  WatchedPool(PoolView view, long now) {
    this.view = view;
    PoolStats stats = view.stats();
    recent.add(stats);
    samples.add(Sample.of(now, stats, 0, stats, stats));
  }

  PoolView view() {
    return view;
  }

  /** Whether nothing of it will change any more. */
  boolean hasEnded() {
    return ended;
  }

  /**
   * Looks at the pool.
   *
   * @param alive whether it is still listed as alive
   */
  void look(long now, boolean alive) {
    ended = !alive || view.isTerminated();
    report = view.report().orElse(null); // Before the stats, which are the report's from then on.
    PoolStats stats = view.stats();
    long nanos = System.nanoTime() - lookedAt;
    lookedAt += nanos;
    samples.add(Sample.of(now, stats, nanos, recent.getLast(), recent.getFirst()));
    recent.add(stats);
    if (recent.size() > RECENT) {
      recent.remove();
    }
    if (samples.size() > KEPT) {
      samples.remove();
    }
  }

  /** What the looks have found, oldest first. */
  List<List<@Nullable Number>> history() {
    return samples.stream().map(Sample::row).toList();
  }

  /** How it is, as the page takes it. */
  Map<String, Object> state() {
    PoolStats stats = recent.getLast();
    List<RunningTask> running = view.runningTasks();
    Map<String, Object> state = new LinkedHashMap<>();
    state.put("id", view.id());
    state.put("name", view.name());
    state.put("phase", ended ? "ended" : view.isShutdown() ? "shutdown" : "open");
    state.put("now", samples.getLast().row());
    state.put("size", stats.size());
    state.put("largest", stats.largest());
    state.put("accepted", stats.accepted());
    state.put("rejected", stats.rejected());
    state.put("outcomes", outcomes(stats));
    state.put("waits", latencies(stats.queueWait()));
    state.put("runs", latencies(stats.runTime()));
    state.put("running", running(running));
    state.put("unlisted", Math.max(0, running.size() - MOST_RUNNING));
    if (report != null) {
      state.put("report", report(report));
    }
    return state;
  }

  private static Map<String, Object> outcomes(PoolStats stats) {
    Map<String, Object> outcomes = new LinkedHashMap<>();
    outcomes.put("completed", stats.completed());
    outcomes.put("failed", stats.failed());
    outcomes.put("cancelled", stats.cancelled());
    outcomes.put("aborted", stats.aborted());
    return outcomes;
  }

  /** In milliseconds, since the pool was built. */
  private static Map<String, Object> latencies(Latencies latencies) {
    return Map.of(
        "count", latencies.count(),
        "p50", Sample.millis(latencies.p50()),
        "p99", Sample.millis(latencies.p99()),
        "max", Sample.millis(latencies.max()));
  }

  /** The oldest of them. */
  private static List<Map<String, Object>> running(List<RunningTask> tasks) {
    return tasks.stream()
        .sorted(Comparator.comparing(RunningTask::age).reversed())
        .limit(MOST_RUNNING)
        .map(
            task ->
                Map.<String, Object>of(
                    "worker", task.worker(), "age", task.age().toMillis(), "task", task.task()))
        .toList();
  }

  private static Map<String, Object> report(TerminationReport report) {
    Map<String, Object> told = new LinkedHashMap<>();
    told.put("workers", report.size());
    told.put("accepted", report.accepted());
    told.put("rejected", report.rejected());
    told.put("openStages", report.openStages());
    told.put("elapsed", report.elapsed().toMillis());
    told.put("stuck", report.stuck().stream().map(WatchedPool::stuck).toList());
    return told;
  }

  private static Map<String, Object> stuck(StuckTask task) {
    return Map.of(
        "worker", task.worker(), "age", task.age().toMillis(), "stack", Stacks.lines(task.stack()));
  }
}
