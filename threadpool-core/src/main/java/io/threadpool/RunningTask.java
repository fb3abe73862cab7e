package io.threadpool;

import io.threadpool.internal.Threads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A task whose body was running when {@link WorkerPool#runningTasks()} looked.
 *
 * <p>The worker and the age are of that moment. {@link #stack()} and {@link #task()} look at the
 * thread each time they are called, and find nothing once the body has left it. It keeps neither
 * the task nor its pool. Thread-safe.
 *
 * <pre>{@code
 * for (RunningTask running : pool.runningTasks()) {
 *   if (running.age().toSeconds() > 10) {
 *     log.warn("{} at {}", running, running.stack());
 *   }
 * }
 * }</pre>
 */
public final class RunningTask {

  private final Frame frame;
  private final long run;
  private final String worker;
  private final Duration age;
  private final String name;

  private RunningTask(Frame frame, long run) {
    this.frame = frame;
    this.run = run;
    String named = frame.entry() instanceof Task<?> task ? task.name() : null;
    name = named == null || frame.run() != run ? "" : named; // Else it may be the next one's.
    worker = frame.thread.getName();
    age = Duration.ofNanos(Math.max(0, System.nanoTime() - frame.startedAt));
  }

  /** Those on the stacks of some threads: on each, the outermost body first. */
  static List<RunningTask> on(List<Frame> roots) {
    List<RunningTask> running = new ArrayList<>();
    for (Frame root : roots) {
      int place = running.size();
      for (Frame frame = root.innermost; frame != null; frame = frame.below) {
        running.addAll(place, onOne(frame));
      }
    }
    return running;
  }

  /** That of a frame, if there is one. */
  static List<RunningTask> onOne(Frame frame) {
    long run = frame.run();
    return run == Frame.NO_RUN ? List.of() : List.of(new RunningTask(frame, run));
  }

  /**
   * Returns the name of the thread that ran the task: a worker, a task that had joined it, or a
   * caller that ran it itself.
   *
   * @return the thread's name
   */
  public String worker() {
    return worker;
  }

  /**
   * Returns the name that the task was submitted with, or that all tasks of the pool have.
   *
   * @return the name, or an empty string where it has none
   */
  public String name() {
    return name;
  }

  /**
   * Returns how long the body had been running. While tasks take less than about a microsecond each
   * a worker reads the clock before one in 16 only, so the age may be too high by what the tasks
   * took that came before in the same 16.
   *
   * @return the age of the running body
   */
  public Duration age() {
    return age;
  }

  /**
   * Returns the class and the method that the body began with, as {@code
   * com.example.Mail.lambda$send$0}: of a decorated task, the decorator's. Read from the thread's
   * stack, which takes some 10 to 100 microseconds.
   *
   * @return the name, or an empty string once the body has left its thread
   */
  public String task() {
    List<StackTraceElement> lines = stack();
    if (lines.isEmpty()) {
      return "";
    }
    StackTraceElement first = lines.get(lines.size() - 1);
    return first.getClassName() + "." + first.getMethodName();
  }

  /**
   * Returns where the body is now, innermost frame first, down to where it began. Another body that
   * it runs inline is above it.
   *
   * @return the stack, unmodifiable; empty once the body has left its thread, or where the virtual
   *     machine cannot tell, or the thread's class does not
   */
  public List<StackTraceElement> stack() {
    if (frame.run() != run) {
      return List.of();
    }
    StackTraceElement[] lines = Threads.stackOf(frame.thread);
    if (frame.run() != run) {
      return List.of(); // They may be another body's.
    }
    return List.of(lines).subList(0, end(lines, bodiesBelow()));
  }

  /** How many bodies, of whatever pools, the one of this frame stands on. */
  private int bodiesBelow() {
    int below = 0;
    for (Frame outer = frame.outer; outer != null; outer = outer.outer) {
      below += outer.run() == Frame.NO_RUN ? 0 : 1; // An errand's runs none.
    }
    return below;
  }

  /** How many of the lines are a body's and of what it has called. */
  private static int end(StackTraceElement[] lines, int bodiesBelow) {
    int pools = firstOfPool(lines, bodiesBelow);
    int end = pools;
    while (end > 0 && isAround(lines[end - 1].getClassName())) {
      end--;
    }
    return end == 0 ? pools : end; // A body may have nothing but what else is around one.
  }

  /** Where, from the outermost line on, the pool that runs the body does so. */
  private static int firstOfPool(StackTraceElement[] lines, int bodiesBelow) {
    int left = bodiesBelow;
    for (int i = lines.length - 1; i >= 0; i--) {
      if (lines[i].getClassName().equals(Bodies.class.getName())
          && lines[i].getMethodName().equals("run")
          && left-- == 0) {
        return i;
      }
    }
    return lines.length;
  }

  /** What is called between the pool and the body. */
  private static boolean isAround(String type) {
    return type.equals(Bodies.class.getName())
        || type.equals("io.threadpool.PoolCore")
        || type.equals(Guests.class.getName())
        || type.equals(DecoratedBody.class.getName())
        || type.equals(Delay.class.getName())
        || type.equals(Persistent.class.getName())
        || type.equals(Limit.class.getName())
        || isOf(type, "java.util.concurrent.CompletableFuture")
        || isOf(type, "java.util.concurrent.FutureTask")
        || isOf(type, "java.util.concurrent.Executors")
        || isOf(type, Task.class.getName())
        || isOf(type, "io.threadpool.TaskGroup")
        || isOf(type, "io.threadpool.Batch")
        || isOf(type, "io.threadpool.BatchResults")
        || type.contains("$$Lambda"); // JDK 17 shows these.
  }

  /** Whether a type is that class, or one inside it. */
  private static boolean isOf(String type, String outer) {
    return type.startsWith(outer)
        && (type.length() == outer.length() || type.charAt(outer.length()) == '$');
  }

  /**
   * Returns the worker, the age and the name; of a task without one, what it began with, if it
   * still runs.
   */
  @Override
  public String toString() {
    String task = name.isEmpty() ? task() : name;
    return worker + " for " + age + (task.isEmpty() ? "" : " with " + task);
  }
}
