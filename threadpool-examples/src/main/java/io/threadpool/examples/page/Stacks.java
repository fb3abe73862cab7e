package io.threadpool.examples.page;

import io.threadpool.PoolView;
import io.threadpool.RunningTask;
import java.util.List;
import java.util.Map;

/** Where the bodies on a worker are now. */
final class Stacks {
  /** Virtual threads of one name may be very many. */
  private static final int MOST = 16;

  private Stacks() {}

  /** Those of a pool that a worker of that name runs, the outermost first; none is no failure. */
  static List<Map<String, Object>> of(PoolView pool, String worker) {
    return pool.runningTasks().stream()
        .filter(task -> task.worker().equals(worker))
        .limit(MOST)
        .map(Stacks::tell)
        .toList();
  }

  private static Map<String, Object> tell(RunningTask task) {
    return Map.of("task", task.task(), "age", task.age().toMillis(), "stack", lines(task.stack()));
  }

  static List<String> lines(List<StackTraceElement> stack) {
    return stack.stream().map(line -> line.toString().replaceFirst("^app//", "")).toList();
  }
}
