package io.threadpool.examples;

import java.lang.reflect.Method;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;

/**
 * Virtual threads, of Java 21 and later, for programs that are compiled for 17.
 *
 * <p>By reflection, and the only place where that is done: what stands here is a line each for who
 * compiles for 21.
 */
public final class VirtualThreads {
  private static final int SINCE = 21;

  private VirtualThreads() {}

  /**
   * Returns whether this Java has virtual threads.
   *
   * @return whether the other methods work
   */
  public static boolean available() {
    return Runtime.version().feature() >= SINCE;
  }

  /**
   * Makes {@code Thread.ofVirtual().name(prefix, 0).factory()}.
   *
   * @param prefix the beginning of the threads' names; a number follows
   * @return a factory of virtual threads
   * @throws IllegalStateException if this Java has none
   */
  public static ThreadFactory factory(String prefix) {
    try {
      Class<?> type = Class.forName("java.lang.Thread$Builder$OfVirtual");
      Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
      type.getMethod("name", String.class, long.class).invoke(builder, prefix, 0L);
      return (ThreadFactory) type.getMethod("factory").invoke(builder);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("there are no virtual threads here", e);
    }
  }

  /**
   * Makes {@code Executors.newThreadPerTaskExecutor(threads)}.
   *
   * @param threads makes the threads
   * @return an executor with a thread for each task
   * @throws IllegalStateException if this Java has none
   */
  public static ExecutorService executor(ThreadFactory threads) {
    try {
      Method make = Executors.class.getMethod("newThreadPerTaskExecutor", ThreadFactory.class);
      return (ExecutorService) make.invoke(null, threads);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("there are no virtual threads here", e);
    }
  }
}
