package io.threadpool;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a task is submitted with beside its body: a name, and limits of time.
 *
 * <p>The name shows in {@link RunningTask}, {@link Task#toString()}, {@link StuckTask} and the
 * pool's warnings. A task that has not started within its limit never runs; one that runs for
 * longer than its limit is interrupted. Both are settled as <em>aborted</em>, with a {@link
 * TaskAbortedException} whose reason says which, and whose cause is a {@link
 * java.util.concurrent.TimeoutException}. A body that ignores its interrupt goes on, and keeps its
 * worker; what comes of it is ignored.
 *
 * <p>Given with a submission ({@link WorkerPool#submit(java.util.concurrent.Callable,
 * TaskOptions)}), or for all tasks of a pool ({@link WorkerPoolBuilder#taskOptions}); what a
 * submission leaves open is as for all. Immutable and thread-safe.
 *
 * <pre>{@code
 * TaskOptions options =
 *     TaskOptions.named("page")
 *         .startWithin(Duration.ofSeconds(1))
 *         .runWithin(Duration.ofMillis(100));
 * try (WorkerPool pool = WorkerPool.fixed(4)) {
 *   System.out.println(pool.submit(() -> 6 * 7, options).join());
 * }
 * }</pre>
 */
public final class TaskOptions {

  /** Of what was submitted without. */
  static final TaskOptions NONE = new TaskOptions(null, 0, 0);

  /** Null where the task has none. */
  final @Nullable String name;

  /** In how many nanoseconds it has to have started; 0: at any time. */
  final long startNanos;

  /** For how many nanoseconds it may run; 0: without end. */
  final long runNanos;

  private TaskOptions(@Nullable String name, long startNanos, long runNanos) {
    this.name = name;
    this.startNanos = startNanos;
    this.runNanos = runNanos;
  }

  /**
   * Returns options with a name and no limits.
   *
   * @param name the name, not blank; it need not tell the task from others
   * @return the options
   * @throws NullPointerException if {@code name} is null
   * @throws IllegalArgumentException if {@code name} is blank
   */
  public static TaskOptions named(String name) {
    return NONE.name(name);
  }

  /**
   * Returns options of which a limit for the start is all: {@link #startWithin}.
   *
   * @param limit how long after the submission it has to start
   * @return the options
   * @throws NullPointerException if {@code limit} is null
   * @throws IllegalArgumentException if {@code limit} is not positive
   */
  public static TaskOptions startingWithin(Duration limit) {
    return NONE.startWithin(limit);
  }

  /**
   * Returns options of which a limit for the run is all: {@link #runWithin}.
   *
   * @param limit how long the body may run
   * @return the options
   * @throws NullPointerException if {@code limit} is null
   * @throws IllegalArgumentException if {@code limit} is not positive
   */
  public static TaskOptions runningWithin(Duration limit) {
    return NONE.runWithin(limit);
  }

  /**
   * Returns these options with another name.
   *
   * @param name the name, not blank
   * @return the options
   * @throws NullPointerException if {@code name} is null
   * @throws IllegalArgumentException if {@code name} is blank
   */
  public TaskOptions name(String name) {
    return new TaskOptions(Checks.nonBlank(name, "name"), startNanos, runNanos);
  }

  /**
   * Returns these options with another limit for the start. Counted from the call that submits the
   * task, once the pool's decorator has come back in it, so a wait for room is part of it, which it
   * does not end: what gets its room too late is accepted, and settled when the call returns. A
   * task that is too late never runs, whoever would have run it; one that its submitter runs, under
   * {@code callerRuns}, starts with its submission. It answers from the limit on, or, where the
   * limit is for all tasks of a pool, at most a tenth of it later, or a second.
   *
   * @param limit how long after the submission it has to start; a length that nanoseconds cannot
   *     count in a {@code long} (about 292 years) is taken as that limit
   * @return the options
   * @throws NullPointerException if {@code limit} is null
   * @throws IllegalArgumentException if {@code limit} is not positive
   */
  public TaskOptions startWithin(Duration limit) {
    return new TaskOptions(name, Checks.positiveNanos(limit, "limit"), runNanos);
  }

  /**
   * Returns these options with another limit for the run, which begins with the body, decorated or
   * not, on whatever thread. A body that is not over by then is interrupted, at most a fifth of the
   * limit later, or two seconds, where the limit is for all tasks of a pool; never before.
   *
   * @param limit how long the body may run; a length that nanoseconds cannot count in a {@code
   *     long} (about 292 years) is taken as that limit
   * @return the options
   * @throws NullPointerException if {@code limit} is null
   * @throws IllegalArgumentException if {@code limit} is not positive
   */
  public TaskOptions runWithin(Duration limit) {
    return new TaskOptions(name, startNanos, Checks.positiveNanos(limit, "limit"));
  }

  /** These, and where they leave something open, others. */
  TaskOptions or(TaskOptions others) {
    if (name == null && !haveLimit()) {
      return others;
    }
    return new TaskOptions(
        name == null ? others.name : name,
        startNanos == 0 ? others.startNanos : startNanos,
        runNanos == 0 ? others.runNanos : runNanos);
  }

  /** These, for a task that may start at any time. */
  TaskOptions withoutStart() {
    return new TaskOptions(name, 0, runNanos);
  }

  boolean haveLimit() {
    return startNanos != 0 || runNanos != 0;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TaskOptions that
        && Objects.equals(name, that.name)
        && startNanos == that.startNanos
        && runNanos == that.runNanos;
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, startNanos, runNanos);
  }

  /** Returns what is set. */
  @Override
  public String toString() {
    return "TaskOptions["
        + (name == null ? "" : "name=" + name)
        + (startNanos == 0 ? "" : " startWithin=" + Duration.ofNanos(startNanos))
        + (runNanos == 0 ? "" : " runWithin=" + Duration.ofNanos(runNanos))
        + "]";
  }
}
