package io.threadpool;

import java.time.Duration;
import java.util.List;

/**
 * A task that still held its thread when the abort grace had ended, as it was seen then.
 *
 * <p>Immutable and thread-safe.
 *
 * <pre>{@code
 * for (StuckTask stuck : report.stuck()) {
 *   log.warn("{} stuck for {} at {}", stuck.worker(), stuck.age(), stuck.stack().get(0));
 * }
 * }</pre>
 */
public final class StuckTask {

  private final String worker;
  private final String name;
  private final Duration age;
  private final List<StackTraceElement> stack;

  StuckTask(String worker, String name, Duration age, List<StackTraceElement> stack) {
    this.worker = worker;
    this.name = name;
    this.age = age;
    this.stack = List.copyOf(stack);
  }

  /**
   * Returns the name of the thread that the task holds: a worker, or a caller that runs it itself.
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
   * Returns how long the body has been running. While tasks take less than about a microsecond each
   * a worker reads the clock before one in 16 only, so the age may be too high by what the tasks
   * took that came before in the same 16.
   *
   * @return the age of the running body
   */
  public Duration age() {
    return age;
  }

  /**
   * Returns where the thread was, innermost frame first; empty where the virtual machine could not
   * tell.
   *
   * @return the stack of the thread, unmodifiable
   */
  public List<StackTraceElement> stack() {
    return stack;
  }

  /** Returns the worker, the age, the name, if the task has one, and the innermost frame. */
  @Override
  public String toString() {
    String with = name.isEmpty() ? "" : " with " + name;
    return worker + " for " + age + with + (stack.isEmpty() ? "" : " at " + stack.get(0));
  }
}
