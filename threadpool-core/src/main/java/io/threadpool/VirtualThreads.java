package io.threadpool;

import java.lang.reflect.Method;
import java.util.concurrent.ThreadFactory;

/**
 * Makes virtual threads, which Java has from 21 on, and this library, for Java 17, can ask for by
 * reflection only; once for each pool.
 */
final class VirtualThreads {

  private VirtualThreads() {}

  static boolean exist() {
    return Runtime.version().feature() >= 21;
  }

  /** Makes threads {@code name-0}, {@code name-1} and so on, which inherit nothing. */
  static ThreadFactory factory(String name) {
    try {
      Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
      Class<?> type = Class.forName("java.lang.Thread$Builder");
      Method inherit = type.getMethod("inheritInheritableThreadLocals", boolean.class);
      builder = inherit.invoke(builder, false);
      builder = type.getMethod("name", String.class, long.class).invoke(builder, name + "-", 0L);
      return (ThreadFactory) type.getMethod("factory").invoke(builder);
    } catch (ReflectiveOperationException changed) {
      throw new IllegalStateException("virtual threads are not what they were in Java 21", changed);
    }
  }
}
